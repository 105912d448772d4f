"""The wheel in an environment of its own, called from an empty folder; `make wheel-test` runs this."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import venv
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from common.extras import OWN
from common.version import VERSION
from tests.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

pytestmark = pytest.mark.wheel

MOST_MEBIBYTES = 120
"""What an installation without extras may take on disk, compiled modules included."""
TENANT = "3f9d0c1e-7a44-4b7e-9c55-0d1c2b3a4e5f"
_TOKEN = {"CONNECTORWATCH_CREDENTIAL": "token", "CONNECTORWATCH_GRAPH_TOKEN": "x"}
_NAMES = """
from importlib.metadata import packages_distributions
for name, owners in packages_distributions().items():
    print(f"{name}={owners}")
"""


@dataclass(frozen=True)
class Installation:
    """An environment with the package, and an empty folder to call it from."""

    environment: Path
    folder: Path

    def run(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """Call the installed command with no other setting than those given."""
        return self._run([_command(self.environment, "connectorwatch"), *arguments], settings)

    def python(self, code: str) -> str:
        """Return what a line of Python prints in that environment."""
        return self._run([_command(self.environment, "python"), "-I", "-c", code], {}).stdout

    def _run(self, command: list[str], settings: dict[str, str]) -> subprocess.CompletedProcess[str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "SYSTEMROOT", "TEMP") if name in os.environ}
        return subprocess.run(  # noqa: S603 - our own command
            command, cwd=self.folder, env=kept | settings, capture_output=True, encoding="utf-8", check=False
        )


def _command(environment: Path, name: str) -> str:
    folder = "Scripts" if os.name == "nt" else "bin"
    return str(environment / folder / name)


def _empty(folder: Path) -> Installation:
    """Make an environment without packages, and an empty folder."""
    venv.create(folder / "environment", with_pip=False)
    (folder / "empty").mkdir()
    return Installation(folder / "environment", folder / "empty")


def _pip(into: Installation, *arguments: str) -> None:
    """Run pip for an environment that has none of its own."""
    python = _command(into.environment, "python")
    command = [sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check", "install", "--quiet"]
    subprocess.run([*command, *arguments], check=True, cwd=into.folder)  # noqa: S603 - our own command


@pytest.fixture(scope="module")
def core(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Install the package without an extra as people do, at the versions that are locked."""
    folder = tmp_path_factory.mktemp("core")
    installed, pins = _empty(folder), folder / "pins.txt"
    lock = (ROOT / "requirements-dev.txt").read_text(encoding="utf-8")
    locked = re.findall(r"^([a-z0-9-]+)(?:\[[^\]]+\])?(==[^ \n]+)( ;[^\\\n]*)?", lock, re.MULTILINE)
    pins.write_text("".join(f"{name}{version}{marker}\n" for name, version, marker in locked), encoding="utf-8")
    _pip(installed, "--constraint", str(pins), f"connectorwatch @ {wheel.as_uri()}")
    return installed


@pytest.fixture(scope="module")
def complete(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Install by the locked hashes, as the image does, with what the demo needs besides; then the package alone."""
    installed = _empty(tmp_path_factory.mktemp("complete"))
    _pip(installed, "--require-hashes", "--only-binary=:all:", f"--requirement={ROOT / 'requirements-wheel.txt'}")
    _pip(installed, "--require-hashes", f"--requirement={ROOT / 'requirements-demo.txt'}")
    _pip(installed, "--no-deps", "--no-index", "--find-links", str(wheel.parent), "connectorwatch")
    return installed


def test_the_core_is_small(core: Installation) -> None:
    """Without extras it takes less than 120 MiB, and none of the SDK's models."""
    files = [path for path in core.environment.rglob("*") if path.is_file() and not path.is_symlink()]
    mebibytes = sum(path.stat().st_size for path in files) / 1024**2

    assert 20 < mebibytes < MOST_MEBIBYTES
    assert not [path for path in files if "msgraph" in path.parts and "msgraph_core" not in path.parts]


def test_it_says_its_version_and_where_it_is(core: Installation) -> None:
    """`--version` and `doctor` name this environment's copy, and what it lacks."""
    doctor = core.run("doctor", COLUMNS="400")

    assert core.run("--version").stdout == f"connectorwatch, version {VERSION}\n"
    assert f"connectorwatch {VERSION} in {core.environment.resolve()}" in doctor.stdout
    assert "without the extras azure, demo, otel" in doctor.stdout


@pytest.mark.parametrize(
    ("arguments", "settings", "extra"),
    [
        (("demo",), {}, "demo"),
        (("scan", "--demo"), {}, "demo"),
        (("simulate",), {}, "demo"),
        (("registrars",), {"CONNECTORWATCH_STORAGE": "https://example.blob.core.windows.net"}, "azure"),
        (("scan", "--policy", "https://example.blob.core.windows.net/a/b"), _TOKEN, "azure"),
        (
            ("scan",),
            _TOKEN | {"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"},
            "otel",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_an_extra_brings_is_asked_for_in_a_sentence(
    core: Installation, arguments: tuple[str, ...], settings: dict[str, str], extra: str
) -> None:
    """Without the extra a command that needs it ends with exit code 1, one sentence and no traceback."""
    ended = core.run(*arguments, **settings)

    assert (ended.returncode, ended.stdout) == (1, "")
    assert len(ended.stderr.splitlines()) == 1
    assert f"needs the extra {extra}, which is not installed" in ended.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("rules",),
        ("rules", "GRP001"),
        ("releases",),
        ("knowledge",),
        ("allowlist", "--cloud", "global"),
        ("diagnose", "AADSTS50059"),
        ("policy", "example"),
    ],
    ids=" ".join,
)
def test_commands_that_need_no_tenant_work_in_an_empty_folder(core: Installation, arguments: tuple[str, ...]) -> None:
    """Their data comes with the package: they print something, complain of nothing and leave no file."""
    ended = core.run(*arguments)

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.strip()
    assert list(core.folder.iterdir()) == []


def test_the_demo_runs_from_the_package_alone(complete: Installation) -> None:
    """Scan, reports and every view of the stored scan work in an empty folder, which receives `out` alone."""
    scanned = complete.run("demo")

    assert scanned.returncode == 3, scanned.stderr
    assert scanned.stderr.count("Traceback") == 0
    assert [path.name for path in complete.folder.iterdir()] == ["out"]
    for form in ("html", "md", "csv", "json", "ocsf", "sarif", "registrars-csv", "connectors-csv"):
        report = complete.run("report", "--tenant", TENANT, "--format", form)
        assert (report.returncode, report.stderr) == (0, ""), form
    assert complete.run("registrars", "--tenant", TENANT).returncode in (0, 4)
    assert complete.run("connectors", "--tenant", TENANT).returncode == 0
    assert complete.run("history", "--tenant", TENANT).returncode == 0
    assert complete.run("doctor", "--demo").returncode == 0


def test_the_locks_are_all_that_the_package_needs(complete: Installation) -> None:
    """With the locked packages alone, every requirement of the wheel and of the extras used is met."""
    doctor = complete.run("doctor", "--demo", COLUMNS="400")

    assert f"connectorwatch {VERSION} in {complete.environment.resolve()}" in doctor.stdout
    assert "without the extra" not in doctor.stdout


def test_no_dependency_hides_a_package_of_ours(complete: Installation) -> None:
    """Each of our names at the top of the environment comes from connectorwatch and from nothing else."""
    lines = complete.python(_NAMES).splitlines()

    assert _owners(lines) == dict.fromkeys(OWN, "['connectorwatch']")


def _owners(lines: Iterable[str]) -> dict[str, str]:
    pairs = (line.split("=", 1) for line in lines)
    return {name: owners for name, owners in pairs if name in OWN}
