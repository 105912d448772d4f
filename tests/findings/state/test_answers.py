"""The stored answers: a document that only adds, is the same when read back, and is refused when damaged."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from common.errors import EvidenceError, NewerVersionError
from findings.state.answers import LARGEST, StoredAnswers
from policies.policy_file.answers import Answer
from tests.making import NOW, TENANT

ANSWER = Answer(key="CON003/c1", verdict="expected", reason="planned", by="Ada", at=NOW, tenant=TENANT)


def test_it_is_read_back_as_it_was() -> None:
    """Answers are kept in the order in which they were given, with fields of a newer version."""
    stored = StoredAnswers().added(ANSWER).added(ANSWER.model_copy(update={"verdict": "wrong"}))
    newer = json.loads(stored.to_bytes()) | {"schema": "connectorwatch.answers/v1.7", "later": 1}
    newer["answers"][0]["channel"] = "teams"
    again = StoredAnswers.from_bytes(json.dumps(newer).encode())

    assert StoredAnswers.from_bytes(stored.to_bytes()) == stored
    assert [answer.verdict for answer in again.to("con003/C1")] == ["expected", "wrong"]
    assert again.to("CON003/c2") == ()
    assert json.loads(again.to_bytes()) == newer


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "it is no JSON"),
        (b"[]", "it is no JSON object"),
        (b"{}", "its schema is None"),
        (b'{"schema": "connectorwatch.state/v1"}', "its schema is"),
        (b'{"schema": "connectorwatch.answers/v1", "answers": [{"key": "x"}]}', "at answers.0.key"),
        (b'{"schema": "connectorwatch.answers/v1", "answers": 1}', "at answers"),
        (b"[" * 100_000, "it is no JSON"),
        (b'"\xff"', "it is no JSON"),
        (b" " * (LARGEST + 1), "it is larger than 16 MiB"),
    ],
)
def test_what_is_damaged(content: bytes, said: str) -> None:
    """A damaged document is refused with its name, so that no answer is lost by being written over."""
    with pytest.raises(EvidenceError, match="answers") as caught:
        StoredAnswers.from_bytes(content, "t/answers.json")
    assert said in str(caught.value)


def test_a_newer_major_version() -> None:
    """A document of a newer major version is left alone."""
    with pytest.raises(NewerVersionError):
        StoredAnswers.from_bytes(b'{"schema": "connectorwatch.answers/v2"}')


def test_what_retention_lets_go() -> None:
    """Old answers to forgotten findings go; those to remembered findings stay, and so do new ones to unknown ones."""
    old, new = (ANSWER.model_copy(update={"at": NOW - timedelta(days=days)}) for days in (500, 1))
    stored = StoredAnswers().added(old).added(new)

    assert stored.only(["con003/C1"], NOW - timedelta(days=400)) is stored
    assert stored.only([], NOW - timedelta(days=400)).answers == stored.answers[1:]
    assert stored.only([], NOW).answers == ()
