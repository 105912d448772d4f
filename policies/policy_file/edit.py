"""Writing an entry into a policy file that people keep by hand: every line of theirs stays to the byte. Pure.

The YAML library finds the place and writes the entry; what stands around it is never written again, since no writer
gives comments, quotes, line ends and indents back as they were.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from ruamel.yaml import YAML
from ruamel.yaml.events import (
    CollectionEndEvent,
    CollectionStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    StreamEndEvent,
)

from common.text import timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ruamel.yaml.events import Event

    from policies.policy_file.answers import Answer
    from policies.policy_file.waivers import Waiver

Heading = Literal["waivers", "answers"]
"""The list that an entry goes into."""
NEW_FILE = (
    b"# What this organisation asks of its connectors. Every key may be left out; docs/policy.md explains them all.\n"
    b"version: 1\n"
)
"""How a policy file begins that was not there before."""

_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""What ends a line in YAML, and a comment with it."""


@dataclass(frozen=True)
class _Place:
    """Where an entry goes: how many characters into the file, how far indented, and whether it needs the heading."""

    offset: int
    column: int
    heading: bool = False


def entry_lines(entry: Waiver | Answer, note: str) -> list[str]:
    """Return a waiver or an answer as lines of a list in YAML, not indented.

    Args:
        entry: What to write; keys that say nothing are left out.
        note: What stands as a comment behind the subject or the key; it must be on one line.
    """
    writer, file = YAML(), io.StringIO()
    writer.width = 1_000_000  # no line is broken
    writer.representer.ignore_aliases = lambda _: True  # a waiver for one day says that day twice
    keys = {key: value for key, value in entry.model_dump().items() if value is not None}
    texts = {key: timestamp(value) if isinstance(value, datetime) else value for key, value in keys.items()}
    writer.dump([texts], file)
    lines = file.getvalue().splitlines()
    return [f"{line}  # {note}" if note and line.startswith(("  subject:", "- key:")) else line for line in lines]


def with_listed(content: bytes, heading: Heading, entry: Waiver | Answer, note: str) -> bytes | None:
    """Return a policy file with an entry at the end of a list.

    Args:
        content: The file; one that `parse_policy` takes.
        heading: Which list.
        entry: What to add.
        note: See `entry_lines`.

    Returns:
        The new content, or None where the file is written in a form that has no place for another line. Read it back
        before it is kept: YAML has more forms than anybody foresees.
    """
    text = content.decode("utf-8")
    place = _place(iter(YAML(typ="safe", pure=True).parse(text)), text, heading)
    if place is None:
        return None
    end = "\r\n" if "\r\n" in text else "\n"
    column, lines = place.column, entry_lines(entry, note)
    if place.heading:
        lines = [f"{heading}:", *(f"  {line}" for line in lines)]
    added = "".join(f"{' ' * column}{line}{end}" for line in lines)
    before, after = text[: place.offset], text[place.offset :]
    whole_line = not before or before == "\ufeff" or _BREAK.fullmatch(before[-1])
    gap = end if place.heading and before.strip("\ufeff\r\n") else ""
    return f"{before}{'' if whole_line else end}{gap}{added}{after}".encode()


def _place(events: Iterator[Event], text: str, heading: Heading) -> _Place | None:
    """Return where an entry goes, or None where there is no place for it."""
    next(events)  # the stream starts
    if isinstance(next(events), StreamEndEvent):
        return _Place(len(text), 0, heading=True)
    root = next(events)
    if isinstance(root, ScalarEvent) and not root.value:
        return _Place(next(events).start_mark.index, 0, heading=True)
    if not isinstance(root, MappingStartEvent) or root.flow_style:
        return None
    while not isinstance(key := next(events), MappingEndEvent):
        value = _node(events)
        if isinstance(key, ScalarEvent) and key.value == heading:
            return _below(key, value, text)
    return _Place(next(events).start_mark.index, root.start_mark.column, heading=True)


def _node(events: Iterator[Event]) -> list[Event]:
    """Return the events of one value."""
    node = [next(events)]
    depth = _deeper(node[0])
    while depth:
        node.append(next(events))
        depth += _deeper(node[-1])
    return node


def _deeper(event: Event) -> int:
    """Return by how many levels an event goes into collections."""
    return isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)


def _below(key: ScalarEvent, value: list[Event], text: str) -> _Place | None:
    """Return the place at the end of a list that is there, or below a heading that has nothing below it."""
    first = value[0]
    if isinstance(first, ScalarEvent):
        bare = first.style is None and not first.value
        return _Place(_line_end(text, key.end_mark.index), key.start_mark.column + 2) if bare else None
    if not isinstance(first, CollectionStartEvent) or first.flow_style:
        return None
    # The ends of block collections stand where the next key does, behind comments that are that key's.
    last = max(e.end_mark.index for e in value if isinstance(e, ScalarEvent) or e.start_mark.index < e.end_mark.index)
    return _Place(_line_end(text, last), first.start_mark.column)


def _line_end(text: str, offset: int) -> int:
    """Return where the line ends that an offset is on, its line break included."""
    if _BREAK.fullmatch(text[offset - 1]):
        return offset
    line_break = _BREAK.search(text, offset)
    return len(text) if line_break is None else line_break.end()
