"""A saved HTML page as tokens, in one pass that never reads a character twice.

Python's `html.parser` takes time in the square of a hostile page's length in the patch versions in use (measured on
3.11.7: 12 seconds for 32 KB of `<a `), and raises ValueError for a character reference of thousands of digits. This
follows the tokenization of the HTML standard (WHATWG, section 13.2.5, read 2026-12) as far as blocks of text need it:
what is not closed ends with the page, and nothing is tried again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_QUOTED = r"\"[^\"]*(?:\"|\Z)|'[^']*(?:'|\Z)"
_TOKEN = re.compile(
    rf"<!--(?:-?>|.*?(?:--!?>|\Z))"
    rf"|</(?P<end>[a-z][^\s/>]*)[^>]*(?:>|\Z)"
    rf"|<(?P<start>[a-z][^\s/>]*)(?P<attributes>(?:[^>=]|=\s*+(?:{_QUOTED})?)*+)(?:>|\Z)"
    rf"|<[!?/][^>]*(?:>|\Z)"
    rf"|(?P<text>[^<]+|<)",
    re.IGNORECASE | re.DOTALL,
)
"""Every alternative ends at its own end or at the page's, so that none is begun in vain."""
_ATTRIBUTE = re.compile(rf"(?P<name>[^\s/>=]+)(?:\s*+=\s*+(?P<value>{_QUOTED}|[^\s>]+))?", re.DOTALL)
_RAW = {
    name: re.compile(rf"</{name}(?=[\s/>]|\Z)|\Z", re.IGNORECASE)
    for name in ("script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes")
}
"""Elements in which no tag counts but their own end."""
_HUGE = re.compile(r"&#(?:[0-9]{9}[0-9]*|x[0-9a-f]{9}[0-9a-f]*);?", re.IGNORECASE)
"""References to characters beyond any there is."""


@dataclass(frozen=True)
class Token:
    """A start tag, an end tag, or text; `name` is in lower case and empty for text."""

    name: str = ""
    ends: bool = False
    attributes: Mapping[str, str] = field(default_factory=dict)
    text: str = ""


def tokens(page: str) -> Iterator[Token]:
    """Yield a page's tags and texts in their order; whatever the page is, this raises nothing."""
    place = 0
    while match := _TOKEN.match(page, place):
        place = match.end()
        if match["text"]:
            yield Token(text=_characters(match["text"]))
        elif match["end"]:
            yield Token(match["end"].lower(), ends=True)
        elif match["start"]:
            name = match["start"].lower()
            yield Token(name, attributes=_attributes(match["attributes"]) if name == "meta" else {})
            if name in _RAW:
                end = _RAW[name].search(page, place)
                until = end.start() if end else len(page)
                yield Token(text=_characters(page[place:until]))
                place = until


def _attributes(text: str) -> dict[str, str]:
    """Return a tag's attributes; of one that stands there twice the first counts."""
    by_version: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(text):
        value = match["value"] or ""
        by_version.setdefault(
            match["name"].lower(), _characters(value.strip(value[:1]) if value[:1] in "\"'" else value)
        )
    return by_version


def _characters(text: str) -> str:
    """Return a text with its character references resolved."""
    return unescape(_HUGE.sub("\ufffd", text))
