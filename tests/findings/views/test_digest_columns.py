"""What a summary row tells of what is about to happen."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from findings.document import WaiverInfo
from findings.result_parts import TrendPoint
from findings.state.document import State
from findings.state.lifecycle import apply
from findings.views.digest_columns import outlook
from policies.memory import RememberedRegistrar
from policies.vocabulary import Outcome, Severity, Subject
from tests.findings.reports.sample import about, document_of
from tests.findings.reports.sample import verdict as entry
from tests.findings.state.lifecycle_data import RULES, TENANT, at, scan, verdict

if TYPE_CHECKING:
    from pydantic import JsonValue


def state_of(*days: tuple[str, Outcome]) -> State:
    """Return the state after some days with a verdict about one group each."""
    state = State.new(TENANT)
    for day, (subject, outcome) in enumerate(days, start=1):
        state = apply(state, scan(day), (verdict(outcome, subject=subject),), RULES)
    return state


def point(day: int, high: int) -> TrendPoint:
    """Return a day in numbers."""
    return TrendPoint(scan=scan(day).id, at=at(day), complete=True, outcomes={}, failing={Severity.HIGH: high})


def test_nothing_ahead() -> None:
    """A tenant without findings has counts of nothing, and no days."""
    found = outlook(state_of(("a", Outcome.PASS)), document_of(()))

    assert {column: value for column, value in found.items() if value is not None} == {
        "waivers_ending": 0,
        "purges": 0,
        "registrars_added": 0,
    }


def test_the_oldest_open_finding() -> None:
    """Of what fails now the one that was found first is told; a waived one is not."""
    waived = verdict(Outcome.WAIVED, subject="b")
    state = apply(State.new(TENANT), scan(1), [waived], RULES)
    state = apply(state, scan(2), [waived, verdict(subject="c")], RULES)
    state = apply(state, scan(3), [waived, verdict(subject="c"), verdict(subject="d")], RULES)

    found = outlook(state, document_of(()))

    assert (found["oldest_open"], found["oldest_rule"], found["oldest_subject"]) == (at(2), "GRP001", "Group c")


def test_a_nameless_subject_has_an_id() -> None:
    """The oldest finding is told by its subject's id where that has no name."""
    state = apply(State.new(TENANT), scan(1), [verdict(subject=Subject(type="group", id="d", name=""))], RULES)

    assert outlook(state, document_of(()))["oldest_subject"] == "d"


def test_the_week_before() -> None:
    """The newest scan that is a week old, within a day, is what this one is compared with."""
    state = state_of(*[("a", Outcome.FAIL)] * 9)
    document = document_of(()).model_copy(update={"trend": (point(1, 5), point(2, 7), point(4, 9), point(9, 1))})

    assert outlook(state, document)["week_before"] == "0,7,0,0,0"


def test_waivers_that_end_soon() -> None:
    """A waiver that covers several findings counts once, one that ends later or never does not."""
    day = at(1).date()
    ends: list[date | None] = [day + timedelta(days=14), day + timedelta(days=14), day + timedelta(days=15), None]
    verdicts = tuple(
        entry("VER003", about("connector", number, "x"), Outcome.WAIVED).model_copy(
            update={"waiver": WaiverInfo(id=f"w{end}", until=end, reason="r", owner="o")}
        )
        for number, end in enumerate(ends)
    )

    found = outlook(state_of(("a", Outcome.PASS)), document_of(verdicts))

    assert (found["waivers_ending"], found["next_waiver_end"]) == (1, "2026-01-15")


def test_connectors_about_to_be_purged() -> None:
    """Inactive connectors are counted with the first day of removal; other rules' evidence does not count."""
    evidence: tuple[dict[str, JsonValue], ...] = (
        {"removal_expected": "2026-01-09T00:00:00+00:00"},
        {"removal_expected": "2026-01-08T00:00:00+00:00"},
        {},
    )
    verdicts = [
        entry("CON001", about("connector", number, "x"), Outcome.FAIL, evidence=facts)
        for number, facts in enumerate(evidence)
    ]
    verdicts.append(entry("VER003", about("connector", 9, "x"), Outcome.FAIL, evidence=evidence[0]))

    found = outlook(state_of(("a", Outcome.PASS)), document_of(tuple(verdicts)))

    assert (found["purges"], found["next_purge"]) == (2, "2026-01-08T00:00:00+00:00")


def test_registrars_of_the_week() -> None:
    """Who could always register, is gone again, or is known for longer than a week is not counted."""
    state = state_of(*[("a", Outcome.PASS)] * 10)
    people = {
        "always": RememberedRegistrar(name="a"),
        "new": RememberedRegistrar(name="b", appeared=at(4)),
        "gone": RememberedRegistrar(name="c", appeared=at(9), gone=at(10)),
        "old": RememberedRegistrar(name="d", appeared=at(3)),
    }
    memory = state.memory.model_copy(update={"registrars": people})

    assert outlook(state.model_copy(update={"memory": memory}), document_of(()))["registrars_added"] == 1
