"""The command `answer`: into the policy file or beside the scans, and a sentence for everything that is no answer."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from findings.state.answers import StoredAnswers
from simulator import Simulator
from tests.e2e.commands import run
from tests.e2e.running import environment, variant

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.commands import Ran

TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
"""`answer` takes no moment in the future, so the scans are made before the day on which the test runs, and after."""
ROGUE = """
connector_groups:
  head-office: {connectors: {rogue: {name: LAPTOP-9, ip: 192.0.2.66, version: 1.5.4522.0}}}
"""
OURS = "# ours\nrules: {VER003: {enabled: false}, VER004: {enabled: false}, VER005: {enabled: false}}\n"
"""Releases age with the day on which the test runs, so rules about that are off."""


class Story:
    """A tenant with a connector that nobody planned, scanned into one store under one policy file."""

    def __init__(self, folder: Path) -> None:
        """Scan the tenant without the connector, and the day after with it."""
        folder.mkdir(exist_ok=True)
        self.folder, self.policy = folder, folder / "policy.yaml"
        self.policy.write_text(OURS, encoding="utf-8")
        self.tenant = variant(folder, "", "clean")
        self.scan(-2)
        self.tenant = variant(folder, ROGUE, "clean")
        self.scan(-1)
        self.key = f"CON003/{self.tenant.guid('connector', 'rogue')}"

    @property
    def where(self) -> tuple[str, ...]:
        """The options that name the store and the policy."""
        return "--out", str(self.folder / "out"), "--policy", str(self.policy)

    def scan(self, day: int) -> Ran:
        """Scan so many days from today; what comes out is findings.json."""
        at = (TODAY + timedelta(days=day)).isoformat()
        with Simulator(self.tenant).in_thread() as simulator:
            return run("scan", *self.where, "--at", at, "--json", settings=environment(simulator))

    def answer(self, *more: str, key: str | None = None, verdict: str = "expected") -> Ran:
        """Answer the finding about the connector."""
        usual = ("--verdict", verdict, "--reason", "CHG-1", "--by", "ada@clean.example")
        return run("answer", key or self.key, *usual, *self.where, *more)

    def stands(self, ran: Ran) -> tuple[str, str | None]:
        """Return the outcome and the ending of that finding."""
        verdicts: list[dict[str, Any]] = json.loads(ran.stdout)["verdicts"]
        (entry,) = (entry for entry in verdicts if entry["key"] == self.key)
        return entry["outcome"], entry["lifecycle"]["ending"]


@pytest.fixture
def story(tmp_path: Path) -> Story:
    """Return the tenant after two scans."""
    return Story(tmp_path / "story")


@pytest.mark.parametrize("place", [(), ("--stored",)])
def test_an_answer_ends_the_finding(story: Story, place: tuple[str, ...]) -> None:
    """The next scan ends the finding as answered and no longer fails; the same answer again adds nothing."""
    ran, again = story.answer(*place), story.answer(*place)
    after = story.scan(1)
    stored = story.folder / "out" / story.tenant.tenant.id / "answers.json"

    assert (ran.code, again.code, after.code) == (0, 0, 0)
    assert "It ends the finding. It counts from the next scan on" in ran.stdout
    assert "nothing was added" in again.stdout
    assert story.stands(after) == ("not_applicable", "answered")
    assert stored.exists() is bool(place)
    assert story.policy.read_text(encoding="utf-8").count("verdict: expected") == (0 if place else 1)
    if place:
        assert len(StoredAnswers.from_bytes(stored.read_bytes()).answers) == 1


def test_what_is_wrong_fails(story: Story) -> None:
    """A finding that somebody confirmed makes a scan end with 3, whatever was answered before and kept elsewhere."""
    story.answer("--stored")
    ran = story.answer(verdict="wrong")
    after = story.scan(1)

    assert "It replaces the answer expected by ada@clean.example" in ran.stdout
    assert (after.code, story.stands(after)) == (3, ("fail", None))
    history = run("history", "--finding", story.key, *story.where[:2])
    assert "answered as expected by ada@clean.example: CHG-1" in history.stdout
    assert "answered as wrong by ada@clean.example: CHG-1" in history.stdout


@pytest.mark.parametrize(
    ("more", "key", "code", "said"),
    [
        ((), "CON003/nothing", 1, "There is no finding 'CON003/nothing'"),
        (("--by", " "), None, 1, "The name of who answers must be some text"),
        (("--at", "2999-01-01T00:00:00Z"), None, 1, "is in the future"),
        (("--at", "2026-13-01"), None, 2, "Invalid value for '--at'"),
        (("--tenant", "0b1c3a1e-0d55-4c53-9a52-1f0a2f7c9d11"), None, 1, "No scan of tenant 0b1c3a1e"),
        (("--verdict", "maybe"), None, 2, "Invalid value for '--verdict'"),
    ],
)
def test_what_is_refused(story: Story, more: tuple[str, ...], key: str | None, code: int, said: str) -> None:
    """What is no answer gets a sentence and an exit code, and neither place is written."""
    for place in ((), ("--stored",)):
        ran = story.answer(*more, *place, key=key)
        assert (ran.code, ran.stdout) == (code, "")
        assert said in ran.stderr
    assert story.policy.read_text(encoding="utf-8") == OURS
    assert not (story.folder / "out" / story.tenant.tenant.id / "answers.json").exists()


def test_a_policy_in_a_blob(story: Story) -> None:
    """An answer does not write into a blob; the message says to keep it with the scans."""
    blob = "https://account.blob.core.windows.net/config/policy.yaml"
    ran = story.answer("--policy", blob)

    assert (ran.code, "keep the answer with the stored scans (--stored)" in ran.stderr) == (1, True)


def test_a_policy_that_is_missing(story: Story) -> None:
    """A mistyped policy file is not made."""
    ran = story.answer("--policy", str(story.folder / "polcy.yaml"))

    assert (ran.code, "There is no policy file" in ran.stderr) == (1, True)
    assert not (story.folder / "polcy.yaml").exists()
