"""The rows that a state and its newest result make."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from findings.document import ChangeCounts, Summary
from findings.result_parts import TrendPoint
from findings.state.document import State
from findings.state.lifecycle import apply
from findings.state.outbox import with_entry
from findings.views.tables import COLUMNS
from findings.views.tenant_rows import CUT, LONGEST, SPARK, held, rows_of, sparkline
from policies.vocabulary import Outcome, Severity
from tests.findings.reports.sample import HOSTILE, document
from tests.findings.state.lifecycle_data import RULES, TENANT, at, scan, verdict

if TYPE_CHECKING:
    from findings.document import FindingsDocument
    from findings.views.tables import Row, Table
    from policies.rule import Verdict

SUMMARY = Summary(
    outcomes={Outcome.PASS: 4, Outcome.FAIL: 3, Outcome.NOT_ASSESSED: 1},
    failing={Severity.HIGH: 1, Severity.LOW: 2},
    changes=ChangeCounts(new=1, reopened=2, resolved=4),
)


def newest(day: int, trend: tuple[TrendPoint, ...] = ()) -> FindingsDocument:
    """Return the result of a day's scan."""
    whole = document()
    own = whole.scan.model_copy(update={"id": scan(day).id, "complete": True})
    return whole.model_copy(update={"scan": own, "summary": SUMMARY, "trend": trend})


def after(*days: Verdict) -> State:
    """Return the state after some days with one verdict each."""
    state = State.new(TENANT)
    for number, said in enumerate(days, start=1):
        state = with_entry(apply(state, scan(number), (said,), RULES), (said,))
    return state


def point(day: int, high: int) -> TrendPoint:
    """Return a day in numbers."""
    counts = {Outcome.FAIL: high, Outcome.NOT_ASSESSED: 5}
    return TrendPoint(scan=scan(day).id, at=at(day), complete=True, outcomes=counts, failing={Severity.HIGH: high})


def in_table(rows: tuple[Row, ...], table: Table) -> list[Row]:
    """Return the rows of one table in the order of their places."""
    return sorted((row for row in rows if row.table == table), key=lambda row: row.place)


def test_a_finding_is_a_row() -> None:
    """A finding's row tells its life in words and moments; what is not known is left out."""
    (row,) = in_table(rows_of(after(verdict()), newest(1)), "ConnectorFindings")

    assert row.partition == "tenant-1"
    assert row.values["finding"] == "GRP001/a"
    assert row.values["first_seen"] == "2026-01-01T06:00:00Z"
    assert (row.values["severity"], row.values["state"], row.values["change"]) == ("high", "open", "new")
    assert row.values["title"]
    assert "resolved_at" not in row.values


def test_a_finding_keeps_its_row() -> None:
    """Whatever happens to a finding, its key stays, so that its row is changed and never doubled."""
    before = in_table(rows_of(after(verdict()), newest(1)), "ConnectorFindings")
    later = in_table(rows_of(after(verdict(), verdict(Outcome.PASS)), newest(2)), "ConnectorFindings")

    assert [row.key for row in before] == [row.key for row in later]
    assert later[0].values["resolved_by"] == "fixed"


def test_scans_come_newest_first() -> None:
    """The order of keys is the order of time, backwards, and older scans show the counts that the trend has."""
    state = after(*[verdict()] * 3)
    rows = in_table(rows_of(state, newest(3, (point(1, 9), point(3, 1)))), "ConnectorScans")

    assert [row.values["scan"] for row in rows] == [scan(day).id for day in (3, 2, 1)]
    assert [row.values.get("failing") for row in rows] == [3, None, 9]
    assert [row.values.get("not_assessed") for row in rows] == [1, None, 5]


def test_a_summary_tells_what_a_fleet_needs() -> None:
    """One row tells whose, how bad, how complete, how many, since when, by which policy and of which revision."""
    state = after(verdict(), verdict(severity=Severity.LOW))
    (row,) = in_table(rows_of(state, newest(2, (point(1, 9),))), "ConnectorTenants")

    told = {"tenant": "tenant-1", "revision": 2, "scan": scan(2).id, "scanned_at": "2026-01-02T06:00:00Z"}
    counted = {
        "failing": 3,
        "high": 1,
        "low": 2,
        "critical": 0,
        "passed": 4,
        "not_assessed": 1,
        "new": 3,
        "resolved": 4,
    }
    judged = {"worst": "high", "complete": True, "all_assessed": False, "sparkline": "9,3", "undelivered": True}
    assert {**row.values, **told, **counted, **judged, "open_findings": 1} == row.values
    assert row.values["name"] == newest(2).tenant.name
    assert row.values["policy_sha256"] == newest(2).policy.sha256


def test_nothing_failing_has_no_worst() -> None:
    """Where nothing fails there is no worst severity, and where all was assessed the row says so."""
    fine = newest(1).model_copy(
        update={"summary": Summary(outcomes={Outcome.PASS: 1}, failing={}, changes=ChangeCounts())}
    )
    (row,) = in_table(rows_of(after(verdict(Outcome.PASS)), fine), "ConnectorTenants")

    assert "worst" not in row.values
    assert (row.values["all_assessed"], row.values["undelivered"], row.values["failing"]) == (True, False, 0)


def test_a_sparkline_is_bounded() -> None:
    """It shows the last thirty scans, the newest last, whether or not the trend has the newest already."""
    days = tuple(point(day, day) for day in range(1, 41))

    assert sparkline(newest(40, days)) == ",".join([*(str(day) for day in range(11, 40)), "3"])
    assert len(sparkline(newest(41, days)).split(",")) == SPARK


def test_rows_have_no_other_columns() -> None:
    """Every value stands in a column of its table and is of its kind."""
    for row in rows_of(after(verdict(), verdict(Outcome.PASS)), newest(2, (point(1, 9),))):
        for column, value in row.values.items():
            assert type(value) is COLUMNS[row.table][column]


@pytest.mark.parametrize("name", [*HOSTILE, "half \ud800 a pair", "😀" * 20_000, "x" * 70_000])
def test_hostile_names_are_only_text(name: str) -> None:
    """A name of any kind fits in its row and can be written in UTF-8."""
    subject = verdict().subject.model_copy(update={"name": name})
    (row,) = in_table(rows_of(after(verdict(subject=subject)), newest(1)), "ConnectorFindings")

    assert len(str(row.values["subject_name"]).encode("utf-16-le")) <= LONGEST * 2


@pytest.mark.parametrize(
    ("text", "units"), [("x" * LONGEST, LONGEST), ("x" * (LONGEST + 1), LONGEST), ("😀" * LONGEST, LONGEST)]
)
def test_text_that_just_fits_is_left_alone(text: str, units: int) -> None:
    """The limit counts UTF-16 units and is inclusive."""
    assert len(held(text).encode("utf-16-le")) // 2 == units
    assert held(text).endswith(CUT) is (len(text.encode("utf-16-le")) // 2 > LONGEST)


@given(st.text(max_size=40).map(lambda part: part * 900))
def test_long_text_is_cut_with_a_mark(text: str) -> None:
    """Text stays as it is if it fits, and otherwise keeps its beginning and ends with the mark."""
    kept = held(text)

    assert len(kept.encode("utf-16-le")) <= LONGEST * 2
    if kept != text:
        assert kept.endswith(CUT)
        assert text.startswith(kept.removesuffix(CUT))
        assert len(kept.encode("utf-16-le")) >= (LONGEST - 1) * 2


def test_scans_of_one_moment_have_rows_of_their_own() -> None:
    """Two scans that looked at the same moment are told apart by their ids."""
    first, second = scan(1), scan(1, "0000000b")
    state = State.new(TENANT).model_copy(update={"scans": (first, second)})
    document_of = newest(1).model_copy(update={"scan": newest(1).scan.model_copy(update={"id": second.id})})

    assert len({row.place for row in in_table(rows_of(state, document_of), "ConnectorScans")}) == 2
    assert second.taken_at - first.taken_at == timedelta()
