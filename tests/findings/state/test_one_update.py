"""What one update fixes is one entry for people, and one finding a rule for machines."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from common.exit_codes import ExitCode
from connectorwatch.scanning.scan import scan_exit_code
from connectorwatch.terminal.scan import summary_table
from findings.reports import listing, view
from findings.reports.csv_file import render_findings_csv
from findings.reports.html import render_html
from findings.reports.json_file import parse_json, render_json
from findings.reports.markdown import render_markdown
from findings.state.one_update import as_one
from policies.vocabulary import Outcome, Severity
from tests.findings.reports.sample import about, document_of, life, verdict
from tests.findings.reports.sample_snapshot import snapshot

if TYPE_CHECKING:
    from findings.document import Change, VerdictEntry

HQ, LAB = about("connector", 7, "hq-01"), about("connector", 8, "lab-01")
OLD = verdict("VER001", HQ, Outcome.FAIL, severity=Severity.HIGH, message="version 1.5.1.0 is unsupported", life=life())
BEHIND = verdict("VER003", HQ, Outcome.FAIL, severity=Severity.MEDIUM, message="version 1.5.1.0 is older", life=life())
UNFIXED = verdict("VER004", HQ, Outcome.FAIL, severity=Severity.LOW, message="version 1.5.1.0 lacks fixes", life=life())
ALL = (BEHIND, UNFIXED, OLD)
ONE = "version 1.5.1.0 is unsupported; the same update also fixes VER003 and VER004"


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ((), []),
        ((OLD,), ["version 1.5.1.0 is unsupported"]),
        (ALL, [ONE]),
        ((UNFIXED, BEHIND), ["version 1.5.1.0 is older; the same update also fixes VER004"]),
        ((OLD, verdict("VER003", LAB, Outcome.FAIL, message="b")), ["version 1.5.1.0 is unsupported", "b"]),
        ((OLD, verdict("VER002", HQ, Outcome.FAIL, message="b")), ["version 1.5.1.0 is unsupported", "b"]),
        ((OLD, verdict("VER003", HQ, Outcome.WAIVED, message="b")), ["version 1.5.1.0 is unsupported", "b"]),
        ((OLD, verdict("VER003", HQ, Outcome.PASS, message="b")), ["version 1.5.1.0 is unsupported", "b"]),
    ],
)
def test_as_one(verdicts: tuple[VerdictEntry, ...], expected: list[str]) -> None:
    """Only failures of these rules about one connector become one entry: the worst, which names the others."""
    assert [entry.message for entry in as_one(verdicts)] == expected


def test_reports_show_one_entry() -> None:
    """The page, Markdown and the terminal list one entry; the page holds what it stands for, with the keys."""
    document, file = document_of(ALL), io.StringIO()
    summary_table(document, snapshot(), Console(file=file, width=200), None)
    texts = (
        render_html(document, snapshot()).decode(),
        render_markdown(document, snapshot()).decode(),
        file.getvalue(),
    )

    assert [ONE in text for text in texts] == [True, True, True]
    assert "version 1.5.1.0 is older" not in texts[1] + texts[2]
    assert texts[0].count('<details class="item ') == 1
    assert all(key in texts[0] for key in (BEHIND.key, UNFIXED.key))


def test_machines_and_counts_keep_one_a_rule() -> None:
    """findings.json and findings.csv, the counts and the exit code are those of three findings."""
    document = document_of(ALL)

    assert parse_json(render_json(document)).verdicts == ALL
    assert render_findings_csv(document).count(b"VER00") >= len(ALL)
    assert "3 findings fail: 1 high, 1 medium, 1 low." in view.headline(document).sentences
    assert listing.choices(listing.blocks(document)).total == len(ALL)
    assert dict(listing.choices(listing.blocks(document)).rules) == {"VER001": 1, "VER003": 1, "VER004": 1}
    assert scan_exit_code(document, Severity.HIGH) is ExitCode.FAILING


@pytest.mark.parametrize(("change", "state"), [("new", "open"), ("reopened", "open"), ("changed", "open")])
def test_what_moved_together(change: Change, state: str) -> None:
    """Findings of one update that moved alike are one line, and what moved otherwise stays one of its own."""
    moved = [one.model_copy(update={"lifecycle": life(change, state=state)}) for one in (OLD, BEHIND)]
    document = document_of(
        (*moved, UNFIXED.model_copy(update={"lifecycle": life("changed" if change == "new" else "new")}))
    )

    assert len(view.moved(document)) == 3
    assert sorted(len(entry.message) for entry in view.moved_as_one(document)) == sorted(
        (len(UNFIXED.message), len("version 1.5.1.0 is unsupported; the same update also fixes VER003"))
    )


def test_what_ended_together() -> None:
    """One update that ends several findings is one line, which says so."""
    over = tuple(
        one.model_copy(update={"outcome": Outcome.PASS, "lifecycle": life("resolved", state="resolved", by="fixed")})
        for one in ALL
    )

    (entry,) = view.moved_as_one(document_of(over))
    assert (entry.rule, entry.because) == (
        "VER001",
        "fixed, as the check passes on facts that changed; VER003 and VER004 ended with it",
    )
