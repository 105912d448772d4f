"""Audit log entries for reports: connectors registered, connectors and applications moved, by whom and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from common.text import spaced
from inventory.audit.activities import AUDIT_KEPT
from inventory.audit.models import known_id, plain_value

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from inventory.audit.models import AuditEvent, AuditInitiator, AuditTarget
    from inventory.snapshot import Snapshot


@dataclass(frozen=True)
class Event:
    """One line of the audit log.

    `who` is a person or software, by name where one is known, and empty where the log tells nobody; `upn` is the
    person's user name beside the name. `targets` are name and type of what it was done to.
    `failed` is true for everything but a success.
    """

    at: datetime
    what: str
    who: str
    upn: str
    targets: tuple[tuple[str, str], ...]
    result: str
    failed: bool


def events(snapshot: Snapshot, names: Mapping[str, str]) -> tuple[Event, ...] | None:
    """Return the audit events about connectors and their groups, newest first, or None if the log was not read.

    A log that the tenant has no licence for was not read either: people did things there all the same.
    """
    if snapshot.audit.status != "read":
        return None
    newest_first = sorted(snapshot.audit.records, key=lambda event: (event.activity_date_time, event.id), reverse=True)
    return tuple(_event(event, names) for event in newest_first)


def reaches_back_to(snapshot: Snapshot) -> datetime:
    """Return the earliest time the audit log was queried for; Microsoft keeps no older events."""
    return snapshot.started_at - AUDIT_KEPT


def _event(event: AuditEvent, names: Mapping[str, str]) -> Event:
    name, upn = _who(event.initiated_by, names)
    return Event(
        at=event.activity_date_time,
        what=_activity(event, names),
        who=name,
        upn=upn,
        targets=tuple((_target(target, names), spaced(target.type or "")) for target in event.target_resources),
        result=event.result or "not given",
        failed=(event.result or "").casefold() != "success",
    )


def _who(initiator: AuditInitiator | None, names: Mapping[str, str]) -> tuple[str, str]:
    """Return the name and the user name of whoever did it; the log itself often gives the user name only."""
    user, app = (initiator.user, initiator.app) if initiator else (None, None)
    if user is not None:
        name, upn = user.display_name or names.get(user.id or ""), user.user_principal_name or ""
        return (name, upn) if name else (upn or known_id(user.id) or "", "")
    if app is not None:
        app_id = known_id(app.service_principal_id) or ""
        return app.display_name or names.get(app_id, app_id), ""
    return "", ""


def _target(target: AuditTarget, names: Mapping[str, str]) -> str:
    return target.display_name or names.get(target.id or "", "") or known_id(target.id) or ""


def _activity(event: AuditEvent, names: Mapping[str, str]) -> str:
    """Return the activity, with the connector groups between which something was moved."""
    values = [(plain_value(change.old_value), plain_value(change.new_value)) for change in event.moved_groups]
    moves = [" to ".join(names.get(group, group) or "none" for group in pair) for pair in values]
    moved = f" (connector group: {', '.join(moves)})" if moves else ""
    return event.activity_display_name + moved
