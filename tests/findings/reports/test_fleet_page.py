"""The fleet page is never green where something is not known, harmless whatever tenants are called, and small."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.text import UNSEEN
from findings.reports.fleet_page import Fleet, TenantLine, render_fleet_csv, render_fleet_html
from findings.reports.fleet_page.lines import ago
from findings.reports.fleet_page.sparkline import HEIGHT, SHOWN, WIDTH, sparkline
from findings.reports.templating import hash_of
from policies.vocabulary import Severity
from tests.examples import examples
from tests.findings.reports.page import Page
from tests.findings.reports.sample import HOSTILE

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
SCAN = "20261120T060000Z-0000000a"


def line(number: int = 1, name: str = "Contoso", **said: Any) -> TenantLine:  # noqa: ANN401 - as TenantLine has them
    """Return a tenant that is well, but for what is said."""
    well: dict[str, Any] = {
        "scan": SCAN,
        "scanned_at": NOW - timedelta(hours=3),
        "complete": True,
        "all_assessed": True,
        "trend": (3, 1),
    }
    tenant_id = f"{number:08x}-7a44-4b7e-9c55-0d1c2b3a4e5f"
    return TenantLine(tenant_id, name, **(well | said))


def fleet(*lines: TenantLine) -> Fleet:
    """Return these tenants, looked at now."""
    return Fleet(lines, NOW)


def rows(*lines: TenantLine) -> list[dict[str, str]]:
    """Return fleet.csv as a reader sees it."""
    return list(csv.DictReader(io.StringIO(render_fleet_csv(fleet(*lines)).decode("utf-8-sig"))))


def test_a_tenant_without_fault_is_well() -> None:
    """Nothing fails, everything was looked at, not long ago."""
    status = fleet().status_of(line())

    assert (status.tone, status.state, status.gaps) == ("good", "nothing failing", ())


@pytest.mark.parametrize(
    ("said", "gap"),
    [
        ({"scan": None, "scanned_at": None}, "No scan of it is stored."),
        ({"scanned_at": NOW - timedelta(hours=51)}, "Its last scan is 2 days old."),
        ({"complete": False}, "Some lists could not be read."),
        ({"not_assessed": 1}, "1 check could not be made."),
        ({"all_assessed": False}, "Some open findings could not be looked at."),
    ],
)
def test_what_is_not_known_is_never_well(said: dict[str, Any], gap: str) -> None:
    """Whatever nobody looked at is said, and takes the green away."""
    status = fleet().status_of(line(**said))

    assert (status.tone, status.gaps) == ("unsure", (gap,))


@given(st.booleans(), st.booleans(), st.integers(0, 3), st.integers(0, 100), st.sampled_from([None, *Severity]))
def test_good_means_that_nothing_could_be_worse(
    complete: bool,  # noqa: FBT001 - generated
    assessed: bool,  # noqa: FBT001 - generated
    missing: int,
    hours: int,
    worst: Severity | None,
) -> None:
    """A tenant is green exactly where its newest scan is recent and whole, and nothing fails."""
    failing = {worst: 1} if worst else {}
    at = NOW - timedelta(hours=hours)
    shown = line(scanned_at=at, complete=complete, all_assessed=assessed, not_assessed=missing, failing=failing)
    is_well = complete and assessed and not missing and hours <= 50 and worst is None

    assert (fleet().status_of(shown).tone == "good") == is_well


def test_the_worst_comes_first_and_doubt_before_small_things() -> None:
    """Severe failures, then what is not known, then small failures, then the rest by name."""
    lines = (
        line(1, "b"),
        line(2, "low", failing={Severity.LOW: 1}),
        line(3, "unsure", failing={Severity.LOW: 1}, complete=False),
        line(4, "A"),
        line(5, "critical", failing={Severity.CRITICAL: 1, Severity.LOW: 3}, complete=False),
        line(6, "never", scan=None, scanned_at=None),
    )

    assert [row["tenant_name"] for row in rows(*lines)] == ["critical", "never", "unsure", "low", "A", "b"]


def test_tiles_count_every_tenant() -> None:
    """The numbers at the top are those of the list, worst first."""
    lines = (line(1), line(2), line(3, failing={Severity.HIGH: 2}), line(4, scan=None, scanned_at=None))

    assert fleet(*lines).counts == (
        ("high", "high", 1),
        ("unsure", "never scanned", 1),
        ("good", "nothing failing", 2),
    )


def test_the_table_is_empty_where_nothing_is_known() -> None:
    """A tenant never scanned has no numbers, not zeros."""
    row = rows(line(scan=None, scanned_at=None))[0]

    assert (row["state"], row["failing_critical"], row["not_assessed"], row["last_scan_age_hours"]) == (
        "never scanned",
        "",
        "",
        "",
    )


def test_the_table_says_what_the_page_says() -> None:
    """State, worst severity, age and doubts."""
    row = rows(line(failing={Severity.HIGH: 2}, not_assessed=4))[0]

    assert (row["state"], row["worst"], row["failing_high"], row["failing_low"]) == ("high", "high", "2", "0")
    assert (row["last_scan_age_hours"], row["not_known"], row["last_scan_at"]) == (
        "3.0",
        "4 checks could not be made.",
        "2026-11-20T06:00:00Z",
    )


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_text(name: str) -> None:
    """A tenant's name adds no element, no attribute and no unseen character."""
    plain, hostile = (Page(render_fleet_html(fleet(line(name=text)))) for text in ("Contoso", name))

    assert plain.anatomy == hostile.anatomy
    assert UNSEEN.search(hostile.text.replace("\n", "")) is None
    assert rows(line(name=name))[0]["tenant_name"][:1] not in tuple("=+-@")


@settings(max_examples=examples(100), deadline=None)
@given(st.text(max_size=60).filter(lambda text: text not in (".", "..")))  # storage refuses these as names
def test_no_id_leaves_its_link(tenant_id: str) -> None:
    """An id with slashes, dots or anything else stays one part of a relative link."""
    page = Page(render_fleet_html(fleet(TenantLine(tenant_id, "x", SCAN, NOW))))
    links = [link for link in page.values("href") if link.endswith("report.html")]

    assert all(re.fullmatch(r"[A-Za-z0-9_.~%-]*/latest/report\.html", link) for link in links)


def test_the_page_loads_nothing_and_runs_only_its_own_script() -> None:
    """Style and script stand inside, and the page's policy names both by their hashes."""
    html = render_fleet_html(fleet(line())).decode()
    style, script = (re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL) for tag in ("style", "script"))
    policy = Page(html.encode()).values("content")[0]

    assert (len(style), len(script)) == (1, 1)
    assert f"style-src {hash_of(style[0])}; script-src {hash_of(script[0])}" in policy
    assert re.search(r"(?:src|href)=\"(?:https?:)?//|@import|url\(| style=| on[a-z]+=", html) is None


def test_the_page_is_whole_without_its_script() -> None:
    """Everything is in the page; only the controls, which need the script, are hidden."""
    html = render_fleet_html(fleet(line(), line(2, "Fabrikam", failing={Severity.HIGH: 7}))).decode()

    assert re.findall(r"<(\w+)[^>]*\bhidden\b", html) == ["div"]
    assert html.count("<tr ") == 3


def test_no_tenants_at_all_is_no_green_page() -> None:
    """An empty list says that nothing is known."""
    html = render_fleet_html(fleet()).decode()

    assert ("No tenant is known here" in html, "tone-unsure" in html) == (True, True)


def test_a_thousand_tenants_stay_small() -> None:
    """The page of 1,000 tenants with long sparklines is below 1.5 MB."""
    failing = {Severity.CRITICAL: 12, Severity.HIGH: 20, Severity.LOW: 100}
    lines = (line(n, f"Tenant {n}", failing=failing, not_assessed=3, trend=(111,) * 40) for n in range(1000))

    assert len(render_fleet_html(fleet(*lines))) < 1_500_000


def test_links_go_where_the_reports_are() -> None:
    """Whoever serves the page says where the reports lie; a name like a placeholder stays a name."""
    html = render_fleet_html(fleet(line(name="{file}")), "reports/{tenant}/{file}", table="t.csv").decode()

    assert (f'href="reports/{line().id}/findings.csv"' in html, 'href="t.csv"' in html) == (True, True)
    assert escape("{file}") in html


@given(st.lists(st.none() | st.integers(0, 10**6), max_size=60))
def test_a_sparkline_stays_in_its_frame(numbers: list[int | None]) -> None:
    """Every known number is one point inside the frame, every other one a gap."""
    drawn = sparkline(numbers)
    known = [number for number in numbers[-SHOWN:] if number is not None]
    points = [tuple(map(int, point.split(","))) for run in (drawn.runs if drawn else ()) for point in run.split(" ")]

    assert len(points) == (len(known) if len(known) > 1 else 0)
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)
    assert drawn is None or (drawn.dot is None) == (numbers[-1] is None)


def test_a_scan_that_could_not_tell_is_a_gap() -> None:
    """The line is interrupted, and the words say where."""
    drawn = sparkline((2, 2, None, 0, 2))

    assert drawn is not None
    assert drawn.runs == ("6,6 51,6", "141,42 186,6")
    assert (drawn.dot, drawn.words) == ((186, 6), "Failing in the last 5 scans: 2, 2, not known, 0, 2")


@pytest.mark.parametrize(
    ("age", "said"),
    [
        (timedelta(seconds=-5), "0 minutes"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(hours=2), "2 hours"),
        (timedelta(hours=47), "47 hours"),
        (timedelta(days=9), "9 days"),
    ],
)
def test_ages_are_told_in_one_unit(age: timedelta, said: str) -> None:
    """Minutes, hours or days, whichever one would say; a clock that runs ahead is no age."""
    assert ago(age) == said
