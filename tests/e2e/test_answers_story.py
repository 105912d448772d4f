"""Sixty days with events and answers: findings, endings, cards and exit codes as tables worked out by hand say."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from connectorwatch.scanning.scan import scan_exit_code
from findings.reports.json_file import render_json
from findings.stores.folder import FolderStore
from policies.vocabulary import Severity
from simulator import Simulator
from tests.e2e.answers_story import DAYS, answer, days, morning, plan
from tests.e2e.running import environment, keys, scan_with
from tests.e2e.story_cards import cards_of

if TYPE_CHECKING:
    from pathlib import Path

    from findings.document import FindingsDocument, GoneEntry, VerdictEntry

pytestmark = pytest.mark.slow

FINDINGS: dict[int, dict[str, str]] = {
    5: {"CON003 rogue": "new high"},
    8: {"CON005 GHOST-1": "new high"},
    10: {"REG011 nora": "new high"},
    12: {"REG003 gast": "new high", "REG011 gast": "new medium"},
    15: {"REG003 gast": "resolved left_scope", "REG011 gast": "resolved left_scope"},
    46: {"CON005 GHOST-1": "resolved answered", "REG011 nora": "resolved answered"},
    47: {"CON001 rogue": "new medium"},
    49: {"CON001 rogue": "resolved left_scope", "CON002 rogue": "new high", "CON003 rogue": "resolved left_scope"},
    50: {"CON002 rogue": "resolved left_scope"},  # told for one day, as the policy says
    52: {"CON003 branch": "new high"},
    53: {"CON003 branch": "resolved answered"},
    54: {"REG011 nora": "reopened high"},  # another path is another event
    55: {"CON001 branch": "new medium", "REG011 nora": "resolved answered"},
    57: {"CON001 branch": "resolved fixed", "CON003 branch": "reopened high"},  # it acts anew after it was handled
    58: {"CON003 branch": "resolved answered"},
}
"""What moves on which day: the planned connector of day 56 and the ageing audit log of day 38 move nothing."""

CARDS: dict[int, list[str]] = {
    5: ["Changes", "HIGH LAPTOP-9 CON003 New"],
    8: ["Changes", "HIGH GHOST-1 CON005 New"],
    10: ["Changes", "HIGH Nora Lind REG011 New"],
    12: ["Changes", "HIGH Gast REG003 New", "MEDIUM Gast REG011 New"],
    15: ["Changes", "HIGH Gast REG003 Resolved", "MEDIUM Gast REG011 Resolved"],
    46: ["Changes", "HIGH GHOST-1 CON005 Resolved", "HIGH Nora Lind REG011 Resolved"],
    47: ["Changes", "MEDIUM LAPTOP-9 CON001 New"],
    49: [
        "Changes",
        "HIGH LAPTOP-9 CON002 New",
        "HIGH LAPTOP-9 CON003 Resolved",
        "MEDIUM LAPTOP-9 CON001 Resolved",
    ],
    50: ["Changes", "HIGH LAPTOP-9 CON002 Resolved"],
    52: ["Changes", "HIGH BRANCH-1 CON003 New"],
    53: ["Changes", "HIGH BRANCH-1 CON003 Resolved"],
    54: ["Changes", "HIGH Nora Lind REG011 Came back"],
    55: ["Changes", "MEDIUM BRANCH-1 CON001 New", "HIGH Nora Lind REG011 Resolved"],
    57: ["Changes", "HIGH BRANCH-1 CON003 Came back", "MEDIUM BRANCH-1 CON001 Resolved"],
    58: ["Changes", "HIGH BRANCH-1 CON003 Resolved"],
}
FAILING = {*range(5, 50), 52, *range(54, 58)}
"""The days on which `--fail-on low` fails: an answered event does not fail, a wrong one does until it is gone."""


async def told(folder: Path) -> dict[int, FindingsDocument]:
    """Scan all days and give the answers before; each scan is asked for twice, each answer given twice."""
    documents, path, store = {}, folder / "policy.yaml", FolderStore(folder / "out")
    for day, tenant in days(folder):
        plan(path, day)
        answer(store, path, day, keys(tenant))
        async with Simulator(tenant) as simulator:
            first = await scan_with(environment(simulator), folder / "out", morning(day), path)
            again = await scan_with(environment(simulator), folder / "out", morning(day), path)
        assert render_json(again.document) == render_json(first.document)
        documents[day] = first.document
    return documents


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the story is told."""
    return tmp_path_factory.mktemp("answers")


@pytest.fixture(scope="module")
def documents(folder: Path) -> dict[int, FindingsDocument]:
    """Return the results of all days; they are scanned once for all tests."""
    return asyncio.run(told(folder))


def moves_of(document: FindingsDocument, names: dict[str, str]) -> dict[str, str]:
    """Return what a scan tells of findings: the change with the severity, or with why it ended."""
    entries: list[VerdictEntry | GoneEntry] = [*document.verdicts, *document.gone]
    return {
        f"{entry.rule} {names.get(entry.subject.id, entry.subject.name)}": " ".join(
            (life.change, (life.ending or "") if life.change == "resolved" else entry.severity.value)
        )
        for entry in entries
        if (life := entry.lifecycle) is not None and life.change is not None
    }


def test_findings_and_endings(folder: Path, documents: dict[int, FindingsDocument]) -> None:
    """On each day exactly what the table says moves and ends; in the holidays nothing does."""
    names = {own: key for _, tenant in days(folder) for own, key in keys(tenant).items()}
    found = {day: moves_of(document, names) for day, document in documents.items()}

    assert {day: moves for day, moves in found.items() if moves} == FINDINGS
    assert sorted(documents) == DAYS
    assert all(document.scan.complete for document in documents.values())


def test_cards(documents: dict[int, FindingsDocument]) -> None:
    """Exactly the cards of the table are made; the first day, on which nothing fails, has none."""
    assert cards_of(documents) == CARDS


def test_exit_codes(documents: dict[int, FindingsDocument]) -> None:
    """A scan ends with 3 on the days on which an event is open or confirmed as wrong, else with 0."""
    codes = {day: int(scan_exit_code(document, Severity.LOW)) for day, document in documents.items()}

    assert codes == {day: 3 if day in FAILING else 0 for day in DAYS}


def test_what_is_said_of_answers(documents: dict[int, FindingsDocument]) -> None:
    """Each answered finding shows its newest answer from that day on; what acted anew says so."""
    entries: dict[int, list[VerdictEntry | GoneEntry]] = {
        day: [*documents[day].verdicts, *documents[day].gone] for day in (45, 46, 49, 57, 59)
    }
    shown = {
        day: sorted(
            f"{entry.rule} {entry.subject.name}: {entry.answer.verdict}" for entry in of_day if entry.answer is not None
        )
        for day, of_day in entries.items()
    }
    (back,) = (entry for entry in documents[57].verdicts if entry.rule == "CON003" and entry.outcome == "fail")

    assert shown == {
        45: [],
        46: ["CON003 LAPTOP-9: wrong", "CON005 GHOST-1: handled", "REG011 Nora Lind: expected"],
        49: ["CON003 LAPTOP-9: wrong", "CON005 GHOST-1: handled", "REG011 Nora Lind: expected"],
        57: ["CON003 BRANCH-1: handled", "CON005 GHOST-1: handled", "REG011 Nora Lind: expected"],
        59: ["CON003 BRANCH-1: expected", "CON005 GHOST-1: handled", "REG011 Nora Lind: expected"],
    }
    assert back.message.endswith("; active again since 18 November 2026, after it was handled")
