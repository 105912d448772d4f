"""Pasted text: bounded, decoded from any encoding that Windows writes, never binary."""

from __future__ import annotations

import codecs
import sys
from typing import TYPE_CHECKING

from common.errors import SubjectError
from common.text import visible

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

MOST = 8 * 1024 * 1024
"""How many bytes are read: a log of 50,000 lines. An error that is not in the newest of them is old news."""

_TOO_LARGE = f"is larger than {MOST >> 20} MiB: cut out the part around the error and give that."
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_file(path: Path) -> str:
    """Return the text of a file, or of standard input for `-`.

    Raises:
        SubjectError: It cannot be read, is empty, too large, or no text.
    """
    if str(path) == "-":
        return read_stream(sys.stdin.buffer, "standard input")
    try:
        with path.open("rb") as file:
            return read_stream(file, str(path))
    except (OSError, ValueError) as error:  # a name with a NUL in it is no OSError
        why = error.strerror if isinstance(error, OSError) else "no name of a file"
        raise SubjectError(f"{visible(str(path))} cannot be read ({why}): give the path of a text file.") from None


def read_stream(stream: BinaryIO, name: str) -> str:
    """Return the text that a stream holds; `name` is what to call it in an error.

    Raises:
        SubjectError: It is empty, too large, or no text.
    """
    content = stream.read(MOST + 1)
    if len(content) > MOST:
        raise SubjectError(f"{visible(name)} {_TOO_LARGE}")
    return checked(_decoded(content), visible(name))


def checked(text: str, name: str) -> str:
    """Return the text, if it says something.

    Raises:
        SubjectError: It is empty, or holds what no text holds.
    """
    if len(text) > MOST:
        raise SubjectError(f"{name} {_TOO_LARGE}")
    if "\0" in text:
        raise SubjectError(
            f"{name} is no text: export an event log as text first (`wevtutil qe CHANNEL /f:text`, or save it from "
            "Event Viewer)."
        )
    if not text.strip():
        raise SubjectError(f"{name} is empty: paste the error's text, or the log around it.")
    return text


def _decoded(content: bytes) -> str:
    """Return bytes as text. Windows PowerShell writes UTF-16, older programs the code page of the country."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content.decode(encoding, errors="replace")
    if content[1:200:2].count(0) > len(content[1:200:2]) // 2:
        return content.decode("utf-16-le", errors="replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("latin-1")
