"""The story of a finding, as the state keeps it step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from common.json_bytes import canonical
from findings.document import MovedFact
from findings.state.document import State
from findings.state.events import EVENTS_KEPT, LONG, SPELLS_KEPT, brief
from findings.state.parts import EventFact
from policies.vocabulary import Outcome, Severity
from tests.findings.state.lifecycle_data import KEY, RULE, RULES, Day, after, at, rest, said, verdict

if TYPE_CHECKING:
    from pydantic import JsonValue

FAIL, WORSE = said(verdict()), said(verdict(severity=Severity.CRITICAL, evidence={"active": 0}))
WAIVED, PASS, UNREAD = said(verdict(Outcome.WAIVED)), said(verdict(Outcome.PASS)), said(verdict(Outcome.NOT_ASSESSED))
OFF, UNLISTED, NOTHING = Day(ran=RULES - {RULE}), said(rest()), said()
NEW = (1, "new", {"severity": "high"})


def story(*days: Day) -> list[tuple[int, str, dict[str, Any]]]:
    """Return the finding's events after these days: the day, what happened, and whatever else is told of it."""
    told: list[tuple[int, str, dict[str, Any]]] = []
    for event in after(*days).findings[KEY].events:
        written = event.model_dump(mode="json", exclude={"scan", "at", "change"})
        if event.until:
            written["until"] = (event.until - at(1)).days + 1
        told.append(((event.at - at(1)).days + 1, event.change, written))
    return told


STORIES: dict[str, tuple[list[Day], list[tuple[int, str, dict[str, Any]]]]] = {
    "it opens": ([FAIL], [NEW]),
    "it opens under a waiver": ([WAIVED], [(1, "new", {"severity": "high", "waived": True})]),
    "a day without news is no step": ([FAIL, FAIL], [NEW]),
    "it gets worse": (
        [FAIL, WORSE],
        [
            NEW,
            (
                2,
                "changed",
                {
                    "moved": [
                        {"what": "severity", "before": "high", "after": "critical"},
                        {"what": "evidence.active", "before": 1, "after": 0},
                    ]
                },
            ),
        ],
    ),
    "it is waived and the waiver ends": (
        [FAIL, WAIVED, WAIVED, FAIL],
        [
            NEW,
            (2, "changed", {"moved": [{"what": "outcome", "before": "fail", "after": "waived"}]}),
            (4, "changed", {"moved": [{"what": "outcome", "before": "waived", "after": "fail"}]}),
        ],
    ),
    "it is fixed and comes back": (
        [FAIL, PASS, PASS, FAIL],
        [NEW, (2, "resolved", {"resolved_by": "fixed", "ending": "fixed"}), (4, "reopened", {"severity": "high"})],
    ),
    "its rule is switched off": (
        [FAIL, OFF],
        [NEW, (2, "resolved", {"resolved_by": "rule_disabled", "ending": "not_asked"})],
    ),
    "its subject goes": (
        [FAIL, NOTHING],
        [NEW, (2, "resolved", {"resolved_by": "subject_gone", "ending": "left_scope"})],
    ),
    "nobody can look for two days": ([FAIL, UNREAD, UNREAD, FAIL], [NEW, (2, "unassessed", {"until": 4})]),
    "nobody can look yet": ([FAIL, UNLISTED, UNREAD], [NEW, (2, "unassessed", {})]),
    "it is fixed while nobody looked": (
        [FAIL, UNREAD, PASS],
        [NEW, (2, "unassessed", {"until": 3}), (3, "resolved", {"resolved_by": "fixed", "ending": "fixed"})],
    ),
    "it gets worse while nobody looked": (
        [WAIVED, UNREAD, FAIL],
        [
            (1, "new", {"severity": "high", "waived": True}),
            (2, "unassessed", {"until": 3}),
            (3, "changed", {"moved": [{"what": "outcome", "before": "waived", "after": "fail"}]}),
        ],
    ),
    "its subject goes while nobody looked": (
        [FAIL, UNREAD, NOTHING],
        [
            NEW,
            (2, "unassessed", {"until": 3}),
            (3, "resolved", {"resolved_by": "subject_gone", "ending": "left_scope"}),
        ],
    ),
    "a fixed one that nobody can look at is no news": (
        [FAIL, PASS, UNREAD],
        [NEW, (2, "resolved", {"resolved_by": "fixed", "ending": "fixed"})],
    ),
}


@pytest.mark.parametrize(("days", "expected"), STORIES.values(), ids=STORIES)
def test_story(days: list[Day], expected: list[tuple[int, str, dict[str, Any]]]) -> None:
    """After these days, one scan a day, the finding has this story."""
    assert story(*days) == expected


def test_a_story_keeps_its_newest_steps() -> None:
    """A finding that comes and goes for ever keeps the newest steps and when it was first seen."""
    found = after(*[FAIL, PASS] * 50).findings[KEY]

    assert [event.at for event in found.events] == [at(day) for day in range(101 - EVENTS_KEPT, 101)]
    assert found.first_seen == at(1)


def test_unread_nights_do_not_push_out_what_happened() -> None:
    """Of many spells without an answer only the newest stay, and every other step does."""
    told = story(FAIL, *[UNREAD, FAIL] * 60, WORSE)

    assert [change for _, change, _ in told] == ["new", *["unassessed"] * SPELLS_KEPT, "changed"]
    assert [day for day, change, _ in told if change == "unassessed"] == [114, 116, 118, 120]


@pytest.mark.parametrize(("spare", "long"), [(0, False), (1, True)])
def test_long_values_are_named_only(spare: int, *, long: bool) -> None:
    """A value that would make the story long is left out of it, and the story says so."""
    value: JsonValue = "x" * (LONG - len('["",null]') + spare)
    fact = MovedFact(what="evidence.machines", before=value)

    kept = EventFact(what=fact.what, long=True) if long else EventFact(what=fact.what, before=value)
    assert brief(fact) == kept


@pytest.mark.parametrize("value", [False, 0, "", [], {}, 0.0])
def test_values_that_look_like_nothing_are_kept(value: JsonValue) -> None:
    """No, nought and an empty list are values of a fact, and are still there when the document is read again."""
    state = State.from_bytes(after(FAIL, said(verdict(evidence={"active": value}))).to_bytes())

    fact = state.findings[KEY].events[-1].moved[0]
    assert (fact.before, type(fact.after), fact.after) == (1, type(value), value)


def test_fields_of_a_newer_version_survive_in_the_story() -> None:
    """What says nothing is not written, and what we do not know is, even where it is empty."""
    found = after(FAIL, WORSE).findings[KEY]
    event = found.events[-1].model_dump(mode="json") | {"later": 0, "marks": []}
    event["moved"][0] |= {"later": None}
    state = after(FAIL)
    plain = state.model_dump(mode="json")
    plain["findings"][KEY]["events"] = [event]

    again = State.from_bytes(canonical(plain)).model_dump(mode="json")

    assert again["findings"][KEY]["events"] == [event]
