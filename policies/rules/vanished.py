"""Rules about connectors that disappeared, and about registrations of connectors that no scan saw."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from common.errors import NotReadError
from inventory.attribution import SLACK, is_nameless, names_id, names_machine, registrations
from policies.frameworks import controls
from policies.rule import Judgement, Rule, failed, not_applicable, not_assessed, passed
from policies.rules.connectors import REMOVAL
from policies.rules.holders import PIM, ROLES
from policies.runbooks import Runbook, day
from policies.vocabulary import Severity, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from inventory.history_records import ConnectorRecord
    from inventory.models import AuditEvent
    from policies.evidence import Evidence


def _once_gone(evidence: Evidence) -> Iterator[tuple[Subject, str]]:
    """List connectors that disappeared within `forget_after_days`, and those that reappeared in this scan."""
    before = evidence.memory.inventory.connectors
    forget = timedelta(days=evidence.policy.forget_after_days)
    _ = evidence.snapshot.connectors.items
    for connector_id, record in evidence.lives.connectors.items():
        gone = record.gone_at is not None and evidence.snapshot.taken_at - record.gone_at < forget
        back = record.gone_at is None and connector_id in before and before[connector_id].gone_at is not None
        if gone or back:
            yield Subject(type="connector", id=connector_id, name=record.name), connector_id


def _vanished(evidence: Evidence, connector_id: str) -> Judgement:
    record = evidence.lives.connectors[connector_id]
    if record.gone_at is None:
        return passed("the connector is back")
    # Dates are volatile: a concurrent scan may have recorded the disappearance first.
    return _missing(evidence, connector_id, record, record.gone_at).with_volatile(
        gone_since=record.gone_at.isoformat(),
        last_active=record.last_active.isoformat() if record.last_active else None,
    )


def _missing(evidence: Evidence, connector_id: str, record: ConnectorRecord, gone_at: datetime) -> Judgement:
    """Return the failure for a connector that disappeared, with its severity."""
    successor = _successor(evidence, connector_id, record)
    last = f"last seen active on {day(record.last_active)}" if record.last_active else "never seen active"
    message = f"missing since {day(gone_at)}, {last}"
    if successor is not None:
        message = f"{message}; the same machine has a newer connector"
        return failed(Severity.LOW, message, replaced_by=successor)
    if record.last_active is not None and gone_at - record.last_active < REMOVAL:
        why = "removal for inactivity, which takes 10 days, cannot explain it"
        return failed(Severity.HIGH, f"{message}; {why}", replaced_by=None)
    return failed(Severity.LOW, f"{message}; an inactive connector is removed after 10 days", replaced_by=None)


def _successor(evidence: Evidence, connector_id: str, record: ConnectorRecord) -> str | None:
    """Return the id of the newest existing connector on the same machine that appeared after this one."""
    records = evidence.lives.connectors
    newer = [
        (other.first_seen, key)
        for key, other in records.items()
        if key != connector_id
        and other.gone_at is None
        and other.first_seen > record.first_seen
        and record.is_same_machine(other)
    ]
    return max(newer)[1] if newer else None


CON002 = Rule(
    id="CON002",
    title="No connector has vanished",
    subject="connector",
    severity=Severity.HIGH,
    why="A connector that is gone carries nothing, and Microsoft's list keeps no trace of it.",
    runbook=Runbook(
        summary="Find out what became of the server.",
        steps=(
            "Look at what is remembered of it: `{history}`.",
            "Ask whoever runs {machine} whether the connector was uninstalled, or registered to another tenant.",
            (
                "If it was switched off for more than 10 days, its entry is gone and its trust may be over. Register "
                "it again on {machine} with an account of this tenant that is Application Administrator: "
                "`Import-Module {module}; {register}` (in the US government cloud the environment is "
                "AzureUSGovernment)."
            ),
            "If the server is gone and is still needed, install the connector on another one.",
            "Move the new entry into {group}: it starts in the default group. See that GRP001 passes there.",
        ),
        links=("https://learn.microsoft.com/en-us/entra/global-secure-access/concept-connectors",),
    ),
    subjects=_once_gone,
    check=_vanished,
    when_empty="no connector that was seen before is missing",
    controls=controls(nist="CM-8 SI-4", iso="A.5.9 A.8.16", cis="1.1"),
    evidence={
        "gone_since": "the first full look that did not show it, a time",
        "last_active": "the last look that showed it active, a time; not known where none did",
        "replaced_by": "id of the newer connector on the same machine",
    },
    settings=("forget_after_days",),
)


def _events(evidence: Evidence) -> Iterator[tuple[Subject, AuditEvent]]:
    """List the registrations since the first complete scan."""
    audit, first = evidence.snapshot.audit, evidence.memory.inventory.first_read
    if audit.status != "read":
        raise NotReadError(audit.name, audit.reason or audit.status)
    _ = evidence.snapshot.connectors.items
    for event in {entry.id: entry for entry in registrations(audit.items)}.values():
        if first is not None and event.activity_date_time > first:
            target = next((entry for entry in event.target_resources if entry.display_name or entry.id), None)
            name = (target.display_name or target.id if target else None) or event.id
            yield Subject(type="tenant", id=f"event:{event.id}", name=name), event


def _came_and_went(evidence: Evidence, event: AuditEvent) -> Judgement:
    when = day(event.activity_date_time)
    seen = _was_seen(evidence, event)
    if seen:
        return passed("a look has shown what was registered then", registered_at=event.activity_date_time.isoformat())
    if evidence.snapshot.taken_at - event.activity_date_time < SLACK:
        return not_applicable("registered within the last hour; the list may not show it yet")
    user = event.initiated_by.user if event.initiated_by else None
    by = (user.user_principal_name or user.id) if user else None
    facts = {"registered_at": event.activity_date_time.isoformat(), "registered_by": by}
    if seen is None:
        return not_assessed(
            f"registered on {when}; whether that renewed an older connector of the same machine name is not known",
            **facts,
        )
    if is_nameless(event):
        return not_assessed(
            f"registered on {when}; the audit log does not say what, and no look shows anything new", **facts
        )
    return failed(
        Severity.HIGH, f"registered on {when} by {by or 'somebody unnamed'}, and no look ever showed it", **facts
    )


def _was_seen(evidence: Evidence, event: AuditEvent) -> bool | None:
    """Whether a scan saw the connector that an event registered; None if an older one has the same machine name."""
    if any(names_id(event, one.id) or names_machine(event, one.name_key) for one in evidence.snapshot.other_connectors):
        return True
    records = evidence.lives.connectors
    if any(_is_it(event, connector_id, record) for connector_id, record in records.items()):
        return True
    older = (record for record in records.values() if record.first_seen < event.activity_date_time <= record.last_seen)
    return None if any(names_machine(event, record.name_key) for record in older) else False


def _is_it(event: AuditEvent, connector_id: str, record: ConnectorRecord) -> bool:
    """Whether an event registered this connector: by id, by stored attribution, or by name if it appeared later."""
    if names_id(event, connector_id) or any(origin.event == event.id for origin in record.attribution):
        return True
    if any(origin.matched == "id" for origin in record.attribution) or not names_machine(event, record.name_key):
        return False
    # The first scan after the event must have seen it; a later connector was registered by another event.
    before = record.seen_before is None or record.seen_before - SLACK <= event.activity_date_time
    return before and event.activity_date_time <= record.first_seen


CON005 = Rule(
    id="CON005",
    title="Every registered connector was seen",
    subject="tenant",
    severity=Severity.HIGH,
    why="A connector that comes and goes between two looks could carry traffic and leave nothing but this trace.",
    runbook=Runbook(
        summary="Ask whoever registered it what it was.",
        steps=(
            "Agents for synchronisation and pass-through authentication register the same way: rule these out first.",
            "Look in the audit log for what else the same account did around that time.",
            "If nobody meant it, take the role from the account and reset its credentials.",
        ),
        links=(ROLES, PIM),
    ),
    subjects=_events,
    check=_came_and_went,
    when_empty="nothing was registered since the first full look",
    controls=controls(nist="CM-8(3) AU-6", iso="A.8.15 A.8.16", cis="1.2 8.11", attack="T1557 T1133"),
    evidence={
        "registered_at": "when the audit log has the registration, a time",
        "registered_by": "user name or id of whoever registered it, as the audit log has it",
    },
    settings=(),
)
