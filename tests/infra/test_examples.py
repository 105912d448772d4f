"""The ready files for other places: they can be read, and what they call exists."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from ruamel.yaml import YAML

from connectorwatch.__main__ import main
from connectorwatch.settings import PREFIX, Settings
from tests.paths import ROOT

EXAMPLES = ROOT / "examples"
WORKFLOWS = (EXAMPLES / "github-actions/connectorwatch.yml", ROOT / ".github/workflows/ci.yml")
PIPELINES = (*WORKFLOWS, EXAMPLES / "azure-devops/azure-pipelines.yml")
CALLERS = (*PIPELINES, EXAMPLES / "systemd/connectorwatch.service", *sorted(EXAMPLES.glob("*/README.md")))


def read_yaml(path: Path) -> Any:  # noqa: ANN401 - whatever the file holds
    """Return a YAML file's content; a key that stands twice is an error."""
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


def settings_named_in(text: str) -> set[str]:
    """Return the settings of ours that a text names."""
    return set(re.findall(rf"\b{PREFIX}[A-Z_]+", text))


@pytest.mark.parametrize("path", PIPELINES, ids=lambda path: path.name)
def test_pipelines_are_yaml(path: Path) -> None:
    """Each file is one document with jobs."""
    assert read_yaml(path)["jobs"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_by_commit(path: Path) -> None:
    """A tag can be moved to other code, a commit cannot; the tag stands beside it for people and bots."""
    used = re.findall(r"uses: (.+)", path.read_text(encoding="utf-8"))

    assert used
    assert [use for use in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", use)] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_hold_no_secret_and_no_more_than_they_need(path: Path) -> None:
    """Nothing is taken from the repository's secrets, and no permission to write code is asked for."""
    text = path.read_text(encoding="utf-8")

    assert "secrets." not in text
    assert "persist-credentials: false" in text
    assert "contents: write" not in text
    assert "\npermissions:" in text


def test_the_workflow_may_upload_from_a_private_repository() -> None:
    """The upload asks for the run that it belongs to: GitHub's own example names `actions: read` for private ones."""
    permissions = read_yaml(WORKFLOWS[0])["jobs"]["scan"]["permissions"]

    assert permissions == {"contents": "read", "id-token": "write", "security-events": "write", "actions": "read"}


def test_the_projects_ci_calls_what_the_whole_check_calls() -> None:
    """ci.yml and .ci/run name the same make targets, and the Makefile has them."""
    workflow = (ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8")
    script = (ROOT / ".ci/run").read_text(encoding="utf-8")
    ci = set(re.findall(r"run: make ([a-z-]+)", workflow))
    whole = set(re.findall(r"^(?:CI=1 )?make ([a-z-]+)$", script, re.MULTILINE))
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    assert ci == whole
    assert [target for target in ci if f"\n{target}:" not in makefile] == []


@pytest.mark.parametrize("path", CALLERS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_commands_and_options_exist(path: Path) -> None:
    """Every `python -m connectorwatch COMMAND --option` is one that the command line has."""
    for command, rest in re.findall(r"python -m connectorwatch (\w+)([^\n`|]*)", path.read_text(encoding="utf-8")):
        found = main.get_command(click.Context(main), command)
        assert isinstance(found, click.Command), command
        options = {name for parameter in found.params for name in parameter.opts}
        assert set(re.findall(r"--[a-z-]+", rest)) <= options


@pytest.mark.parametrize("path", [*CALLERS, EXAMPLES / "container/Dockerfile"], ids=lambda path: path.name)
def test_settings_exist(path: Path) -> None:
    """Every setting that an example names is one that the app knows; another would stop it."""
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}

    assert settings_named_in(path.read_text(encoding="utf-8")) <= known


@pytest.mark.parametrize(
    "name",
    [
        "github-actions/connectorwatch.yml",
        "azure-devops/azure-pipelines.yml",
        "systemd/connectorwatch.service",
        "container/README.md",
    ],
)
def test_every_example_lets_go_of_what_is_old(name: str) -> None:
    """Without the service nobody else does, and scans name people."""
    assert "connectorwatch retain" in (EXAMPLES / name).read_text(encoding="utf-8")


def test_every_example_has_its_page() -> None:
    """Each folder says in a README what to change, and how to undo it; the index links to it."""
    index = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    folders = sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir())

    assert folders == ["azure-devops", "container", "github-actions", "systemd"]
    for folder in folders:
        assert f"({folder}/README.md)" in index
        assert "To undo: " in (EXAMPLES / folder / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def units(tmp_path: Path) -> list[str]:
    """The units with this machine's Python in place of the installed one, which systemd looks for."""
    for name in ("connectorwatch.service", "connectorwatch.timer"):
        text = (EXAMPLES / "systemd" / name).read_text(encoding="utf-8")
        text = text.replace("/opt/connectorwatch/.venv/bin/python", str(Path(sys.executable).resolve()))
        (tmp_path / name).write_text(text.replace("=/opt/connectorwatch\n", "=/\n"), encoding="utf-8")
    return [str(path) for path in sorted(tmp_path.iterdir())]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here")
def test_systemd_accepts_the_units(units: list[str]) -> None:
    """Every directive is known to systemd and has a value that it takes."""
    done = subprocess.run(  # noqa: S603 - our own files
        ["systemd-analyze", "verify", "--man=no", *units],  # noqa: S607 - wherever systemd is
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_the_unit_is_hardened() -> None:
    """It runs as nobody in particular, writes its state alone, and is handed its certificate by systemd."""
    lines = (EXAMPLES / "systemd/connectorwatch.service").read_text(encoding="utf-8").splitlines()

    for wanted in (
        "DynamicUser=yes",
        "ProtectSystem=strict",
        "NoNewPrivileges=yes",
        "CapabilityBoundingSet=",
        "StateDirectory=connectorwatch",
        "LoadCredential=certificate:/etc/connectorwatch/certificate.pem",
        "SuccessExitStatus=3 4",
    ):
        assert wanted in lines


def test_the_image_is_pinned_runs_as_nobody_and_copies_what_is_there() -> None:
    """Base images have a version, the last user is a number and not root, and every copied file exists."""
    lines = (EXAMPLES / "container/Dockerfile").read_text(encoding="utf-8").splitlines()
    bases = [line.split()[1] for line in lines if line.startswith("FROM ")]
    users = [line.split()[1] for line in lines if line.startswith("USER ")]
    copied = [line.split()[1] for line in lines if line.startswith("COPY ") and "--from=" not in line]
    ignore = (EXAMPLES / "container/Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()

    assert len(bases) == 2
    assert all(re.fullmatch(r"python:3\.13-slim-[a-z]+(@sha256:[0-9a-f]{64})?", base) for base in bases)
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", users[-1])
    assert not any(line.startswith("ADD ") for line in lines)
    assert [name for name in copied if not (ROOT / name).exists()] == []
    assert {line[1:] for line in ignore if line.startswith("!")} == set(copied)


def test_the_image_holds_every_package_that_a_scan_imports() -> None:
    """What connectorwatch imports of this project is copied, but for the simulator, which only `--demo` starts."""
    dockerfile = (EXAMPLES / "container/Dockerfile").read_text(encoding="utf-8")
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {
        "bench",
        "simulator",
        "tests",
        "tools",
    }

    assert {name for name in packages if f"COPY {name} {name}\n" not in dockerfile} == set()


def test_no_command_is_obeyed_while_a_scan_prints() -> None:
    """The workflow switches commands off before its scan, by a word nobody can know, and the pipeline's task too."""
    steps = read_yaml(EXAMPLES / "github-actions/connectorwatch.yml")["jobs"]["scan"]["steps"]
    script = next(step["run"] for step in steps if step.get("name") == "Scan")
    before, _, after = script.partition("python -m connectorwatch scan")
    assert "stop=$(cat /proc/sys/kernel/random/uuid)" in before
    assert 'echo "::stop-commands::$stop"' in before
    assert 'echo "::$stop::"' in after
    steps = read_yaml(EXAMPLES / "azure-devops/azure-pipelines.yml")["jobs"][0]["steps"]
    task = next(step for step in steps if step.get("task") == "AzureCLI@2")
    assert task["target"] == {"commands": "restricted", "settableVariables": "none"}
