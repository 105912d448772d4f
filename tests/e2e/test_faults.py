"""What the command line says when it cannot do what it was asked, or not all of it: a sentence, never a traceback."""

from __future__ import annotations

import gzip
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import pytest

from common.errors import CredentialError
from connectorwatch.scanning.scan import run as make
from simulator import Simulator
from simulator.tokens import make_token
from tests.e2e.commands import Ran, Slow, end, run, scan
from tests.e2e.running import environment, stored, tenant_file, wired

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

CLEAN = tenant_file("clean")
FOLDER = CLEAN.tenant.id
TOKEN, GRAPH = "CONNECTORWATCH_GRAPH_TOKEN", "CONNECTORWATCH_GRAPH_ROOT"
OTHER = "11111111-2222-3333-4444-555555555555"


@pytest.fixture(scope="module")
def served() -> Iterator[dict[str, str]]:
    """Serve the clean tenant, and yield the settings that scan it."""
    with Simulator(CLEAN).in_thread() as simulator:
        yield environment(simulator)


def cannot(ran: Ran, *fragments: str) -> None:
    """Make sure that a command gave up with a sentence that says so much, and showed no token."""
    assert ran.code == 1
    assert ran.stdout == ""
    *progress, sentence = ran.stderr.strip().splitlines()
    assert all(line.endswith((": read", ")")) for line in progress)
    assert sentence.startswith("connectorwatch: ")
    assert [fragment for fragment in fragments if fragment not in sentence] == []
    assert "eyJ" not in ran.stderr


class Case(NamedTuple):
    """Settings and arguments that cannot work, and what has to be said of them."""

    settings: dict[str, str]
    arguments: tuple[str, ...]
    says: tuple[str, ...]


CASES = {
    "a token that Graph does not take": Case({TOKEN: make_token(CLEAN, 77)}, (), ("did not accept", "Sign in again")),
    "a token that is none": Case({TOKEN: "two words"}, ("--tenant", FOLDER), (TOKEN, "on one line")),
    "no token": Case({TOKEN: ""}, (), (TOKEN, "must be set")),
    "an opaque token alone": Case({TOKEN: "opaque"}, (), ("set CONNECTORWATCH_TENANT_ID",)),
    "another tenant than the token's": Case({}, ("--tenant", OTHER), (FOLDER, OTHER, "sign in to that tenant")),
    "a tenant that leads out of the store": Case({TOKEN: "opaque"}, ("--tenant", "../x"), ("../x", "refused")),
    "a storage below a file": Case({}, ("--out", f"{__file__}/below"), (__file__, "move that away")),
    "cloud storage": Case({}, ("--out", "https://x.blob.core.windows.net"), ("CONNECTORWATCH_STORAGE", "correct it")),
    "a policy with a typing error": Case({}, ("--policy", "<typo>"), ("line 2", 'mean "min_active_connectors"')),
    "a policy that is not there": Case({}, ("--policy", "nowhere.yaml"), ("nowhere.yaml", "create it")),
    "an unknown setting": Case(
        {"CONNECTORWATCH_STORAG": "x"}, (), ("CONNECTORWATCH_STORAG ", "CONNECTORWATCH_STORAGE?")
    ),
    "a bad value": Case({"CONNECTORWATCH_CONCURRENCY": "all"}, (), ("CONNECTORWATCH_CONCURRENCY", "valid integer")),
    "an unknown cloud": Case({"CONNECTORWATCH_CLOUD": "mars"}, (), ("CONNECTORWATCH_CLOUD", "'usgov'")),
    "a time for the real Graph": Case({GRAPH: ""}, (), ("--at", "leave it out")),
    "a Graph elsewhere": Case({GRAPH: "https://graph.example"}, (), (GRAPH, "choose a cloud")),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_what_cannot_work_is_told_before_anything_is_written(
    case: Case, served: dict[str, str], policy: Path, tmp_path: Path
) -> None:
    """The sentence names what is wrong and what to do, the exit code is 1 and storage holds nothing."""
    typo = tmp_path / "typo.yaml"
    typo.write_text("version: 1\nmin_active_conectors: 3\n", encoding="utf-8")
    arguments = (str(typo) if word == "<typo>" else word for word in case.arguments)
    out = tmp_path / "out"
    cannot(run(*scan(out, policy), *arguments, settings=served | case.settings), *case.says)
    assert stored(out) == {}


async def test_a_token_that_opens_another_tenant_is_refused(tmp_path: Path) -> None:
    """An opaque token does not say whose it is; what answers does, and nothing is stored under the wrong name."""
    async with Simulator(CLEAN) as simulator, wired(environment(simulator), tmp_path) as scanning:
        with pytest.raises(CredentialError, match=f"opens tenant {FOLDER}, and .* says {OTHER}: sign in"):
            await make(replace(scanning, tenant_id=OTHER))
    assert stored(tmp_path) == {}


def test_a_tenant_id_is_one_in_either_case(served: dict[str, str], policy: Path, tmp_path: Path) -> None:
    """What is remembered of a tenant stands in one place however its id is written."""
    run(*scan(tmp_path, policy, "--tenant", FOLDER.upper()), settings=served)
    assert {name.partition("/")[0] for name in stored(tmp_path)} == {FOLDER}


def test_a_token_may_end_in_a_newline(served: dict[str, str], policy: Path, tmp_path: Path) -> None:
    """Files and secret stores like to add one."""
    assert run(*scan(tmp_path, policy), settings=served | {TOKEN: served[TOKEN] + "\n"}).code == 0


@pytest.fixture(scope="module")
def scanned(served: dict[str, str], policy: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store with one scan in it."""
    out = tmp_path_factory.mktemp("scanned")
    assert run(*scan(out, policy), settings=served).code == 0
    return out


def newer(content: bytes) -> bytes:
    """Return a document as a newer major version would write it."""
    return content.replace(b'/v1"', b'/v2"', 1)


class Damage(NamedTuple):
    """What happens to a stored file, and what has to be said of it."""

    file: str
    happens: Callable[[bytes], bytes]
    says: tuple[str, ...]


DAMAGE = {
    "damaged state": Damage("state.json", lambda old: old[:100], ("state.json is damaged", "Restore an earlier copy")),
    "newer state": Damage("state.json", newer, ("has version 2", "update connectorwatch")),
    "newer evidence": Damage(
        "evidence.json.gz",
        lambda old: gzip.compress(newer(gzip.decompress(old))),
        ("has version 2", "update connectorwatch"),
    ),
    "cut evidence": Damage("evidence.json.gz", lambda old: old[:500], ("evidence.json.gz is cut off", "another copy")),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_a_stored_document_that_cannot_be_read_stops_the_scan(
    damage: Damage, scanned: Path, served: dict[str, str], policy: Path, tmp_path: Path
) -> None:
    """Nothing is written over what may be the only copy."""
    out = tmp_path / "out"
    shutil.copytree(scanned, out)
    (path,) = out.rglob(damage.file)
    path.write_bytes(damage.happens(path.read_bytes()))
    before = stored(out)
    cannot(run(*scan(out, policy), settings=served), *damage.says)
    if damage.file.startswith("evidence"):
        cannot(run("evaluate", str(path)), *damage.says)
    assert stored(out) == before


def test_evidence_that_is_not_there_is_told(tmp_path: Path) -> None:
    """The sentence says what kind of file to give."""
    cannot(run("evaluate", str(tmp_path / "none.gz")), "none.gz cannot be read", "Give the path of an evidence.json.gz")


def test_an_unreachable_graph_is_told(slow: dict[str, Slow]) -> None:
    """After some tries the scan gives up and stores nothing."""
    process, out = slow["unreachable"]
    cannot(end(process), "no whole answer from 127.0.0.1", "Check the network")
    assert stored(out) == {}
