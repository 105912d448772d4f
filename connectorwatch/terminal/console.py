"""The console for results: as wide as the terminal; elsewhere 160 columns, without trailing blanks."""

from __future__ import annotations

import re
import shutil
import sys
from typing import IO, cast

from rich.console import Console

PIPED = 160
"""Columns where the width is unknown: ids, sign-in names and addresses stay whole, so that they can be searched for."""
_BLANKS = re.compile(r" +$", re.MULTILINE)


class _Trimmed:
    """Standard output as it is now, without the blanks with which tables fill their lines."""

    @property
    def encoding(self) -> str:
        """What letters it can write; rich draws with no others."""
        return sys.stdout.encoding

    def write(self, text: str) -> int:
        """Write whole lines, as rich does."""
        return sys.stdout.write(_BLANKS.sub("", text))

    def flush(self) -> None:
        """Flush standard output."""
        sys.stdout.flush()


def results() -> Console:
    """Return where a command prints its results; `COLUMNS` says how wide, also where there is no terminal."""
    if sys.stdout.isatty():
        return Console()
    return Console(file=cast("IO[str]", _Trimmed()), width=shutil.get_terminal_size((PIPED, 24)).columns)
