"""Answers in the timeline of a finding and in the report on a period; kept and forgotten with their findings."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from connectorwatch.scanning.answers import change_answers, stored_answers
from connectorwatch.terminal.history import show
from connectorwatch.terminal.period import rendered
from connectorwatch.usecases.answer import answer_in_store
from connectorwatch.usecases.history import answered_state, selected_history, stored_state
from connectorwatch.usecases.period import period_report
from tests.connectorwatch.usecases.answering import LATER, REQUEST, days_later, scan, scanned_store, state_in
from tests.findings.state.answering import CON003
from tests.making import NOW, TENANT

if TYPE_CHECKING:
    from pathlib import Path

    from findings.stores.folder import FolderStore


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    """Return a store in which somebody answered twice; a scan has counted the first answer alone."""
    made = scanned_store(tmp_path)
    answer_in_store(made, state_in(made), replace(REQUEST, reason="it is *ours*?"), (), LATER)
    scan(made, 3, tuple(stored_answers(made, TENANT).answers))
    answer_in_store(made, state_in(made), replace(REQUEST, verdict="wrong", by="bob"), (), days_later(1))
    return made


def printed(store: FolderStore, *, finding: str | None) -> str:
    """Return the timeline on the terminal."""
    file = io.StringIO()
    selected = selected_history(answered_state(store, TENANT), finding)
    show(selected, Console(file=file, width=200), of="finding" if finding else "tenant", as_json=False)
    return file.getvalue()


def test_the_timeline_of_a_finding(store: FolderStore) -> None:
    """Answers stand among a finding's steps at their moments, also one that no scan has counted yet."""
    lines = [line for line in printed(store, finding=CON003).splitlines() if line.startswith("2026")]

    assert [line.partition("  ")[2].partition(";")[0] for line in lines] == [
        "opened: high",
        "answered as expected by ada@contoso.example: it is *ours*?",
        "resolved: answered, as somebody said what it was",
        "answered as wrong by bob: it is the new server",
    ]
    assert "CON003 connector PAR02: answered as wrong by bob" in printed(store, finding=None)


def test_the_timeline_as_json(store: FolderStore) -> None:
    """Each answer is there once, though state and stored answers both hold it."""
    (timeline,) = selected_history(answered_state(store, TENANT), CON003).findings

    assert [(answer.verdict, answer.by) for answer in timeline.answers] == [
        ("expected", "ada@contoso.example"),
        ("wrong", "bob"),
    ]
    assert len(stored_state(store, TENANT).findings[CON003].answers) == 1


def test_a_period(store: FolderStore) -> None:
    """The report on a period lists the answers of that time, with key, verdict, name and reason, in every form."""
    whole = period_report(store, TENANT, NOW, NOW + timedelta(days=5))
    short = period_report(store, TENANT, NOW, LATER)
    told = json.loads(rendered(whole, "json"))["answers"]

    assert [(answer["key"], answer["verdict"], answer["by"]) for answer in told] == [
        (CON003, "expected", "ada@contoso.example"),
        (CON003, "wrong", "bob"),
    ]
    assert [answer.verdict for answer in short.answers] == ["expected"]
    assert b"Answers\n  2026-11-22 18:00 UTC  CON003/id-PAR02 answered as expected by ada@" in rendered(whole, "text")
    assert b"it is `*ours*?`" in rendered(whole, "md")
    assert b"Answers" not in rendered(period_report(store, TENANT, NOW, NOW + timedelta(days=1)), "text")


def test_they_go_with_the_tenant(store: FolderStore) -> None:
    """Removing a tenant removes its answers; retention keeps those of findings that are remembered."""
    kept = change_answers(
        store, TENANT, lambda answers: answers.only(state_in(store).findings, NOW + timedelta(days=999))
    )
    assert len(kept.answers) == 2
    store.forget(TENANT)
    assert stored_answers(store, TENANT).answers == ()
