"""The command line as people call it: in this process where that is enough, else in one of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from click.testing import CliRunner

from connectorwatch.__main__ import main
from tests.children import ended
from tests.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from simulator import Simulator

AT = "2026-11-20T06:00:00Z"


class Ran(NamedTuple):
    """How a command ended."""

    code: int
    stdout: str
    stderr: str


class Slow(NamedTuple):
    """A scan that was started, and where it stores."""

    process: subprocess.Popen[str]
    out: Path


def run(*arguments: str, settings: dict[str, str] | None = None, typed: str | None = None) -> Ran:
    """Run a command in this process; an exception that it does not handle itself comes out here."""
    result = CliRunner().invoke(main, arguments, env=settings, input=typed, catch_exceptions=False)
    return Ran(result.exit_code, result.stdout, result.stderr)


@contextmanager
def start(*arguments: str, settings: dict[str, str] | None = None) -> Iterator[subprocess.Popen[str]]:
    """Start a command in a process of its own, which is killed in the end if it still runs."""
    process = subprocess.Popen(  # noqa: S603 - our own command, with the tests' arguments
        [sys.executable, "-m", "connectorwatch", *arguments],
        env={**os.environ, **(settings or {})},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    with ended(process):
        yield process


def end(process: subprocess.Popen[str]) -> Ran:
    """Wait for a command, for a minute at most."""
    stdout, stderr = process.communicate(timeout=60)
    return Ran(process.returncode, stdout, stderr)


def scan(out: Path, policy: Path, *more: str) -> tuple[str, ...]:
    """Return the words that scan the Graph of the settings at the moment the bundled tenants are made for."""
    return ("scan", "--out", str(out), "--policy", str(policy), "--at", AT, *more)


def wait_for(simulator: Simulator, hung: int) -> None:
    """Wait until so many requests hang, for half a minute at most."""
    until = time.monotonic() + 30
    while sum(record.path.endswith("/connectors") for record in simulator.requests) < hung:
        assert time.monotonic() < until
        time.sleep(0.01)
