"""`scan` asked twice for one moment shows what is stored, says so, and names the policy that judged."""

from __future__ import annotations

import json
import re
from contextlib import chdir
from typing import TYPE_CHECKING

from click.testing import CliRunner, Result

from connectorwatch.__main__ import main
from tests.connectorwatch.terminal.test_scan import flat
from tests.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path


def scan(out: Path, *options: str) -> Result:
    """Scan the demo's tenant."""
    with chdir(ROOT):
        return CliRunner().invoke(main, ["scan", "--demo", "--out", str(out), *options])


def test_the_same_moment_with_another_policy(tmp_path: Path) -> None:
    """The second scan of a moment tells that the policy given now did not judge it; with --at it does."""
    strict = tmp_path / "strict.yaml"
    strict.write_text("version: 1\nmin_active_connectors: 3\n", encoding="utf-8")
    first = flat(scan(tmp_path).stdout)
    assert "made before" not in first
    assert re.search(r"Changes first scan: \d+ findings, nothing to compare with", first)
    assert "Policy simulator/data/contoso-policy.yaml (" in first

    again = flat(scan(tmp_path, "--policy", str(strict)).stdout)
    assert "This scan was made before, at 2026-11-20 06:00 UTC" in again
    assert "strict.yaml(" in again.replace(" ", "")
    assert "This was the first scan of this tenant." in again

    later = flat(scan(tmp_path, "--policy", str(strict), "--at", "2026-11-21T06:00:00Z").stdout)
    assert "made before" not in later
    assert "strict.yaml(" in later.replace(" ", "")


def test_as_json(tmp_path: Path) -> None:
    """With --json the document stands alone on stdout, and what is told goes to stderr."""
    scan(tmp_path)
    again = scan(tmp_path, "--json")

    assert json.loads(again.stdout)["scan"]["first"] is True
    assert "This scan was made before" in again.stderr
