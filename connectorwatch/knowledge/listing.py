"""What is known, by topic, with the sources and dates of every entry, and what has become old."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from common.errors import SubjectError
from common.text import counted
from common.yaml_lines import suggestion
from connectorwatch.knowledge.details import details
from connectorwatch.knowledge.loading import TOPICS, cited, topic
from connectorwatch.terminal.findings import UNSURE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from connectorwatch.knowledge.model import Entry

SCHEMA = "connectorwatch.knowledge/v1"


class CitedSource(BaseModel):
    """A source of an entry."""

    model_config = ConfigDict(frozen=True)

    title: str
    url: str
    page: date | None
    checked: date


class Known(BaseModel):
    """One entry: its name, what it says, its sources, when the oldest was compared, and whether they disagree."""

    model_config = ConfigDict(frozen=True)

    topic: str
    id: str
    label: str
    says: tuple[str, ...]
    checked: date
    age_days: int
    disputed: bool
    sources: tuple[CitedSource, ...]


class KnownDocument(BaseModel):
    """A listing as JSON."""

    model_config = ConfigDict(frozen=True, serialize_by_alias=True, validate_by_name=True)

    schema_: str = Field(default=SCHEMA, alias="schema")
    entries: tuple[Known, ...]


def known(today: date, name: str | None = None, stale: int | None = None) -> tuple[Known, ...]:
    """Return what is known.

    Args:
        today: The day to which ages are counted.
        name: One topic; all of them where None.
        stale: Only what was not compared with its sources for more than this many days.

    Raises:
        SubjectError: There is no such topic.
    """
    if name is not None and name not in TOPICS:
        raise SubjectError(f"There is no topic of this name: {suggestion(name, tuple(TOPICS))}")
    entries = [
        _known(topic_name, entry, today)
        for topic_name in ([name] if name else TOPICS)
        for entry in topic(topic_name).entries
    ]
    return tuple(entry for entry in entries if stale is None or entry.age_days > stale)


def _known(name: str, entry: Entry, today: date) -> Known:
    sources = tuple(
        CitedSource(title=source.title, url=source.url, page=source.page, checked=source.checked)
        for source in cited(entry)
    )
    checked = min(source.checked for source in sources)
    return Known(
        topic=name,
        id=entry.id,
        label=entry.label,
        says=details(entry),
        checked=checked,
        age_days=(today - checked).days,
        disputed=bool(entry.disputed),
        sources=sources,
    )


def print_topics(entries: Sequence[Known], console: Console) -> None:
    """Print a line a topic."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("Topic", "Entries", "Disputed", "Checked", "What it holds"):
        table.add_column(title)
    for name in dict.fromkeys(entry.topic for entry in entries):
        mine = [entry for entry in entries if entry.topic == name]
        disputed = sum(entry.disputed for entry in mine)
        oldest = min(entry.checked for entry in mine)
        table.add_row(name, str(len(mine)), str(disputed), str(oldest), Text(topic(name).about))
    console.print(table)
    console.print()
    console.print(Text("`connectorwatch knowledge TOPIC` shows every entry, what it says, and its sources."))


def print_entries(entries: Sequence[Known], console: Console) -> None:
    """Print every entry with its sources and both dates of each."""
    for entry in entries:
        mark = ("  sources disagree", UNSURE) if entry.disputed else ""
        console.print(Text.assemble((entry.label, "bold"), f"  {entry.topic}/{entry.id}", mark))
        for line in entry.says:
            console.print(Padding(Text(line), (0, 0, 0, 2), expand=False))
        for source in entry.sources:
            page = f"page of {source.page}" if source.page else "page without a date"
            console.print(Text(f"  {source.title}, {page}, checked {source.checked}", "dim"))
            console.print(Text(f"    {source.url}"), soft_wrap=True)
    console.print()
    console.print(Text(f"{counted(len(entries), 'entry', 'entries')}"))
