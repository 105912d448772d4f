"""The exit codes are those that the README documents, and failures count before gaps."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from common.exit_codes import ExitCode, exit_code


@pytest.mark.parametrize(
    ("failing", "all_known", "code"),
    [(False, True, 0), (False, False, 4), (True, True, 3), (True, False, 3)],
)
def test_failures_count_before_gaps(code: int, *, failing: bool, all_known: bool) -> None:
    """A failure is 3 whether or not everything is known; a gap is never 0."""
    assert exit_code(failing=failing, all_known=all_known) == code


def test_the_readme_lists_every_code() -> None:
    """The README's table of exit codes has exactly the codes that there are."""
    rows = re.findall(r"^\| ([0-9]+) \|", Path("README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert [int(row) for row in rows] == sorted(ExitCode)
