"""findings.csv holds every verdict and every finding without one, and opens in a spreadsheet."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest

from findings.document import MovedFact, SectionInfo, WaiverInfo
from findings.reports.csv_file import COLUMNS, render_findings_csv
from policies.vocabulary import Outcome
from tests.findings.reports.sample import HOSTILE, about, document, document_of, life, verdict
from tests.findings.reports.sample_snapshot import TENANT


def rows(data: bytes) -> list[dict[str, str]]:
    """Read a CSV file as a spreadsheet would."""
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_byte_order_mark_and_lines() -> None:
    """The file begins with a byte order mark, and its lines end as RFC 4180 has it."""
    data = render_findings_csv(document())

    assert data.startswith(b"\xef\xbb\xbftenant,tenant_name,scan,rule,")
    assert data.count(b"\n") == data.count(b"\r\n")


def test_row_of_a_verdict() -> None:
    """A row says everything about one verdict."""
    one = verdict("VER001", about("connector", 7, "hq"), Outcome.FAIL, message="is old", life=life("new"))

    row = rows(render_findings_csv(document_of((one,))))[0]

    expected = {
        "tenant": TENANT,
        "tenant_name": "Contoso Ltd & <Partners>",
        "scan": "20261120T060000Z-1a2b3c4d",
        "rule": "VER001",
        "title": "Versions are current",
        "outcome": "fail",
        "severity": "medium",
        "subject_type": "connector",
        "subject_id": one.subject.id,
        "subject_name": "hq",
        "message": "is old",
        "state": "open",
        "change": "new",
        "first_seen": "2026-11-20T06:00:00Z",
        "last_seen": "2026-11-20T06:00:00Z",
        "stale": "no",
        "key": one.key,
        "remedy": "Install a current connector.",
        "cause": "",
        "moved": "",
        "resolved_by": "",
        "waiver": "",
        "waiver_until": "",
        "waiver_owner": "",
        "waiver_reason": "",
        "ending": "",
        "because": "",
    }
    assert (COLUMNS, expected) == (tuple(expected), row)


def test_what_never_failed_has_no_life() -> None:
    """A verdict that never failed leaves the columns of its life empty."""
    row = rows(render_findings_csv(document_of((verdict("VER001", about("connector", 7, "hq"), Outcome.PASS),))))[0]

    assert [row[column] for column in ("state", "change", "first_seen", "last_seen", "stale")] == [""] * 5


def test_findings_without_a_verdict() -> None:
    """A finding that no verdict speaks about has a last row: only what is over reads so, the open keeps its remedy."""
    last = rows(render_findings_csv(document()))[-2:]

    assert [(row["outcome"], row["state"], row["stale"], row["title"], row["remedy"]) for row in last] == [
        ("resolved", "resolved", "no", "", ""),
        ("not_looked_at", "open", "yes", "No outsider can register connectors", "Take the role from them."),
    ]


@pytest.mark.parametrize(
    ("outcome", "section", "remedy"),
    [
        (Outcome.FAIL, None, "Install a current connector."),
        (Outcome.WAIVED, None, "Install a current connector."),
        (Outcome.PASS, None, ""),
        (Outcome.NOT_APPLICABLE, "audit", ""),
        (Outcome.NOT_ASSESSED, None, ""),
        (Outcome.NOT_ASSESSED, "audit", "Grant it."),
        (Outcome.NOT_ASSESSED, "principals", ""),
        (Outcome.NOT_ASSESSED, "connectors", ""),
    ],
)
def test_remedy(outcome: Outcome, section: str | None, remedy: str) -> None:
    """Only what is to be mended has a remedy, and what was not assessed for want of a list that list's advice."""
    lists = (
        SectionInfo(name="audit", status="denied", count=None, advice="Grant it."),
        SectionInfo(name="principals", status="failed", count=None),
        SectionInfo(name="connectors", status="read", count=1, advice="Nothing."),
    )
    one = verdict("VER001", about("connector", 7, "hq"), outcome, evidence={"section": section} if section else {})

    assert rows(render_findings_csv(document_of((one,), sections=lists)))[0]["remedy"] == remedy


def test_hostile_names() -> None:
    """Every verdict keeps one row of its own, and no cell of it is a formula."""
    table = rows(render_findings_csv(document(extra_names=HOSTILE)))

    names = [row["subject_name"] for row in table]
    assert len(document(extra_names=HOSTILE).verdicts) + 2 == len(table)
    assert "'=cmd|' /C calc'!A0" in names
    assert r"two\nlines\r\nand | a\ttab" in names
    assert r"admin\u202egnp.exe\u200b" in names


def test_same_bytes() -> None:
    """The same document gives the same bytes."""
    assert render_findings_csv(document()) == render_findings_csv(document())


def test_why_it_moved_and_what_waives_it() -> None:
    """What moved, what made it move and the waiver stand in columns of their own."""
    moved = life("changed").model_copy(
        update={
            "moved": (MovedFact(what="evidence.needed_machines", before=2, after=None),),
            "cause": "policy",
        }
    )
    waiver = WaiverInfo(id="W-1", until=date(2026, 12, 31), reason="=is replaced", owner="Ann")
    endless = waiver.model_copy(update={"until": None})
    one = verdict("VER001", about("connector", 7, "hq"), Outcome.WAIVED, life=moved).model_copy(
        update={"waiver": waiver}
    )
    two = verdict("VER002", about("connector", 7, "hq"), Outcome.WAIVED).model_copy(update={"waiver": endless})

    first, second = rows(render_findings_csv(document_of((one, two))))

    columns = COLUMNS[COLUMNS.index("cause") :]
    assert [first[column] for column in columns] == [
        "policy",
        "needed machines: 2 -> not known",
        "",
        "W-1",
        "2026-12-31",
        "Ann",
        "'=is replaced",
        "",
        "",
    ]
    assert [second[column] for column in columns] == ["", "", "", "W-1", "", "Ann", "'=is replaced", "", ""]
