"""On a real terminal of 80 columns a scan ends with a table that fits, in colours unless they are not wanted."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len

from tests.children import ended
from tests.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
COLOUR = re.compile(r"\x1b\[(?:[0-9;]*;)?3[0-7](?:;[0-9;]*)?m")
COLUMNS = 80


def on_a_terminal(out: Path, **settings: str) -> str:
    """Return what the demo prints on a terminal of 80 columns; progress goes elsewhere."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
    plain = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "COLUMNS", "FORCE_COLOR")}
    process = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "connectorwatch", "scan", "--demo", "--out", str(out)],
        env=plain | {"TERM": "xterm-256color", **settings},
        cwd=ROOT,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with ended(process):
        os.close(theirs)
        printed = b"".join(iter(lambda: _read(ours), b""))
        os.close(ours)
        assert process.wait(timeout=60) == 3
    return printed.decode().replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    """Return what stands on a terminal; nothing once the other side has closed it, which Linux calls an error."""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


@pytest.mark.parametrize(("settings", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_a_terminal(tmp_path: Path, settings: dict[str, str], *, coloured: bool) -> None:
    """No line but the report's path is over 80 columns, and there are colours unless somebody does not want them."""
    printed = on_a_terminal(tmp_path, **settings)
    lines = ESCAPES.sub("", printed).split("\n")

    assert [line for line in lines if cell_len(line) > COLUMNS and not line.startswith("Report: ")] == []
    assert bool(COLOUR.search(printed)) is coloured
    assert "\x1b" not in ESCAPES.sub("", printed)
    assert any(line.startswith("critical  GRP001  group Singapore") for line in lines)


def test_a_pipe(tmp_path: Path) -> None:
    """In a pipe there is no escape sequence at all."""
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "connectorwatch", "scan", "--demo", "--out", str(tmp_path)],
        env={**os.environ, "TERM": "xterm-256color"},
        cwd=ROOT,
        capture_output=True,
        check=False,
    )

    assert (done.returncode, b"\x1b" in done.stdout) == (3, False)
