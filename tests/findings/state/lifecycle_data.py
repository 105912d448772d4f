"""Verdicts, scans and days for the tests of state and lifecycle, in one line each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from findings.document import TenantInfo
from findings.state.document import ScanMeta, State
from findings.state.lifecycle import apply
from policies.rule import Verdict
from policies.vocabulary import Outcome, Remediation, Severity, Subject

if TYPE_CHECKING:
    from pydantic import JsonValue

    from policies.vocabulary import Ending

RULE = "GRP001"
RULES = frozenset({RULE, "VER001"})
KEY = f"{RULE}/a"
TENANT = TenantInfo(id="tenant-1", name="Contoso")
SHA = "5e" * 32


ENDINGS: dict[str, Ending] = {
    "fixed": "fixed",
    "not_applicable": "left_scope",
    "subject_gone": "left_scope",
    "rule_disabled": "not_asked",
}
"""Why a finding ends by whatever resolves it, where its rule says nothing else."""


def at(day: int) -> datetime:
    """Return six o'clock on a day, counted from the first."""
    return datetime(2026, 1, 1, 6, tzinfo=UTC) + timedelta(days=day - 1)


def scan(day: int, mark: str = "") -> ScanMeta:
    """Return the scan of a day; `mark` tells two scans of one day apart."""
    return ScanMeta(
        id=f"{at(day):%Y%m%dT%H%M%SZ}-{mark or '0000000a'}",
        taken_at=at(day),
        trigger="schedule",
        complete=True,
        evidence_sha256=SHA,
    )


def verdict(  # noqa: PLR0913 - a test names only what matters to it
    outcome: Outcome = Outcome.FAIL,
    *,
    subject: Subject | str = "a",
    rule: str = RULE,
    severity: Severity = Severity.HIGH,
    message: str = "It has one connector.",
    evidence: dict[str, JsonValue] | None = None,
    volatile: dict[str, JsonValue] | None = None,
    partial: bool = False,
) -> Verdict:
    """Return a verdict about a group, a failing one unless told otherwise."""
    about = subject if isinstance(subject, Subject) else Subject(type="group", id=subject, name=f"Group {subject}")
    return Verdict(
        key=f"{rule}/{about.id}",
        rule=rule,
        title="A title",
        outcome=outcome,
        severity=severity,
        subject=about,
        message=message,
        evidence={"active": 1} if evidence is None else evidence,
        volatile=volatile or {},
        partial=partial,
        remediation=Remediation(summary="Add another connector."),
    )


def rest(rule: str = RULE) -> Verdict:
    """Return the verdict with which a rule says that it could not list all its subjects."""
    tenant = Subject(type="tenant", id="tenant-1", name="Contoso")
    return replace(verdict(Outcome.NOT_ASSESSED, subject=tenant, rule=rule), speaks_for_rest=True)


@dataclass(frozen=True)
class Day:
    """What the rules said on a day, and which of them ran."""

    verdicts: tuple[Verdict, ...] = ()
    ran: frozenset[str] = RULES


def said(*verdicts: Verdict) -> Day:
    """Return a day on which all rules ran."""
    return Day(verdicts)


def after(*days: Day) -> State:
    """Return the state after days from the first on, one scan a day."""
    state = State.new(TENANT)
    for number, day in enumerate(days, start=1):
        state = apply(state, scan(number), day.verdicts, day.ran)
    return state
