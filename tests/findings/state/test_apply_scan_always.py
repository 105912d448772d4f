"""What holds for every sequence of scans under every sequence of policies, judged by the real rules."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from findings.state.events import EVENTS_KEPT
from tests.examples import examples
from tests.findings.state.test_apply_scan import (
    GRP,
    LONGER,
    LOUD,
    NO_GRP,
    OLD,
    ONE,
    PARIS,
    PARKED,
    PLAIN,
    SINGLE,
    THREE,
    TWO,
    Policies,
    after,
    scanned,
)
from tests.making import snapshot, without

if TYPE_CHECKING:
    from findings.state.document import State

UNREAD = without(snapshot({PARIS: ONE}), "connector_groups")
EMPTY = snapshot({})

always = settings(deadline=None, derandomize=True, max_examples=examples(30))
a_policy = st.sampled_from([PLAIN, THREE, SINGLE, PARKED, LOUD, NO_GRP, LONGER])
a_day = st.tuples(st.sampled_from([ONE, TWO, OLD, UNREAD, EMPTY]), a_policy)
days = st.lists(a_day, min_size=1, max_size=5)
Days = list[tuple[Any, Policies]]


def states(history: Days) -> list[State]:
    """Return the state after each of these days."""
    return [after(*history[:count]) for count in range(1, len(history) + 1)]


@always
@given(days)
def test_only_another_policy_is_a_cause(history: Days) -> None:
    """No change carries the policy as its cause unless another policy judged than the day before."""
    for number, state in enumerate(states(history)):
        scan = state.scans[-1].id
        causes = {found.cause for found in state.findings.values() if found.change_scan == scan}
        if number == 0 or history[number][1] == history[number - 1][1]:
            assert causes <= {None}


@always
@given(days, a_policy)
def test_what_another_policy_changes_over_night_is_its_own_doing(history: Days, policy: Policies) -> None:
    """Where nothing but the policy moved, whatever changes carries it as its cause."""
    seen, before = history[-1]
    state = after(*history, (seen, policy))
    scan = state.scans[-1].id

    changed = [found for found in state.findings.values() if found.change_scan == scan]
    assert {found.cause for found in changed} <= {"policy"}
    assert not changed or policy != before


@always
@given(days, st.data())
def test_the_same_scan_twice_changes_nothing(history: Days, data: st.DataObject) -> None:
    """A scan of the past, applied again under any policy, leaves the very same bytes."""
    state = after(*history)
    day = data.draw(st.integers(0, len(history) - 1))

    assert scanned(state, snapshot({PARIS: ONE}), data.draw(a_policy), day).to_bytes() == state.to_bytes()


@always
@given(days)
def test_the_story_tells_every_change(history: Days) -> None:
    """The newest steps of each story are the changes that the scans told, each once, with the same cause."""
    told = [
        (state.scans[-1].id, life.change, life.cause, tuple(fact.what for fact in life.moved))
        for state in states(history)
        if (life := state.lifecycle_of(GRP, state.scans[-1].id)) and life.change
    ]

    found = after(*history).findings.get(GRP)
    story = [event for event in found.events if event.change != "unassessed"] if found else []
    assert [
        (event.scan, event.change, event.cause, tuple(fact.what for fact in event.moved)) for event in story
    ] == told
    assert len(story) <= EVENTS_KEPT


@always
@given(days)
def test_a_story_goes_forward(history: Days) -> None:
    """Steps follow one another in time, and no spell without an answer outlasts the next step."""
    for found in after(*history).findings.values():
        for earlier, later in pairwise(found.events):
            assert earlier.at < later.at
            assert earlier.change != "unassessed" or (earlier.until is not None and earlier.until <= later.at)
