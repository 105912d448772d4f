"""Timelines of findings and connectors with dates, from the state document. Pure; wording is added elsewhere."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from findings.document import ChangeEntry, TenantInfo
from findings.history.connectors import ConnectorTimeline, connector_timeline
from findings.result_parts import AnswerInfo, Part
from findings.state.parts import Event
from policies.rules import RULES
from policies.vocabulary import Outcome, Severity, Subject

if TYPE_CHECKING:
    from findings.state.document import ScanMeta, State
    from findings.state.record import FindingState

_TITLES = {rule.id: rule.title for rule in RULES}


class FindingTimeline(Part):
    """A finding's timeline, oldest step first.

    `answers` are what somebody said of it, oldest first; only about an event.
    `cut` is true where steps between the first two are missing: they were dropped by age, or predate timelines.
    """

    key: str
    rule: str
    title: str
    subject: Subject
    severity: Severity
    outcome: Outcome
    message: str
    state: Literal["open", "resolved"]
    stale: bool
    first_seen: datetime
    last_seen: datetime
    cut: bool
    events: tuple[Event, ...]
    answers: tuple[AnswerInfo, ...] = ()


class ScanRow(Part):
    """One scan: its moment, and whether it could read everything."""

    id: str
    at: datetime
    complete: bool


class History(Part):
    """The JSON of the `history` command, version 1.

    `scans` are those remembered, oldest first; `changes` are what moved in the inventory, as far as it is kept.
    """

    schema_: Literal["connectorwatch.history/v1"] = Field(default="connectorwatch.history/v1", alias="schema")
    tenant: TenantInfo
    scans: tuple[ScanRow, ...]
    changes: tuple[ChangeEntry, ...] = ()
    findings: tuple[FindingTimeline, ...]
    connectors: tuple[ConnectorTimeline, ...] = ()


def history(state: State) -> History:
    """Return the timelines of a tenant: findings by key, connectors by name."""
    rows = tuple(ScanRow(id=scan.id, at=scan.taken_at, complete=scan.complete) for scan in state.scans)
    scans = {scan.id: scan for scan in state.scans}
    timelines = tuple(finding_timeline(record, scans) for _, record in sorted(state.findings.items()))
    memory = state.memory.inventory
    about: dict[str, tuple[str, ...]] = {}
    for timeline in timelines:
        if timeline.subject.type == "connector":
            about[timeline.subject.id] = (*about.get(timeline.subject.id, ()), timeline.key)
    connectors = (
        connector_timeline(connector_id, memory, about.get(connector_id, ())) for connector_id in memory.connectors
    )
    return History(
        tenant=TenantInfo(id=state.tenant.id, name=state.tenant.name),
        scans=rows,
        changes=tuple(map(ChangeEntry.of, memory.changes)),
        findings=timelines,
        connectors=tuple(
            sorted(connectors, key=lambda timeline: (timeline.name.casefold(), timeline.first_seen, timeline.id))
        ),
    )


def finding_timeline(record: FindingState, scans: dict[str, ScanMeta]) -> FindingTimeline:
    """Return one finding's timeline; for a record without stored steps, what its dates still show.

    Args:
        record: The finding.
        scans: The scans remembered, by id.
    """
    events, cut = _events(record, scans)
    return FindingTimeline(
        key=record.key,
        rule=record.rule,
        title=_TITLES.get(record.rule, ""),
        subject=Subject(type=record.subject.type, id=record.subject.id, name=record.subject.name),
        severity=record.severity,
        outcome=record.outcome,
        message=record.message,
        state=record.state,
        stale=record.stale,
        first_seen=record.first_seen,
        last_seen=record.last_seen,
        cut=cut,
        events=events,
        answers=tuple(
            AnswerInfo(verdict=answer.verdict, reason=answer.reason, by=answer.by, at=answer.at)
            for answer in record.answers
        ),
    )


def _events(record: FindingState, scans: dict[str, ScanMeta]) -> tuple[tuple[Event, ...], bool]:
    """Return a finding's steps from its first sight on, and whether some are missing in between."""
    if record.events and record.events[0].change == "new":
        return record.events, False
    first = Event(at=record.first_seen, scan=_scan_at(record.first_seen, scans), change="new")
    later = record.events or _last_known(record, scans)
    return (first, *later), bool(record.events) or record.change != "new"


def _last_known(record: FindingState, scans: dict[str, ScanMeta]) -> tuple[Event, ...]:
    """Return the only later step known of a record without stored steps: its newest change."""
    change, by = record.change, record.change_scan or ""
    at = record.resolved_at if change == "resolved" else scans[by].taken_at if by in scans else None
    if change is None or change == "new" or at is None:
        return ()
    return (Event(at=at, scan=by, change=change, resolved_by=record.resolved_by if change == "resolved" else None),)


def _scan_at(moment: datetime, scans: dict[str, ScanMeta]) -> str:
    return next((scan.id for scan in scans.values() if scan.taken_at == moment), "")
