"""Blocks on the terminal and in Markdown: readable at 80 columns, and nothing in them acts."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from rich.cells import cell_len
from rich.console import Console

from common.text import UNSEEN, visible
from connectorwatch.diagnosis.answer_blocks import answer_blocks
from connectorwatch.diagnosis.answers import answer_event, answer_text
from connectorwatch.diagnosis.blocks import (
    Block,
    Code,
    Line,
    Links,
    Points,
    Rows,
    Title,
    markdown,
    print_blocks,
)
from connectorwatch.diagnosis.subject import Observation, Result
from tests.examples import examples
from tests.findings.reports.sample import HOSTILE
from tests.findings.reports.test_markup import FOUND_BY_GITHUB

NETWORK = "was unable to connect to the service due to networking issues"
NAMES = (
    *HOSTILE,
    "[x](https://evil.example)",
    "<img src=x>",
    "@everyone",
    "#12",
    "`rm -rf`",
    "| a | b |",
    "1. one",
    "- one",
    "www.evil.example",
    "https://evil.example",
    "&lt;b&gt;",
    "***",
    "```",
    "$x$",
    "= =",
)


def every(text: str) -> list[Block]:
    """Return every kind of block with a text everywhere."""
    return [
        Title(text, level=1),
        Title(text, "bad", level=3),
        Line(text, "unsure"),
        Points((text, "b"), ordered=True),
        Points((text,)),
        Rows(((text, text), ("label", "x"))),
        Code(text, (text, "Get-Service"), text),
        Links((("https://learn.microsoft.com/x", text),)),
    ]


def printed(blocks: list[Block]) -> str:
    """Return what a pipe of 80 columns shows."""
    file = io.StringIO()
    print_blocks(blocks, Console(file=file, width=80))
    return file.getvalue()


@pytest.mark.parametrize("name", NAMES)
def test_hostile_on_the_terminal(name: str) -> None:
    """A hostile name is text on the terminal: nothing unseen but line ends, no markup taken."""
    assert set(UNSEEN.findall(printed(every(name)))) <= {"\n"}


@settings(max_examples=examples(200), deadline=None)
@given(st.text(max_size=200))
def test_any_text_on_the_terminal(text: str) -> None:
    """Whatever a text is, nothing unseen is printed; only lines to run may be over 80 columns."""
    shown = printed(every(text))

    assert set(UNSEEN.findall(shown)) <= {"\n"}
    long = [line for line in shown.split("\n") if cell_len(line) > 80]
    assert all(line.startswith("      ") for line in long)


def _spoken(text: str) -> list[tuple[str, str]]:
    """Return what a Markdown reader makes of a text: the types and contents of its tokens."""
    tokens = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(text)
    return [(token.type, child.type) for token in tokens for child in token.children or ()] + [
        (token.type, "") for token in tokens
    ]


def _outside_code(text: str) -> str:
    """Return what a Markdown reader takes for words, outside code and fences."""
    tokens = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(text)
    return "\n".join(child.content for token in tokens for child in token.children or () if child.type == "text")


@pytest.mark.parametrize("name", NAMES)
def test_hostile_in_markdown(name: str) -> None:
    """A hostile name in Markdown is text and code: no link, image, HTML, list, table, mention or reference."""
    shown = markdown([Line(name)])

    assert {kind for kind, _ in _spoken(shown)} <= {"paragraph_open", "inline", "paragraph_close"}
    assert {child for _, child in _spoken(shown)} <= {"", "text", "code_inline"}
    assert FOUND_BY_GITHUB.search(_outside_code(shown)) is None


@settings(max_examples=examples(300), deadline=None)
@given(st.text(max_size=120))
def test_any_text_in_markdown(text: str) -> None:
    """Whatever a text is, a reader of Markdown sees it as it is, on one line, and nothing in it acts."""
    shown = markdown([Line(text)])

    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(shown)

    children = [child for token in tokens for child in token.children or ()]
    assert {child.type for child in children} <= {"text", "code_inline"}
    assert "".join(child.content for child in children).split() == visible(text).split()
    assert FOUND_BY_GITHUB.search(_outside_code(shown)) is None


@settings(max_examples=examples(200), deadline=None)
@given(st.sampled_from(NAMES) | st.text(max_size=60))
def test_any_text_in_every_block(text: str) -> None:
    """Whatever a text is and whatever block it stands in, only our own links and lines to run are more than text."""
    shown = markdown(every(text))

    assert FOUND_BY_GITHUB.search(_outside_code(shown).replace("https://learn.microsoft.com/x", "")) is None


@settings(max_examples=examples(100), deadline=None)
@given(st.text(max_size=80))
def test_fences_hold(text: str) -> None:
    """Lines to run stay in their fence, whatever is in them."""
    tokens = MarkdownIt("commonmark").parse(markdown([Code("x", (text, "after"), "y")]))

    (fence,) = [token for token in tokens if token.type == "fence"]
    assert fence.content == f"{visible(text)}\nafter\n"
    assert [token.type for token in tokens].count("paragraph_open") == 2


def test_markdown_of_every_block() -> None:
    """Each kind of block has its form in Markdown."""
    assert markdown(every("a")) == (
        "# a\n\n### a\n\na\n\n1. a\n2. b\n\n- a\n\n- a: a\n- label: x\n\na\n\n```powershell\na\nGet-Service\n```\n\na\n"
        "\n- <https://learn.microsoft.com/x> (a)\n"
    )


def test_an_answer_at_80_columns() -> None:
    """An answer begins with its number and title, names what it found, and says each command once."""
    text = f"The Connector trust certificate expired https://x.example {NETWORK}"
    shown = printed(list(answer_blocks(answer_text(text * 2), old=False)))

    assert shown.startswith(
        "1. The connector's trust certificate has expired (event 1000)\n  seen in: Admin channel of the"
    )
    assert "  address  https://x.example\n" in shown
    assert ", 2 times\n" in shown
    assert shown.count("Are ports 443 and 80 open? (connector server)") == 1
    assert "As above\n  - Are ports 443 and 80 open?\n" in shown
    assert "Commands have the names since 1.5.3829.0; for an older connector say --version." in " ".join(shown.split())


def test_old_names_are_said() -> None:
    """With an old version the answer says that its names are the old ones."""
    shown = printed(
        list(answer_blocks(answer_event(1000, "Microsoft-AadApplicationProxy-Connector/Admin", "1.5.36.0"), old=True))
    )

    assert "Commands have the names before 1.5.3829.0." in shown
    assert "Register-AppProxyConnector" in shown


def test_answer_without_commands() -> None:
    """An answer without commands says nothing about their names, and shows what sources disagree about."""
    shown = printed(list(answer_blocks(answer_text("no UPN in the edge token"), old=False)))
    assert "Commands have" not in shown

    assert "Sources disagree" in printed(list(answer_blocks(answer_text("The connector timed out"), old=False)))


def test_nothing_recognised_shows_the_checklist() -> None:
    """Text that says nothing shows what to check anyway."""
    shown = printed(list(answer_blocks(answer_text("hello"), old=False)))

    assert shown.startswith("Not recognised\n")
    assert "What to check anyway, in this order" in shown
    assert "Get-Service WAPCSvc, WAPCUpdaterSvc" in shown


def test_observations_are_plain_values() -> None:
    """A look compares by what it says."""
    assert Observation(result=Result.CAUSE, says="x") == Observation(result=Result.CAUSE, says="x")
