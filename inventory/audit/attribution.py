"""Who registered a connector, by the audit log. Pure: a connector and events in, matching events out.

What a "Register connector" event holds besides its name and its time is not documented, so an event is matched by the
connector's id, as a target or among what was modified, else by its machine name, else by time alone, which only makes
it probable: agents for synchronisation and pass-through authentication register at the same service (Entra "audit
activities", 2024-04-15).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict

from common.moments import Moment
from inventory.audit.activities import REGISTER
from inventory.audit.models import known_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from inventory.audit.models import AuditEvent
    from inventory.models import Connector

SLACK = timedelta(hours=1)
"""How much earlier than a scan an event may be whose connector that scan did not show yet."""


Match = Literal["id", "name", "time"]

_SURENESS: tuple[Match, ...] = ("id", "name", "time")
MOST: dict[Match, int] = {"id": 20, "name": 20, "time": 5}
"""How many events are kept of a connector: by time alone many connectors share them, and each more says less."""


class Attribution(BaseModel):
    """One event that shows, certainly or probably, who registered a connector.

    `by` is the id of a user and `upn` their user name; `app` is software. All are None where the log names nobody.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="allow")

    event: str
    at: Moment
    by: str | None = None
    upn: str | None = None
    app: str | None = None
    matched: Match


def registrations(events: Iterable[AuditEvent]) -> Iterator[AuditEvent]:
    """Yield the events of successful registrations."""
    for event in events:
        if event.activity_display_name.casefold() == REGISTER.casefold() and (event.result or "").casefold() in (
            "success",
            "",
        ):
            yield event


def registrants(events: Iterable[AuditEvent], connectors: Iterable[Connector]) -> frozenset[str]:
    """Return the ids and user names, in lower case, of people who registered one of these connectors.

    Only events that name the connector count: agents of other kinds register under the same activity.
    """
    known = tuple(connectors)
    users = (
        event.initiated_by.user
        for event in registrations(events)
        if event.initiated_by and event.initiated_by.user and _names_any(event, known)
    )
    names = (name for user in users for name in (known_id(user.id), user.user_principal_name))
    return frozenset(name.casefold() for name in names if name)


def targets_id(event: AuditEvent, connector_id: str) -> bool:
    """Whether an event was done to a connector with this id, which is the directory's own word."""
    key = connector_id.casefold()
    return any((target.id or "").casefold() == key for target in event.target_resources)


def names_id(event: AuditEvent, connector_id: str) -> bool:
    """Whether an event names a connector by its id, be it in a text that whoever registered it may have chosen."""
    return targets_id(event, connector_id) or connector_id.casefold() in event.values


def names_machine(event: AuditEvent, name_key: str) -> bool:
    """Whether an event names a machine, without case; nothing names a machine without a name."""
    names = ((target.display_name or "").strip().casefold() for target in event.target_resources)
    return bool(name_key) and (name_key in names or name_key in event.values)


def is_nameless(event: AuditEvent) -> bool:
    """Whether an event names nothing, so that only its time can match."""
    return not any(known_id(target.id) or (target.display_name or "").strip() for target in event.target_resources)


def attributed(
    connector: Connector, since: datetime, until: datetime, events: Iterable[AuditEvent], others: Iterable[Connector]
) -> tuple[Attribution, ...]:
    """Return the events of a connector's registration, oldest first: all of the surest kind of match.

    Args:
        connector: It was there at `until`, and not at `since`.
        since: The last scan before, which did not show it.
        until: The first scan that showed it.
        events: The audit log.
        others: All connectors; an event that names one of them does not match another by its time.
    """
    during = [event for event in registrations(events) if since - SLACK <= event.activity_date_time <= until]
    by_id = [event for event in during if names_id(event, connector.id)]
    if by_id:
        return _attributions(by_id, "id")
    by_name = [event for event in during if names_machine(event, connector.name_key)]
    if by_name:
        return _attributions(by_name, "name")
    known = tuple(others) if during else ()
    return _attributions([event for event in during if not _names_any(event, known)], "time")


def surest(known: tuple[Attribution, ...], new: tuple[Attribution, ...]) -> tuple[Attribution, ...]:
    """Return what is known of a registration after another reading of the log.

    A surer kind of match takes a less sure one's place; of the same kind all are kept, since another event may come
    late and must not be overlooked because one was there first.
    """
    if not known or not new:
        return known or new
    ranks = [_SURENESS.index(attribution.matched) for attribution in (known[0], new[0])]
    if ranks[0] != ranks[1]:
        return known if ranks[0] < ranks[1] else new
    both = {attribution.event: attribution for attribution in (*known, *new)}.values()
    return _bounded(both)


def _bounded(attributions: Iterable[Attribution]) -> tuple[Attribution, ...]:
    """Return events oldest first; of very many the newest, since a state document has to stay readable."""
    ordered = sorted(attributions, key=lambda attribution: (attribution.at, attribution.event))
    return tuple(ordered[-MOST[ordered[0].matched] :]) if ordered else ()


def _names_any(event: AuditEvent, connectors: Iterable[Connector]) -> bool:
    return any(names_id(event, connector.id) or names_machine(event, connector.name_key) for connector in connectors)


def _attributions(events: Iterable[AuditEvent], matched: Match) -> tuple[Attribution, ...]:
    attributions = []
    for event in events:
        user = event.initiated_by.user if event.initiated_by else None
        app = event.initiated_by.app if event.initiated_by else None
        attributions.append(
            Attribution(
                event=event.id,
                at=event.activity_date_time,
                by=known_id(user.id) if user else None,
                upn=(user.user_principal_name or None) if user else None,
                app=(app.display_name or known_id(app.service_principal_id)) if app else None,
                matched=matched,
            )
        )
    return _bounded(attributions)
