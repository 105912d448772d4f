"""Build a scan's result: verdicts with each finding's history, sections, counts and registrars. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from common.errors import NotReadError
from findings.document import (
    ChangeCounts,
    ChangeEntry,
    FindingsDocument,
    GoneEntry,
    Holder,
    PathEntry,
    PolicyInfo,
    RegistrarEntry,
    ReleasesInfo,
    ScanSummary,
    SectionInfo,
    Summary,
    TenantInfo,
    VerdictEntry,
    ViaEntry,
    WaiverInfo,
)
from findings.inventory.build import inventory_of
from findings.result_parts import AnswerInfo, ControlInfo, RuleInfo
from findings.state.trend import point, upto
from policies.registration import holders
from policies.rules import RULES
from policies.vocabulary import Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from findings.state.document import State
    from inventory.models import PrincipalId
    from inventory.snapshot import Snapshot
    from policies.evidence import Evidence
    from policies.policy_file.answers import Answer
    from policies.policy_file.waivers import Waiver
    from policies.registration.paths import Path
    from policies.rule import Verdict

_RULES = {rule.id: rule for rule in RULES}


def tenant_info(snapshot: Snapshot) -> TenantInfo:
    """Return the tenant's id and name; the id stands in where the name was not read."""
    names = (entry.display_name for entry in snapshot.organization.records)
    return TenantInfo(id=snapshot.tenant_id, name=next(filter(None, names), snapshot.tenant_id))


def build_document(evidence: Evidence, verdicts: Sequence[Verdict], state: State | None) -> FindingsDocument:
    """Return the scan's result.

    Args:
        evidence: What was judged.
        verdicts: The verdicts on it.
        state: The tenant's state just after this scan was applied; None when the scan was superseded by a newer one
            or evidence is judged outside any history: then no finding has a lifecycle.
    """
    scan_id, snapshot = evidence.scan.id, evidence.snapshot
    entries = tuple(_entry(verdict, state, scan_id) for verdict in verdicts)
    gone = _gone(verdicts, state, scan_id)
    holders, unresolved = _registrars(evidence)
    inventory = inventory_of(snapshot, state.memory.inventory if state else evidence.lives, verdicts)
    return FindingsDocument(
        tenant=tenant_info(snapshot),
        scan=ScanSummary(
            id=scan_id,
            started_at=snapshot.started_at,
            finished_at=snapshot.taken_at,
            trigger=evidence.scan.trigger,
            complete=snapshot.complete,
            first=state is not None and len(state.scans) == 1,
            superseded=False,
            graph=snapshot.graph,
        ),
        policy=PolicyInfo(
            source=evidence.scan.policy_source,
            sha256=evidence.scan.policy_sha256,
            names_registrars=bool(evidence.policy.expected_registrars),
            passes=evidence.policy.reports.passes,
        ),
        releases=_releases(evidence),
        sections=_sections(snapshot),
        summary=_summary(verdicts, gone, state, scan_id),
        changes=_changes(evidence, state),
        verdicts=entries,
        gone=gone,
        trend=upto(state.trend if state else (), point(evidence, verdicts)),
        rules=_rule_infos(verdicts),
        registrars=holders,
        registrars_unresolved=unresolved,
        connectors=inventory.connectors,
        groups=inventory.groups,
        applications=inventory.applications,
    )


def _sections(snapshot: Snapshot) -> tuple[SectionInfo, ...]:
    return tuple(
        SectionInfo(
            name=section.name,
            status=section.status,
            unreadable=len(section.unreadable) if section.listed else 0,
            count=len(section.records) if section.known else None,
            code=section.code,
            reason=section.reason,
            permission=section.permission,
            advice=section.advice,
            request_id=section.request_id,
        )
        for section in snapshot.sections
    )


def superseded(document: FindingsDocument) -> FindingsDocument:
    """Return the result marked as superseded: a newer scan was applied before this one, which changed nothing."""
    return document.model_copy(update={"scan": document.scan.model_copy(update={"superseded": True})})


def _entry(verdict: Verdict, state: State | None, scan_id: str) -> VerdictEntry:
    return VerdictEntry(
        key=verdict.key,
        rule=verdict.rule,
        title=verdict.title,
        outcome=verdict.outcome,
        severity=verdict.severity,
        subject=verdict.subject,
        message=verdict.message,
        evidence={**verdict.evidence, **verdict.volatile},
        remediation=verdict.remediation,
        steps=verdict.steps,
        lifecycle=state.lifecycle_of(verdict.key, scan_id) if state else None,
        waiver=_waiver(verdict.waiver),
        answer=_answer(verdict.answers),
    )


def _answer(answers: Sequence[Answer]) -> AnswerInfo | None:
    """Return the newest answer to a finding."""
    if not answers:
        return None
    newest = answers[-1]
    return AnswerInfo(verdict=newest.verdict, reason=newest.reason, by=newest.by, at=newest.at)


def _waiver(waiver: Waiver | None) -> WaiverInfo | None:
    """Return the waiver that covers a failure; a waiver in force always has a reason and an owner."""
    if waiver is None:
        return None
    return WaiverInfo(
        id=waiver.id,
        from_=waiver.from_,
        until=waiver.until,
        reason=waiver.reason or "",
        owner=waiver.owner or "",
        ticket=waiver.ticket,
    )


def _releases(evidence: Evidence) -> ReleasesInfo:
    auto = evidence.releases.newest_auto_upgrade()
    return ReleasesInfo(
        revised=evidence.releases.revised,
        newest=evidence.releases.newest().version,
        newest_auto_upgrade=auto.version if auto else None,
    )


def _summary(verdicts: Sequence[Verdict], gone: Sequence[GoneEntry], state: State | None, scan_id: str) -> Summary:
    outcomes = Counter(verdict.outcome for verdict in verdicts)
    failing = Counter(verdict.severity for verdict in verdicts if verdict.outcome is Outcome.FAIL)
    moved = Counter(
        record.change for record in (state.findings.values() if state else ()) if record.change_scan == scan_id
    )
    return Summary(
        outcomes={outcome: outcomes[outcome] for outcome in Outcome},
        failing={severity: failing[severity] for severity in Severity},
        changes=ChangeCounts(
            new=moved["new"], reopened=moved["reopened"], changed=moved["changed"], resolved=moved["resolved"]
        ),
        unseen=sum(entry.lifecycle.state == "open" for entry in gone),
    )


def _gone(verdicts: Sequence[Verdict], state: State | None, scan_id: str) -> tuple[GoneEntry, ...]:
    """Return findings without a verdict that are still open, or that this scan resolved."""
    if state is None:
        return ()
    judged = {verdict.key for verdict in verdicts}
    entries: list[GoneEntry] = []
    for key, record in sorted(state.findings.items()):
        lifecycle = state.lifecycle_of(key, scan_id)
        if key not in judged and lifecycle is not None and (record.state == "open" or lifecycle.change is not None):
            rule = _RULES.get(record.rule)
            entries.append(
                GoneEntry(
                    key=key,
                    rule=record.rule,
                    title=rule.title if rule else "",
                    remedy=rule.remedy.summary if rule else "",
                    severity=record.severity,
                    subject=record.subject,
                    message=record.message,
                    lifecycle=lifecycle,
                    answer=_answer(record.answers),
                )
            )
    return tuple(entries)


def _changes(evidence: Evidence, state: State | None) -> tuple[ChangeEntry, ...]:
    """Return what changed in the inventory at this scan; changes that another scan reported are left out."""
    inventory = state.memory.inventory if state else evidence.lives
    return tuple(ChangeEntry.of(change) for change in inventory.changes if change.at == evidence.snapshot.taken_at)


def _rule_infos(verdicts: Sequence[Verdict]) -> tuple[RuleInfo, ...]:
    """Return titles, reasons and controls of the rules that gave a verdict, in the catalogue's order."""
    evaluated = {verdict.rule for verdict in verdicts}
    return tuple(
        RuleInfo(
            id=rule.id,
            title=rule.title,
            why=rule.why,
            severity=rule.severity,
            controls=tuple(ControlInfo(**control._asdict()) for control in rule.controls),
        )
        for rule in RULES
        if rule.id in evaluated
    )


def _registrars(evidence: Evidence) -> tuple[tuple[RegistrarEntry, ...], str | None]:
    """Return all holders of a granting role; none, and the reason, where the paths could not be followed."""
    principals = evidence.snapshot.principals.records
    names = {principal.id: principal.display_name or principal.id for principal in principals}
    try:
        return tuple(_registrar(holder, evidence, names) for holder in evidence.holders), None
    except NotReadError as error:
        return (), error.reason


def _registrar(holder: holders.Holder, evidence: Evidence, names: Mapping[PrincipalId, str]) -> RegistrarEntry:
    snapshot, policy = evidence.snapshot, evidence.policy
    can_register, why_not = holders.registration(holder, snapshot)
    named = bool(policy.expected_registrars)
    return RegistrarEntry(
        principal=_principal(holder, snapshot),
        can_register=can_register,
        why_not=why_not,
        expected=evidence.expected.includes(holder.principal, holder.id) if named else None,
        paths=tuple(_path(path, names) for path in holder.paths),
    )


def _principal(holder: holders.Holder, snapshot: Snapshot) -> Holder:
    known = holder.principal
    if known is None:
        partner = True if holder.organization is not None else None
        return Holder(id=holder.id, type=holder.kind, name=holder.name, external=partner)
    person = holder.kind in holders.PEOPLE and holders.attributes_read(known)
    synced_read = "on_premises_sync_enabled" not in known.not_returned
    tenant_domains = holders.domains(snapshot) if snapshot.organization.known else frozenset[str]()
    return Holder(
        id=holder.id,
        type=holder.kind,
        name=holder.name,
        upn=known.user_principal_name,
        enabled=known.account_enabled,
        external=holders.is_external(known, tenant_domains) if person else None,
        guest=holders.is_guest(known) if person else None,
        synced=bool(known.on_premises_sync_enabled) if person and synced_read else None,
    )


def _path(path: Path, names: Mapping[PrincipalId, str]) -> PathEntry:
    return PathEntry(
        role=path.role,
        role_id=path.role_id,
        kind=path.kind,
        via=tuple(
            ViaEntry(group=step.group, name=names.get(step.group, step.group), membership=step.membership)
            for step in path.via
        ),
        scope=path.scope,
        start=path.start,
        end=path.end,
    )
