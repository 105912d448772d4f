"""Which known errors a text holds, and what varies in them. Pure."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from connectorwatch.diagnosis.normalise import Folded, fold, letters
from connectorwatch.knowledge.loading import errors, topic

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from connectorwatch.knowledge.model import ErrorEntry

Whose = Literal["admin", "other", "foreign"]

_APART = 240
"""How many letters may stand between two parts of one message; the longest known has 140."""
_BEFORE, _BEHIND, _RECORD = 200, 700, 6000
_VALUES, _PLACES = 5, 50
_ADMIN = "connector-admin"

_PATTERNS: Mapping[str, re.Pattern[str]] = {
    "url": re.compile(r"https?://[^\s\"'<>\])}|‘’“”]{1,500}", re.IGNORECASE),  # noqa: RUF001 - bent quotes end one
    "aadsts": re.compile(r"AADSTS[0-9]{4,7}"),
    "hresult": re.compile(r"\b0x[0-9A-Fa-f]{8}\b"),
    "spn": re.compile(
        r"\b(?:http|host|cifs|mssqlsvc)/(?=[a-z])[\w.-]{1,250}(?::\d{1,5})?(?:@[\w.-]{1,250})?", re.IGNORECASE
    ),
    "account": re.compile(r"(?<![\w./@+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"),
    "id": re.compile(r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"),
}
"""What varies in an error; `spn` is a Kerberos name, `id` a correlation or transaction id."""

_STARTS = re.compile(
    r"^[ \t]*(?=(?:log name|timecreated|message)\s*:)|^[ \t]*\{|<event(?=[\s>])", re.IGNORECASE | re.MULTILINE
)
_EVENT_ID = re.compile(
    r"\b(?:event[ _-]?)?id\b[\"']?\s*[:=]\s*[\"']?([0-9]{4,5})\b|<eventid[^>]{0,80}>\s*([0-9]{4,5})\s*<", re.IGNORECASE
)

_CHANNEL = re.compile(r"(?:\blog ?name\b[\"']?\s*[:=]\s*[\"']?|<channel>\s*)([^\n\"'<]{1,120})", re.IGNORECASE)


@dataclass(frozen=True)
class Hit:
    """A known error that was found.

    Attributes:
        error: Which one.
        at: Where it first stands in the text.
        count: How often.
        values: What varies in it, by kind, each value once, at most five of a kind.
    """

    error: ErrorEntry
    at: int = 0
    count: int = 1
    values: tuple[tuple[str, tuple[str, ...]], ...] = ()


def recognise(text: str) -> tuple[Hit, ...]:
    """Return every known error in a text, in the order in which they first stand there."""
    folded = fold(text)
    by_text = sorted(set(_by_text(folded)))
    spans = _precise(_own(sorted({*by_text, *_by_event(folded, by_text)}), folded.text))
    bounds = [*(start for start, _, _ in spans), len(folded.text)]
    known = {error.id: error for error in errors()}
    found: dict[str, list[tuple[int, dict[str, tuple[str, ...]]]]] = {}
    for start, end, key in spans:
        seen = found.setdefault(key, [])
        line = folded.text.rfind("\n", max(0, start - _BEFORE), start) + 1
        behind = bounds[min(bisect_right(bounds, end), len(spans))]
        window = folded.text[max(line, start - _BEFORE) : min(behind, end + _BEHIND)]
        seen.append((start, _values(window) if len(seen) < _PLACES else {}))
    return tuple(
        Hit(known[key], seen[0][0], len(seen), _merged([one for _, one in seen])) for key, seen in found.items()
    )


def whose(channel: str) -> Whose:
    """Return whether a channel is a connector's Admin channel, another one of it or its updater, or none of its."""
    wanted = letters(channel)
    for entry in topic("channels").entries:
        if wanted in (letters(entry.channel), letters(entry.before)):
            return "admin" if entry.id == _ADMIN else "other"
    return "foreign"


def known_event(number: int) -> ErrorEntry | None:
    """Return the error that has this id in a connector's Admin channel."""
    return next((error for error in errors() if error.event == number), None)


Span = tuple[int, int, str]
"""Where an error begins and ends in the text, and its id."""


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    between = f".{{0,{_APART}}}?"
    return tuple(
        (re.compile(between.join(letters(part) for part in line)), error.id)
        for error in errors()
        for line in error.match
    )


def _by_text(folded: Folded) -> Iterator[Span]:
    for pattern, key in _patterns():
        for match in pattern.finditer(folded.letters):
            yield folded.place(match.start()), folded.place(match.end() - 1) + 1, key


def _by_event(folded: Folded, by_text: Sequence[Span]) -> Iterator[Span]:
    """Yield errors by their ids, from records of a connector's Admin channel whose text did not tell already."""
    starts = sorted({0, *(match.start() for match in _STARTS.finditer(folded.text)), len(folded.text)})
    for start, behind in pairwise(starts):
        end = min(behind, start + _RECORD)
        record = folded.text[start:end]
        match = _EVENT_ID.search(record)
        error = known_event(int(match[1] or match[2])) if match else None
        if match and error and _is_admin(record):
            told = by_text[bisect_left(by_text, (start, 0, "")) : bisect_left(by_text, (end, 0, ""))]
            if all(key != error.id for _, _, key in told):
                yield start + match.start(), start + match.end(), error.id


def _is_admin(record: str) -> bool:
    """Whether a record says that it is of a connector's Admin channel."""
    named = _CHANNEL.search(record)
    return named is not None and whose(named[1]) == "admin"


def _foreign_records(text: str) -> list[tuple[int, int]]:
    """Return where records of other programs' logs begin and end."""
    starts = sorted({*(match.start() for match in _STARTS.finditer(text)), len(text)})
    found = []
    for start, behind in pairwise(starts):
        end = min(behind, start + _RECORD)
        named = _CHANNEL.search(text[start:end])
        if named is not None and whose(named[1]) == "foreign":
            found.append((start, end))
    return found


def _own(spans: Sequence[Span], text: str) -> list[Span]:
    """Return the spans without those of errors that many programs have and that stand in another one's record."""
    common = {error.id for error in errors() if error.common}
    if not any(key in common for _, _, key in spans):
        return list(spans)
    records = _foreign_records(text)

    def foreign(start: int) -> bool:
        place = bisect_right(records, (start, len(text))) - 1
        return place >= 0 and start < records[place][1]

    return [span for span in spans if span[2] not in common or not foreign(span[0])]


def _precise(spans: Sequence[Span]) -> list[Span]:
    """Return the spans without those in which another error, that says it more precisely, stands as well."""
    unless = {error.id: error.unless for error in errors()}
    places: dict[str, list[tuple[int, int]]] = {}
    for start, end, key in spans:
        places.setdefault(key, []).append((start, end))

    def said_better(start: int, end: int, better: str) -> bool:
        others = places.get(better, [])
        last = bisect_left(others, (end, 0)) - 1
        return last >= 0 and others[last][1] > start

    return [span for span in spans if not any(said_better(span[0], span[1], key) for key in unless[span[2]])]


def _values(window: str) -> dict[str, tuple[str, ...]]:
    found = {}
    for kind, pattern in _PATTERNS.items():
        values = dict.fromkeys(match.rstrip(".,;:!") for match in pattern.findall(window))
        if values:
            found[kind] = tuple(values)
    return found


def _merged(many: Sequence[Mapping[str, tuple[str, ...]]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return what was found at all places of one error."""
    kinds = [kind for kind in _PATTERNS if any(kind in one for one in many)]
    return tuple(
        (kind, tuple(dict.fromkeys(value for one in many for value in one.get(kind, ())))[:_VALUES]) for kind in kinds
    )
