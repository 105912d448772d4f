"""What is deployed: the files that .funcignore lets through."""

from __future__ import annotations

import shutil
from fnmatch import fnmatch
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def deploy(root: Path, to: Path) -> Path:
    """Copy what is deployed of a work tree to a folder, and return it."""
    lines = (root / ".funcignore").read_text(encoding="utf-8").splitlines()
    ignored = [line for line in lines if line and not line.startswith("#")]

    def left_out(_folder: str, names: list[str]) -> list[str]:
        return [name for name in names if any(fnmatch(name, pattern) for pattern in ignored)]

    shutil.copytree(root, to, ignore=left_out)
    return to
