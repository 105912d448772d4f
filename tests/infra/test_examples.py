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


def jobs_of(path: Path) -> list[Any]:
    """Return the jobs of a workflow or a pipeline."""
    jobs = read_yaml(path)["jobs"]
    return list(jobs.values()) if isinstance(jobs, dict) else jobs


def commands_of(job: Any) -> str:  # noqa: ANN401 - whatever the file holds
    """Return everything that a job runs in a shell."""
    inputs = [step.get("inputs", {}).get("inlineScript", "") for step in job["steps"]]
    return "\n".join([*inputs, *(str(step.get("run", step.get("script", ""))) for step in job["steps"])])


@pytest.mark.parametrize("path", PIPELINES, ids=lambda path: path.name)
def test_nothing_is_installed_in_a_job_that_can_sign_in(path: Path) -> None:
    """A package that runs while it is installed finds no identity token and no right to write."""
    for job in jobs_of(path):
        permissions = {**(read_yaml(path).get("permissions") or {}), **job.get("permissions", {})}
        signs_in = permissions.get("id-token") == "write" or any(
            str(step.get("task", step.get("uses", ""))).lower().startswith(("azurecli@", "azure/login"))
            for step in job["steps"]
        )
        installs = re.search(r"\b(pip|npm|apt-get|make)\b", commands_of(job)) is not None
        assert not (signs_in and installs)
        if installs:
            assert {kind for kind, level in permissions.items() if level == "write"} == set()


INSTALLERS = (
    *(path for path in PIPELINES if "examples" in path.parts),
    EXAMPLES / "container/Dockerfile",
    EXAMPLES / "systemd/README.md",
)


@pytest.mark.parametrize("path", INSTALLERS, ids=lambda path: path.name)
def test_packages_are_installed_by_hash_and_without_running_anything_of_theirs(path: Path) -> None:
    """Every installation asks for hashes and wheels, of the lock that is deployed."""
    text = path.read_text(encoding="utf-8").replace("\\\n", " ")
    installs = [line for line in text.splitlines() if "pip install" in line]

    assert len(installs) == 1
    assert "--require-hashes --only-binary :all:" in installs[0]
    assert re.search(r"(?:-r|--requirement) (?:/opt/connectorwatch/)?requirements\.txt", installs[0])


def test_the_packages_reach_the_job_that_scans() -> None:
    """What one job keeps the other fetches, under the same name, into the folder that Python looks into."""
    fetch, scan = jobs_of(WORKFLOWS[0])
    (kept,) = (step["with"] for step in fetch["steps"] if "upload-artifact" in step.get("uses", ""))
    (fetched,) = (step["with"] for step in scan["steps"] if "download-artifact" in step.get("uses", ""))

    assert scan["needs"] == "packages"
    assert kept["name"] == fetched["name"] == "packages"
    assert f"--target {fetched['path']} " in commands_of(fetch)
    assert kept["path"].rstrip("/") == fetched["path"] == scan["env"]["PYTHONPATH"]


def test_the_pipelines_packages_reach_the_job_that_scans() -> None:
    """The same in Azure Pipelines, which puts a fetched artefact below the pipeline's workspace."""
    fetch, scan = jobs_of(PIPELINES[2])
    (kept,) = (step for step in fetch["steps"] if "publish" in step)
    (fetched,) = (step for step in scan["steps"] if "download" in step)

    assert scan["dependsOn"] == fetch["job"]
    assert kept["artifact"] == fetched["artifact"] == kept["publish"] == "packages"
    assert f"--target {kept['publish']} " in commands_of(fetch)
    assert 'PYTHONPATH="$PIPELINE_WORKSPACE/packages"' in commands_of(scan)


def test_what_the_pipelines_scan_prints_can_command_little() -> None:
    """The step that prints the tenant's names sets no variable and uploads nothing, whatever is printed."""
    (step,) = (step for job in jobs_of(PIPELINES[2]) for step in job["steps"] if step.get("task") == "AzureCLI@2")

    assert step["target"] == {"container": "host", "commands": "restricted", "settableVariables": "none"}
    assert "##vso" not in step["inputs"]["inlineScript"]


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
