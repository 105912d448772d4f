"""What holds for every sequence of scans."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise, product
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from findings.state.document import State
from findings.state.lifecycle import apply
from policies.vocabulary import Outcome, Severity
from tests.examples import examples
from tests.findings.state.lifecycle_data import RULES, TENANT, Day, after, rest, scan, verdict

if TYPE_CHECKING:
    from findings.document import Change
    from findings.state.record import FindingState
    from policies.rule import Verdict

SPOKEN = [
    verdict(outcome, rule=rule, subject=subject, severity=severity, evidence={"active": active})
    for outcome, rule, subject, severity, active in product(
        Outcome, sorted(RULES), "abc", (Severity.HIGH, Severity.LOW), (0, 1)
    )
]
UNREAD = [one for one in SPOKEN if one.outcome is Outcome.NOT_ASSESSED]
ALL_CUT_SHORT = tuple(rest(rule) for rule in sorted(RULES))
STEPS = {
    (None, "open", "new"),
    ("open", "open", None),
    ("open", "open", "changed"),
    ("open", "resolved", "resolved"),
    ("resolved", "open", "reopened"),
    ("resolved", "resolved", None),
}

always = settings(deadline=None, derandomize=True, max_examples=examples(60))


def some(verdicts: list[Verdict]) -> st.SearchStrategy[list[Verdict]]:
    """Draw some of these verdicts, at most one about each subject."""
    return st.lists(st.sampled_from(verdicts), unique_by=lambda one: one.key, max_size=6)


def a_day(spoken: list[Verdict], cut_short: set[str], off: set[str]) -> Day:
    """Return a day of these verdicts, of rules that could not list all their subjects, and of rules that were off."""
    told = (*spoken, *(rest(rule) for rule in sorted(cut_short)))
    return Day(tuple(one for one in told if one.rule not in off), RULES - off)


some_rules = st.sets(st.sampled_from(sorted(RULES)))
some_day = st.builds(a_day, some(SPOKEN), some_rules, some_rules)
blind_day = some(UNREAD).map(lambda unread: Day((*unread, *ALL_CUT_SHORT)))
days = st.lists(some_day, min_size=1, max_size=6)


def steps(history: list[Day]) -> list[tuple[FindingState | None, FindingState, Change | None]]:
    """Return for each scan and finding: the finding before, after, and the change that this scan shows."""
    found = []
    state = State.new(TENANT)
    for number, day in enumerate(history, start=1):
        before, state = state, apply(state, scan(number), day.verdicts, day.ran)
        for key, finding in state.findings.items():
            life = state.lifecycle_of(key, scan(number).id)
            found.append((before.findings.get(key), finding, life.change if life else None))
    return found


@always
@given(days, st.data())
def test_a_scan_counts_once(history: list[Day], data: st.DataObject) -> None:
    """Applying any scan of the past again leaves the very same bytes."""
    state = after(*history)
    number = data.draw(st.integers(1, len(history)))
    again = history[number - 1]

    assert apply(state, scan(number), again.verdicts, again.ran).to_bytes() == state.to_bytes()


@always
@given(days, st.data())
def test_the_order_of_verdicts_does_not_matter(history: list[Day], data: st.DataObject) -> None:
    """The same verdicts in another order make the very same bytes."""
    shuffled = [replace(day, verdicts=tuple(data.draw(st.permutations(day.verdicts)))) for day in history]

    assert after(*shuffled).to_bytes() == after(*history).to_bytes()


@always
@given(days)
def test_storage_does_not_matter(history: list[Day]) -> None:
    """A state that is stored and read again between scans becomes the very same as one kept in memory."""
    state = State.new(TENANT)
    for number, day in enumerate(history, start=1):
        state = apply(State.from_bytes(state.to_bytes()), scan(number), day.verdicts, day.ran)

    assert state.to_bytes() == after(*history).to_bytes()


@always
@given(days, some_day)
def test_an_older_scan_never_overtakes(history: list[Day], late: Day) -> None:
    """A scan that comes late changes nothing."""
    state = after(*history)

    assert apply(state, scan(0), late.verdicts, late.ran).to_bytes() == state.to_bytes()


@always
@given(days)
def test_only_allowed_steps_are_taken(history: list[Day]) -> None:
    """A finding opens, resolves and reopens, each with its own change, and nothing else happens."""
    taken = {(before.state if before else None, now.state, change) for before, now, change in steps(history)}

    assert taken <= STEPS


@always
@given(days)
def test_nothing_is_forgotten(history: list[Day]) -> None:
    """A finding once remembered stays remembered."""
    known = [set(after(*history[:count]).findings) for count in range(len(history) + 1)]

    assert all(earlier <= later for earlier, later in pairwise(known))


@always
@given(days)
def test_first_seen_never_moves(history: list[Day]) -> None:
    """When a finding was first seen is settled once."""
    assert all(before.first_seen == now.first_seen for before, now, _ in steps(history) if before)


@always
@given(days)
def test_a_stale_finding_was_not_assessed(history: list[Day]) -> None:
    """While a finding is stale, nothing but that moves."""
    for before, now, change in steps(history):
        if now.stale:
            assert before is not None
            assert now == before.model_copy(update={"stale": True, "events": now.events})
            assert change is None


@always
@given(days)
def test_a_resolved_finding_says_when_and_why(history: list[Day]) -> None:
    """A finding has a time and a reason of resolution exactly while it is resolved."""
    for _, now, _ in steps(history):
        assert (now.state == "resolved") == (now.resolved_at is not None) == (now.resolved_by is not None)


@always
@given(days, blind_day)
def test_silence_resolves_nothing(history: list[Day], blind: Day) -> None:
    """A scan in which no rule could look leaves all findings as they were, stale or not mentioned."""
    before = after(*history)
    now = after(*history, blind)

    settled = {"stale": False, "events": ()}
    assert {key: one.model_copy(update=settled) for key, one in before.findings.items()} == {
        key: one.model_copy(update=settled) for key, one in now.findings.items()
    }
    assert all(one.stale for one in now.findings.values() if one.state == "open")


@always
@given(days, blind_day)
def test_an_unread_day_announces_nothing(history: list[Day], blind: Day) -> None:
    """The same verdicts after an unread day as before it are no change."""
    number = len(history) + 2

    now = after(*history, blind, history[-1])

    lives = [now.lifecycle_of(key, scan(number).id) for key in now.findings]
    assert [life.change for life in lives if life] == [None] * len(now.findings)


@always
@given(days)
def test_open_means_not_answered_since(history: list[Day]) -> None:
    """A finding is open exactly if the last answer about it was a failure."""
    open_now = {key for key, one in after(*history).findings.items() if one.state == "open"}

    expected: set[str] = set()
    for day in history:
        said = {one.key: one.outcome for one in day.verdicts}
        cut_short = {one.rule for one in day.verdicts if one.speaks_for_rest}
        unread = {key for key, outcome in said.items() if outcome is Outcome.NOT_ASSESSED}
        unheard = {key for key in expected if key not in said and key.partition("/")[0] in cut_short}
        failing = {key for key, outcome in said.items() if outcome in (Outcome.FAIL, Outcome.WAIVED)}
        expected = failing | (expected & unread) | unheard
    assert open_now == expected
