"""What the container's image holds: it is laid out in a folder, and the product is run from there."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from simulator import Fault, FaultKind, Simulator
from tests.e2e.commands import wait_for
from tests.e2e.running import environment, tenant_file
from tests.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

EXAMPLES = ROOT / "examples"
CONNECTORS = "/onPremisesPublishingProfiles/applicationProxy/connectors"


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
