"""The files of the knowledge, each read when it is first asked for, and whole or not at all."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from common.errors import KnowledgeError
from common.yaml_lines import Document, Problem, read_document
from connectorwatch.knowledge.model import (
    ChannelEntry,
    Command,
    Entry,
    ErrorEntry,
    Fact,
    FieldName,
    FlowStep,
    HostEntry,
    Neighbour,
    Question,
    ServiceEntry,
    Source,
    SourceFile,
    Topic,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

HERE = Path(__file__).parent

TOPICS: dict[str, type[Topic[Any]]] = {
    "registration_errors": Topic[ErrorEntry],
    "runtime_events": Topic[ErrorEntry],
    "cloud_connection": Topic[ErrorEntry],
    "error_pages": Topic[ErrorEntry],
    "sign_in_errors": Topic[ErrorEntry],
    "windows_codes": Topic[ErrorEntry],
    "server_reports": Topic[ErrorEntry],
    "admin_center": Topic[ErrorEntry],
    "neighbours": Topic[Neighbour],
    "event_fields": Topic[FieldName],
    "prerequisites": Topic[Fact],
    "hosts": Topic[HostEntry],
    "services": Topic[ServiceEntry],
    "channels": Topic[ChannelEntry],
    "certificates": Topic[Fact],
    "commands": Topic[Command],
    "flowchart": Topic[FlowStep],
    "faq": Topic[Question],
}
"""Every topic with its shape; a topic's file has its name."""

ERROR_TOPICS = tuple(name for name, shape in TOPICS.items() if shape is Topic[ErrorEntry])
"""The topics that hold errors."""

T = TypeVar("T", bound=Topic[Any])


@cache
def sources() -> dict[str, Source]:
    """Return all sources by their keys."""
    document = read_document((HERE / "sources.yaml").read_bytes(), "sources.yaml", KnowledgeError)
    file, problems = document.validated(SourceFile)
    if file is None:
        raise document.refusal(problems)
    return file.sources


@cache
def topic(name: str) -> Topic[Any]:
    """Return one topic, by a name in `TOPICS`."""
    return load_topic((HERE / f"{name}.yaml").read_bytes(), f"{name}.yaml", TOPICS[name], sources().keys())


def load_topic(content: bytes, source: str, shape: type[T], known: Collection[str]) -> T:
    """Return the topic that a YAML file holds.

    Args:
        content: The file.
        source: What to call it in a complaint.
        shape: What its entries look like.
        known: The keys of all sources.

    Raises:
        KnowledgeError: It is malformed, has an unknown key, an id twice, an unknown source, or a dispute of one side.
            The message names every line.
    """
    document = read_document(content, source, KnowledgeError)
    loaded, problems = document.validated(shape)
    if loaded is not None:
        problems += _problems(document, loaded.entries, known)
    if loaded is None or problems:
        raise document.refusal(problems)
    return loaded


def cited(entry: Entry) -> tuple[Source, ...]:
    """Return an entry's sources, the first of them the one that says most, then those of disputed claims."""
    keys = dict.fromkeys((*entry.sources, *(claim.source for claim in entry.disputed)))
    return tuple(sources()[key] for key in keys)


@cache
def errors() -> tuple[ErrorEntry, ...]:
    """Return every error that is known."""
    return tuple(entry for name in ERROR_TOPICS for entry in topic(name).entries)


def command(key: str) -> Command:
    """Return a command by its id."""
    entry: Command = topic("commands").entry(key)
    return entry


def _problems(document: Document, entries: tuple[Entry, ...], known: Collection[str]) -> Iterator[Problem]:
    """Yield what no shape can say: ids that are there twice, sources that are not there, disputes of one side."""
    seen: set[str] = set()
    for position, entry in enumerate(entries):
        place: tuple[str | int, ...] = ("entries", position)
        if entry.id in seen:
            yield document.problem((*place, "id"), f"{entry.id} is there already; give it another id")
        seen.add(entry.id)
        for key in (*entry.sources, *(claim.source for claim in entry.disputed)):
            if key not in known:
                yield document.problem((*place, "sources"), f"{key} is no source; add it to sources.yaml")
        if entry.disputed and len({claim.source for claim in entry.disputed}) == 1:
            yield document.problem((*place, "disputed"), "has one side only; name what another source says")
