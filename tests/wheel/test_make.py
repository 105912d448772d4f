"""What `make` installs, and when: the Makefile as it is, with a Python that notes how it is called."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

FAKE = """#!/bin/sh
case "$*" in
  "-m venv"*) mkdir -p .venv/bin && cp "$0" .venv/bin/python;;
  "-m pip install"*) echo "$*" | sed 's/.*check //' >>pip.log; test ! -e offline;;
  *scan*) echo scan >>pip.log;;
esac
"""
RUNTIME = "-r requirements.txt -r requirements-demo.txt"
REST = "-r requirements-dev.txt"


class Copy:
    """A folder with the Makefile, the locks and the noting Python."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("Makefile", "requirements.txt", "requirements-demo.txt", "requirements-dev.txt"):
            shutil.copy(ROOT / name, folder)
        (folder / "python").write_text(FAKE, encoding="utf-8")
        (folder / "python").chmod(0o755)

    def make(self, target: str) -> tuple[int, list[str]]:
        """Make a target; return make's exit code, and what was installed and scanned."""
        log = self.folder / "pip.log"
        log.write_text("", encoding="utf-8")
        command = ["make", target, f"PYTHON={self.folder / 'python'}"]
        code = subprocess.run(command, cwd=self.folder, check=False, capture_output=True).returncode  # noqa: S603 - ours
        return code, log.read_text(encoding="utf-8").splitlines()


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    """Return a folder where nothing was installed."""
    return Copy(tmp_path)


def test_the_demo_installs_what_runs_and_no_more(copy: Copy) -> None:
    """The first demo installs two files; the second one nothing."""
    assert copy.make("demo") == (0, [RUNTIME, "scan"])
    assert copy.make("demo") == (0, ["scan"])


def test_what_tests_need_comes_when_it_is_needed(copy: Copy) -> None:
    """After a demo the rest is added, once; after that a demo needs nothing."""
    copy.make("demo")

    assert copy.make(".venv/installed") == (0, [REST])
    assert copy.make(".venv/installed") == (0, [])
    assert copy.make("demo") == (0, ["scan"])


def test_tests_without_a_demo_bring_everything(copy: Copy) -> None:
    """Whoever begins with the tests has both parts."""
    assert copy.make(".venv/installed") == (0, [RUNTIME, REST])


def test_an_installation_that_failed_is_begun_again(copy: Copy) -> None:
    """No stamp is left behind by an installation that did not end well."""
    (copy.folder / "offline").touch()
    assert copy.make("demo") == (2, [RUNTIME])
    (copy.folder / "offline").unlink()
    assert copy.make("demo") == (0, [RUNTIME, "scan"])

    (copy.folder / "offline").touch()
    assert copy.make(".venv/installed") == (2, [REST])
    (copy.folder / "offline").unlink()
    assert copy.make(".venv/installed") == (0, [REST])


def test_an_environment_without_the_stamp_of_what_runs_gets_it(copy: Copy) -> None:
    """One that an earlier Makefile made is completed, not thrown away."""
    copy.make(".venv/installed")
    (copy.folder / ".venv/runs").unlink()
    (copy.folder / ".venv/kept").touch()

    assert copy.make(".venv/installed") == (0, [RUNTIME, REST])
    assert (copy.folder / ".venv/kept").exists()
