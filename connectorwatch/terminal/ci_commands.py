"""Keep names of a tenant from running commands of the CI that runs a scan.

Azure Pipelines obeys `##vso[…]` and `##[…]` anywhere in a line of output, GitHub Actions `##[…]` anywhere and `::` at
a line's beginning, TeamCity `##teamcity[…]` (Azure DevOps "logging commands", GitHub "workflow commands", 2026-11; the
agents' sources). The last character of such a mark is written as an escape, wherever the text comes from, so that no
command has to remember it. The escape is one of JSON's, where these marks occur within texts only: what a parser reads
stays the same.
"""

from __future__ import annotations

import io
import re
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Buffer

_MARK = re.compile(r"##[A-Za-z]{0,20}\[|(?:(?<=[\n\r\x0b\x0c\x85\u2028\u2029])|(?<!.))[^\S\n\r]*::", re.DOTALL)
"""A mark that begins a command; of the second kind only where nothing but blanks stands before it in its line."""
_BREAKS = "\n\r\x0b\x0c\x85\u2028\u2029"
_KEPT = 32
"""Characters of the line so far that are remembered from one write to the next, more than any mark takes."""


class CommandFilter(io.BufferedIOBase):
    """Bytes on their way to a text stream's file, in which no mark of a CI's command is whole.

    Args:
        stream: The stream; kept alive, since its file is closed with it.
    """

    def __init__(self, stream: io.TextIOWrapper) -> None:
        self._stream = stream
        self._target = stream.buffer
        self._line = ""

    def write(self, content: Buffer, /) -> int:
        """Write all of it; return how many bytes were taken, as if they had been written as they are."""
        taken = bytes(content)
        text = self._line + taken.decode("utf-8", "surrogateescape")
        if "##" in text or "::" in text:
            harmless = _MARK.sub(_escaped, text)
            self._target.write(harmless[len(self._line) :].encode("utf-8", "surrogateescape"))
            self._line = _end_of_line(harmless)
        else:
            self._target.write(taken)
            self._line = _end_of_line(text)
        return len(taken)

    @property
    def name(self) -> str:
        """What the stream behind it is called."""
        return self._stream.name

    def writable(self) -> bool:
        """Whether it can be written to: always."""
        return True

    def flush(self) -> None:
        """Flush the stream behind it."""
        self._target.flush()

    def isatty(self) -> bool:
        """Whether the stream behind it is a terminal."""
        return self._target.isatty()

    def fileno(self) -> int:
        """Return the number of the file behind it."""
        return self._target.fileno()


def _escaped(mark: re.Match[str]) -> str:
    return f"{mark[0][:-1]}\\u{ord(mark[0][-1]):04x}"


def _end_of_line(text: str) -> str:
    """Return as much of the unfinished line as may be the beginning of a mark."""
    line = text[max(text.rfind(mark) for mark in _BREAKS) + 1 :]
    if not line.strip():
        return ""  # blanks at a line's beginning, which change nothing
    # A sign that is no blank stands for what is left out.
    return line if len(line) <= _KEPT else f".{line[-_KEPT:]}"


def filter_commands() -> None:
    """Let standard output and standard error of this process hold no CI's commands. May be called again."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper) and not isinstance(stream.buffer, CommandFilter):
            stream.flush()
            filtered = io.TextIOWrapper(
                CommandFilter(stream),
                encoding=stream.encoding,
                errors=stream.errors,
                line_buffering=stream.line_buffering,
                write_through=True,
            )
            setattr(sys, name, filtered)
