"""Text reduced to its letters and digits, so that line breaks, quotes and dashes cannot hide an error in it.

Terminals break lines in the middle of words, mail adds `>`, editors bend quotes, JSON and HTML write them as escapes,
and a wrong code page turns an accented letter into two odd characters. None of that touches ASCII letters and digits.
Scripts that have no ASCII letters (Cyrillic, Japanese, Chinese, Korean) are kept as well.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from html.entities import html5
from itertools import accumulate

_KEPT = "A-Za-z0-9\u0400-\u04ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_DROPPED = re.compile(f"[^{_KEPT}]+")
_RUN = re.compile(f"[{_KEPT}]+")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|[rnt]|[\"'])")
_ENTITY = re.compile(r"&(?:#([0-9]{1,6})|#[xX]([0-9a-fA-F]{1,5})|([A-Za-z]{2,8}));")
_BLOCK = 2048
_SURROGATES = range(0xD800, 0xE000)
_BEHIND_THE_LAST = 0x110000


@dataclass(frozen=True)
class Folded:
    """Text with its letters and digits in lower case, and where each of them stands in it.

    Positions are found block by block: a paste of megabytes without an error costs no table of its words.

    Attributes:
        text: The text without escapes.
        lower: The same in lower case, of the same length.
        letters: Its letters and digits in lower case.
    """

    text: str
    lower: str
    letters: str
    _starts: tuple[int, ...]
    _blocks: dict[int, tuple[tuple[int, ...], tuple[int, ...]]] = field(default_factory=dict, compare=False, repr=False)

    def place(self, position: int) -> int:
        """Return where a position of `letters` stands in `text`."""
        block = max(bisect_right(self._starts, position) - 1, 0)
        letter_starts, text_starts = self._runs(block)
        run = bisect_right(letter_starts, position) - 1
        return text_starts[run] + position - letter_starts[run] if run >= 0 else 0

    def _runs(self, block: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return where each run of letters in a block begins, in `letters` and in `text`."""
        known = self._blocks.get(block)
        if known is None:
            runs = list(_RUN.finditer(self.text, block * _BLOCK, (block + 1) * _BLOCK))
            lengths = accumulate((len(run[0]) for run in runs), initial=self._starts[block] if self._starts else 0)
            known = self._blocks[block] = (tuple(lengths)[:-1], tuple(run.start() for run in runs))
        return known


def fold(text: str) -> Folded:
    """Return text with what an error can be found by."""
    plain = _unescaped(text)
    parts = [_DROPPED.sub("", plain[at : at + _BLOCK]) for at in range(0, len(plain), _BLOCK)]
    starts = tuple(accumulate(map(len, parts), initial=0))[:-1]
    return Folded(plain, plain.replace("\u0130", "I").lower(), "".join(parts).lower(), starts)


def letters(text: str) -> str:
    """Return the letters and digits of a text, in lower case."""
    return _DROPPED.sub("", text).lower()


def _unescaped(text: str) -> str:
    """Return text in which the escapes of HTML and JSON are what they stand for."""
    plain = _ENTITY.sub(_entity, text) if "&" in text else text
    return _ESCAPE.sub(_escape, plain) if "\\" in plain else plain


def _entity(match: re.Match[str]) -> str:
    if match[3]:
        return html5.get(f"{match[3]};", match[0])
    code = int(match[1]) if match[1] else int(match[2], 16)
    return chr(code) if 0 < code < _BEHIND_THE_LAST and code not in _SURROGATES else match[0]


def _escape(match: re.Match[str]) -> str:
    if match[1]:
        code = int(match[1], 16)
        return chr(code) if code and code not in _SURROGATES else match[0]
    return "\n" if match[0][1] in "rnt" else match[0][1]
