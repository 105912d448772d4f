"""Which known errors a text holds, and what varies in them. Pure."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from connectorwatch.diagnosis.matching import Span, positions, spans
from connectorwatch.diagnosis.names import (
    channel_of,
    context_words,
    host_pattern,
    neighbour_in,
    neighbour_of,
    neighbours,
)
from connectorwatch.diagnosis.normalise import Folded, fold
from connectorwatch.diagnosis.records import Records
from connectorwatch.diagnosis.values import Values, merged, values_of
from connectorwatch.diagnosis.windows_events import admin_events, known_events, loose_events, server_events
from connectorwatch.knowledge.loading import errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from connectorwatch.knowledge.model import ErrorEntry, Neighbour

Whose = Literal["admin", "other", "foreign"]

_BEFORE, _BEHIND = 200, 700
_NEAR = 1500
_SHORT = 160
"""How many letters a paste has at most that is a code and little else: what else should it be about?"""
_PLACES = 50
_HOST_LENGTH = 280
_QUOTED_HOST = re.compile(r"[.。]?\s{0,3}[:：]\s{0,3}['\"‘’“]([\w-]{1,63}(?:\.[\w-]{1,63}){0,8})['\"‘’”]")  # noqa: RUF001 - as pasted


@dataclass(frozen=True)
class Hit:
    """A known error that was found.

    Attributes:
        error: Which error.
        at: Where it first stands in the text.
        count: How often.
        values: What varies in it, by kind, each value once, at most five of a kind.
    """

    error: ErrorEntry
    at: int = 0
    count: int = 1
    values: Values = ()


@dataclass(frozen=True)
class Reading:
    """All that a text holds.

    Attributes:
        hits: The known errors, in the order in which they first stand there.
        neighbours: Other products that records or lines of it belong to.
        loose: Ids of events whose channel the text does not name, and which mean something in the connector's.
    """

    hits: tuple[Hit, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()
    loose: tuple[int, ...] = ()


def recognise(text: str) -> tuple[Hit, ...]:
    """Return every known error in a text, in the order in which they first stand there."""
    return read(text).hits


def read(text: str) -> Reading:
    """Return every known error in a text, and what else it says about where it comes from."""
    folded = fold(text)
    records = Records(folded)
    known = {error.id: error for error in errors()}
    owners = _Owners(folded, records)
    matches = [span for span in spans(folded) if not owners.others(span, known[span.key])]
    matches += _unseen(admin_events(folded, records), matches, records)
    matches += _unseen(server_events(folded, records), matches, records)
    matches = _joined(_precise(_in_context(sorted(matches), known, folded), known))
    hits = _hits(matches, known, folded.text)
    recognised = {number for hit in hits if (number := hit.error.event)}
    loose = tuple(number for number in loose_events(folded, records) if number not in recognised)
    return Reading(
        hits, tuple(entry for entry in neighbours() if entry.named and _names(folded, entry, records)), loose
    )


def whose(channel: str) -> Whose:
    """Return whether a channel is a connector's Admin channel, another one of it or its updater, or none of its."""
    entry = channel_of(channel)
    if entry is None:
        return "foreign"
    return "admin" if entry.id == "connector-admin" else "other"


def known_event(number: int) -> ErrorEntry | None:
    """Return the error that has this id in a connector's Admin channel."""
    return known_events().get(number)


def other_product(channel: str) -> Neighbour | None:
    """Return the other product that a channel belongs to."""
    return neighbour_of((channel,)) or neighbour_in(channel.lower())


class _Owners:
    """Who wrote what, remembered line by line."""

    def __init__(self, folded: Folded, records: Records) -> None:
        self._folded, self._records = folded, records
        self._lines: dict[tuple[int, int], Neighbour | None] = {}

    def others(self, span: Span, error: ErrorEntry) -> bool:
        """Whether an error stands in what another program or product wrote, or is about somebody else's host."""
        if error.cloud_host and self._of_another_host(span):
            return True
        neighbour = self._neighbour(self._records.line(span.start))
        if neighbour is not None and (neighbour.named or error.common):
            return True
        record = self._records.at(span.start)
        if record is None:
            return False
        neighbour = record.neighbour
        if neighbour is not None and (neighbour.named or error.common):
            return True
        return error.common and record.owner == "foreign"

    def _of_another_host(self, span: Span) -> bool:
        quoted = _QUOTED_HOST.match(self._folded.text, span.end, span.end + _HOST_LENGTH)
        return quoted is not None and re.fullmatch(host_pattern(), quoted[1]) is None

    def _neighbour(self, line: tuple[int, int]) -> Neighbour | None:
        if line not in self._lines:
            self._lines[line] = neighbour_in(self._folded.lower[slice(*line)])
        return self._lines[line]


def _names(folded: Folded, entry: Neighbour, records: Records) -> bool:
    return any(
        (record := records.at(at)) is None or record.owner not in ("admin", "other")
        for word in entry.words
        for at in list(positions(folded.lower, word))[:_PLACES]
    )


def _unseen(more: Iterable[Span], matches: Sequence[Span], records: Records) -> list[Span]:
    """Return spans whose error the text of the same record or line does not show already."""
    places: dict[str, list[int]] = {}
    for span in sorted(matches):
        places.setdefault(span.key, []).append(span.start)

    def shown(span: Span) -> bool:
        known = places.get(span.key)
        if not known:
            return False
        record = records.at(span.start)
        start, end = (record.start, record.end) if record is not None else records.line(span.start)
        return bisect_left(known, end) > bisect_left(known, start)

    return [span for span in more if not shown(span)]


def _in_context(matches: list[Span], known: dict[str, ErrorEntry], folded: Folded) -> list[Span]:
    """Return spans without those that count only near something of a connector, where nothing is."""
    if not any(known[span.key].context for span in matches):
        return matches
    short = len(folded.letters) <= _SHORT
    words = sorted(at for word in context_words() for at in positions(folded.lower, word))

    def has_context(span: Span) -> bool:
        return bisect_left(words, span.end + _NEAR) > bisect_left(words, span.start - _NEAR)

    return [
        span
        for span in matches
        if not known[span.key].context or span.names or has_context(span) or (short and known[span.key].codes)
    ]


def _precise(matches: Sequence[Span], known: dict[str, ErrorEntry]) -> list[Span]:
    """Return spans without those in which another error, that says it more precisely, stands as well."""
    places: dict[str, list[Span]] = {}
    for span in matches:
        places.setdefault(span.key, []).append(span)
    replaced = {key for error_id in places for key in known[error_id].instead_of}

    def said_better(span: Span, better: str) -> bool:
        others = places.get(better, [])
        last = bisect_left(others, (span.end, 0, "")) - 1
        return last >= 0 and others[last].end > span.start

    return [
        span
        for span in matches
        if span.key not in replaced and not any(said_better(span, key) for key in known[span.key].unless)
    ]


def _joined(matches: Sequence[Span]) -> list[Span]:
    """Return spans in which those of one error that overlap are one."""
    joined: list[Span] = []
    last: dict[str, int] = {}
    for span in matches:
        place = last.get(span.key)
        if place is not None and span.start < joined[place].end:
            before = joined[place]
            groups = before.groups + tuple(group for group in span.groups if group not in before.groups)
            joined[place] = before._replace(end=max(before.end, span.end), groups=groups)
        else:
            last[span.key] = len(joined)
            joined.append(span)
    return joined


def _hits(matches: Sequence[Span], known: dict[str, ErrorEntry], text: str) -> tuple[Hit, ...]:
    starts = [*(span.start for span in matches), len(text)]
    seen: dict[str, list[tuple[int, dict[str, tuple[str, ...]]]]] = {}
    for span in matches:
        places = seen.setdefault(span.key, [])
        line = text.rfind("\n", max(0, span.start - _BEFORE), span.start) + 1
        behind = starts[min(bisect_right(starts, span.end), len(matches))]
        window = text[max(line, span.start - _BEFORE) : min(behind, span.end + _BEHIND)]
        places.append((span.start, values_of(window, span.groups) if len(places) < _PLACES else {}))
    return tuple(
        Hit(known[key], places[0][0], len(places), merged([values for _, values in places]))
        for key, places in seen.items()
    )
