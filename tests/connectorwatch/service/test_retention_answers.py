"""Retention of answers: they go with their findings."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from connectorwatch.scanning.answers import change_answers, stored_answers
from connectorwatch.service.retention import retain
from findings.state.answers import StoredAnswers
from findings.state.record import FindingState, StoredSubject
from policies.policy_file.answers import Answer
from policies.vocabulary import Outcome, Severity
from tests.connectorwatch.service.making import NOW, A, scanned, service

if TYPE_CHECKING:
    from pathlib import Path

DAY = timedelta(days=1)


def test_answers_go_with_their_findings(tmp_path: Path) -> None:
    """Answers to a finding that retention forgets are removed; those to a remembered one stay, however old."""
    own, _ = service(tmp_path, A)
    old = NOW - 500 * DAY
    state = scanned(own.store, A, old, NOW)
    record = FindingState(
        key="CON003/open",
        rule="CON003",
        subject=StoredSubject(type="connector", id="open", name="open"),
        severity=Severity.HIGH,
        message="new",
        evidence={},
        outcome=Outcome.FAIL,
        state="open",
        first_seen=old,
        last_seen=NOW,
        assessed_at=NOW,
    )
    over = record.model_copy(update={"key": "CON003/over", "state": "resolved", "resolved_at": old})
    stored = own.store.documents.read(f"{A}/state.json")
    changed = state.model_copy(update={"findings": {entry.key: entry for entry in (record, over)}})
    own.store.documents.write(f"{A}/state.json", changed.to_bytes(), stored.etag if stored else None)
    answers = [Answer(key=key, verdict="wrong", reason="r", by="ada", at=old) for key in changed.findings]
    book = StoredAnswers().added(answers[0]).added(answers[1])
    change_answers(own.store, A, lambda _: book)

    assert retain(own)[A].findings == 1
    assert [answer.key for answer in stored_answers(own.store, A).answers] == ["CON003/open"]
