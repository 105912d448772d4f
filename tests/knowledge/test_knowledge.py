"""The knowledge itself: every entry with source and date, no mistake without its line, nobody else's sentences."""

from __future__ import annotations

import os
import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from common.errors import KnowledgeError
from common.yaml_lines import read_document
from connectorwatch.knowledge.faq import faq_page
from connectorwatch.knowledge.loading import HERE, TOPICS, cited, command, errors, load_topic, sources, topic
from connectorwatch.knowledge.model import Command, Fact, Topic
from policies.rules import RULE_IDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectorwatch.knowledge.model import Entry

ENTRIES = [(name, entry) for name in TOPICS for entry in topic(name).entries]
EVENTS = {1000, 12008, 12027, 13016, 13019, 13020, 13022}
"""Every id that Microsoft documents for the Admin channel (November 2026)."""
LONGEST_SHARED = 7
"""So many words in a row in common with a source is a quotation; names and set phrases stay below."""
FACTS = os.environ.get("CONNECTORWATCH_FACTS")
SEEDS = Path(FACTS or "nowhere").parent / "seeds"

GOOD = b"about: x\nentries:\n  - {id: one, title: t, says: s, sources: [a]}\n"


@pytest.mark.parametrize(("name", "entry"), ENTRIES, ids=[f"{name}/{entry.id}" for name, entry in ENTRIES])
def test_every_entry_has_source_and_date(name: str, entry: Entry) -> None:
    """Every entry names pages on Microsoft's own site, with the day each was last compared."""
    assert name in TOPICS
    assert all(source.url.startswith("https://learn.microsoft.com/") for source in cited(entry))
    assert all(source.checked >= date(2026, 1, 1) for source in cited(entry))
    assert all((source.page or source.checked) <= source.checked for source in cited(entry))


@pytest.mark.parametrize(("name", "entry"), [(name, one) for name, one in ENTRIES if one.disputed])
def test_disputes_have_two_sides(name: str, entry: Entry) -> None:
    """Whatever is disputed shows at least two claims of different sources."""
    assert name in TOPICS
    assert len({claim.source for claim in entry.disputed}) >= 2


def test_every_source_is_used() -> None:
    """No source stands there that nothing rests on."""
    used = {key for _, entry in ENTRIES for key in (*entry.sources, *(claim.source for claim in entry.disputed))}

    assert used == sources().keys()


def test_every_documented_event() -> None:
    """Every documented event id of the Admin channel has its entry, and one only."""
    ids = [error.event for error in errors() if error.event]

    assert (set(ids), len(ids)) == (EVENTS, len(EVENTS))


def test_commands_exist() -> None:
    """Every command that an entry names exists, and every one is named somewhere."""
    fields = ("commands", "private_commands")
    named = {key for _, entry in ENTRIES for field in fields for key in getattr(entry, field, None) or ()}

    assert all(isinstance(command(key), Command) for key in named)
    assert {one.id for one in topic("commands").entries} - named <= {"registration-events", "restart"}


def test_rules_that_are_named_exist() -> None:
    """Every rule that an answer points to exists."""
    assert set(re.findall(r"\b[A-Z]{3}\d{3}\b", faq_page())) <= set(RULE_IDS)


def test_government_hosts() -> None:
    """No command for the government cloud tests a host of the public one."""
    lines = [line for one in topic("commands").entries for line in one.usgov]

    assert lines
    assert [line for line in lines if re.search(r"\.(com|net)\b", line)] == []


def test_ten_steps() -> None:
    """The flowchart has its ten steps in order, and Graph answers three of them."""
    steps = topic("flowchart").entries

    assert [entry.step for entry in steps] == list(range(1, 11))
    assert [entry.step for entry in steps if entry.asks == "graph"] == [1, 2, 9]


def test_old_names_where_names_changed() -> None:
    """A command with one of the names that 1.5.3829.0 brought has its lines for older connectors too."""
    new = re.compile(r"EntraPrivateNetwork|Microsoft Entra private network|Microsoft Entra Private Network")

    assert [one.id for one in topic("commands").entries if new.search("".join(one.lines)) and not one.before] == []
    assert [one.id for one in topic("commands").entries if new.search("".join(one.before))] == []


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ((b"about: x\n", b""), r"bad\.yaml, line 1, about: is missing"),
        ((b"says: s", b"sais: s"), r"line 3, entries\.0\.sais: unknown key, did you mean \"says\"\?"),
        ((b"[a]", b"[]"), r"line 3, entries\.0\.sources"),
        ((b"[a]", b"[b]"), r"line 3, entries\.0\.sources: b is no source; add it to sources\.yaml"),
        ((b"id: one", b"id: One Two"), r"line 3, entries\.0\.id"),
        ((b"says: s", b"says: 4"), r"line 3, entries\.0\.says: must be text"),
        ((b"[a]}", b"[a], disputed: [{says: x, source: a}]}"), r"line 3, entries\.0\.disputed: has one side only"),
        ((b"[a]}\n", b"[a]}\n  - {id: one, title: t, says: s, sources: [a]}\n"), r"line 4, .*one is there already"),
        ((b"entries", b"entries: ["), r"bad\.yaml, line \d: not YAML"),
    ],
)
def test_mistakes_are_told_with_their_line(change: tuple[bytes, bytes], complaint: str) -> None:
    """A mistake in a file names the file, the line and what is wrong."""
    with pytest.raises(KnowledgeError, match=complaint):
        load_topic(GOOD.replace(*change), "bad.yaml", Topic[Fact], {"a"})


def test_a_good_file() -> None:
    """A file without mistakes is its entries; an entry that is not there is a KeyError."""
    loaded = load_topic(GOOD, "good.yaml", Topic[Fact], {"a"})

    assert loaded.entry("one").says == "s"
    with pytest.raises(KeyError):
        loaded.entry("two")


def _texts(value: object) -> Iterator[str]:
    """Yield the texts of a file that are ours: all but error messages and what recognises them."""
    if isinstance(value, dict):
        for key, inside in value.items():
            if key not in ("messages", "match", "lines", "before", "usgov", "key", "channel"):
                yield from _texts(inside)
    elif isinstance(value, list):
        for inside in value:
            yield from _texts(inside)
    elif isinstance(value, str):
        yield value


def _ours() -> Iterator[tuple[str, str]]:
    for name in TOPICS:
        document = read_document((HERE / f"{name}.yaml").read_bytes(), name, KnowledgeError)
        for text in _texts(document.data):
            yield name, text
    for code in (HERE.parent / "diagnosis").glob("*.py"):
        yield code.name, code.read_text(encoding="utf-8")
    for page in ("docs/faq.md", "docs/troubleshooting.md", "README.md"):
        yield page, (HERE.parent.parent / page).read_text(encoding="utf-8")


def _runs(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"[a-z0-9']+", re.sub(r"https?://[^\s)>]+", " ", text.lower()))
    return {tuple(words[at : at + LONGEST_SHARED]) for at in range(len(words) - LONGEST_SHARED + 1)}


@pytest.mark.skipif(not SEEDS.is_dir(), reason="CONNECTORWATCH_FACTS has no folder `seeds` beside it")
def test_no_sentence_is_anybody_elses() -> None:
    """Outside error messages nothing of ours shares seven words in a row with Microsoft's pages."""
    theirs = set().union(*(_runs(page.read_text(encoding="utf-8")) for page in SEEDS.glob("*.txt")))

    assert theirs
    assert {(name, " ".join(run)) for name, text in _ours() for run in _runs(text) & theirs} == set()


def test_messages_stand_in_their_place_only() -> None:
    """No page of ours repeats an error message outside the data."""
    messages = [message for error in errors() for message in error.messages]

    assert [message for message in messages for text in (faq_page(),) if message in text] == []
    assert max(map(len, messages)) < 400
