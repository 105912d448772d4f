"""No text reaches the output of a process as a command that a CI would run."""

from __future__ import annotations

import io
import json
import re
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectorwatch.terminal.ci_commands import CommandFilter

MARKS = (
    "##vso[task.setvariable variable=x]y",
    "##VSO[task.prependpath]/tmp",
    "##[group]x",
    "##[add-mask]x",
    "##teamcity[x]",
    "::add-mask::x",
    "  ::set-output name=x::y",
    "\u3000::stop-commands::x",
    "\t\u00a0::debug::x",
)
OBEYED = re.compile(r"##[A-Za-z]*\[|^\s*::", re.MULTILINE)
"""What an agent obeys, as far as it can be known, by a second way of saying it."""


def filtered(*parts: bytes, encoding: str = "utf-8") -> bytes:
    """Return what reaches a file when these parts are written one after the other."""
    file = io.BytesIO()
    stream = io.TextIOWrapper(file, encoding=encoding)
    ours = CommandFilter(stream)
    for part in parts:
        assert ours.write(part) == len(part)
    ours.flush()
    return file.getvalue()


@pytest.mark.parametrize("mark", MARKS)
def test_a_command_is_text(mark: str) -> None:
    """Each agent's commands lose their mark, at a line's beginning, and within it where an agent looks there."""
    for before in ("", "x\n", "x\r", "x\r\n", "x\u2028"):
        shown = filtered(f"{before}{mark}\n".encode()).decode()
        assert OBEYED.search(shown) is None, shown
    assert re.search(r"##[A-Za-z]*\[", filtered(f"a name: {mark}".encode()).decode()) is None


@given(
    st.lists(
        st.sampled_from(["#", "##", "vso", "[", ":", "::", "\n", "\r", " ", "\u3000", "x", "é", "]"]), max_size=12
    ),
    st.lists(st.integers(0, 40), max_size=5),
)
@example(["##", "vso", "[", "\n", "::"], [1, 2, 3, 4, 5])
def test_however_it_is_cut(pieces: list[str], cuts: list[int]) -> None:
    """Whatever is written in whichever parts, no mark is whole, and only the marks are changed."""
    text = "".join(pieces)
    places = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    parts = [text[begin:end].encode() for begin, end in pairwise(places)]

    shown = filtered(*parts).decode()

    assert OBEYED.search(shown) is None
    assert shown.replace("\\u005b", "[").replace("\\u003a", ":") == text


@given(st.recursive(st.text(alphabet='#[]vso:\\" \n'), lambda inner: st.lists(inner, max_size=3), max_leaves=6))
def test_json_says_the_same(value: object) -> None:
    """A parser of JSON reads what was meant, though no command is left in it."""
    shown = filtered(json.dumps(value, indent=1, ensure_ascii=False).encode())
    assert json.loads(shown) == value
    assert b"##vso[" not in shown


@given(st.binary(max_size=60))
def test_bytes_of_another_encoding_pass(content: bytes) -> None:
    """Bytes that are no UTF-8 arrive as they are, but for the marks."""
    assert filtered(content).replace(b"\\u005b", b"[").replace(b"\\u003a", b":") == content


def test_long_lines_keep_their_place() -> None:
    """A colon after a long line's end is no beginning of a line, however the writes fall."""
    assert filtered(b"x" * 500, b"::add-mask::") == b"x" * 500 + b"::add-mask::"
    assert filtered(b" " * 500, b"::add-mask::") == b" " * 500 + b":\\u003aadd-mask::"


def test_it_is_the_stream_it_stands_before() -> None:
    """Whoever asks whether it is a terminal, or for its number, gets the answer of the stream behind it."""
    ours = CommandFilter(io.TextIOWrapper(io.BytesIO()))
    assert (ours.writable(), ours.isatty()) == (True, False)
    with pytest.raises(OSError, match="fileno"):
        ours.fileno()
