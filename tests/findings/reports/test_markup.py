"""Text of any kind stays text in Markdown: a parser finds words and code in it, and nothing else."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from common.text import visible
from findings.reports.markup import code, link, step_of, words_of
from tests.examples import examples
from tests.findings.reports.arbitrary import MARKUP, texts
from tests.findings.reports.sample import HOSTILE

PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
FOUND_BY_GITHUB = re.compile(r"@\w|#\d|gh-\d|!\d|:\w+:|://|www\.|\b[0-9a-f]{7,40}\b|\$", re.IGNORECASE)
"""What GitHub and its like turn into mentions, references, links and emoji after the markup was read."""


def told(markdown: str) -> tuple[str, str, set[str]]:
    """Return all text of one line of Markdown, the part of it that is no code, and the other kinds of tokens in it."""
    blocks = PARSER.parse(markdown)
    inline = [token for block in blocks for token in block.children or []]
    kinds = {token.type for token in (*blocks, *inline)} - {"paragraph_open", "inline", "paragraph_close"}
    words = "".join(token.content for token in inline if token.type == "text")
    return "".join(token.content for token in inline), words, kinds


@settings(max_examples=examples(600), deadline=None)
@given(texts)
def test_a_name_is_code_and_nothing_else(name: str) -> None:
    """A name is one piece of code that reads as the name does."""
    content, _, kinds = told(code(name))

    assert kinds == ({"code_inline"} if visible(name) else {"text"})
    assert content == (visible(name) or "(no name)")


@settings(max_examples=examples(600), deadline=None)
@given(texts | st.lists(texts, max_size=3).map(" ".join))
@example("www.evil.example says hello@evil.example")
@example("- 1. + =")
def test_a_sentence_is_words_and_code(text: str) -> None:
    """A sentence is text and code with the same words, and nothing that means more stands outside the code."""
    content, words, kinds = told(words_of(text))

    assert kinds <= {"text", "code_inline"}
    assert content.split() == visible(text).split()
    assert FOUND_BY_GITHUB.findall(words) == []


@pytest.mark.parametrize("name", [*HOSTILE, *MARKUP])
def test_a_cell_stays_a_cell(name: str) -> None:
    """In a table a name takes one cell, whatever it is."""
    table = f"| a | b |\n|---|---|\n| {code(name, chr(92) + '|')} | {words_of(name, chr(92) + '|')} |\n"

    blocks = PARSER.parse(table)

    cells = [blocks[place + 1] for place, block in enumerate(blocks) if block.type == "td_open"]
    first, second = ("".join(token.content for token in cell.children or []) for cell in cells)
    assert (first, second.split()) == (visible(name), visible(name).split())


@pytest.mark.parametrize(
    "text",
    [
        "version 1.5.3437.0 is older than 1.5.4522.0, which Microsoft installs by itself",
        "2026-11-20 06:00 UTC (changed)",
        "1 active machine, 2 needed; Łódź isn't there: 50% (1/2) + more!",
    ],
)
def test_our_own_sentences_stay_as_they_are(text: str) -> None:
    """Plain words and versions are not made code."""
    assert words_of(text) == text


def test_words_that_begin_a_list_are_code() -> None:
    """What would begin a list or a heading at the start of a line is code there, and words elsewhere."""
    assert words_of("1. and 1. - b") == "`1.` and 1. - b"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://learn.microsoft.com/entra?x=1#y", "<https://learn.microsoft.com/entra?x=1#y>"),
        ("javascript:alert(1)", "`javascript:alert(1)`"),
        ("https://a b", "`https://a b`"),
        ("https://a/>x", "`https://a/>x`"),
    ],
)
def test_links(url: str, shown: str) -> None:
    """Only an address in which nothing hides becomes a link."""
    assert link(url) == shown


@settings(max_examples=examples(600), deadline=None)
@given(texts | st.lists(texts, max_size=3).map("`".join) | st.lists(texts, max_size=4).map("`a`".join))
@example("`a`@b")
@example("Run `` now.")
@example("`a``b`")
def test_a_step_is_words_and_code(text: str) -> None:
    """Whatever stands in a step, it is text and code with the same characters, and commands are code."""
    content, words, kinds = told(step_of(text))

    assert kinds <= {"text", "code_inline"}
    assert not FOUND_BY_GITHUB.search(words)
    assert re.sub(r"[\s`]", "", content) == re.sub(r"[\s`]", "", visible(text))


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("Run `Get-Service A, B`. Then wait.", "Run `Get-Service A, B`. Then wait."),
        ("`a-b` and (`c`) end.", "`a-b` and (`c`) end."),
        ("One ` tick.", "One `` ` `` tick."),
        ("Wait.", "Wait."),
    ],
)
def test_commands_of_a_step(step: str, expected: str) -> None:
    """A command in backticks stays one piece of code, with the words around it as they are."""
    assert step_of(step) == expected
