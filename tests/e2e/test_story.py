"""Sixty days of one tenant, scanned every morning: what is told on which day, worked out by hand, and nothing twice."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from findings.reports.json_file import render_json
from simulator import Simulator
from tests.e2e.running import environment, keys, scan_with
from tests.e2e.story import THROTTLED_NIGHT, days, morning, policy
from tests.e2e.story_cards import CARDS, cards_of

if TYPE_CHECKING:
    from pathlib import Path

    from findings.document import FindingsDocument, GoneEntry, Lifecycle, VerdictEntry

pytestmark = pytest.mark.slow

FINDINGS: dict[int, dict[str, str]] = {
    0: {
        "VER003 hq-01": "new medium",
        "VER003 hq-02": "new medium",
        "VER004 hq-01": "new low",
        "VER004 hq-02": "new low",
        "GRP001 lab": "new high",  # waived, and remembered
    },
    3: {"VER003 hq-01": "resolved fixed", "VER004 hq-01": "resolved fixed"},
    5: {"VER003 hq-02": "resolved fixed", "VER004 hq-02": "resolved fixed"},
    10: {"CON001 hq-02": "new medium", "GRP001 head-office": "new high"},
    20: {  # ten days after it was last active: Microsoft's purge explains it
        "CON001 hq-02": "resolved subject_gone",
        "CON002 hq-02": "new low",
        "GRP001 head-office": "changed evidence.connectors",
    },
    22: {"GRP001 head-office": "resolved fixed", "CON002 hq-02": "changed evidence.replaced_by"},
    30: {"CON003 rogue": "new high", "POL001 lab-has-one": "new info"},  # the waiver ends in fourteen days
    34: {"CON003 rogue": "resolved subject_gone", "CON002 rogue": "new high"},
    # The waiver is over.
    45: {
        "GRP001 lab": "changed outcome",
        "POL001 lab-has-one": "changed evidence.failing evidence.state",
    },  # the waiver is over
    50: {
        "GRP001 head-office": "reopened high policy",
        "GRP001 lab": "changed evidence.needed policy",
        "POL001 lab-has-one": "resolved subject_gone policy",
        "CON002 hq-02": "resolved subject_gone",  # forgotten after thirty days, whatever the policy says
    },
}
INVENTORY: dict[int, list[tuple[str, ...]]] = {
    3: [("updated", "hq-pnc01.clean.example", "1.5.4364.0", "1.5.4522.0")],
    5: [("updated", "hq-pnc02.clean.example", "1.5.4364.0", "1.5.4522.0")],
    20: [("gone", "hq-pnc02.clean.example")],
    22: [("new", "HQ-PNC02.clean.example")],
    30: [("new", "LAPTOP-9")],
    34: [("gone", "LAPTOP-9")],
    40: [("renamed", "HQ", "Head office", "HQ")],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the story is told."""
    return tmp_path_factory.mktemp("story")


async def told(folder: Path) -> dict[int, FindingsDocument]:
    """Scan all days, each morning, with the policy of that day; each scan is asked for twice."""
    documents = {}
    for day, tenant in days(folder):
        path = folder / "policy.yaml"
        path.write_text(policy(day), encoding="utf-8")
        async with Simulator(tenant) as simulator:
            settings = environment(simulator) | {"CONNECTORWATCH_PATIENCE_SECONDS": "0"}
            first = await scan_with(settings, folder / "out", morning(day), path)
            again = await scan_with(settings, folder / "out", morning(day), path)
        assert render_json(again.document) == render_json(first.document)
        documents[day] = first.document
    return documents


def line(life: Lifecycle, severity: str) -> str:
    """Return what a finding's life tells of this scan, in a few words."""
    words: list[str] = [life.change or ""]
    words += [severity] if life.change in ("new", "reopened") else []
    words += [life.resolved_by or ""] if life.change == "resolved" else []
    words += sorted(fact.what for fact in life.moved) if life.change == "changed" else []
    return " ".join((*words, *([life.cause] if life.cause else [])))


def findings_of(document: FindingsDocument, names: dict[str, str]) -> dict[str, str]:
    """Return what a scan tells of findings."""
    entries: list[VerdictEntry | GoneEntry] = [*document.verdicts, *document.gone]
    return {
        f"{entry.rule} {names.get(entry.subject.id, entry.subject.id)}": line(entry.lifecycle, entry.severity)
        for entry in entries
        if entry.lifecycle is not None and entry.lifecycle.change is not None
    }


def inventory_of(document: FindingsDocument) -> list[tuple[str, ...]]:
    """Return what a scan tells of connectors, groups and applications."""
    told = ((change.kind, change.subject.name, change.before, change.after) for change in document.changes)
    return [tuple(part for part in parts if part is not None) for parts in told]


@pytest.fixture(scope="module")
def documents(folder: Path) -> dict[int, FindingsDocument]:
    """Return the results of all days; they are scanned once for all tests."""
    return asyncio.run(told(folder))


def test_sixty_days(folder: Path, documents: dict[int, FindingsDocument]) -> None:
    """On each day exactly what the tables say is told, of findings and of the inventory; most days tell nothing."""
    names = {own: key for _, tenant in days(folder) for own, key in keys(tenant).items()}
    findings = {day: findings_of(document, names) for day, document in documents.items()}
    inventory = {day: inventory_of(document) for day, document in documents.items()}

    assert {day: rows for day, rows in findings.items() if rows} == FINDINGS
    assert {day: rows for day, rows in inventory.items() if rows} == INVENTORY
    assert [day for day, document in documents.items() if not document.scan.complete] == [THROTTLED_NIGHT]


def test_the_cards_of_sixty_days(documents: dict[int, FindingsDocument]) -> None:
    """Exactly the cards that the table says are made, and none on the days on which nothing changed."""
    assert cards_of(documents) == CARDS
