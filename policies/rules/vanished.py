"""Rules about connectors that disappeared, and about registrations of connectors that no scan saw."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from common.errors import NotReadError
from common.text import minute
from inventory.audit.attribution import SLACK, is_nameless
from inventory.audit.models import known_id
from policies.frameworks import controls
from policies.registration.planned import plans_registration
from policies.registration.unseen import key_of, known_registrations, was_seen
from policies.rule import Judgement, Rule, failed, not_applicable, not_assessed, passed
from policies.rules.connectors import REMOVAL
from policies.rules.holders import PIM, ROLES
from policies.runbooks import Runbook, day
from policies.vocabulary import Severity, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from inventory.audit.models import AuditEvent
    from inventory.history_records import ConnectorRecord
    from policies.evidence import Evidence


def _once_gone(evidence: Evidence) -> Iterator[tuple[Subject, str]]:
    """List connectors that disappeared within `forget_after_days`, and those that reappeared in this scan."""
    before = evidence.memory.inventory.connectors
    forget = timedelta(days=evidence.policy.forget_after_days)
    listed = evidence.snapshot.connectors
    _ = listed.readable
    for connector_id, record in evidence.lives.connectors.items():
        gone = record.gone_at is not None and evidence.snapshot.taken_at - record.gone_at < forget
        back = record.gone_at is None and connector_id in before and before[connector_id].gone_at is not None
        if gone or back:
            yield Subject(type="connector", id=connector_id, name=record.name), connector_id
    if not listed.all_named:
        raise NotReadError(listed.name, listed.reason or listed.status)


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
        return failed(Severity.HIGH, f"{message}; {why}")
    return failed(Severity.LOW, f"{message}; an inactive connector is removed after 10 days")


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
        "replaced_by": "id of the newer connector on the same machine, if there is one",
    },
    settings=("forget_after_days",),
)


def _events(evidence: Evidence) -> Iterator[tuple[Subject, AuditEvent]]:
    """List the registrations since the first complete scan; before it no scan could have shown anything.

    Those that no scan showed are remembered, so that they are listed also once the audit log has dropped them.
    """
    _ = evidence.snapshot.connectors.readable
    for event in known_registrations(evidence):
        named = (entry.display_name or known_id(entry.id) for entry in event.target_resources)
        name = next(filter(None, named), event.id)
        yield Subject(type="connector", id=f"event:{event.id}", name=name), event
    audit = evidence.snapshot.audit
    if audit.status != "read":
        raise NotReadError(audit.name, audit.reason or audit.status)
    _ = audit.items


def _came_and_went(evidence: Evidence, event: AuditEvent) -> Judgement:
    return _judged_registration(evidence, event).happened(event.activity_date_time)


def _judged_registration(evidence: Evidence, event: AuditEvent) -> Judgement:
    when = minute(event.activity_date_time)
    seen = was_seen(evidence, event)
    if seen:
        return passed(
            "a scan showed the connector that was registered then", registered_at=event.activity_date_time.isoformat()
        )
    if evidence.snapshot.taken_at - event.activity_date_time < SLACK:
        return not_applicable("registered within the last hour; the list may not show it yet")
    by = _registered_by(event)
    facts = {"registered_at": event.activity_date_time.isoformat(), "registered_by": by}
    if seen is None:
        return not_assessed(
            f"registered on {when}; it names an older connector or an agent of another kind, and nobody can tell "
            "whether it is that one",
            **facts,
        )
    if plans_registration(evidence, event) and not evidence.is_confirmed(key_of(event)):
        return passed(f"registered on {when}; the policy plans a connector on this machine", **facts)
    if is_nameless(event):
        return not_assessed(
            f"registered on {when}; the audit log does not say what, and no scan shows a new connector", **facts
        )
    return failed(
        Severity.HIGH,
        f"registered on {when} by {by or 'somebody whom the log does not name'}; never present in any scan",
        **facts,
    )


def _registered_by(event: AuditEvent) -> str | None:
    """Return who registered something: a person by user name or id, or software by name; None where nobody is named."""
    user = event.initiated_by.user if event.initiated_by else None
    app = event.initiated_by.app if event.initiated_by else None
    person = (user.user_principal_name or known_id(user.id)) if user else None
    return person or ((app.display_name or known_id(app.service_principal_id)) if app else None)


CON005 = Rule(
    id="CON005",
    title="Every registered connector was seen",
    subject="connector",
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
    settings=("expected_connectors", "answers"),
    kind="event",
)
