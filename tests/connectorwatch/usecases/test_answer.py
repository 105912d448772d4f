"""Answering a finding: checked against what is remembered, kept once, and never lost beside another answer."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from common.errors import ConnectorwatchError, PolicyError, SettingsError
from connectorwatch.scanning.answers import answers_name, stored_answers
from connectorwatch.usecases.answer import (
    NotAnswerableError,
    UnknownFindingError,
    answer_in_policy,
    answer_in_store,
    answer_text,
    checked_answer,
)
from findings.state.answers import LARGEST, MOST_TO_ONE, StoredAnswers
from findings.state.record import StoredAnswer
from findings.stores.folder import FolderStore
from policies.policy_file.answers import Answer
from policies.policy_file.read import read_policy_file
from policies.rules import RULE_IDS
from tests.connectorwatch.usecases.answering import (
    LATER,
    REQUEST,
    days_later,
    scan,
    scanned_store,
    state_in,
)
from tests.findings.state.answering import CON003, CON005
from tests.making import TENANT
from tests.write_protection import may_only_read, public_folder

if TYPE_CHECKING:
    from pathlib import Path

EVIL = "ada\u202e\x1b[31m"


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    """Return a store with three scans."""
    return scanned_store(tmp_path / "out")


def test_the_first_answer(store: FolderStore) -> None:
    """An answer is kept with its tenant and its moment, under the key as the finding has it."""
    request = replace(REQUEST, key=f" {CON003.upper()} ", reason="  it is the new server ")
    given = answer_in_store(store, state_in(store), request, (), LATER)
    (kept,) = stored_answers(store, TENANT).answers

    assert kept.model_dump() == {
        "key": CON003,
        "verdict": "expected",
        "reason": "it is the new server",
        "by": "ada@contoso.example",
        "at": LATER,
        "tenant": TENANT,
    }
    assert answer_text(given, "the store") == (
        "CON003/id-PAR02, connector PAR02: expected, by ada@contoso.example.\n"
        "It ends the finding. It counts from the next scan on, and is kept in the store."
    )


@pytest.mark.parametrize(
    ("change", "kind", "said"),
    [
        ({"key": "CON003/id-PAR20"}, UnknownFindingError, r"no finding 'CON003/id-PAR20' in tenant .* Did you mean"),
        ({"key": "nonsense" * 1000}, UnknownFindingError, r"findings.csv has the keys"),
        ({"key": ""}, UnknownFindingError, "There is no finding ''"),
        ({"key": "GRP001/id-Paris"}, NotAnswerableError, r"not about something that happened .* waive"),
        ({"by": " "}, SettingsError, "The name of who answers must be some text"),
        ({"by": "ada\nbob"}, SettingsError, "on one line"),
        ({"by": EVIL}, SettingsError, "without control characters"),
        ({"by": "a" * 201}, SettingsError, "has 201 characters: shorten it to 200"),
        ({"reason": ""}, SettingsError, "The reason must be some text"),
        ({"reason": "a" * 1001}, SettingsError, "has 1,001 characters"),
        ({"at": days_later(0.1)}, SettingsError, r"2026-11-22T20:24:00Z is in the future \(it is 2026-11-22 18:00"),
        ({"at": days_later(-2)}, SettingsError, "before the finding was first seen, at 2026-11-21T06:00:00Z"),
    ],
)
def test_what_is_refused(
    store: FolderStore, tmp_path: Path, change: dict[str, Any], kind: type[Exception], said: str
) -> None:
    """What cannot be an answer is refused in a sentence, and neither the store nor a policy file is written."""
    path = tmp_path / "policy.yaml"
    path.write_text("version: 1\n", encoding="utf-8")
    request, state = replace(REQUEST, **change), state_in(store)
    with pytest.raises(kind, match=said) as caught:
        answer_in_store(store, state, request, (), LATER)
    with pytest.raises(kind, match=said):
        answer_in_policy(path, state, request, (), LATER)
    assert "\x1b" not in str(caught.value)
    assert store.documents.read(answers_name(TENANT)) is None
    assert path.read_text(encoding="utf-8") == "version: 1\n"


def test_the_same_answer_twice(store: FolderStore) -> None:
    """The same answer again adds nothing and names the earlier one, until the finding has opened again."""
    answer_in_store(store, state_in(store), REQUEST, (), LATER)
    again = answer_in_store(store, state_in(store), REQUEST, (), days_later(1))

    assert (again.repeated, again.answer.at) == (True, LATER)
    assert "The same was answered at 2026-11-22 18:00 UTC; nothing was added." in answer_text(again, "the store")
    assert len(stored_answers(store, TENANT).answers) == 1


def test_an_answer_that_contradicts_another(store: FolderStore) -> None:
    """The newest answer counts, both are kept, and whoever gives it reads whose answer it replaces."""
    answer_in_store(store, state_in(store), REQUEST, (), LATER)
    wrong = replace(REQUEST, verdict="wrong", by="bob")
    given = answer_in_store(store, state_in(store), wrong, (), days_later(0.1))

    assert answer_text(given, "the store").endswith(
        "It replaces the answer expected by ada@contoso.example of 2026-11-22 18:00 UTC: the newest answer counts."
    )
    assert [answer.verdict for answer in stored_answers(store, TENANT).answers] == ["expected", "wrong"]
    same = answer_in_store(store, state_in(store), replace(wrong, by="eve"), (), days_later(0.2))
    assert "It confirms the answer wrong by bob" in answer_text(same, "the store")
    older = replace(REQUEST, at=days_later(0.05))
    with pytest.raises(SettingsError, match=r"is before the answer of .* by eve, which would still count"):
        answer_in_store(store, state_in(store), older, (), days_later(0.3))


def test_a_finding_that_is_answered(store: FolderStore) -> None:
    """A finding that an answer ended takes another answer; one that ended otherwise takes none."""
    answer_in_store(store, state_in(store), REQUEST, (), LATER)
    document = scan(store, 3, tuple(stored_answers(store, TENANT).answers))
    (entry,) = (verdict for verdict in document.verdicts if verdict.key == CON003)

    assert (entry.outcome, entry.lifecycle.ending if entry.lifecycle else None) == ("not_applicable", "answered")
    state = state_in(store)
    assert checked_answer(state, replace(REQUEST, verdict="wrong"), (), days_later(2)).answer.verdict == "wrong"
    over = state.findings[CON005].model_copy(
        update={"state": "resolved", "ending": "left_scope", "resolved_by": "subject_gone", "resolved_at": LATER}
    )
    left = state.model_copy(update={"findings": state.findings | {CON005: over}})
    with pytest.raises(NotAnswerableError, match=r"is over since 2026-11-22 18:00 UTC \(left the scope"):
        checked_answer(left, replace(REQUEST, key=CON005), (), days_later(2))


def test_too_many_answers(store: FolderStore) -> None:
    """A finding takes so many answers of one person and no more; those that are there stay."""
    for number in range(MOST_TO_ONE):
        answer_in_store(store, state_in(store), replace(REQUEST, reason=f"reason {number}"), (), days_later(number))
    with pytest.raises(NotAnswerableError, match="has 20 answers by ADA@contoso"):
        answer_in_store(store, state_in(store), replace(REQUEST, by="ADA@contoso.example"), (), days_later(MOST_TO_ONE))
    assert len(stored_answers(store, TENANT).answers) == MOST_TO_ONE


def test_nobody_has_the_last_word(store: FolderStore) -> None:
    """However often somebody clears a finding, another person can still say that it is wrong."""
    for number in range(MOST_TO_ONE):
        answer_in_store(store, state_in(store), replace(REQUEST, reason=f"reason {number}"), (), LATER)
    objection = replace(REQUEST, verdict="wrong", by="bruno@contoso.example")

    assert not answer_in_store(store, state_in(store), objection, (), days_later(1)).repeated
    assert stored_answers(store, TENANT).answers[-1].verdict == "wrong"


def test_no_more_answers_than_can_be_read_again(store: FolderStore) -> None:
    """An answer that would make the document larger than what is read is refused, and the next scan reads it."""
    filling = StoredAnswer(key=CON005, verdict="expected", reason="x" * 1000, by="eve", at=LATER, tenant=TENANT)
    one, two = (len(StoredAnswers(answers=(filling,) * number).to_bytes()) for number in (1, 2))
    full = StoredAnswers(answers=(filling,) * ((LARGEST - one) // (two - one) + 1)).to_bytes()
    store.documents.write(answers_name(TENANT), full, None)

    with pytest.raises(NotAnswerableError, match="have 16 MiB"):
        answer_in_store(store, state_in(store), replace(REQUEST, reason="\U0001f600" * 1000), (), days_later(1))
    assert store.documents.read(answers_name(TENANT)).content == full  # type: ignore[union-attr]  # written above
    assert stored_answers(store, TENANT).answers


def test_several_people_at_once(store: FolderStore, tmp_path: Path) -> None:
    """Of several people who answer at the same moment everybody's answer is kept, and one of them is the newest."""
    state, start, failed = state_in(store), threading.Barrier(8), list[Exception]()

    def give(number: int) -> None:
        request = replace(REQUEST, verdict="wrong" if number % 2 else "expected", by=f"person {number}")
        start.wait()
        try:
            answer_in_store(FolderStore(tmp_path / "out"), state, request, (), LATER)
        except ConnectorwatchError as error:
            failed.append(error)

    threads = [threading.Thread(target=give, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = stored_answers(store, TENANT).answers

    assert failed == []
    assert {answer.by for answer in kept} == {f"person {number}" for number in range(8)}
    after = checked_answer(state, REQUEST, kept, days_later(1))
    assert after.before is not None
    assert after.before.by == kept[-1].by


def test_a_clock_that_is_behind(store: FolderStore) -> None:
    """Whoever answers last counts, though the earlier answer has a later moment from a faster clock."""
    fast = answer_in_store(store, state_in(store), REQUEST, (), days_later(1)).answer
    slow = days_later(1) - timedelta(minutes=2)
    given = answer_in_store(store, state_in(store), replace(REQUEST, verdict="wrong"), (), slow)

    assert fast.at == days_later(1)
    assert (given.before, given.answer.at) == (stored_answers(store, TENANT).answers[0], fast.at)


def test_in_the_policy_file(store: FolderStore, tmp_path: Path) -> None:
    """An answer is added to the policy file, whose other lines stay; what the store holds is known there, too."""
    path = tmp_path / "policy.yaml"
    path.write_text("# ours\nversion: 1\n", encoding="utf-8")
    stored = answer_in_store(store, state_in(store), REQUEST, (), LATER).answer
    same = answer_in_policy(path, state_in(store), REQUEST, (stored,), days_later(1))
    given = answer_in_policy(path, state_in(store), replace(REQUEST, verdict="wrong"), (stored,), days_later(1))
    twice = answer_in_policy(path, state_in(store), replace(REQUEST, verdict="wrong"), (stored,), days_later(2))

    assert (same.repeated, given.before, twice.repeated) == (True, stored, True)
    assert path.read_text(encoding="utf-8").startswith(
        "# ours\nversion: 1\n\nanswers:\n  - key: CON003/id-PAR02  # PAR02"
    )
    assert read_policy_file(path, RULE_IDS).policy.answers == (given.answer,)


def test_a_policy_file_that_is_not_there(store: FolderStore, tmp_path: Path) -> None:
    """A policy file is made for a first answer, and holds nothing else."""
    path = tmp_path / "policy.yaml"
    given = answer_in_policy(path, state_in(store), REQUEST, (), LATER)

    assert read_policy_file(path, RULE_IDS).policy.answers == (given.answer,)
    assert isinstance(given.answer, Answer)


def test_a_policy_file_that_is_read_only(store: FolderStore) -> None:
    """Where the file cannot be written the answer is refused in a sentence, and the file is as it was."""
    with public_folder() as folder:
        path = folder / "policy.yaml"
        path.write_text("version: 1\n", encoding="utf-8")
        state = state_in(store)
        with may_only_read(folder), pytest.raises(PolicyError, match=r"cannot be written .* It is as it was"):
            answer_in_policy(path, state, REQUEST, (), LATER)
        assert path.read_text(encoding="utf-8") == "version: 1\n"
        assert [entry.name for entry in folder.iterdir()] == ["policy.yaml"]


def test_an_odd_policy_file(store: FolderStore, tmp_path: Path) -> None:
    """A file without a place for another line is left as it is; the lines to add by hand are in the message."""
    path = tmp_path / "policy.yaml"
    path.write_text("{version: 1}\n", encoding="utf-8")

    with pytest.raises(PolicyError, match=r"(?s)write `answers:` on a line of its own.*key: CON003/id-PAR02"):
        answer_in_policy(path, state_in(store), REQUEST, (), LATER)
    assert path.read_text(encoding="utf-8") == "{version: 1}\n"
