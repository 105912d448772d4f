"""Whatever somebody changed in what is stored, every command that reads it ends in words, and never in a traceback."""

from __future__ import annotations

import gzip
import json
import random
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from connectorwatch.__main__ import main
from simulator import Simulator
from tests.e2e.commands import AT, run
from tests.e2e.running import environment, tenant_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CHANGES = 4
"""Documents changed at random, for each kind of document and each command."""
ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    10**30,
    1e308,
    "",
    "x",
    "\x1b[31m\u202e",
    "2026-11-20T06:00:00",
    "0001-01-01T00:00:00+01:00",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    [],
    {},
    [[]],
    {"a": []},
)
"""What takes the place of a value: of another type, beyond a limit, or of no meaning there."""
BROKEN: dict[str, bytes] = {
    "empty": b"",
    "cut": b'{"schema":"connectorwatch.state/v1","tenant":{',
    "no JSON": b"\x00\xff\xfe",
    "a list": b"[]",
    "deep": b'{"schema":"connectorwatch.state/v1","a":' + b"[" * 100_000,
    "a large number": b'{"schema":"connectorwatch.state/v1","revision":' + b"9" * 5000 + b"}",
    "not finite": b'{"schema":"connectorwatch.state/v1","revision":NaN}',
    "newer": b'{"schema":"connectorwatch.state/v9"}',
    "no schema": b"{}",
    "half a character": b'{"schema":"\\ud800"}',
    "half packed": gzip.compress(b"{}")[:-5],
}
KEY = "KEY"
COMMANDS: dict[str, tuple[str, ...]] = {
    "report html": ("report", "--format", "html"),
    "report sarif": ("report", "--format", "sarif"),
    "period": ("report", "--from", "2026-11-01T00:00:00Z", "--to", "2026-12-01T00:00:00Z"),
    "history": ("history",),
    "finding": ("history", "--finding", KEY),
    "connector": ("history", "--connector", "hq-01"),
    "walk": ("diagnose", "--connector", "hq-01"),
    "registrars": ("registrars",),
    "notify": ("notify",),
    "fleet": ("fleet", "--format", "json"),
    "retain": ("retain",),
    "rebuild": ("rebuild",),
    "rebuild from": ("rebuild", "--from-scan"),
}


@pytest.fixture(scope="module", name="whole")
def _whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, str]]]:
    """Return a folder with two scans of a tenant, and the settings with which they were made."""
    home = tmp_path_factory.mktemp("whole")
    with Simulator(tenant_file("contoso")).in_thread() as simulator:
        settings = environment(simulator) | {"CONNECTORWATCH_TENANTS": str(home / "tenants.yaml")}
        for at in ("2026-11-19T06:00:00Z", AT):
            assert run("scan", "--out", str(home / "out"), "--at", at, settings=settings).code in (3, 4)
        run("tenant", "add", simulator.tenant.tenant.id, settings=settings)
        yield home / "out", settings


def _places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401 - any JSON
    """Yield the way to every value in a document."""
    if place:
        yield place
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from _places(child, (*place, key))


def _changed(content: bytes, chance: random.Random) -> bytes:
    """Return a document in which one to three values are others, or missing."""
    document = json.loads(content)
    for _ in range(chance.randint(1, 3)):
        *way, last = chance.choice(list(_places(document)))
        parent = document
        for key in way:
            parent = parent[key]
        if chance.random() < 0.2:
            del parent[last]
        else:
            parent[last] = chance.choice(ODD)
    return json.dumps(document).encode()


def _files(out: Path) -> dict[str, Path]:
    (tenant,) = (path for path in out.iterdir() if path.is_dir() and not path.name.startswith(("_", ".")))
    newest = max((tenant / "scans").iterdir())
    return {
        "state": tenant / "state.json",
        "evidence": newest / "evidence.json.gz",
        "findings": newest / "findings.json",
    }


def _copy(whole: tuple[Path, dict[str, str]], folder: Path) -> Path:
    out = folder / "out"
    shutil.copytree(whole[0], out)
    return out


def _put(path: Path, content: bytes) -> None:
    path.unlink()
    path.write_bytes(gzip.compress(content, 1) if path.suffix == ".gz" else content)


def _ends_in_words(arguments: tuple[str, ...], settings: dict[str, str], how: str) -> None:
    """Run a command that has to end by itself; where it could not do its work, it says why in one line."""
    done = CliRunner().invoke(main, arguments, env=settings)
    assert isinstance(done.exception, SystemExit | None), (how, arguments, repr(done.exception))
    assert done.exit_code in (0, 1, 3, 4), (how, done.output)
    assert "Traceback" not in done.output
    assert done.exit_code != 1 or done.stderr.strip(), how
    assert "\x1b[31m" not in done.output
    assert "\u202e" not in done.output


def _arguments(command: str, out: Path) -> tuple[str, ...]:
    files = _files(out)
    arguments = tuple("CON001/x" if argument == KEY else argument for argument in COMMANDS[command])
    last = (files["evidence"].parent.name,) if arguments[-1] == "--from-scan" else ()
    return (*arguments, *last, "--out", str(out))


@pytest.mark.parametrize("kind", ["state", "evidence", "findings"])
@pytest.mark.parametrize("command", COMMANDS)
def test_broken_documents(command: str, kind: str, whole: tuple[Path, dict[str, str]], tmp_path: Path) -> None:
    """A document that is cut, empty, too deep or no document at all is named, with what to do."""
    out = _copy(whole, tmp_path)
    path = _files(out)[kind]
    for how, content in BROKEN.items():
        path.unlink()
        path.write_bytes(content)
        _ends_in_words(_arguments(command, out), whole[1], f"{kind} {how}")


@pytest.mark.parametrize("kind", ["state", "evidence", "findings"])
@pytest.mark.parametrize("command", COMMANDS)
def test_changed_values(command: str, kind: str, whole: tuple[Path, dict[str, str]], tmp_path: Path) -> None:
    """A document of the right shape with values that make no sense is read as well as it can be, or refused."""
    chance = random.Random(f"{command} {kind}")  # noqa: S311 - has to be repeatable, keeps no secret
    for number in range(CHANGES):
        out = _copy(whole, tmp_path / str(number))
        path = _files(out)[kind]
        content = path.read_bytes()
        changed = _changed(gzip.decompress(content) if path.suffix == ".gz" else content, chance)
        _put(path, changed)
        _ends_in_words(_arguments(command, out), whole[1], f"{kind} {number}")
        shutil.rmtree(tmp_path / str(number))


@pytest.mark.parametrize("part", range(4))
def test_changed_evidence_is_evaluated_or_refused(
    part: int, whole: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    """`evaluate` takes a file from anybody."""
    chance = random.Random(part)  # noqa: S311 - as above
    content = gzip.decompress(_files(whole[0])["evidence"].read_bytes())
    file = tmp_path / "evidence.json"
    for number in range(4 * CHANGES):
        file.write_bytes(_changed(content, chance))
        _ends_in_words(("evaluate", str(file)), whole[1], f"{part} {number}")
        _ends_in_words(("evaluate", str(file), "--json"), whole[1], f"{part} {number}")


@pytest.mark.parametrize("kind", ["state", "evidence", "findings"])
def test_the_next_scan(kind: str, tmp_path: Path) -> None:
    """A scan after a change ends in words as well, and one whose evidence was changed is still shown again."""
    chance = random.Random(kind)  # noqa: S311 - as above
    with Simulator(tenant_file("clean")).in_thread() as simulator:
        settings = environment(simulator)
        whole = tmp_path / "whole"
        run("scan", "--out", str(whole), "--at", AT, settings=settings)
        for number in range(CHANGES):
            out = tmp_path / str(number)
            shutil.copytree(whole, out)
            path = _files(out)[kind]
            content = path.read_bytes()
            _put(path, _changed(gzip.decompress(content) if path.suffix == ".gz" else content, chance))
            for at in (AT, "2026-11-21T06:00:00Z"):
                _ends_in_words(("scan", "--out", str(out), "--at", at), settings, f"{kind} {number} {at}")
