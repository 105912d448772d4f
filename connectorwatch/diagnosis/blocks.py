"""What is shown, as a list of simple blocks that a terminal and a Markdown ticket render each in its own way.

Every text in a block may hold what a stranger chose. The renderers make it safe: unseen characters become escapes, and
what Markdown or a terminal would act on stays text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias, assert_never

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from common.text import visible
from connectorwatch.terminal.findings import UNSURE
from findings.reports.markup import words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import Console

Tone = Literal["plain", "bad", "unsure", "good", "dim"]
_STYLES: dict[Tone, str] = {"plain": "", "bad": "bold red", "unsure": UNSURE, "good": "green", "dim": "dim"}


@dataclass(frozen=True)
class Title:
    """A heading; level 1 is the whole, 2 a part of it."""

    text: str
    tone: Tone = "plain"
    level: int = 2


@dataclass(frozen=True)
class Line:
    """A paragraph."""

    text: str
    tone: Tone = "plain"


@dataclass(frozen=True)
class Points:
    """A list, with numbers where order matters."""

    items: tuple[str, ...]
    ordered: bool = False
    tone: Tone = "plain"


@dataclass(frozen=True)
class Rows:
    """Pairs of a label and a text."""

    pairs: tuple[tuple[str, str], ...]
    tone: Tone = "plain"


@dataclass(frozen=True)
class Code:
    """Lines to run, and how to read what they answer."""

    title: str
    lines: tuple[str, ...]
    answer: str


@dataclass(frozen=True)
class Links:
    """Addresses of ours, each with its title and dates."""

    pairs: tuple[tuple[str, str], ...]


_NUMBERED = re.compile(r"\d+\. ")

Block: TypeAlias = Title | Line | Points | Rows | Code | Links


def print_blocks(blocks: Iterable[Block], console: Console) -> None:
    """Print blocks for 80 columns; lines to run are never broken, so that they can be copied."""
    for number, block in enumerate(blocks):
        if number and isinstance(block, Title | Code):
            console.print()
        _print(block, console)


def _print(block: Block, console: Console) -> None:
    match block:
        case Title():
            style = f"bold {_STYLES[block.tone]}".strip() if block.level < _SMALL else _STYLES[block.tone]
            console.print(Text(visible(block.text), style))
        case Line():
            console.print(_indented(Text(visible(block.text), _STYLES[block.tone])))
        case Points():
            console.print(_indented(_list(block)))
        case Rows():
            console.print(_indented(_grid(block)))
        case Code():
            console.print(_indented(Text(visible(block.title))))
            for line in block.lines:
                console.print(Text(f"      {visible(line)}", "cyan"), soft_wrap=True)
            console.print(_indented(Text(visible(block.answer), "dim"), 4))
        case Links():
            for url, dates in block.pairs:
                console.print(_indented(Text(visible(dates), "dim")))
                console.print(Text(f"    {visible(url)}"), soft_wrap=True)
        case _:
            assert_never(block)


_SMALL = 3


def _indented(what: Text | Table, cells: int = 2) -> Padding:
    return Padding(what, (0, 0, 0, cells), expand=False)


def _list(block: Points) -> Table:
    grid = Table.grid(padding=(0, 1, 0, 0))
    for number, item in enumerate(block.items, 1):
        grid.add_row(f"{number}." if block.ordered else "-", Text(visible(item), _STYLES[block.tone], overflow="fold"))
    return grid


def _grid(block: Rows) -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    for label, text in block.pairs:
        grid.add_row(Text(visible(label)), Text(visible(text), _STYLES[block.tone], overflow="fold"))
    return grid


def markdown(blocks: Iterable[Block]) -> str:
    """Return blocks as Markdown for a ticket."""
    return "\n\n".join(_markdown(block) for block in blocks) + "\n"


def _markdown(block: Block) -> str:
    match block:
        case Title():
            # A number of ours is no list in a heading, and would be code if it were taken for a name.
            number, _, text = block.text.partition(". ") if _NUMBERED.match(block.text) else ("", "", block.text)
            return f"{'#' * block.level} {number}{'. ' if number else ''}{words_of(text)}"
        case Line():
            return words_of(block.text)
        case Points():
            marks = (f"{number}." if block.ordered else "-" for number in range(1, len(block.items) + 1))
            return "\n".join(f"{mark} {words_of(item)}" for mark, item in zip(marks, block.items, strict=True))
        case Rows():
            return "\n".join(f"- {words_of(label)}: {words_of(text)}" for label, text in block.pairs)
        case Code():
            return "\n".join((f"{words_of(block.title)}", "", *_fenced(block.lines), "", words_of(block.answer)))
        case Links():
            return "\n".join(f"- <{url}> ({words_of(dates)})" for url, dates in block.pairs)
        case _:
            assert_never(block)


def _fenced(lines: Iterable[str]) -> Iterator[str]:
    shown = [visible(line) for line in lines]
    longest = max((len(run) for line in shown for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    yield f"{fence}powershell"
    yield from shown
    yield fence
