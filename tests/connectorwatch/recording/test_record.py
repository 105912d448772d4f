"""The command `record`: what it asks, writes and compares, and how it ends."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from connectorwatch.recording.files import read_recording
from tests.connectorwatch.doctor.asking import contoso, served
from tests.e2e.commands import run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.slow
def test_a_recording_of_the_demo_is_as_expected(tmp_path: Path) -> None:
    """What the demo tenant answers is written with --yes, and compares without a difference."""
    out = tmp_path / "record.json"

    written = run("record", "--demo", "--yes", "--out", str(out))
    compared = run("record", "--compare", str(out))

    assert (written.code, compared.code) == (0, 0), compared.stdout
    assert "0 differences" in compared.stdout
    assert all(f"U{number} " in compared.stdout for number in range(1, 9))
    assert read_recording(out).sections["connectors"] == {"read": 1}


@pytest.mark.slow
def test_a_tenant_that_refuses_differs(tmp_path: Path) -> None:
    """A real tenant's recording without the directory role ends with 3, and each difference is a line."""
    out = tmp_path / "record.json"
    with served(contoso(directory_role_can_read_connectors=False)) as settings:
        assert run("record", "--yes", "--out", str(out), settings=settings).code == 0

    compared = run("record", "--compare", str(out))

    assert compared.code == 3
    assert "applicationProxy/connectors: status 403" in compared.stdout
    assert "U1 " in compared.stdout
    assert "no. Assign Global Reader" in compared.stdout


def test_without_a_terminal_it_needs_yes(tmp_path: Path) -> None:
    """Nothing is asked of Graph and nothing written where nobody can answer."""
    out = tmp_path / "record.json"

    ran = run("record", "--demo", "--out", str(out))

    assert ran.code == 1
    assert "--yes" in ran.stderr
    assert not out.exists()


@pytest.mark.parametrize("arguments", [[], ["--out", "a", "--compare", "b"]])
def test_it_does_one_thing(arguments: list[str]) -> None:
    """Recording and comparing are two uses, and one of them has to be chosen."""
    assert run("record", *arguments).code == 2


def test_a_file_that_is_there_is_kept(tmp_path: Path) -> None:
    """No file is overwritten, and a folder that is missing is told before Graph is asked."""
    out = tmp_path / "record.json"
    out.write_text("mine", encoding="utf-8")

    assert run("record", "--demo", "--yes", "--out", str(out)).code == 1
    assert out.read_text(encoding="utf-8") == "mine"
    assert run("record", "--demo", "--yes", "--out", str(tmp_path / "no" / "record.json")).code == 1


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{",
        json.dumps({"schema": "connectorwatch.recording/v2"}),
        json.dumps({"schema": "connectorwatch.recording/v1", "\u202e": 1}),
        " " * (16 * 1024 * 1024 + 1),
    ],
)
def test_what_is_no_recording_is_refused(content: str, tmp_path: Path) -> None:
    """A file of anything else, of another version or too large is refused in a sentence."""
    path = tmp_path / "record.json"
    path.write_text(content, encoding="utf-8")

    ran = run("record", "--compare", str(path))

    assert ran.code == 1
    assert "is no recording" in ran.stderr
    assert "\u202e" not in ran.stderr


def test_a_recording_that_is_missing_is_named(tmp_path: Path) -> None:
    """A file that cannot be read is named with the system's reason."""
    ran = run("record", "--compare", str(tmp_path / "gone.json"))

    assert ran.code == 1
    assert "gone.json" in ran.stderr
