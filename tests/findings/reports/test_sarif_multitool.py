"""findings.sarif passes Microsoft's own validator, with the rules of GitHub's code scanning."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from findings.reports.sarif import render_sarif
from tests.findings.reports.arbitrary import MARKUP
from tests.findings.reports.sample import HOSTILE, document
from tests.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

MULTITOOL = ROOT / "node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        sys.platform != "linux" or not (MULTITOOL.exists() or os.environ.get("CI")),
        reason="Microsoft's SARIF Multitool is not here: run `make node` on Linux",
    ),
]


def _complaints(path: Path) -> list[str]:
    """Return the errors and warnings that the validator prints about a file."""
    MULTITOOL.chmod(0o755)
    ended = subprocess.run(  # noqa: S603 - the validator
        [MULTITOOL, "validate", path, "--rule-kind", "Sarif;Ghas"],
        env={**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert "1 files scanned" in ended.stdout, ended.stdout + ended.stderr
    return re.findall(r"(?:error|warning) [A-Z]+\d+: .*", ended.stdout)


@pytest.mark.parametrize("passes", ["count", "all"])
def test_no_error_and_no_warning(passes: str, tmp_path: Path) -> None:
    """With hostile names and either way of carrying passes, the validator has nothing to say."""
    made = document(extra_names=(*HOSTILE, *MARKUP))
    made = made.model_copy(update={"policy": made.policy.model_copy(update={"passes": passes})})
    path = tmp_path / "findings.sarif"
    path.write_bytes(render_sarif(made))

    assert _complaints(path) == []


def test_the_validator_sees_mistakes(tmp_path: Path) -> None:
    """A file that GitHub would refuse is complained about."""
    path = tmp_path / "findings.sarif"
    path.write_bytes(render_sarif(document()).replace(b'"ruleIndex":0', b'"ruleIndex":999'))

    assert _complaints(path) != []
