"""Who registered a connector, as far as the audit log tells. Pure: a connector and events in, events that match out.

Nobody documents what a "Register connector" event holds besides its name and its time, so an event is matched by the
connector's id, else by its machine name, else by time alone, which only makes it probable: agents for synchronisation
and pass-through authentication register at the same service (Entra "audit activities", 2024-04-15).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict

from common.moments import Moment
from inventory.audit_activities import REGISTER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from inventory.models import AuditEvent, Connector

SLACK = timedelta(hours=1)
"""How much earlier than a look an event may be whose connector that look did not show yet."""


Match = Literal["id", "name", "time"]

_SURENESS: tuple[Match, ...] = ("id", "name", "time")
MOST: dict[Match, int] = {"id": 20, "name": 20, "time": 5}
"""How many events are kept of a connector: by time alone many connectors share them, and each more says less."""


class Attribution(BaseModel):
    """One event that tells, or probably tells, who registered a connector.

    `by` is the id of a user and `upn` their user name; `app` is software. All are None where the log names nobody.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    event: str
    at: Moment
    by: str | None = None
    upn: str | None = None
    app: str | None = None
    matched: Match


def registrations(events: Iterable[AuditEvent]) -> Iterator[AuditEvent]:
    """Yield the events that tell of a registration that worked."""
    for event in events:
        if event.activity_display_name.casefold() == REGISTER.casefold() and (event.result or "").casefold() in (
            "success",
            "",
        ):
            yield event


def names_id(event: AuditEvent, own_id: str) -> bool:
    """Whether an event names a connector by its id."""
    return any((target.id or "").casefold() == own_id.casefold() for target in event.target_resources)


def names_machine(event: AuditEvent, name_key: str) -> bool:
    """Whether an event names a machine, without case; nothing names a machine without a name."""
    said = ((target.display_name or "").strip().casefold() for target in event.target_resources)
    return bool(name_key) and name_key in said


def is_nameless(event: AuditEvent) -> bool:
    """Whether an event names nothing at all, so that only its time speaks."""
    return not any(
        (target.id or "").strip() or (target.display_name or "").strip() for target in event.target_resources
    )


def attributed(
    connector: Connector, since: datetime, until: datetime, events: Iterable[AuditEvent], others: Iterable[Connector]
) -> tuple[Attribution, ...]:
    """Return the events that tell who registered a connector, oldest first: all of the surest kind there is.

    Args:
        connector: It was there at `until`, and not at `since`.
        since: The last look before, which did not show it.
        until: The first look that showed it.
        events: The audit log.
        others: All connectors; an event that names one of them tells nothing of another one by its time.
    """
    during = [event for event in registrations(events) if since - SLACK <= event.activity_date_time <= until]
    by_id = [event for event in during if names_id(event, connector.id)]
    if by_id:
        return _told(by_id, "id")
    by_name = [event for event in during if names_machine(event, connector.name_key)]
    if by_name:
        return _told(by_name, "name")
    known = tuple(others) if during else ()
    return _told([event for event in during if not _names_any(event, known)], "time")


def surest(known: tuple[Attribution, ...], found: tuple[Attribution, ...]) -> tuple[Attribution, ...]:
    """Return what is known of a registration after another look at the log.

    A surer kind of match takes a less sure one's place; of the same kind all are kept, since another event may come
    late and must not be overlooked because one was there first.
    """
    if not known or not found:
        return known or found
    ranks = [_SURENESS.index(one.matched) for one in (known[0], found[0])]
    if ranks[0] != ranks[1]:
        return known if ranks[0] < ranks[1] else found
    both = {one.event: one for one in (*known, *found)}.values()
    return _bounded(both)


def _bounded(told: Iterable[Attribution]) -> tuple[Attribution, ...]:
    """Return events oldest first; of very many the newest, since a state document has to stay readable."""
    ordered = sorted(told, key=lambda one: (one.at, one.event))
    return tuple(ordered[-MOST[ordered[0].matched] :]) if ordered else ()


def _names_any(event: AuditEvent, connectors: Iterable[Connector]) -> bool:
    return any(names_id(event, one.id) or names_machine(event, one.name_key) for one in connectors)


def _told(events: Iterable[AuditEvent], matched: Match) -> tuple[Attribution, ...]:
    found = []
    for event in events:
        user = event.initiated_by.user if event.initiated_by else None
        app = event.initiated_by.app if event.initiated_by else None
        found.append(
            Attribution(
                event=event.id,
                at=event.activity_date_time,
                by=(user.id or None) if user else None,
                upn=(user.user_principal_name or None) if user else None,
                app=(app.display_name or app.service_principal_id or None) if app else None,
                matched=matched,
            )
        )
    return _bounded(found)
