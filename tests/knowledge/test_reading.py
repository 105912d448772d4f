"""Whatever file is given becomes text or a sentence."""

from __future__ import annotations

import gzip
import io
from typing import TYPE_CHECKING

import pytest

from common.errors import SubjectError
from connectorwatch.diagnosis.paste import MOST, read_file, read_stream

if TYPE_CHECKING:
    from pathlib import Path

WORDS = "Connector failed – é"  # noqa: RUF001 - a dash as Microsoft prints it


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    """A file is read in any encoding that Windows writes; only odd characters may differ."""
    file = tmp_path / "log.txt"
    file.write_bytes(WORDS.encode(encoding))

    assert read_file(file).startswith("Connector failed ")


def test_utf16_with_the_big_end_first() -> None:
    """A byte order mark is believed."""
    assert read_stream(io.BytesIO(b"\xfe\xff" + WORDS.encode("utf-16-be")), "x") == WORDS


@pytest.mark.parametrize("content", [b"", b" \r\n\t", b"\xef\xbb\xbf"])
def test_empty(tmp_path: Path, content: bytes) -> None:
    """An empty file says so and what to give."""
    file = tmp_path / "log.txt"
    file.write_bytes(content)

    with pytest.raises(SubjectError, match=r"log\.txt is empty: paste the error's text"):
        read_file(file)


@pytest.mark.parametrize(
    "content", [b"ElfFile\0\0\0\1\2\3" * 50, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", gzip.compress(b"x" * 99, mtime=0)]
)
def test_binary(tmp_path: Path, content: bytes) -> None:
    """A binary file, such as a saved event log, says how to make text of it."""
    file = tmp_path / "log.evtx"
    file.write_bytes(content)

    with pytest.raises(SubjectError, match=r"log\.evtx is no text: export an event log as text first"):
        read_file(file)


def test_too_large(tmp_path: Path) -> None:
    """Of a file of 50 MB no more than the bound is read, and it is refused."""
    file = tmp_path / "huge.log"
    with file.open("wb") as out:
        out.truncate(50_000_000)

    with pytest.raises(SubjectError, match=r"huge\.log is larger than 8 MiB: cut out the part around the error"):
        read_file(file)


def test_largest() -> None:
    """A file as large as the bound is read."""
    assert len(read_stream(io.BytesIO(b"x" * MOST), "x")) == MOST


@pytest.mark.parametrize(
    ("name", "why"), [("nowhere.txt", "No such file"), ("bad\0name", "no name of a file"), (".", "Is a directory")]
)
def test_unreadable(tmp_path: Path, name: str, why: str) -> None:
    """A path that cannot be read says why."""
    with pytest.raises(SubjectError, match=rf"cannot be read \({why}.*\): give the path of a text file"):
        read_file(tmp_path / name)
