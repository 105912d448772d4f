"""What one more scan does to a finding, case by case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest

from findings.document import Lifecycle, MovedFact
from findings.state.document import SCANS_KEPT, State
from findings.state.lifecycle import apply, is_superseded
from policies.vocabulary import Outcome, Severity, Subject
from tests.findings.state.lifecycle_data import (
    ENDINGS,
    KEY,
    RULE,
    RULES,
    TENANT,
    Day,
    after,
    at,
    rest,
    said,
    scan,
    verdict,
)

if TYPE_CHECKING:
    from pydantic import JsonValue

    from findings.document import Change

FAIL = said(verdict())
HALF_SEEN = said(verdict(severity=Severity.LOW, evidence={}, partial=True))
WAIVED = said(verdict(Outcome.WAIVED))
PASS = said(verdict(Outcome.PASS))
NOT_APPLICABLE = said(verdict(Outcome.NOT_APPLICABLE))
NOT_ASSESSED = said(verdict(Outcome.NOT_ASSESSED))
NOTHING = said()
OFF = Day(ran=RULES - {RULE})
UNLISTED = said(rest())


def life(  # noqa: PLR0913 - a test names only what matters to it
    change: Change | None = None,
    *,
    last: int = 1,
    assessed: int = 1,
    resolved: int | None = None,
    by: str | None = None,
    stale: bool = False,
    moved: dict[str, tuple[JsonValue, JsonValue]] | None = None,
) -> Lifecycle:
    """Return the life of a finding first seen on day one; the numbers are days, `moved` is before and after."""
    state: Literal["open", "resolved"] = "open" if resolved is None else "resolved"
    return Lifecycle(
        state=state,
        change=change,
        first_seen=at(1),
        last_seen=at(last),
        resolved_at=None if resolved is None else at(resolved),
        resolved_by=by,
        ending=ENDINGS[by] if by else None,
        assessed_at=at(assessed),
        stale=stale,
        moved=tuple(MovedFact(what=what, before=old, after=new) for what, (old, new) in (moved or {}).items()),
    )


CASES = {
    "a first failure is new": ([FAIL], life("new")),
    "a first waived failure is new and open": ([WAIVED], life("new")),
    "the same failure again is no change": ([FAIL, FAIL], life(last=2, assessed=2)),
    "the same waived failure again is no change": ([WAIVED, WAIVED], life(last=2, assessed=2)),
    "another severity is a change": (
        [FAIL, said(verdict(severity=Severity.LOW))],
        life("changed", last=2, assessed=2, moved={"severity": ("high", "low")}),
    ),
    "other evidence is a change": (
        [FAIL, said(verdict(evidence={"active": 0}))],
        life("changed", last=2, assessed=2, moved={"evidence.active": (1, 0)}),
    ),
    "true instead of 1 is a change": (
        [FAIL, said(verdict(evidence={"active": True}))],
        life("changed", last=2, assessed=2, moved={"evidence.active": (1, True)}),
    ),
    "a waiver is a change": (
        [FAIL, WAIVED],
        life("changed", last=2, assessed=2, moved={"outcome": ("fail", "waived")}),
    ),
    "the end of a waiver is a change": (
        [WAIVED, FAIL],
        life("changed", last=2, assessed=2, moved={"outcome": ("waived", "fail")}),
    ),
    "another message is no change": ([FAIL, said(verdict(message="Day 2."))], life(last=2, assessed=2)),
    "another age is no change": ([FAIL, said(verdict(volatile={"days": 2}))], life(last=2, assessed=2)),
    "seen again by half is no change": ([FAIL, HALF_SEEN], life(last=2, assessed=2)),
    "waived and seen by half is a change": (
        [WAIVED, HALF_SEEN],
        life("changed", last=2, assessed=2, moved={"outcome": ("waived", "fail")}),
    ),
    "seen whole again as it was is no change": ([FAIL, HALF_SEEN, FAIL], life(last=3, assessed=3)),
    "another name of the subject is no change": (
        [FAIL, said(verdict(subject=Subject(type="group", id="a", name="Renamed")))],
        life(last=2, assessed=2),
    ),
    "a change is over the day after": (
        [FAIL, WAIVED, WAIVED],
        life(last=3, assessed=3),
    ),
    "a pass resolves": ([FAIL, PASS], life("resolved", assessed=2, resolved=2, by="fixed")),
    "a pass resolves what is waived": ([WAIVED, PASS], life("resolved", assessed=2, resolved=2, by="fixed")),
    "not applicable resolves": (
        [FAIL, NOT_APPLICABLE],
        life("resolved", assessed=2, resolved=2, by="not_applicable"),
    ),
    "a second pass only says when": ([FAIL, PASS, PASS], life(assessed=3, resolved=2, by="fixed")),
    "a later not applicable only says when": ([FAIL, PASS, NOT_APPLICABLE], life(assessed=3, resolved=2, by="fixed")),
    "a failure after a pass reopens": ([FAIL, PASS, FAIL], life("reopened", last=3, assessed=3)),
    "a waived failure after a pass reopens": (
        [FAIL, PASS, WAIVED],
        life("reopened", last=3, assessed=3, moved={"outcome": ("fail", "waived")}),
    ),
    "an unread day makes an open one stale": ([FAIL, NOT_ASSESSED], life(stale=True)),
    "an unread day makes a resolved one stale": (
        [FAIL, PASS, NOT_ASSESSED],
        life(assessed=2, resolved=2, by="fixed", stale=True),
    ),
    "a failure after the waiver of what was fixed tells that it is over": (
        [WAIVED, PASS, FAIL],
        life("reopened", last=3, assessed=3, moved={"outcome": ("waived", "fail")}),
    ),
    "a worse failure after a pass tells what moved": (
        [FAIL, PASS, said(verdict(severity=Severity.CRITICAL, evidence={"active": 0}))],
        life("reopened", last=3, assessed=3, moved={"severity": ("high", "critical"), "evidence.active": (1, 0)}),
    ),
    "a failure seen by half after a pass reopens with what it says": (
        [FAIL, PASS, HALF_SEEN],
        life("reopened", last=3, assessed=3, moved={"severity": ("high", "low"), "evidence.active": (1, None)}),
    ),
    "what moved before is over when it is resolved": (
        [FAIL, said(verdict(severity=Severity.LOW)), PASS],
        life("resolved", last=2, assessed=3, resolved=3, by="fixed"),
    ),
    "a fact that comes or goes is null where it is not": (
        [FAIL, said(verdict(evidence={"machines": ["a"]}))],
        life("changed", last=2, assessed=2, moved={"evidence.active": (1, None), "evidence.machines": (None, ["a"])}),
    ),
    "a fact that is null is the same as none": (
        [said(verdict(evidence={})), said(verdict(evidence={"active": None}))],
        life(last=2, assessed=2),
    ),
    "a fact that becomes null moves": (
        [said(verdict(evidence={"active": 0})), said(verdict(evidence={"active": None}))],
        life("changed", last=2, assessed=2, moved={"evidence.active": (0, None)}),
    ),
    "severity, outcome and evidence move together": (
        [FAIL, said(verdict(Outcome.WAIVED, severity=Severity.LOW, evidence={"active": 0}))],
        life(
            "changed",
            last=2,
            assessed=2,
            moved={"severity": ("high", "low"), "outcome": ("fail", "waived"), "evidence.active": (1, 0)},
        ),
    ),
    "a failure after an unread day is no change": ([FAIL, NOT_ASSESSED, FAIL], life(last=3, assessed=3)),
    "a pass after an unread day resolves": (
        [FAIL, NOT_ASSESSED, PASS],
        life("resolved", assessed=3, resolved=3, by="fixed"),
    ),
    "a pass after an unread day ends the doubt": (
        [FAIL, PASS, NOT_ASSESSED, PASS],
        life(assessed=4, resolved=2, by="fixed"),
    ),
    "a rule switched off resolves": ([FAIL, OFF], life("resolved", resolved=2, by="rule_disabled")),
    "a rule switched off resolves what is stale": (
        [FAIL, NOT_ASSESSED, OFF],
        life("resolved", resolved=3, by="rule_disabled"),
    ),
    "a rule switched on again reopens": ([FAIL, OFF, FAIL], life("reopened", last=3, assessed=3)),
    "an absent subject resolves": ([FAIL, NOTHING], life("resolved", resolved=2, by="subject_gone")),
    "an absent subject resolves what is stale": (
        [FAIL, NOT_ASSESSED, NOTHING],
        life("resolved", resolved=3, by="subject_gone"),
    ),
    "an absent subject of a list cut short is stale": ([FAIL, UNLISTED], life(stale=True)),
    "a failure on a list cut short is a failure": (
        [FAIL, said(verdict(), rest())],
        life(last=2, assessed=2),
    ),
    "a pass on a list cut short is a pass": (
        [FAIL, said(verdict(Outcome.PASS), rest())],
        life("resolved", assessed=2, resolved=2, by="fixed"),
    ),
    "another rule's list cut short is its own affair": (
        [FAIL, said(rest("VER001"))],
        life("resolved", resolved=2, by="subject_gone"),
    ),
    "a resolved one nobody mentions stays": ([FAIL, PASS, NOTHING], life(assessed=2, resolved=2, by="fixed")),
    "a resolved one on a list cut short stays": ([FAIL, PASS, UNLISTED], life(assessed=2, resolved=2, by="fixed")),
    "a resolved one of a rule switched off stays": ([FAIL, PASS, OFF], life(assessed=2, resolved=2, by="fixed")),
}


@pytest.mark.parametrize(("days", "expected"), CASES.values(), ids=CASES)
def test_life(days: list[Day], expected: Lifecycle) -> None:
    """After these days, one scan a day, the finding has this life in the last scan."""
    assert expected == after(*days).lifecycle_of(KEY, scan(len(days)).id)


@pytest.mark.parametrize("day", [PASS, NOT_APPLICABLE, NOT_ASSESSED, NOTHING, OFF, UNLISTED])
def test_what_never_failed_is_not_remembered(day: Day) -> None:
    """Only a failure makes a finding."""
    assert after(day).findings == {}


def test_shown_words_are_refreshed() -> None:
    """The newest message and name are kept although they are no change."""
    renamed = verdict(subject=Subject(type="group", id="a", name="Renamed"), message="Still one.")

    found = after(FAIL, said(renamed)).findings[KEY]

    assert (found.subject.name, found.message) == ("Renamed", "Still one.")


def test_facts_are_refreshed() -> None:
    """The newest severity, outcome and evidence are kept, to be compared with the next ones."""
    found = after(FAIL, said(verdict(Outcome.WAIVED, severity=Severity.LOW, evidence={"active": 0}))).findings[KEY]

    assert (found.outcome, found.severity, found.evidence) == (Outcome.WAIVED, Severity.LOW, {"active": 0})


def test_a_resolved_finding_keeps_its_failure() -> None:
    """What was wrong is still told after it was fixed."""
    found = after(FAIL, said(verdict(Outcome.PASS, message="All well.", evidence={}))).findings[KEY]

    assert (found.outcome, found.message, found.evidence) == (Outcome.FAIL, "It has one connector.", {"active": 1})


def test_a_scan_is_recorded() -> None:
    """Each scan raises the revision, is listed last, and waits to be published."""
    state = after(FAIL, PASS)

    assert state.revision == 2
    assert state.scans == (scan(1), scan(2))
    assert state.unpublished == (scan(1).id, scan(2).id)


def test_the_list_of_scans_is_bounded() -> None:
    """Only the newest scans are listed; one that fell off the list is refused as superseded."""
    state = after(*[NOTHING] * (SCANS_KEPT + 1))

    assert len(state.scans) == SCANS_KEPT
    assert state.scans[0] == scan(2)
    assert apply(state, scan(1), FAIL.verdicts, RULES) is state


def test_the_input_is_untouched() -> None:
    """Applying a scan makes a new state and leaves the old one as it was."""
    before = after(FAIL)
    stored = before.to_bytes()

    assert apply(before, scan(2), PASS.verdicts, RULES) is not before
    assert before.to_bytes() == stored


def test_a_repeated_scan_changes_nothing() -> None:
    """A scan that was applied already changes nothing, whatever it says this time and whatever came after it."""
    state = after(FAIL, PASS)

    assert apply(state, scan(1), [verdict(subject="b")], RULES) is state
    assert apply(state, scan(2), FAIL.verdicts, RULES) is state


def test_a_repeated_scan_is_not_superseded() -> None:
    """A scan that was applied is not superseded by the one after it."""
    assert not is_superseded(after(FAIL, PASS), scan(1))


@pytest.mark.parametrize(
    ("day", "mark", "expected"), [(1, "", True), (2, "00000009", True), (2, "0000000b", False), (3, "", False)]
)
def test_an_older_scan_is_superseded(day: int, mark: str, *, expected: bool) -> None:
    """A scan is superseded when it is older than the newest applied, by its moment and then by its id."""
    state = apply(State.new(TENANT), scan(2), FAIL.verdicts, RULES)
    late = scan(day, mark)

    assert is_superseded(state, late) is expected
    assert (apply(state, late, PASS.verdicts, RULES) is state) is expected


def test_nothing_supersedes_a_first_scan() -> None:
    """A tenant's first scan is never superseded."""
    assert not is_superseded(State.new(TENANT), scan(1))
