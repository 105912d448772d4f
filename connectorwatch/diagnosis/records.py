"""Records of event logs within a text: where each begins, whose it is, and which id it has.

Fields are known by their names in several languages, in the layouts of Event Viewer, `Get-WinEvent`, `Get-EventLog`,
XML, and JSON.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Literal

from connectorwatch.diagnosis.names import channel_of, neighbour_in, neighbour_of
from connectorwatch.knowledge.loading import topic

if TYPE_CHECKING:
    from connectorwatch.diagnosis.normalise import Folded
    from connectorwatch.knowledge.model import FieldName, Neighbour

Owner = Literal["admin", "other", "foreign", "unknown"]
"""The connector's Admin channel, another one of it or its updater, another program, or nobody that is named."""

_LONGEST = 6000
_LINE = 400
_COLON = "[:：]"  # noqa: RUF001 - the colon of Japanese
_SURE = frozenset({"providername", "logname", "provider name", "channel"})
"""Fields that stand in event records only."""


@dataclass(frozen=True)
class Record:
    """One record.

    Attributes:
        start: Where it begins in the text.
        end: Where it ends at the latest.
        text: What it says.
        names: Its log and its provider, as it names them.
        id: Its id; None where it has none, or names none.
        id_at: Where the id stands in the text.
        timed: Whether it has a field that only event records have.
    """

    start: int
    end: int
    text: str
    names: tuple[str, ...]
    id: int | None
    id_at: int
    timed: bool

    @cached_property
    def owner(self) -> Owner:
        """Whose it is."""
        if not self.names:
            return "unknown"
        channels = [channel for channel in map(channel_of, self.names) if channel is not None]
        if any(channel.id == "connector-admin" for channel in channels):
            return "admin" if all(channel.id == "connector-admin" for channel in channels) else "other"
        return "other" if channels else "foreign"

    @cached_property
    def neighbour(self) -> Neighbour | None:
        """The other product whose record it is."""
        if self.owner in ("admin", "other"):
            return None
        return neighbour_of(self.names) or neighbour_in(" ".join(self.names).lower())


class Records:
    """The records of a text, found when they are first asked for."""

    def __init__(self, folded: Folded) -> None:
        self._folded = folded
        self._known: dict[int, Record] = {}

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """Where records begin."""
        return tuple(_starts(self._folded.lower))

    def at(self, position: int) -> Record | None:
        """Return the record that a position of the text belongs to."""
        number = bisect_right(self.starts, position) - 1
        if number < 0:
            return None
        record = self.nth(number)
        return record if position < record.end else None

    def nth(self, number: int) -> Record:
        """Return a record by its number."""
        if number not in self._known:
            start = self.starts[number]
            behind = self.starts[number + 1] if number + 1 < len(self.starts) else len(self._folded.text)
            self._known[number] = _record(self._folded.text, start, behind)
        return self._known[number]

    def line(self, position: int) -> tuple[int, int]:
        """Return where the line around a position begins and ends; of a very long one, a piece of it."""
        text = self._folded.text
        piece = position - position % _LINE
        start = text.rfind("\n", max(0, piece - _LINE), position) + 1 or max(0, piece - _LINE)
        end = text.find("\n", position, piece + 2 * _LINE)
        return start, end if end >= 0 else min(len(text), piece + 2 * _LINE)


@cache
def _names(field: str) -> str:
    """Return an expression for the names of a field in all languages, whatever became of its accents."""
    entries: tuple[FieldName, ...] = topic("event_fields").entries
    names = sorted((name for entry in entries if entry.field == field for name in entry.names), key=len, reverse=True)
    return "|".join(map(_lenient, names))


def _lenient(name: str) -> str:
    """Return an expression for a field's name: spaces may be missing, quotes bent, accents spoilt by a code page."""
    return "".join(_letter(letter) for letter in name)


def _letter(letter: str) -> str:
    if letter == " ":
        return r"[\s_]?"
    if letter == "'":
        return "['’´`]"  # noqa: RUF001 - bent quotes as Windows prints them
    return ".{1,2}" if "\u0080" <= letter < "\u0250" else re.escape(letter)


@cache
def _field_line() -> re.Pattern[str]:
    groups = "|".join(f"(?P<{field}>{_names(field)})" for field in ("log", "source", "id", "other"))
    return re.compile(rf"\n[ \t>|]{{0,8}}(?:{groups})[ \t]{{0,30}}{_COLON}(?!//)")


_JSON = re.compile(r"\{\s{0,80}\"")
_XML = re.compile(r"<event[\s>]")


def _starts(lower: str) -> list[int]:
    """Return where records begin in a text in lower case.

    A record begins with an element of XML, an object of JSON, a field that the record before has already, or a field
    after an empty line.
    """
    first = _field_line().match("\n" + lower[:_LINE])
    fields = [(0, *_label(first, -1))] if first else []
    fields += [(match.start() + 1, *_label(match, 0)) for match in _field_line().finditer(lower)]
    others = [(match.start(), "", match.end()) for each in (_JSON, _XML) for match in each.finditer(lower)]
    starts: list[int] = []
    seen: set[str] = set()
    run, last = 0, -2 * _LINE
    for at, label, end in sorted(fields + others):
        apart = at - last > _LINE or "\n\n" in lower[last:at].replace("\r", "").replace(" ", "")
        run = at if apart or not label else run
        if not starts or not label or label in seen or (apart and label != "id"):
            starts.append(run if starts and run > starts[-1] else at)
            seen = set()
        seen.add(label)
        last = end
    return starts


def _label(match: re.Match[str], shift: int) -> tuple[str, int]:
    """Return what a field is, and where its name ends."""
    kind = match.lastgroup or ""
    return ("".join(match[kind].split()) if kind == "other" else kind), match.end() + shift


@cache
def _values() -> re.Pattern[str]:
    sign = r"[\"']?[ \t]*[:：=>][ \t]*[\"']?"  # noqa: RUF001 - the colon of Japanese
    named = rf"(?P<name>{_names('log')}|{_names('source')}){sign}(?P<value>[^\n\r\"'<]{{1,160}})"
    number = rf"(?:{_names('id')})(?:\s[^<>\n]{{0,80}})?{sign}(?P<id>[0-9]{{1,5}})(?![0-9])"
    before = r"(?:(?:^|\n)[ \t>|]*|[{,<(]\s{0,20}\"?|\"|<provider\s)"
    return re.compile(rf"{before}(?:{named}|{number})", re.IGNORECASE)


def _record(text: str, start: int, behind: int) -> Record:
    end = min(behind, start + _LONGEST)
    body = text[start:end]
    names: list[str] = []
    number, number_at, sure = None, start, False
    for match in _values().finditer(body):
        if match["value"]:
            names.append(match["value"].strip())
            sure = sure or match["name"].lower() in _SURE
        elif number is None:
            number, number_at = int(match["id"]), start + match.start("id")
    log = re.match(rf"[ \t>|]*(?:{_names('log')}|{_names('other')})", body, re.IGNORECASE) is not None
    if number is None and not sure and not log:
        names = [name for name in names if channel_of(name) or neighbour_of((name,))]
    return Record(start, behind if sure else end, body, tuple(names), number, number_at, log)
