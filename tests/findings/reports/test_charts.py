"""Charts say what was counted, leave a gap where nobody could count, and never draw such a scan as zero."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from findings.reports import charts
from findings.reports.html import render_html
from findings.result_parts import TrendPoint
from policies.vocabulary import Outcome, Severity
from tests.findings.reports.page import Page
from tests.findings.reports.sample import about, document, document_of, verdict
from tests.findings.reports.sample_snapshot import AUTOMATIC, NEWEST, NOW, OLD, blind_snapshot, snapshot

if TYPE_CHECKING:
    from findings.document import FindingsDocument


def point(
    day: int, high: int = 0, current: int | None = None, judged: int | None = None, *, complete: bool = True
) -> TrendPoint:
    """Return one scan of the past, that many days after the first."""
    return TrendPoint(
        scan=f"s{day}",
        at=NOW - timedelta(days=30 - day),
        complete=complete,
        outcomes={},
        failing={Severity.HIGH: high} if high else {},
        connectors_current=current,
        connectors_judged=judged,
    )


def with_trend(*points: TrendPoint) -> FindingsDocument:
    """Return the sample with these scans behind it."""
    return document().model_copy(update={"trend": points})


def inactive(number: int, since: object = None, removal: object = None) -> FindingsDocument:
    """Return a document with one inactive connector and what its evidence says of dates."""
    told = {"status": "inactive", "inactive_since": since, "removal_expected": removal}
    return document_of((verdict("CON001", about("connector", number, "x"), Outcome.FAIL, evidence=told),))  # type: ignore[arg-type]  # the cases are JSON


def test_failing_over_time() -> None:
    """A severity that ever failed is a line over time, scaled to its most, with its oldest and newest figure."""
    (high,) = charts.strips(with_trend(point(0, 4), point(10, 2), point(20, 0)))

    assert (high.label, high.tone, high.most, high.before, high.now) == ("high findings", "high", "4", "4", "0")
    assert [(dot.x, dot.y) for dot in high.runs[0]] == [(3.0, 3.0), (50.0, 50.0), (97.0, 97.0)]


def test_scans_stand_by_their_time() -> None:
    """Scans stand as far apart as their times, whatever order they came in."""
    (high,) = charts.strips(with_trend(point(30, 1), point(0, 1), point(3, 1)))

    assert [dot.x for dot in high.runs[0]] == [3.0, 12.4, 97.0]


def test_unread_is_a_gap() -> None:
    """A scan that could not tell ends one run of a line; the figure is none, and never zero."""
    known, unknown = point(0, 0, 1, 4), point(10)
    (share,) = charts.strips(with_trend(known, unknown, point(20, 0, 2, 4), point(30, 0, 4, 4)))

    assert (share.label, share.most) == ("connectors on the expected version", "100 %")
    assert [len(run) for run in share.runs] == [1, 2]
    assert (share.before, share.now) == ("25 %", "100 %")


def test_newest_scan_could_not_tell() -> None:
    """Where the newest scan could not tell, its figure is not an older one's."""
    (share,) = charts.strips(with_trend(point(0, 0, 1, 4), point(10)))

    assert share.now == "not read"


def test_nothing_judged_is_no_share() -> None:
    """A share of nothing is not known, rather than none or all."""
    assert charts.current_share(point(0, 0, 0, 0)) is None
    assert charts.redundant_share(point(0)) is None


@pytest.mark.parametrize("points", [(), (point(0, 3),)])
def test_one_scan_is_no_trend(points: tuple[TrendPoint, ...]) -> None:
    """One scan draws no line."""
    assert charts.strips(with_trend(*points)) == ()


def test_scans_at_one_moment() -> None:
    """Scans of the same moment stand in the middle, and nothing divides by zero."""
    (high,) = charts.strips(with_trend(point(1, 1), point(1, 2)))

    assert {dot.x for dot in high.runs[0]} == {50.0}


def test_incomplete_scans_are_marked() -> None:
    """A scan that could not read everything is drawn as such."""
    (high,) = charts.strips(with_trend(point(0, 1), point(1, 1, complete=False)))

    assert [dot.whole for dot in high.runs[0]] == [True, False]


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 99), st.none() | st.integers(0, 9)), max_size=40))
def test_every_dot_is_in_the_picture(told: list[tuple[int, int, int | None]]) -> None:
    """Whatever the scans say, every point is drawn inside, and as many as could tell."""
    found = charts.strips(with_trend(*(point(day, high, current, 9) for day, high, current in told)))

    dots = [dot for strip in found for run in strip.runs for dot in run]
    assert all(3 <= dot.x <= 97 and 3 <= dot.y <= 97 for dot in dots)
    for strip in found:
        known = len(told) if strip.tone == "high" else sum(current is not None for _, _, current in told)
        assert sum(map(len, strip.runs)) == known


def test_version_bars() -> None:
    """Versions are bars as long as their share of the most common one, each told as expected, newer, older, unknown."""
    counts = ((NEWEST, 1), (AUTOMATIC, 4), (OLD, 2), ("unknown", 1))

    assert charts.bars(document(), counts) == (
        charts.Bar(NEWEST, 1, 25.0, "newer"),
        charts.Bar(AUTOMATIC, 4, 100.0, "expected"),
        charts.Bar(OLD, 2, 50.0, "older"),
        charts.Bar("unknown", 1, 25.0, "unknown"),
    )
    assert charts.bars(document(), ()) == ()
    assert charts.bars(document(), None) is None


def test_nobody_knows_what_is_expected() -> None:
    """Without an expected version no version is called older."""
    bare = document()
    bare = bare.model_copy(update={"releases": bare.releases.model_copy(update={"newest_auto_upgrade": None})})

    assert [bar.standing for bar in charts.bars(bare, ((OLD, 1),)) or ()] == [""]


@pytest.mark.parametrize(
    ("since", "removal", "share", "left"),
    [
        ("2026-11-15", "2026-11-25", 50.0, "5 days left"),
        ("2026-11-11T04:00:00Z", "2026-11-21", 90.0, "1 day left"),
        ("2026-11-01", "2026-11-11", 100.0, "due"),
        ("2026-11-25", "2026-12-05", 0.0, "15 days left"),
        ("2026-11-15", None, None, ""),
        ("2026-11-15", "2026-11-15", None, ""),
        ("yesterday", "2026-11-25", None, ""),
        (None, None, None, ""),
        (3, ["2026-11-25"], None, ""),
    ],
)
def test_age(since: object, removal: object, share: float | None, left: str) -> None:
    """An inactive connector's age is the share of its time until removal; without good dates nobody knows."""
    (age,) = charts.ages(inactive(0, since, removal))

    assert (age.share, age.left) == (share, left)


def test_ages_in_order() -> None:
    """The connector that vanishes first stands first, and those of unknown age stand last; others have no age."""
    told = (("late", "2026-11-29"), ("unknown", None), ("soon", "2026-11-22"))
    verdicts = tuple(
        verdict(
            "CON001",
            about("connector", number, name),
            Outcome.FAIL if name == "soon" else Outcome.WAIVED,
            evidence={"inactive_since": "2026-11-12", "removal_expected": removal},
        )
        for number, (name, removal) in enumerate(told)
    )
    other = verdict("CON001", about("connector", 9, "well"), Outcome.PASS)

    found = charts.ages(document_of((*verdicts, other)))

    assert [(age.subject.name, age.removal) for age in found] == [
        ("soon", date(2026, 11, 22)),
        ("late", date(2026, 11, 29)),
        ("unknown", None),
    ]


def test_page_draws_the_trend() -> None:
    """The page draws lines with a gap and a hollow point, and tells the same figures as a table."""
    page = Page(
        render_html(
            with_trend(point(0, 2, 1, 2), point(5, 2, 1, 2), point(10, complete=False), point(20, 3, 2, 2)), snapshot()
        )
    )
    text = re.sub(r"\s+", " ", page.text)

    assert "4 scans from 2026-10-21 06:00 UTC to 2026-11-10 06:00 UTC." in text
    assert "high findings3 3 from 2" in text
    assert page.values("class").count("dot part") == 1
    assert "2026-10-31 06:00 UTC incomplete 0 0 0 0 0 not read not read" in text
    assert "2026-11-10 06:00 UTC 0 3 0 0 0 100 % not read" in text


def test_page_without_trend() -> None:
    """A page of a first or lonely scan says that a trend needs two."""
    assert "A trend needs two scans" in Page(render_html(document(), snapshot())).text


def test_page_draws_ages() -> None:
    """The page draws the age of each inactive connector, and names those whose age nobody knows."""
    known, unknown = inactive(0, "2026-11-15", "2026-11-25"), inactive(1)
    text = re.sub(r"\s+", " ", Page(render_html(document_of((*known.verdicts, *unknown.verdicts)), snapshot())).text)

    assert "since 2026-11-15, removal 2026-11-25 5 days left" in text
    assert "Since when is not known of x." in text


def test_page_counts_very_many_inactive_connectors() -> None:
    """Of very many inactive connectors fifty are drawn or thirty named, and the rest is counted."""
    many = tuple(inactive(n).verdicts[0] for n in range(33))
    dated = tuple(inactive(n, "2026-11-15", "2026-11-25").verdicts[0] for n in range(52))
    text = re.sub(r"\s+", " ", Page(render_html(document_of((*many, *dated)), snapshot())).text)

    assert "And 2 more, all under CON001." in text
    assert "x, x and 3 more." in text


def test_versions_of_a_blind_scan() -> None:
    """Where connectors were not read there is no distribution, and the page says so."""
    text = re.sub(r"\s+", " ", Page(render_html(document_of(()), blind_snapshot())).text)

    assert "Versions not read: Graph refused" in text
