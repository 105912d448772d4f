"""Where the wordings, patterns and codes of known errors stand in a text. Each costs time linear in the text."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from connectorwatch.diagnosis.names import expanded, host_words, service_words
from connectorwatch.diagnosis.normalise import letters
from connectorwatch.knowledge.loading import errors

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from connectorwatch.diagnosis.normalise import Folded

_APART = 240
"""How many letters may stand between two parts of one message; the longest known has 140."""
_BACK, _AHEAD = 800, 1600
"""How much text around a literal a pattern over several lines sees; a match with the literal spans `_BACK` at most."""
_LINE = 800
"""How much of a line to each side of a literal the other patterns see."""


class Span(NamedTuple):
    """Where an error stands in a text.

    Attributes:
        start: Where it begins.
        end: Where it ends.
        key: The error's id.
        groups: What its pattern picked out.
        names: Whether its pattern names a host or a service of the connector, so that no other context is needed.
    """

    start: int
    end: int
    key: str
    groups: tuple[tuple[str, str], ...] = ()
    names: bool = False


def spans(folded: Folded) -> set[Span]:
    """Return where errors stand by their wording, their patterns and their codes."""
    return {*_by_wording(folded), *_by_pattern(folded), *_by_code(folded)}


def positions(text: str, word: str) -> Iterator[int]:
    """Yield where a word stands in a text, without overlap."""
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + len(word))


@cache
def _wordings() -> tuple[tuple[tuple[str, ...], str], ...]:
    return tuple((tuple(map(letters, parts)), error.id) for error in errors() for parts in error.match)


class _Pattern(NamedTuple):
    has: tuple[str, ...]
    find: re.Pattern[str]
    key: str
    needs: tuple[str, ...]
    over_lines: bool


@cache
def _patterns() -> tuple[_Pattern, ...]:
    return tuple(
        _Pattern(pattern.has, re.compile(expanded(pattern.find)), error.id, _needs(pattern.find), pattern.over_lines)
        for error in errors()
        for pattern in error.patterns
    )


def _needs(find: str) -> tuple[str, ...]:
    """Return literals of which the text has to hold one for an expression to match; none where that is not known."""
    if "{{host}}" in find:
        return host_words()
    return service_words() if "{{" in find else ()


@cache
def _codes() -> tuple[tuple[str, str], ...]:
    return tuple((code, error.id) for error in errors() for code in error.codes)


def _by_wording(folded: Folded) -> Iterator[Span]:
    for parts, key in _wordings():
        for start in positions(folded.letters, parts[0]):
            end = _end_of(folded.letters, parts, start)
            if end is not None:
                yield Span(folded.place(start), folded.place(end - 1) + 1, key)


def _end_of(text: str, parts: tuple[str, ...], start: int) -> int | None:
    """Return where a wording ends whose first part stands at `start`, or None where the others do not follow it."""
    end = start + len(parts[0])
    for part in parts[1:]:
        at = text.find(part, end, end + _APART + len(part))
        if at < 0:
            return None
        end = at + len(part)
    return end


def _by_pattern(folded: Folded) -> Iterator[Span]:
    places: dict[tuple[str, ...], list[int]] = {(): []}
    for pattern in _patterns():
        if pattern.needs not in places:
            places[pattern.needs] = sorted(at for word in pattern.needs for at in positions(folded.lower, word))
        if places[pattern.needs] or not pattern.needs:
            for literal in pattern.has:
                yield from _around(folded, literal, pattern, places[pattern.needs])


def _around(folded: Folded, literal: str, pattern: _Pattern, needed: Sequence[int]) -> Iterator[Span]:
    """Yield the matches of a pattern near a literal; each piece of the text is looked at three times at most.

    Args:
        folded: The text.
        literal: Around what the pattern is tried.
        pattern: The pattern.
        needed: Where what the pattern needs beside the literal stands.
    """
    lower, (back, ahead) = folded.lower, (_BACK, _AHEAD) if pattern.over_lines else (_LINE, _LINE)
    at, done = lower.find(literal), 0
    while at >= 0:
        start, end = max(done, at - back), at + ahead
        following = end - back if pattern.over_lines else end
        if not pattern.over_lines:
            start = max(start, lower.rfind("\n", start, at) + 1)
            following = end = _end_of_line(lower, at, end)
        near = bisect_left(needed, start)
        if near < len(needed) and needed[near] >= end:
            following = max(following, needed[near] - back)
        elif pattern.needs and near == len(needed):
            return
        else:
            for match in pattern.find.finditer(folded.text, start, end):
                done = match.end()
                groups = tuple((name, value) for name, value in match.groupdict().items() if value)
                yield Span(match.start(), match.end(), pattern.key, groups, bool(pattern.needs))
        at = lower.find(literal, max(done, following, at + 1))


def _end_of_line(text: str, at: int, most: int) -> int:
    end = text.find("\n", at, most)
    return most if end < 0 else end


def _by_code(folded: Folded) -> Iterator[Span]:
    for code, key in _codes():
        for at in positions(folded.lower, code):
            start = at - 2 if folded.lower.startswith("0x", max(0, at - 2)) and at > 1 else at
            end = at + len(code)
            if not _part_of_word(folded.lower, start - 1) and not _part_of_word(folded.lower, end):
                yield Span(start, end, key)


def _part_of_word(text: str, at: int) -> bool:
    """Whether a character belongs to a longer word or number, or to a GUID."""
    return 0 <= at < len(text) and (text[at].isalnum() or text[at] in "_-")
