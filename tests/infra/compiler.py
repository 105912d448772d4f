"""Microsoft's Bicep compiler, as `make infra` calls it: $BICEP, else `bicep` on the path."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tests.infra import reading
from tests.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

BICEP = os.environ.get("BICEP", "bicep")
SHAPES = "tests/infra/shapes"
needs_bicep = pytest.mark.skipif(
    shutil.which(BICEP) is None and not os.environ.get("CI"), reason="the Bicep compiler is not here: az bicep install"
)
_PLACE = (
    *("--tenant-id", "00000000-0000-0000-0000-000000000001"),
    *("--subscription-id", "00000000-0000-0000-0000-000000000002"),
    *("--location", "westeurope", "--deployment-name", "predicted"),
)
"""What a prediction is made for, since names and ids depend on it; the Makefile names the same."""


class Mistake(NamedTuple):
    """A mistake to plant: a piece of one file below infra/ and what stands there instead."""

    file: str
    old: str
    new: str


def run(*arguments: str | Path) -> tuple[int, str]:
    """Return the compiler's exit code, and what it printed without its colours."""
    done = subprocess.run(  # noqa: S603 - the compiler that the developer chose
        [BICEP, *map(str, arguments)], capture_output=True, text=True, encoding="utf-8", check=False, timeout=120
    )
    return done.returncode, re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)


def lint(root: Path) -> str:
    """Return what the linter prints of a copy of the repository: nothing where all is well."""
    return run("lint", root / "infra/main.bicep")[1].strip()


def validate(root: Path, shape: str) -> str:
    """Return how a kept prediction differs from what the files deploy: nothing where all is well."""
    code, printed = run("snapshot", root / SHAPES / f"{shape}.bicepparam", "--mode", "validate", *_PLACE)
    return printed.strip() if code else ""


def predict(root: Path, shape: str) -> tuple[int, str]:
    """Predict a shape anew, in place of what was kept; return the compiler's exit code and what it printed."""
    return run("snapshot", root / SHAPES / f"{shape}.bicepparam", "--mode", "overwrite", *_PLACE)


def template(root: Path) -> dict[str, Any]:
    """Return the compiled template."""
    code, printed = run("build", root / "infra/main.bicep", "--outfile", root / "main.json")
    assert code == 0, printed
    held: dict[str, Any] = json.loads((root / "main.json").read_text(encoding="utf-8"))
    return held


def copied(folder: Path, mistakes: Iterable[Mistake] = ()) -> Path:
    """Return a copy of infra/ and the shapes with mistakes planted, each of which must fit."""
    shutil.copytree(reading.INFRA, folder / "infra")
    shutil.copytree(ROOT / SHAPES, folder / SHAPES)
    for mistake in mistakes:
        file = folder / "infra" / mistake.file
        text = file.read_text(encoding="utf-8")
        assert text.count(mistake.old) >= 1, mistake
        file.write_text(text.replace(mistake.old, mistake.new, 1), encoding="utf-8")
    return folder
