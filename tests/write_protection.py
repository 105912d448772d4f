"""A folder in which this process may only read, for root as well, whom no mode stops."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

NOBODY = 65534
"""The user id of `nobody` on Linux."""


@contextmanager
def public_folder() -> Iterator[Path]:
    """Yield a new folder that every account can reach.

    pytest's own are below folders that only their owner may enter, how many depends on the plugins, and processes that
    test side by side share them: changing the modes of those would disturb the others.
    """
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@contextmanager
def may_only_read(folder: Path) -> Iterator[None]:
    """Take away this process's right to write in a folder; a process of root becomes nobody for that time."""
    mode = folder.stat().st_mode
    folder.chmod(0o555)
    root = os.geteuid() == 0
    try:
        if root:
            os.setresuid(NOBODY, NOBODY, 0)
        yield
    finally:
        if root:
            os.setresuid(0, 0, 0)
        folder.chmod(mode)
