"""The command `policy check`: valid or not, and what is remarked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.e2e.commands import run

if TYPE_CHECKING:
    from pathlib import Path


def test_a_valid_file(tmp_path: Path) -> None:
    """A valid file ends with 0, and a setting that does nothing is named."""
    path = tmp_path / "policy.yaml"
    path.write_text("new_connector_days: 30\n", encoding="utf-8")
    ran = run("policy", "check", str(path))

    assert ran.code == 0
    assert "is valid (" in ran.stdout
    assert "new_connector_days does nothing any more" in ran.stdout


def test_a_file_with_mistakes(tmp_path: Path) -> None:
    """A file with mistakes, or none at all, ends with 1 and every line that is wrong."""
    path = tmp_path / "policy.yaml"
    path.write_text("answers:\n  - key: X\nnonsense: 1\n", encoding="utf-8")
    ran, missing = run("policy", "check", str(path)), run("policy", "check", str(tmp_path / "other.yaml"))

    assert (ran.code, missing.code) == (1, 1)
    assert "line 2, answers.0.verdict" in ran.stderr
    assert "line 3, nonsense: unknown key" in ran.stderr
    assert "does not exist" in missing.stderr
