"""What the ready files for other places do: their own scripts are run, and the image is laid out."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from ruamel.yaml import YAML

from connectorwatch.settings import PREFIX
from findings.reports.json_text import entries
from findings.reports.sarif import render_sarif
from simulator import Fault, FaultKind, Simulator
from tests.e2e.commands import wait_for
from tests.e2e.running import NOW, environment, scan_with, tenant_file
from tests.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from findings.document import FindingsDocument

EXAMPLES = ROOT / "examples"
CONNECTORS = "/onPremisesPublishingProfiles/applicationProxy/connectors"
REPORTS = ("findings.json", "findings.sarif", "report.html")
needs_jq = pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not here")


class Ended(NamedTuple):
    """How a script ended, and what it printed."""

    code: int
    said: str


def job_of(example: str) -> Any:  # noqa: ANN401 - whatever the file holds
    """Return the one job of an example."""
    jobs = YAML(typ="safe").load((EXAMPLES / example).read_text(encoding="utf-8"))["jobs"]
    return jobs["scan"] if isinstance(jobs, dict) else jobs[0]


def workflow_scripts() -> list[str]:
    """Return the shell steps of the workflow, without the one that installs."""
    steps = job_of("github-actions/connectorwatch.yml")["steps"]
    return [step["run"] for step in steps if "run" in step and "pip install" not in step["run"]]


def pipeline_script() -> str:
    """Return what the pipeline's task runs."""
    steps = job_of("azure-devops/azure-pipelines.yml")["steps"]
    return str(next(step["inputs"]["inlineScript"] for step in steps if step.get("task") == "AzureCLI@2"))


def bash(script: str, folder: Path, settings: Mapping[str, str], *flags: str) -> Ended:
    """Run a script as a pipeline does, with the Python of the tests first on its path."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    done = subprocess.run(  # noqa: S603 - our own script
        ["bash", *flags, "-c", script],  # noqa: S607 - wherever bash is
        cwd=folder,
        env=bare | {"PYTHONPATH": str(ROOT)} | dict(settings),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=300,
    )
    return Ended(done.returncode, done.stdout + done.stderr)


def python_that_ends_with(scan: int, html: int, folder: Path) -> str:
    """Return a path on which `python` stands for a product whose scan and whose HTML report end with these codes.

    A report is written into the file that is named last.
    """
    (folder / "bin").mkdir()
    stand_in = folder / "bin/python"
    stand_in.write_text(
        f'#!/bin/sh\ncase "$*" in *" scan"*) exit {scan};; *html*) [ {html} = 0 ] || exit {html};; esac\n'
        'case "$*" in *--to-file*) shift $(($# - 1)); : > "$1";; esac\n'
    )
    stand_in.chmod(0o755)
    return f"{folder / 'bin'}:{os.environ['PATH']}"


@pytest.mark.slow
@needs_jq
def test_the_workflow_scans_writes_its_reports_and_ends_red(tmp_path: Path) -> None:
    """Its steps, run one after the other: all reports are there before the last step fails with the scan's code."""
    scan, reports, retain, last = workflow_scripts()
    with Simulator(tenant_file("contoso")).in_thread() as simulator:
        settings = environment(simulator) | {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "CONNECTORWATCH_STORAGE": str(tmp_path / "memory"),
            "CONNECTORWATCH_TENANT_ID": simulator.tenant.tenant.id,
            "GITHUB_OUTPUT": str(tmp_path / "output"),
        }
        ended = [bash(script, tmp_path, settings, "-e") for script in (scan, reports, retain)]

    assert [one.code for one in ended] == [0, 0, 0], ended
    assert (tmp_path / "output").read_text(encoding="utf-8") == "code=3\n"
    assert sorted(path.name for path in (tmp_path / "reports").iterdir()) == sorted((*REPORTS, "open.sarif"))
    assert bash(last, tmp_path, {"CODE": "3"}, "-e").code == 3


@needs_jq
async def test_the_workflow_uploads_every_open_finding_and_nothing_else(tmp_path: Path) -> None:
    """GitHub makes an alert of every result and closes what is gone, so a finding that was not seen again stays."""
    tenant, denied = tenant_file("contoso"), Fault(path=CONNECTORS, kind=FaultKind.STATUS, status=403)
    uploaded = []
    for day, faults in enumerate(([], [denied])):
        async with Simulator(tenant, faults=faults) as simulator:
            at = NOW.replace(day=NOW.day + day)
            document = (await scan_with(environment(simulator), tmp_path / "memory", at)).document
        uploaded.append(uploaded_of(document, tmp_path))
        assert uploaded[-1] == open_keys(document)

    assert uploaded[0] == uploaded[1]
    assert len(uploaded[0]) > 0


def uploaded_of(document: FindingsDocument, folder: Path) -> set[str]:
    """Return the keys of the results that the workflow's own filter leaves of a scan."""
    (folder / "reports").mkdir(exist_ok=True)
    (folder / "reports/findings.sarif").write_bytes(render_sarif(document))
    script = workflow_scripts()[1]
    assert bash(script[script.index("jq ") :], folder, {}, "-e").code == 0
    run = json.loads((folder / "reports/open.sarif").read_bytes())["runs"][0]
    return {result["properties"]["key"] for result in run["results"]}


def open_keys(document: FindingsDocument) -> set[str]:
    """Return the keys of the findings that are open and not waived."""
    return {
        entry.key
        for entry in entries(document)
        if entry.lifecycle and entry.lifecycle.state == "open" and getattr(entry, "outcome", None) != "waived"
    }


def test_the_filter_in_the_documentation_is_the_workflows() -> None:
    """docs/reports.md shows the same filter."""
    asked = re.search(r"jq '(.+)'", workflow_scripts()[1])
    documented = (ROOT / "docs/reports.md").read_text(encoding="utf-8")

    assert asked is not None
    assert f"jq '{asked[1]}'" in documented


@pytest.mark.parametrize(
    ("scan", "html", "code", "said"),
    [
        (0, 0, 0, ""),
        (3, 0, 0, "##vso[task.complete result=SucceededWithIssues]failing findings\n"),
        (4, 0, 0, "##vso[task.complete result=SucceededWithIssues]not everything was assessed\n"),
        (1, 0, 1, ""),
        (3, 1, 1, ""),
    ],
)
def test_the_pipeline_ends_as_its_commands_do(tmp_path: Path, scan: int, html: int, code: int, said: str) -> None:
    """Failing findings and gaps make it orange; a scan that could not be made, or a report, makes it red."""
    path = python_that_ends_with(scan, html, tmp_path)

    ended = bash(pipeline_script(), tmp_path, {"PATH": path, "tenantId": "T"})

    assert ended == (code, said)
    assert code == 1 or sorted(file.name for file in (tmp_path / "reports").iterdir()) == sorted(REPORTS)


def scripts_that_write_reports() -> list[Any]:
    """Return the steps of both pipelines that write reports, without the filter, which wants jq."""
    return [
        pytest.param(workflow_scripts()[1].partition("#")[0], id="workflow"),
        pytest.param(pipeline_script(), id="pipeline"),
    ]


@pytest.mark.parametrize("script", scripts_that_write_reports())
def test_reports_that_an_earlier_run_left_are_written_anew(tmp_path: Path, script: str) -> None:
    """An agent of one's own keeps the folder between runs."""
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports/report.html").write_text("of yesterday", encoding="utf-8")
    path = python_that_ends_with(0, 0, tmp_path)

    ended = bash(script, tmp_path, {"PATH": path, "tenantId": "T"}, "-e")

    assert ended == (0, "")
    assert sorted(file.name for file in (tmp_path / "reports").iterdir()) == sorted(REPORTS)
    assert (tmp_path / "reports/report.html").read_text(encoding="utf-8") == ""


def settings_of_the_unit() -> dict[str, str]:
    """Return what the unit sets, with the places that systemd fills in."""
    text = (EXAMPLES / "systemd/connectorwatch.service").read_text(encoding="utf-8")
    certificate = re.search(r"^LoadCredential=certificate:(.+)$", text, re.MULTILINE)
    assert certificate is not None
    settings = re.findall(r"^Environment=(\w+)=(.+)$", text, re.MULTILINE)
    places = {"%d/certificate": certificate[1], "%S": "/var/lib"}
    return {name: re.sub("|".join(places), lambda found: places[found[0]], value) for name, value in settings}


def test_doctor_is_asked_as_the_unit_is_run(tmp_path: Path) -> None:
    """The README's command gives doctor the settings of the unit and those of its file."""
    text = (EXAMPLES / "systemd/README.md").read_text(encoding="utf-8")
    block = next(block for block in text.split("```sh\n")[1:] if "connectorwatch doctor" in block.partition("```")[0])
    (tmp_path / ".venv/bin").mkdir(parents=True)
    for place, does in ((".venv/bin/python", 'echo "$@"; env | grep ^CONNECTORWATCH_'), ("sudo", 'exec "$@"')):
        (tmp_path / place).write_text(f"#!/bin/sh\n{does}\n", encoding="utf-8")
        (tmp_path / place).chmod(0o755)
    (tmp_path / "environment").write_text("CONNECTORWATCH_TENANT_ID=T\nCONNECTORWATCH_CLIENT_ID=C\n", encoding="utf-8")
    script = block.partition("```")[0].replace("/opt/connectorwatch", str(tmp_path))
    script = script.replace("/etc/connectorwatch/environment", str(tmp_path / "environment"))

    ended = bash(script, tmp_path, {"PATH": f"{tmp_path}:{os.environ['PATH']}"})
    said, *settings = ended.said.splitlines()

    assert (ended.code, said) == (0, "-m connectorwatch doctor")
    assert dict(line.split("=", 1) for line in settings) == settings_of_the_unit() | {
        "CONNECTORWATCH_TENANT_ID": "T",
        "CONNECTORWATCH_CLIENT_ID": "C",
    }


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """Return a folder with what the Dockerfile copies from the repository, laid as it lays it."""
    text = (EXAMPLES / "container/Dockerfile").read_text(encoding="utf-8").rpartition("\nFROM ")[2]
    for source, target in re.findall(r"^COPY (\S+) (\S+)$", text, re.MULTILINE):
        here, there = ROOT / source, tmp_path / "app" / target
        if here.is_dir():
            shutil.copytree(here, there, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(here, there)
    return tmp_path / "app"


def start_in(image: Path, settings: Mapping[str, str], *arguments: str) -> subprocess.Popen[str]:
    """Start a command where only the image's files can be imported."""
    return subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "connectorwatch", *arguments],
        cwd=image,
        env={"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


@pytest.mark.slow
def test_the_image_scans_and_writes_into_its_volume_alone(image: Path, tmp_path: Path) -> None:
    """With the copied files, no home and nothing else of this project a scan is made, and nothing is written to it."""
    before = sorted(image.rglob("*"))
    with Simulator(tenant_file("clean")).in_thread() as simulator:
        settings = environment(simulator) | {"CONNECTORWATCH_STORAGE": str(tmp_path / "data")}
        process = start_in(image, settings, "scan")
        _, stderr = process.communicate(timeout=120)

    assert process.returncode in (0, 3), stderr
    assert (tmp_path / "data" / simulator.tenant.tenant.id / "state.json").exists()
    assert sorted(image.rglob("*")) == before


@pytest.mark.slow
@pytest.mark.parametrize("command", [("scan", "--demo"), ("doctor", "--demo"), ("simulate",)], ids=" ".join)
def test_the_image_says_that_it_has_no_simulator(image: Path, command: tuple[str, ...]) -> None:
    """What the image leaves out is told in a sentence, with what to do."""
    process = start_in(image, {}, *command)

    stdout, stderr = process.communicate(timeout=60)

    assert (process.returncode, stdout) == (1, "")
    assert stderr == (
        "connectorwatch: There is no simulated Graph in this installation: it is left out of what is deployed. "
        "Run this in a copy of the whole repository.\n"
    )


@pytest.mark.slow
def test_the_image_is_stopped_by_a_signal_that_the_product_handles(image: Path, tmp_path: Path) -> None:
    """A container's first process gets no other, so with the usual one it would be killed only ten seconds later."""
    lines = (EXAMPLES / "container/Dockerfile").read_text(encoding="utf-8").splitlines()
    stop = next((line.split()[1] for line in lines if line.startswith("STOPSIGNAL ")), "SIGTERM")
    hanging = Fault(path=CONNECTORS, kind=FaultKind.HANG, seconds=60)
    with Simulator(tenant_file("clean"), faults=[hanging]).in_thread() as simulator:
        settings = environment(simulator) | {"CONNECTORWATCH_STORAGE": str(tmp_path / "data")}
        process = start_in(image, settings, "scan")
        wait_for(simulator, hung=1)
        process.send_signal(signal.Signals[stop])
        _, stderr = process.communicate(timeout=60)

    assert process.returncode == 130, stderr
    assert "connectorwatch: interrupted." in stderr
