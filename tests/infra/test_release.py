"""What a release is used by: the reusable action and the image that needs no copy of the repository."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.paths import ROOT

ACTION = ROOT / "action.yml"
DOCKERFILE = ROOT / "examples/container/release.Dockerfile"


def _action() -> Any:  # noqa: ANN401 - whatever the file holds
    return YAML(typ="safe").load(ACTION.read_text(encoding="utf-8"))


def _scripts() -> list[str]:
    return [step["run"] for step in _action()["runs"]["steps"] if "run" in step]


def _run(tmp_path: Path, arguments: str, fail: str = "true") -> tuple[int, str, str]:
    """Run the action's last script; return its exit code, what it printed, and its outputs."""
    outputs = tmp_path / "outputs"
    ended = subprocess.run(  # noqa: S603 - our own file
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", _scripts()[-1]],  # noqa: S607 - GitHub's shell
        cwd=tmp_path,
        env={
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_OUTPUT": str(outputs),
            "RUNNER_TEMP": str(tmp_path),
            "ARGUMENTS": arguments,
            "FAIL": fail,
        },
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return ended.returncode, ended.stdout, outputs.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "fail", "code", "told"),
    [
        ("demo --out out", "true", 3, 3),
        ("demo --out out", "false", 0, 3),
        ("demo --out out --fail-on critical --policy missing.yaml", "false", 1, 1),
        ("rules", "true", 0, 0),
        ("no-such-command", "false", 2, 2),
    ],
)
def test_the_action_ends_as_its_command_does(tmp_path: Path, arguments: str, fail: str, code: int, told: int) -> None:
    """The exit code is an output; findings fail the step unless it is asked not to, and errors always do."""
    ended, printed, outputs = _run(tmp_path, arguments, fail)

    assert (ended, outputs) == (code, f"code={told}\n")
    word = re.match(r"::stop-commands::([0-9a-f]{64})\n", printed)
    assert word is not None
    assert printed.endswith(f"::{word[1]}::\n")


def test_what_the_action_is_given_is_never_a_script(tmp_path: Path) -> None:
    """Inputs come as variables, so that no text in them is run."""
    ended, printed, _ = _run(tmp_path, "rules; touch $(echo owned) `touch owned`")

    assert ended == 2
    assert [path.name for path in tmp_path.iterdir()] == ["outputs"]
    assert "owned" not in printed
    assert all("${{" not in script for script in _scripts())


def test_the_action_installs_by_hashes_and_is_pinned() -> None:
    """Its packages come from the lock as wheels, and what it uses is named by commit."""
    text = ACTION.read_text(encoding="utf-8")

    assert "--require-hashes --only-binary :all:" in _scripts()[0]
    assert '--requirement "$GITHUB_ACTION_PATH/requirements-wheel.txt"' in _scripts()[0]
    used = re.findall(r"uses: (.+)", text.partition("\nruns:")[2])
    assert [use for use in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", use)] == []


def test_the_image_of_a_release_needs_two_files_and_runs_as_nobody() -> None:
    """It copies what `make wheel` writes, installs by hashes, and ends as another user than root."""
    text = DOCKERFILE.read_text(encoding="utf-8")
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE)
    bases = re.findall(r"^FROM (\S+)", text, re.MULTILINE)

    assert copied == ["requirements-wheel.txt connectorwatch-*.whl"]
    assert len(bases) == 2
    assert all(re.fullmatch(r"python:3\.13-slim-[a-z]+(@sha256:[0-9a-f]{64})?", base) for base in bases)
    assert "--require-hashes --only-binary :all:" in text
    assert re.findall(r"^USER (.+)$", text, re.MULTILINE) == ["10001:10001"]
    assert "STOPSIGNAL SIGINT" in text
