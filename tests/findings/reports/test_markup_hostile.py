"""Hostile text in Markdown, case by case: nothing is left outside code for a renderer, or for GitHub, to act on.

GitHub's rules: autolinked references and URLs; mentions of people and teams; both apply to text and not to code
(docs.github.com, "Autolinked references and URLs" and "Basic writing and formatting syntax", read 2026-12-01).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from markdown_it import MarkdownIt

from common.text import visible
from findings.reports.markup import code, step_of, words_of

if TYPE_CHECKING:
    from collections.abc import Callable

PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
CASES = {
    "mention of a person": "@octocat",
    "mention within a sentence": "ask @octocat today",
    "mention of a team": "@contoso/security",
    "mention behind a backslash": r"\@octocat",
    "mention as an entity": "&#64;octocat",
    "mention after a bracket": "(@octocat)",
    "issue": "#26",
    "issue behind a backslash": r"\#26",
    "issue as an entity": "&#35;26",
    "issue with GH-": "GH-26",
    "issue of another repository": "jlord/sheetsee.js#26",
    "keyword that closes an issue": "fixes #1",
    "commit": "a5c3785ed8d6a35868bc169f07e40e889087fd2e",
    "short commit": "a5c3785",
    "commit of a person": "jlord@a5c3785ed8d6a35868bc169f07e40e889087fd2e",
    "commit of a repository": "jlord/sheetsee.js@a5c3785",
    "merge request and milestone of GitLab": "!12 and %3",
    "command of GitLab or of a bot": "/close",
    "address": "https://evil.example",
    "address without a scheme": "www.evil.example",
    "host": "evil.example",
    "mail": "a@evil.example",
    "other scheme": "javascript:alert(1)",
    "autolink": "<https://evil.example>",
    "link": "[x](https://evil.example)",
    "link by reference": "[x][y]\n\n[y]: https://evil.example",
    "image": "![x](https://evil.example/p.png)",
    "footnote": "[^1]",
    "task": "- [ ] x",
    "tag": "<img src=x onerror=alert(1)>",
    "comment": "<!-- hidden",
    "entity": "&lt;b&gt;",
    "emphasis": "**a** _b_ ~~c~~",
    "code": "`x` ``y``",
    "fence": "```\nx",
    "pipe": "a | b",
    "pipe behind a backslash": r"a \| b",
    "row of a table": "|---|---|",
    "heading": "# a",
    "heading below a line": "a\n===",
    "quotation": "> [!NOTE]",
    "rule": "***",
    "list": "- a",
    "numbered list": "1. a",
    "emoji": ":tada:",
    "formula": "$x$",
    "backslash at the end": "a\\",
    "no letters": " ",
    "direction": "a\u202eb",
}
ACTS = re.compile(r"@|#|gh-\d|!\d|%\d|:\w+:|://|www\.|\w\.[a-z]|\b[0-9a-f]{7,40}\b|[$<>&|*_~\[\]\\`]|^/", re.IGNORECASE)
"""What stands for more than itself in text that is no code."""


@pytest.mark.parametrize("make", [words_of, step_of, code])
@pytest.mark.parametrize("case", CASES)
def test_nothing_acts(case: str, make: Callable[[str], str]) -> None:
    """A paragraph, a list item and a heading hold the text as words and code, and nothing else."""
    for before in ("", "- ", "## "):
        blocks = PARSER.parse(before + make(CASES[case]))

        inline = [token for block in blocks for token in block.children or []]
        outside = [token.content for token in inline if token.type == "text"]
        assert {token.type for token in inline} <= {"text", "code_inline"}
        assert not any(map(ACTS.search, outside))
        assert len([block for block in blocks if block.type == "inline"]) <= 1
        assert {block.type for block in blocks} <= {
            *("inline", "paragraph_open", "paragraph_close", "bullet_list_open", "bullet_list_close"),
            *("list_item_open", "list_item_close", "heading_open", "heading_close"),
        }


@pytest.mark.parametrize("case", CASES)
def test_every_character_is_shown(case: str) -> None:
    """The text is readable: no character is lost but spaces and backticks, which end code."""
    (block,) = (block for block in PARSER.parse(f"x {words_of(CASES[case])}") if block.type == "inline")

    shown = "".join(token.content for token in block.children or [])

    assert re.sub(r"\s", "", shown) == f"x{re.sub(r'[ ]', '', visible(CASES[case]))}"


@pytest.mark.parametrize("case", CASES)
def test_a_table_keeps_its_shape(case: str) -> None:
    """In a table the text fills one cell of one row."""
    cell = words_of(CASES[case], r"\|")

    blocks = PARSER.parse(f"| a | b |\n|---|---|\n| {cell} | {code(CASES[case], chr(92) + '|')} |\n")

    assert [block.type for block in blocks].count("td_open") == 2
    assert [block.type for block in blocks].count("tr_open") == 2
