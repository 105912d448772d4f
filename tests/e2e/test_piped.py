"""Results in a pipe or a file: what one searches for stays whole, and no line ends in blanks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connectorwatch.terminal.console import PIPED
from simulator import DEMO_POLICY
from tests.e2e.commands import run

if TYPE_CHECKING:
    from pathlib import Path

LONG = "breakglass1@contoso.onmicrosoft.com"


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a scan of the demo tenant."""
    folder = tmp_path_factory.mktemp("out")
    assert run("scan", "--demo", "--out", str(folder), "--policy", str(DEMO_POLICY)).code == 3
    return folder


@pytest.mark.parametrize("command", [("registrars",), ("scan", "--demo"), ("rules",), ("releases",), ("knowledge",)])
def test_lines_are_trimmed(command: tuple[str, ...], out: Path) -> None:
    """Tables fill no line with blanks, and none is wider than is told to rich."""
    lines = run(*command, settings={"CONNECTORWATCH_STORAGE": str(out), "COLUMNS": ""}).stdout.splitlines()

    assert [line for line in lines if line != line.rstrip()] == []
    assert 0 < max(map(len, lines)) <= PIPED


def test_names_are_not_broken(out: Path) -> None:
    """A sign-in name can be found with a search; where somebody says how wide, that counts."""
    told = run("registrars", "--out", str(out), settings={"COLUMNS": ""}).stdout
    narrow = run("registrars", "--out", str(out), settings={"COLUMNS": "60"}).stdout

    assert (LONG in told, LONG in narrow) == (True, False)
    assert max(map(len, narrow.splitlines())) <= 60
