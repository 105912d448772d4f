"""What a state of before events were remembered becomes: nothing old is asked about anew, except what time had closed.

Until then a finding about something that happened was closed after some days, or when the audit log dropped its event.
Such findings are judged again by the next scan, and reopen once where they still fail. Pure.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from inventory.audit.models import AuditEvent, AuditInitiator, AuditTarget, AuditUser
from policies.memory import EventMemory, Memory

if TYPE_CHECKING:
    from collections.abc import Mapping

    from findings.state.record import FindingState
    from policies.memory import RememberedRegistrar

_NEW_CONNECTOR, _UNSEEN, _REGISTRAR = "CON003", "CON005", "REG011"
_EVENT = "event:"


def needs_migration(memory: Memory) -> bool:
    """Return whether a memory was written before events were remembered, by a scan that could have seen some."""
    return memory.events is None and bool(memory.inventory.first_read or memory.registrars_read_at)


def migrated_findings(findings: Mapping[str, FindingState]) -> dict[str, FindingState]:
    """Return the findings, those that were closed by time alone marked as such."""
    return {
        key: record.model_copy(update={"correction": "time"}) if _closed_by_time(record) else record
        for key, record in findings.items()
    }


def migrated_memory(memory: Memory, findings: Mapping[str, FindingState]) -> Memory:
    """Return the memory with the events that the findings know of, and everything else settled.

    Connectors without a finding about their registration are settled, and so is old news about registrars.
    """
    asked = {record.subject.id for record in findings.values() if record.rule == _NEW_CONNECTOR and _is_asked(record)}
    unseen = (record for record in findings.values() if record.rule == _UNSEEN and _is_asked(record))
    events = EventMemory(
        settled=frozenset(memory.inventory.connectors) - asked,
        unseen={event.id: event for event in map(_registration, unseen) if event is not None},
    )
    registrars = {
        principal_id: entry
        if _is_open_news(findings.get(f"{_REGISTRAR}/{principal_id}"))
        else _settled(entry, memory.registrars_read_at)
        for principal_id, entry in memory.registrars.items()
    }
    return memory.model_copy(update={"events": events, "registrars": registrars})


def _closed_by_time(record: FindingState) -> bool:
    """Return whether a finding was closed only because days had passed."""
    by = {_NEW_CONNECTOR: "not_applicable", _UNSEEN: "subject_gone"}.get(record.rule)
    return record.state == "resolved" and by is not None and record.resolved_by == by


def _is_asked(record: FindingState) -> bool:
    return record.state == "open" or _closed_by_time(record)


def _is_open_news(record: FindingState | None) -> bool:
    return record is not None and record.state == "open"


def _settled(entry: RememberedRegistrar, until: datetime | None) -> RememberedRegistrar:
    return entry.model_copy(update={"settled": until})


def _registration(record: FindingState) -> AuditEvent | None:
    """Return the audit event that a finding is about; None where its evidence does not hold the time."""
    at, by = record.evidence.get("registered_at"), record.evidence.get("registered_by")
    event_id = record.subject.id.removeprefix(_EVENT)
    try:
        moment = datetime.fromisoformat(str(at))
    except ValueError:
        return None
    return AuditEvent(
        id=event_id,
        activity_date_time=moment,
        activity_display_name="Register connector",
        initiated_by=AuditInitiator(user=AuditUser(user_principal_name=by)) if isinstance(by, str) else None,
        target_resources=(AuditTarget(display_name=record.subject.name),),
    )
