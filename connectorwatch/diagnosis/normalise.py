"""Text reduced to its letters and digits, so that line breaks, quotes and dashes cannot hide an error in it.

Terminals break lines in the middle of words, mail adds `>`, editors bend quotes, JSON and HTML write them as escapes,
and a wrong code page turns an apostrophe into three odd characters. None of that touches ASCII letters and digits.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from dataclasses import dataclass

_RUN = re.compile("[A-Za-z0-9]+")
_ESCAPE = re.compile(r"\\(?:u00([0-9a-fA-F]{2})|[rnt]|[\"'])")


@dataclass(frozen=True)
class Folded:
    """Text with its letters and digits in small letters, and where each run of them stands in it."""

    text: str
    letters: str
    _letter_starts: tuple[int, ...]
    _text_starts: tuple[int, ...]

    def place(self, position: int) -> int:
        """Return where a position of `letters` stands in `text`."""
        run = bisect_right(self._letter_starts, position) - 1
        return self._text_starts[run] + position - self._letter_starts[run] if run >= 0 else 0


def fold(text: str) -> Folded:
    """Return text with what an error can be found by."""
    plain = _unescaped(text)
    runs, letter_starts, text_starts, position = [], [], [], 0
    for match in _RUN.finditer(plain):
        run = match[0]
        runs.append(run)
        letter_starts.append(position)
        text_starts.append(match.start())
        position += len(run)
    return Folded(plain, "".join(runs).lower(), tuple(letter_starts), tuple(text_starts))


def letters(text: str) -> str:
    """Return the letters and digits of a text of ours."""
    return "".join(_RUN.findall(text)).lower()


def _unescaped(text: str) -> str:
    """Return text in which the escapes of HTML and JSON are what they stand for."""
    plain = html.unescape(text) if "&" in text else text
    return _ESCAPE.sub(_meant, plain) if "\\" in plain else plain


def _meant(escape: re.Match[str]) -> str:
    if escape[1]:
        return chr(int(escape[1], 16))
    return "\n" if escape[0][1] in "rnt" else escape[0][1]
