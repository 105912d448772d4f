"""A finding's story out of the state, also out of one from before stories were kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from findings.history.findings import History, history
from policies.vocabulary import Outcome, Severity
from tests.findings.state.lifecycle_data import KEY, TENANT, Day, after, at, said, scan, verdict

if TYPE_CHECKING:
    from findings.state.document import State

FAIL, PASS = said(verdict()), said(verdict(Outcome.PASS))
WORSE = said(verdict(severity=Severity.CRITICAL))


def without_events(state: State) -> State:
    """Return the state as it was before stories were kept."""
    findings = {key: one.model_copy(update={"events": ()}) for key, one in state.findings.items()}
    return state.model_copy(update={"findings": findings})


def steps(told: History) -> list[tuple[str, int, str]]:
    """Return the only finding's steps: what, on which day, by which scan."""
    (story,) = told.findings
    return [(event.change, (event.at - at(1)).days + 1, event.scan) for event in story.events]


def test_the_whole_story() -> None:
    """A finding's story is what it is, whose it is, and its steps."""
    told = history(after(FAIL, WORSE, PASS))

    (story,) = told.findings
    assert steps(told) == [("new", 1, scan(1).id), ("changed", 2, scan(2).id), ("resolved", 3, scan(3).id)]
    assert (story.key, story.rule, story.subject.name) == (KEY, "GRP001", "Group a")
    assert (story.state, story.severity, story.outcome) == ("resolved", "critical", "fail")
    assert (story.first_seen, story.last_seen, story.stale, story.cut) == (at(1), at(2), False, False)
    assert told.tenant == TENANT
    assert [(row.id, row.at, row.complete) for row in told.scans] == [(scan(d).id, at(d), True) for d in (1, 2, 3)]


def test_a_long_story_says_where_it_is_cut() -> None:
    """Where the oldest steps are not kept any more, the first sight is told all the same."""
    told = history(after(*[FAIL, PASS] * 30))

    assert steps(told)[:2] == [("new", 1, scan(1).id), ("reopened", 21, scan(21).id)]
    assert told.findings[0].cut


def test_a_finding_from_before_stories() -> None:
    """A record without a story tells when it was first seen, and its newest change where that is known."""
    cases: list[tuple[list[Day], list[tuple[str, int, str]], bool]] = [
        ([FAIL, FAIL], [("new", 1, scan(1).id)], False),
        ([FAIL, WORSE, WORSE], [("new", 1, scan(1).id), ("changed", 2, scan(2).id)], True),
        ([FAIL, PASS], [("new", 1, scan(1).id), ("resolved", 2, scan(2).id)], True),
        ([FAIL, PASS, FAIL], [("new", 1, scan(1).id), ("reopened", 3, scan(3).id)], True),
    ]
    for days, expected, cut in cases:
        told = history(without_events(after(*days)))
        assert (steps(told), told.findings[0].cut) == (expected, cut)


def test_by_what_an_old_record_was_resolved() -> None:
    """The reason of a resolution is kept in the record itself."""
    told = history(without_events(after(FAIL, PASS)))

    assert told.findings[0].events[-1].resolved_by == "fixed"


def test_a_record_whose_scans_are_forgotten() -> None:
    """A change by a scan that is not listed any more has no date, and is left out; the first sight has no scan."""
    state = without_events(after(FAIL, WORSE)).model_copy(update={"scans": (scan(9),)})

    assert steps(history(state)) == [("new", 1, "")]
    assert history(state).findings[0].cut


def test_a_rule_that_is_no_more() -> None:
    """A finding of a rule that this version does not have is told without the rule's words."""
    state = after(FAIL)
    gone = state.findings[KEY].model_copy(update={"rule": "OLD001"})

    assert history(state.model_copy(update={"findings": {KEY: gone}})).findings[0].title == ""


def test_a_tenant_without_findings() -> None:
    """A tenant in which nothing ever failed has a story of scans alone."""
    told = history(after(PASS))

    assert (len(told.scans), told.findings) == (1, ())
