"""A documentation page as headings and paragraphs, from Markdown or from HTML as a browser saves it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from markdown_it import MarkdownIt

from policies.releases.page_html import Token as HtmlToken
from policies.releases.page_html import tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it.token import Token

Kind = Literal["markdown", "html"]

_FRONT_MATTER = re.compile(r"\s*---[ \t]*\r?\n(?P<lines>.*?\n)?(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_MATTER_DATE = re.compile(r"^ms\.date[ \t]*:(.*)$", re.MULTILINE)
_HTML = re.compile(r"<(?:!doctype\s+html|html|body|h[1-6])\b", re.IGNORECASE)
_INLINE = frozenset(
    {
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "cite",
        "code",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "img",
        "ins",
        "kbd",
        "mark",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "time",
        "u",
        "var",
        "wbr",
    }
)
_HIDDEN = frozenset({"noscript", "script", "style", "svg", "template"})
_LEVELS = {f"h{level}": level for level in range(1, 7)}


@dataclass(frozen=True)
class Block:
    """A heading (`level` 1 to 6) or a paragraph, list item or cell (`level` 0), its white space made single."""

    level: int
    text: str


@dataclass(frozen=True)
class PageText:
    """A page's blocks in their order, and what its front matter or head says in `ms.date`, if anything."""

    blocks: tuple[Block, ...]
    dated: str | None


def kind_of(text: str) -> Kind:
    """Return whether a text is HTML, which a document type, a body or a heading's tag gives away, or else Markdown."""
    return "html" if _HTML.search(text) else "markdown"


def page_text(text: str, kind: Kind) -> PageText:
    """Return a page as blocks; whatever the text is, this raises nothing."""
    # Half a character, which no file holds, would upset the Markdown parser's links.
    whole = text.encode("utf-8", "replace").decode("utf-8").removeprefix("\ufeff")
    return _from_html(whole) if kind == "html" else _from_markdown(whole)


def _from_markdown(text: str) -> PageText:
    matter = _FRONT_MATTER.match(text)
    dated = _MATTER_DATE.search(matter["lines"] or "") if matter else None
    tokens = MarkdownIt("commonmark").parse(text[matter.end() :] if matter else text)
    return PageText(tuple(_blocks(tokens)), dated[1].strip(" \t\r'\"") if dated else None)


def _blocks(tokens: Sequence[Token]) -> Iterator[Block]:
    level = 0
    for token in tokens:
        if token.type == "heading_open":
            level = _LEVELS[token.tag]
        elif token.type == "heading_close":
            level = 0
        elif token.type == "inline" and (text := _single("".join(map(_visible_text, token.children or ())))):
            yield Block(level, text)


def _visible_text(token: Token) -> str:
    """Return the visible text of an inline token: no tags, no link addresses, no pictures."""
    return token.content if token.type in {"text", "code_inline"} else " " * token.type.endswith("break")


def _single(text: str) -> str:
    """Return the text with its white space made single."""
    return " ".join(text.split())


def _from_html(text: str) -> PageText:
    reader = _HtmlReader()
    for token in tokens(text):
        reader.take(token)
    reader.end_block(0)
    return PageText(tuple(reader.blocks), reader.dated)


class _HtmlReader:
    """Every element that is not inline begins and ends a block."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.dated: str | None = None
        self._level = 0
        self._hidden = 0
        self._text: list[str] = []

    def end_block(self, next_level: int) -> None:
        """Keep what was read as a block, if there is anything, and begin one of another level."""
        if text := _single("".join(self._text)):
            self.blocks.append(Block(self._level, text))
        self._text.clear()
        self._level = next_level

    def take(self, token: HtmlToken) -> None:
        """Go on with a tag or a text."""
        if not token.name:
            self._text += [] if self._hidden else [token.text]
        elif token.name in _HIDDEN:
            self._hidden = max(0, self._hidden + (-1 if token.ends else 1))
        elif token.name == "meta" and token.attributes.get("name") == "ms.date":
            self.dated = token.attributes.get("content")
        elif token.name == "br" and not token.ends:
            self._text.append(" ")
        elif token.name not in _INLINE:
            self.end_block(0 if token.ends else _LEVELS.get(token.name, 0))
