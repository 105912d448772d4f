"""What the ready files for other places do: their own scripts are run."""

from __future__ import annotations

import json
import os
import re
import shutil
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
    """Return the job of an example that scans."""
    jobs = YAML(typ="safe").load((EXAMPLES / example).read_text(encoding="utf-8"))["jobs"]
    return jobs["scan"] if isinstance(jobs, dict) else next(job for job in jobs if job["job"] == "scan")


def workflow_scripts() -> list[str]:
    """Return the shell steps of the workflow's job that scans."""
    return [step["run"] for step in job_of("github-actions/connectorwatch.yml")["steps"] if "run" in step]


def pipeline_script() -> str:
    """Return what the pipeline's task runs."""
    steps = job_of("azure-devops/azure-pipelines.yml")["steps"]
    return str(next(step["inputs"]["inlineScript"] for step in steps if step.get("task") == "AzureCLI@2"))


def pipeline_verdict() -> str:
    """Return the pipeline's step that colours the run."""
    return str(next(step["script"] for step in job_of("azure-devops/azure-pipelines.yml")["steps"] if "script" in step))


def stopped(printed: str) -> str:
    """Return what a step printed while workflow commands were stopped; it must have printed nothing else."""
    match = re.fullmatch(r"::stop-commands::([0-9a-f]{64})\n(.*)::\1::\n", printed, re.DOTALL)
    assert match is not None, printed
    return match[2]


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
    assert bash(script[script.index("jq ") : script.index("echo", script.index("jq "))], folder, {}, "-e").code == 0
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


def test_no_name_commands_the_workflow(tmp_path: Path) -> None:
    """Everything that a scan, a report and retention print stands between the lines that stop and start commands."""
    (tmp_path / "bin").mkdir()
    for name, does in (("python", 'echo "::error::named so"; : > "${!#}"'), ("jq", "true")):
        (tmp_path / "bin" / name).write_text(f"#!/bin/bash\n{does}\n", encoding="utf-8")
        (tmp_path / "bin" / name).chmod(0o755)
    settings = {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "GITHUB_OUTPUT": str(tmp_path / "output")}

    ended = [bash(script, tmp_path, settings, "-e") for script in workflow_scripts()[:3]]

    assert [one.code for one in ended] == [0, 0, 0]
    assert [stopped(one.said).count("::error::named so\n") for one in ended] == [1, 3, 1]
    assert len({one.said.partition("\n")[0] for one in ended}) == 3


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
    settings = {
        "PATH": python_that_ends_with(scan, html, tmp_path),
        "tenantId": "T",
        "AGENT_TEMPDIRECTORY": str(tmp_path),
        "PIPELINE_WORKSPACE": str(tmp_path),
    }

    ended = bash(pipeline_script(), tmp_path, settings)

    assert ended == (code, "")
    assert (tmp_path / "code").exists() == (code == 0)
    if code == 0:
        assert bash(pipeline_verdict(), tmp_path, settings) == (0, said)
        assert sorted(file.name for file in (tmp_path / "reports").iterdir()) == sorted(REPORTS)


@pytest.mark.parametrize("where", ["workflow", "pipeline"])
def test_reports_that_an_earlier_run_left_are_written_anew(tmp_path: Path, where: str) -> None:
    """An agent of one's own keeps the folder between runs."""
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports/report.html").write_text("of yesterday", encoding="utf-8")
    script = pipeline_script() if where == "pipeline" else workflow_scripts()[1].partition("#")[0]
    settings = {
        "PATH": python_that_ends_with(0, 0, tmp_path),
        "tenantId": "T",
        "AGENT_TEMPDIRECTORY": str(tmp_path),
        "PIPELINE_WORKSPACE": str(tmp_path),
    }

    ended = bash(script, tmp_path, settings, "-e")

    assert ended.code == 0, ended.said
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
