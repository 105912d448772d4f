"""A page taken apart: what its elements are, what their attributes say, and what is text."""

from __future__ import annotations

from collections import Counter
from html.parser import HTMLParser

Element = tuple[str, tuple[tuple[str, str | None], ...]]


class Page(HTMLParser):
    """The elements of an HTML page in order, and all of its text outside style sheets and scripts."""

    def __init__(self, html: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self.text = ""
        self._tag = ""
        self.feed(html.decode())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep an element."""
        self.elements.append((tag, tuple(attrs)))
        self._tag = tag

    def handle_data(self, data: str) -> None:
        """Keep text."""
        if self._tag not in ("style", "script"):
            self.text += data

    def handle_endtag(self, tag: str) -> None:
        """Leave a style sheet or a script."""
        self._tag = "" if tag in ("style", "script") else self._tag

    @property
    def tags(self) -> list[str]:
        """The names of all elements, in order."""
        return [tag for tag, _ in self.elements]

    @property
    def anatomy(self) -> Counter[Element]:
        """The page without its text: how often each element with its attributes occurs."""
        return Counter(self.elements)

    def values(self, attribute: str) -> list[str]:
        """Return what all elements say under one attribute, in order."""
        return [value or "" for _, attrs in self.elements for name, value in attrs if name == attribute]
