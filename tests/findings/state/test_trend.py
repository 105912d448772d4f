"""Scans in numbers: what is counted, what is kept, and how much room that takes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import reduce
from itertools import accumulate
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from findings.build import build_document
from findings.document import TenantInfo
from findings.state.apply_scan import remembered
from findings.state.document import SCANS_KEPT, ScanMeta, State
from findings.state.parts import StoredPoint
from findings.state.trend import DAILY, FORGET_AFTER, NEWEST, SHOWN, point, upto, with_point
from policies.evaluate import evaluate
from policies.rules import RULES
from policies.vocabulary import Outcome, Severity
from tests.examples import examples
from tests.findings.state.lifecycle_data import rest, verdict
from tests.making import (
    NOW,
    TENANT,
    UNSUPPORTED,
    application,
    blind,
    connector,
    evidence,
    group,
    holds,
    snapshot,
    without,
)
from tests.people import grant, role, user

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from findings.result_parts import TrendPoint
    from policies.evidence import Evidence
    from policies.rule import Verdict

PARIS, LAB, SPARE = group("Paris"), group("Lab"), group("Spare")
ZOE, MAX, REGISTRARS = user("Zoe"), user("Max", enabled=False), role()
TENANT_SEEN = snapshot(
    {
        PARIS: holds(connector("A"), connector("B", version=UNSUPPORTED), apps=[application("X"), application("Y")]),
        LAB: holds(connector("C"), connector("D", status="inactive"), apps=[application("Z")]),
        SPARE: holds(),
    },
    roles=[REGISTRARS],
    assignments=[grant(ZOE, REGISTRARS), grant(MAX, REGISTRARS)],
    principals=[ZOE, MAX],
)


def counted(judged: Evidence) -> StoredPoint:
    """Return a scan in numbers, judged by the real rules."""
    return point(judged, evaluate(judged, RULES))


def numbers(own: StoredPoint) -> dict[str, int | None]:
    """Return what a point counts of the fleet."""
    names = ("groups", "connectors", "active", "applications", "registrars")
    shares = ("groups_redundant", "groups_judged", "connectors_current", "connectors_judged")
    return {name: getattr(own, name) for name in (*names, *shares)}


def test_a_tenant_in_numbers() -> None:
    """The fleet's size, who can register, and the shares of what is judged: an empty group is not."""
    own = counted(evidence(TENANT_SEEN))

    assert numbers(own) == {
        "groups": 3,
        "connectors": 4,
        "active": 3,
        "applications": 3,
        "registrars": 1,
        "groups_redundant": 1,
        "groups_judged": 2,
        "connectors_current": 3,
        "connectors_judged": 4,
    }
    assert (own.at, own.complete) == (NOW, True)


def test_verdicts_in_numbers() -> None:
    """Every outcome and every severity has its number; what is waived fails no more."""
    said = [
        verdict(severity=Severity.HIGH),
        verdict(severity=Severity.HIGH, subject="b"),
        verdict(Outcome.WAIVED, subject="c"),
        verdict(Outcome.PASS, subject="d"),
        verdict(Outcome.NOT_ASSESSED, rule="VER001"),
    ]

    own = point(evidence(), said)

    assert own.outcomes == {"pass": 1, "fail": 2, "waived": 1, "not_applicable": 0, "not_assessed": 1}
    assert own.failing == {"critical": 0, "high": 2, "medium": 0, "low": 0, "info": 0}
    assert (own.groups_redundant, own.groups_judged) == (1, 4)


@pytest.mark.parametrize(
    ("section", "lost"),
    [
        ("connectors", {"connectors", "active", "connectors_current", "connectors_judged"}),
        ("connector_groups", {"groups", "applications", "groups_redundant", "groups_judged"}),
        ("role_definitions", {"registrars"}),
        ("role_assignments", {"registrars"}),
        ("connector_groups/id-Lab/applications", {"applications"}),
    ],
)
def test_what_was_not_read_is_null(section: str, lost: set[str]) -> None:
    """A list that was not read takes its numbers with it and no others; none of them turns into nought."""
    own = numbers(counted(evidence(without(TENANT_SEEN, section))))

    assert {name for name, number in own.items() if number is None} == lost


def test_a_blind_scan_counts_nothing() -> None:
    """A scan that read nothing has a point without numbers."""
    own = counted(evidence(blind()))

    assert set(numbers(own).values()) == {None}
    assert not own.complete


def test_a_rule_that_is_off_has_no_share() -> None:
    """Where nobody judges redundancy, nothing is said of the share of groups that have it."""
    own = counted(evidence(TENANT_SEEN, policy={"rules": {"GRP001": {"enabled": False}}}))

    assert (own.groups_redundant, own.groups_judged) == (None, None)


@pytest.mark.parametrize(
    ("said", "share"),
    [
        ([verdict(Outcome.NOT_ASSESSED)], (None, None)),
        ([verdict(Outcome.NOT_ASSESSED), verdict(Outcome.PASS, subject="b")], (1, 1)),
        ([verdict(Outcome.PASS), rest()], (None, None)),
        ([verdict(Outcome.NOT_APPLICABLE)], (0, 0)),
        ([], (None, None)),
    ],
    ids=["none judged", "one judged", "list cut short", "none to judge", "silent"],
)
def test_shares_of_what_was_judged(said: list[Verdict], share: tuple[int | None, int | None]) -> None:
    """A share is told of those that were judged, and not at all where the list of them was cut short."""
    own = point(evidence(), said)

    assert (own.groups_redundant, own.groups_judged) == share


MONDAY = datetime(2026, 1, 5, 6, tzinfo=UTC)


def at(moment: datetime, *, complete: bool = True) -> StoredPoint:
    """Return a point of a large tenant at a moment."""
    return StoredPoint(
        scan=f"{moment:%Y%m%dT%H%M%SZ}-0000000a",
        at=moment,
        complete=complete,
        outcomes=dict.fromkeys(Outcome, 123_456),
        failing=dict.fromkeys(Severity, 12_345),
        groups=1_234,
        connectors=12_345,
        active=12_345,
        applications=123_456,
        registrars=1_234,
        groups_redundant=1_234,
        groups_judged=1_234,
        connectors_current=12_345,
        connectors_judged=12_345,
    )


def kept(points: Iterable[StoredPoint]) -> tuple[StoredPoint, ...]:
    """Return what is left of points that came one after another."""
    none: tuple[StoredPoint, ...] = ()
    return reduce(with_point, points, none)


def moments(points: Sequence[TrendPoint]) -> list[datetime]:
    """Return when points were."""
    return [own.at for own in points]


def test_daily_points_thin_out_to_weekly_ones() -> None:
    """A year of daily scans keeps each of the last 91 days and the Sundays before them."""
    left = moments(kept(at(MONDAY + timedelta(days=day)) for day in range(365)))

    daily = [MONDAY + timedelta(days=day) for day in range(364 - 90, 365)]
    sundays = [MONDAY + timedelta(days=day) for day in range(6, 364 - 90, 7)]
    # The week that is on both sides of the line has its newest day before it as well, a Monday here.
    assert left == [*sundays, MONDAY + timedelta(days=273), *daily]


def test_hourly_points_thin_out_to_daily_ones() -> None:
    """Of scans every hour the newest stay as they are, and of each day before them its last."""
    left = moments(kept(at(MONDAY + timedelta(hours=hour)) for hour in range(24 * 10)))

    end = MONDAY + timedelta(hours=24 * 10 - 1)
    newest = [end - timedelta(hours=hour) for hour in reversed(range(NEWEST))]
    assert left[-NEWEST:] == newest
    assert [moment.hour for moment in left[: -NEWEST - 1]] == [23] * 8
    assert left[-NEWEST - 1] == newest[0] - timedelta(hours=1)


def test_a_complete_scan_stands_for_its_week() -> None:
    """A night that was not read in full does not stand for a week in which another was."""
    days = [at(MONDAY + timedelta(days=day), complete=day != 6) for day in range(200)]

    assert moments(kept(days))[0] == MONDAY + timedelta(days=5)


def test_after_six_years_a_point_is_forgotten() -> None:
    """The oldest points go, so that the document does not grow for ever."""
    old, young = at(MONDAY), at(MONDAY + FORGET_AFTER + timedelta(days=1))
    between = [at(young.at - timedelta(hours=hour)) for hour in range(NEWEST, 0, -1)]

    assert old not in kept([old, *between, young])


@pytest.mark.parametrize("years", [1, 5])
def test_years_of_daily_scans_take_less_than_a_megabyte(years: int) -> None:
    """The rows and the numbers of all scans of a large tenant, as state.json holds them, stay under 1 MB."""
    days = [MONDAY + timedelta(days=day) for day in range(365 * years)]
    scans = tuple(
        ScanMeta(
            id=f"{day:%Y%m%dT%H%M%SZ}-0000000a",
            taken_at=day,
            trigger="schedule",
            complete=True,
            evidence_sha256="5e" * 32,
        )
        for day in days[-SCANS_KEPT:]
    )
    state = State.new(TenantInfo(id=TENANT, name="Contoso"))

    stored = state.model_copy(update={"scans": scans, "trend": kept(map(at, days))}).to_bytes()

    assert len(stored) < 400_000


def test_a_result_shows_its_scan_and_those_before_it() -> None:
    """The trend of a scan ends with the scan itself, whatever came after it, and is bounded."""
    points = [at(MONDAY + timedelta(days=day)) for day in range(SHOWN + 50)]

    assert moments(upto(points, points[-2])) == moments(points[-SHOWN - 1 : -1])
    assert [own.model_dump() for own in upto((), points[0])] == [points[0].model_dump()]


def test_findings_json_holds_the_trend() -> None:
    """The document of each scan holds the points so far, and outside any history its own."""
    state, seen = State.new(TenantInfo(id=TENANT, name="Contoso")), []
    for day in range(3):
        judged = evidence(TENANT_SEEN.model_copy(update={"taken_at": NOW + timedelta(days=day)}), scan_id=f"scan-{day}")
        meta = ScanMeta(
            id=f"scan-{day}", taken_at=judged.snapshot.taken_at, trigger="x", complete=True, evidence_sha256=""
        )
        verdicts = evaluate(judged, RULES)
        state = remembered(state, meta, judged, verdicts)
        seen.append([own.scan for own in build_document(judged, verdicts, state).trend])

    assert seen == [["scan-0"], ["scan-0", "scan-1"], ["scan-0", "scan-1", "scan-2"]]
    assert [own.scan for own in build_document(evidence(), (), None).trend] == [evidence().scan.id]


hours = st.lists(st.integers(1, 400), min_size=1, max_size=150).map(lambda gaps: list(accumulate(gaps)))


@settings(deadline=None, derandomize=True, max_examples=examples(40))
@given(hours, st.data())
def test_thinning(told: list[int], data: st.DataObject) -> None:
    """The newest points always stay, each week of the past keeps one, nothing is made up, and twice is as once."""
    points = [at(MONDAY + timedelta(hours=hour), complete=data.draw(st.booleans())) for hour in told]

    left = kept(points)

    end = points[-1].at
    assert left[-NEWEST:] == tuple(points[-NEWEST:])
    assert set(moments(left)) <= set(moments(points))
    assert moments(left) == sorted(moments(left))
    assert {moment.isocalendar()[:2] for moment in moments(left)} == {
        own.at.isocalendar()[:2] for own in points if end - own.at <= FORGET_AFTER
    }
    assert {moment.date() for moment in moments(left) if end - moment <= DAILY} == {
        own.at.date() for own in points if end - own.at <= DAILY
    }
    assert kept(left) == left
