"""Errors that are known by an event's id: in the connector's own log, and in what Windows logs about its services."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from connectorwatch.diagnosis.matching import Span, positions
from connectorwatch.diagnosis.names import provider_words, service_pattern, service_words
from connectorwatch.knowledge.loading import errors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectorwatch.diagnosis.normalise import Folded
    from connectorwatch.diagnosis.records import Record, Records
    from connectorwatch.knowledge.model import ErrorEntry, WindowsEvent

_TABLE_ROW = re.compile(r"\n[ \t]*\d{1,4}[./-]\d{1,2}[./-]\d{1,4}[^\n]{0,40}?[ \t](\d{4,5})[ \t]+[^\W\d]")
_LOCAL = 300
_NEAR = 3000
"""How far from the beginning of its record a service may be named; the words of an event are shorter."""
_OPEN, _CLOSE = "[{\n", "]}\n"
_COMMON_IDS = frozenset({1000})
"""Ids that are ordinary numbers as well: they have to be called an id, or stand in a column of their own."""


@cache
def known_events() -> dict[int, ErrorEntry]:
    """Return the errors that have an id in the connector's Admin channel, by it."""
    return {error.event: error for error in errors() if error.event is not None}


def admin_events(folded: Folded, records: Records) -> Iterator[Span]:
    """Yield errors by the ids of the connector's own events."""
    for word in provider_words():
        done = 0
        for at in positions(folded.lower, word):
            if at < done:
                continue
            record = records.at(at)
            if record is not None and record.owner != "unknown" and _names(record, word):
                done = record.end
                yield from _of_record(record, folded.text)
            else:
                start, done = _frame(folded.lower, at)
                yield from _in_frame(folded.lower, start, done, at + len(word))


def loose_events(folded: Folded, records: Records) -> tuple[int, ...]:
    """Return known ids of records that name neither a log nor a provider."""
    if not any(str(number) in folded.text for number in known_events()):
        return ()
    numbered = ((record, record.id) for record in map(records.nth, range(len(records.starts))) if record.id is not None)
    numbers = dict.fromkeys(
        number for record, number in numbered if record.owner == "unknown" and record.timed and number in known_events()
    )
    return tuple(numbers)


def server_events(folded: Folded, records: Records) -> Iterator[Span]:
    """Yield errors by what Windows logs about the connector's services and programs."""
    seen: set[tuple[int, str]] = set()
    for word in service_words():
        done = 0
        for at in positions(folded.lower, word):
            if at < done:
                continue
            record = records.at(at)
            if record is None or not record.names or at - record.start > _NEAR:
                record = None
            start, done = (record.start, min(record.end, at + _NEAR)) if record is not None else records.line(at)
            lower, number = folded.lower[start:done], record.id if record is not None else None
            for error, event in _about_servers():
                if event.source.lower() in lower and (start, error.id) not in seen and _fits(event, lower, number):
                    seen.add((start, error.id))
                    yield Span(at, at + len(word), error.id)


@cache
def _about_servers() -> tuple[tuple[ErrorEntry, WindowsEvent], ...]:
    return tuple((error, event) for error in errors() for event in error.windows)


def _fits(event: WindowsEvent, text: str, number: int | None) -> bool:
    """Whether a record or a line of an event's provider is this event, and about the service."""
    ids = (number,) if number is not None else tuple(map(int, re.findall(r"(?<![\w.])\d{4,5}(?![\w.])", text)))
    if not any(event_id in event.ids for event_id in ids) or re.search(service_pattern(event.about), text) is None:
        return False
    if event.about == "connector" and re.search(service_pattern("updater"), text) is not None:
        return False
    return event.text is None or re.search(event.text, text) is not None


def _names(record: Record, word: str) -> bool:
    return any(word in name.lower() for name in record.names)


def _of_record(record: Record, text: str) -> Iterator[Span]:
    if record.owner != "admin":
        return
    if record.id is not None:
        if record.id in known_events():
            yield Span(record.id_at, record.id_at + len(str(record.id)), known_events()[record.id].id)
        return
    for match in _TABLE_ROW.finditer(text, record.start, record.end):
        error = known_events().get(int(match[1]))
        if error is not None:
            yield Span(match.start(1), match.end(1), error.id)


def _frame(text: str, at: int) -> tuple[int, int]:
    """Return where the line, or the list of values, around a position begins and ends."""
    start = max(*(text.rfind(mark, max(0, at - _LOCAL), at) for mark in _OPEN), at - _LOCAL, -1) + 1
    ends = [place for place in (text.find(mark, at, at + _LOCAL) for mark in _CLOSE) if place >= 0]
    return start, min(ends, default=min(len(text), at + _LOCAL))


def _in_frame(text: str, start: int, end: int, behind: int) -> Iterator[Span]:
    """Yield the error whose id stands beside the provider's name, in a table, in a list of values, or in a sentence."""
    if "updater" in text[behind - 1 : behind + 8] or text.startswith("/session", behind):
        return
    for match in _number().finditer(text, start, end):
        number = int(match["number"])
        if number not in _COMMON_IDS or match["id"] or match["column"]:
            yield Span(match.start("number"), match.end("number"), known_events()[number].id)
            return


@cache
def _number() -> re.Pattern[str]:
    ids = "|".join(str(number) for number in known_events())
    called = r"(?P<id>(?:\bevent|\bid|\bereignis\w{0,10})[ :=#-]{1,4})"
    column = r"(?P<column>[,;|\t][ \t]{0,20}\"?|[ \t]{2,20})"
    return re.compile(rf"(?:{called}|{column})?(?<![\w./:-])(?P<number>{ids})(?![\w./:-])")
