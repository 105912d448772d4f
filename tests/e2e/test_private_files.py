"""Whatever a command writes belongs to whoever ran it, and to nobody else, under any umask."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from simulator import Simulator
from tests.e2e.commands import AT, run
from tests.e2e.running import environment, tenant_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
A = "aaaaaaaa-0000-4000-8000-000000000001"


@pytest.fixture(name="home")
def _home(tmp_path: Path) -> Iterator[Path]:
    """Return an empty private folder, in a process that would give all it makes to everybody."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    before = os.umask(0)
    yield home
    os.umask(before)


@pytest.fixture(scope="module", name="graph")
def _graph() -> Iterator[Simulator]:
    with Simulator(tenant_file("contoso")).in_thread() as simulator:
        yield simulator


def _open_ones(home: Path) -> dict[str, str]:
    """Return what others may read or enter, or what its owner alone may not use."""
    return {
        str(path.relative_to(home)): oct(stat.S_IMODE(path.lstat().st_mode))
        for path in home.rglob("*")
        if stat.S_IMODE(path.lstat().st_mode) != (0o700 if path.is_dir() else 0o600)
    }


def test_every_command_writes_for_its_owner_alone(graph: Simulator, home: Path) -> None:
    """Scans, locks, tables, reports, catalogues, recordings, lists and policies are closed to others."""
    settings = environment(graph) | {"CONNECTORWATCH_TENANTS": str(home / "tenants.yaml")}
    out = ("--out", str(home / "one/two/out"))
    commands = (
        ("scan", *out, "--at", AT),
        ("tenant", "add", A),
        ("report", *out, "--format", "html", "--to-file", str(home / "report.html")),
        ("fleet", *out, "--format", "html", "--to-file", str(home / "fleet.html")),
        ("fleet", *out, "--format", "json", "--to-file", str(home / "fleet.json")),
        ("record", "--yes", "--out", str(home / "recording.json")),
        ("rebuild", *out),
        ("retain", *out),
    )
    codes = {arguments[0]: run(*arguments, settings=settings).code for arguments in commands}

    assert set(codes.values()) <= {0, 3, 4}, codes
    assert _open_ones(home) == {}
    assert {path.name for path in home.iterdir()} >= {"fleet.csv", "fleet.html", "fleet.json", "recording.json"}
    assert list(home.rglob("*.lock"))
    assert list(home.rglob("connectorwatch.db"))


def test_a_fleet_that_cannot_be_written_is_a_sentence(graph: Simulator, home: Path) -> None:
    """A missing folder, or a file in its place, ends in words."""
    settings = environment(graph)
    run("scan", "--out", str(home / "out"), "--at", AT, settings=settings)
    for target in (home / "missing/fleet.html", home / "out/connectorwatch.db/fleet.html"):
        done = run("fleet", "--out", str(home / "out"), "--format", "json", "--to-file", str(target), settings=settings)
        assert done.code == 1
        assert "cannot be written" in done.stderr


def test_a_file_planted_in_the_place_of_one_is_not_followed_out(graph: Simulator, home: Path) -> None:
    """A list of tenants is written beside itself under a name that nobody can guess: links of likely names stay."""
    victim = home / "victim"
    victim.write_bytes(b"untouched")
    for name in ("tenants.yaml.tmp", ".tenants.yaml.tmp", "tenants.yaml.new", "tenants.yaml~", ".tenants.yaml.swp"):
        (home / name).symlink_to(victim)

    done = run("tenant", "add", A, settings=environment(graph) | {"CONNECTORWATCH_TENANTS": str(home / "tenants.yaml")})

    assert done.code == 0
    assert victim.read_bytes() == b"untouched"
    assert A in (home / "tenants.yaml").read_text(encoding="utf-8")
