"""The command `tenant`, as people call it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from connectorwatch.__main__ import main
from connectorwatch.service.own_state import NOT_SCANNED, FleetState, change_fleet, tenant_subject, with_verdicts
from findings.stores.folder import FolderStore
from policies.vocabulary import Outcome
from tests.connectorwatch.service.making import NOW, A, B, scanned

if TYPE_CHECKING:
    from pathlib import Path

LIST = f"""\
# Our customers. Ask Ada before you change this.
version: 1
tenants:
  # the first of all
  - id: {A}
    name: "Contoso [bold]"   # quoted on purpose
    routes: [night]
"""


def call(folder: Path, *arguments: str, said: str | None = None) -> Result:
    """Run `tenant` with a list and a store in this folder."""
    settings = {"CONNECTORWATCH_TENANTS": str(folder / "tenants.yaml"), "CONNECTORWATCH_STORAGE": str(folder / "out")}
    return CliRunner().invoke(main, ["tenant", *arguments], env=settings, input=said, catch_exceptions=False)


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    (tmp_path / "tenants.yaml").write_text(LIST, encoding="utf-8")
    return tmp_path


def test_list_shows_when_each_tenant_was_scanned(folder: Path) -> None:
    """The list has id, name, credential and newest scan; what a name holds is shown, never obeyed."""
    call(folder, "add", B)
    scanned(FolderStore(folder / "out"), A, NOW)

    call(folder, "add", "cccccccc-0000-4000-8000-000000000003", "--name", "\u202e\x1b[5m")

    told = call(folder, "list").output

    assert A in told
    assert "[bold]" in told
    assert "cccccccc-0000-4000-8000-000000000003" in told
    assert not {"\u202e", "\x1b"} & set(told)
    assert "2026-11-20" in told
    assert "never" in told


def test_list_as_json(folder: Path) -> None:
    """The same as data."""
    assert json.loads(call(folder, "list", "--json").output) == [
        {"id": A, "name": "Contoso [bold]", "credential": "default", "last_scan": None}
    ]


def test_add_keeps_what_people_wrote(folder: Path) -> None:
    """A tenant is appended, and every comment and quote stands as it stood."""
    result = call(folder, "add", B.upper(), "--name", "Fabrikam", "--credential", "federated", "--client-id", "app")

    assert result.exit_code == 0
    assert (folder / "tenants.yaml").read_text(encoding="utf-8") == LIST + (
        f"  - id: {B}\n    name: Fabrikam\n    credential: federated\n    client_id: app\n"
    )


def test_a_link_to_the_list_stays_a_link(folder: Path) -> None:
    """Where the list is a symbolic link, the file it points to is rewritten, permissions kept, and the link stays."""
    link, target = folder / "tenants.yaml", folder / "real.yaml"
    link.rename(target)
    target.chmod(0o640)
    link.symlink_to(target)

    assert call(folder, "add", B).exit_code == 0

    assert (link.is_symlink(), B in target.read_text(encoding="utf-8")) == (True, True)
    assert target.stat().st_mode & 0o777 == 0o640


def test_add_makes_the_list(tmp_path: Path) -> None:
    """The first tenant makes the file."""
    call(tmp_path, "add", A)

    assert f"  - id: {A}\n" in (tmp_path / "tenants.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "text", ["", "version: 1\n", "tenants:\n", "tenants:\n  # - id: x\n#   name: y\n", "tenants: []  # none yet\n"]
)
def test_add_to_an_empty_list(tmp_path: Path, text: str) -> None:
    """A list of none, however it is written, takes its first tenant, and its last one can be removed again."""
    (tmp_path / "tenants.yaml").write_text(text, encoding="utf-8")

    added = call(tmp_path, "add", A)
    told = call(tmp_path, "list", "--json").output
    removed = call(tmp_path, "remove", A, "--confirm", A, "--yes")

    assert (added.exit_code, A in told, removed.exit_code) == (0, True, 0)
    assert json.loads(call(tmp_path, "list", "--json").output) == []


def test_add_to_json_stays_json(tmp_path: Path) -> None:
    """A list in JSON is written as JSON."""
    (tmp_path / "tenants.yaml").write_text('{"version": 1}', encoding="utf-8")

    call(tmp_path, "add", A, "--route", "night")

    told = json.loads((tmp_path / "tenants.yaml").read_text(encoding="utf-8"))
    assert told == {"version": 1, "tenants": [{"id": A, "routes": ["night"]}]}


@pytest.mark.parametrize(("own", "complaint"), [(A.upper(), "is in the list already"), ("contoso.com", "tenant's id")])
def test_add_refuses_what_the_list_may_not_hold(folder: Path, own: str, complaint: str) -> None:
    """A tenant twice, or one that is no id, is refused, and the file is as it was."""
    result = call(folder, "add", own)

    assert (result.exit_code, complaint in result.stderr) == (1, True)
    assert (folder / "tenants.yaml").read_text(encoding="utf-8") == LIST


def test_without_a_setting_for_the_list_add_says_so(tmp_path: Path) -> None:
    """One tenant by CONNECTORWATCH_TENANT_ID alone has no list to write."""
    settings = {"CONNECTORWATCH_TENANTS": "", "CONNECTORWATCH_TENANT_ID": A, "CONNECTORWATCH_STORAGE": str(tmp_path)}

    result = CliRunner().invoke(main, ["tenant", "add", B], env=settings)

    assert (result.exit_code, "CONNECTORWATCH_TENANTS is not set" in result.stderr) == (1, True)


def test_remove_deletes_everything_after_asking_twice(folder: Path) -> None:
    """State, scans, reports, what the service remembers and the entry in the list are gone; others keep theirs."""
    call(folder, "add", B)
    store = FolderStore(folder / "out")
    for own in (A, B):
        scanned(store, own, NOW)
        store.scans.create(f"{own}/scans/20261120T060000Z-0000000a/report.html", b"x")
        store.latest.put(f"{own}/latest/report.html", b"x")
    change_fleet(store, lambda state: state.model_copy(update={"configured": {A: NOW, B: NOW}}))
    failed = [NOT_SCANNED.verdict(Outcome.FAIL, tenant_subject(own), "late") for own in (A, B)]
    change_fleet(store, lambda state: with_verdicts(state, "watchdog-1", NOW, failed))
    change_fleet(store, lambda state: with_verdicts(state, f"failed-{A}-x", NOW, failed[:1]))

    result = call(folder, "remove", A, said=f"{A.upper()}\ny\n")

    assert result.exit_code == 0
    assert sorted(path.name for path in (folder / "out").iterdir() if path.name[0] != ".") == [
        "_fleet",
        B,
        "connectorwatch.db",
    ]
    assert A.encode() not in (folder / "out/connectorwatch.db").read_bytes()
    fleet = (folder / "out/_fleet/state.json").read_bytes()
    assert (FleetState.from_bytes(fleet).configured, A.encode() in fleet) == ({B: NOW}, False)
    text = (folder / "tenants.yaml").read_text(encoding="utf-8")
    assert (A in text, B in text, "Ask Ada" in text) == (False, True, True)


@pytest.mark.parametrize("said", [f"{B}\ny\n", f"{A}\nn\n", "", f"{A}\n"])
def test_remove_does_nothing_unless_both_answers_are_right(folder: Path, said: str) -> None:
    """Another id, a no, or no answer leaves everything as it is."""
    scanned(FolderStore(folder / "out"), A, NOW)

    result = call(folder, "remove", A, said=said)

    assert result.exit_code != 0
    assert (folder / "out" / A / "state.json").exists()
    assert A in (folder / "tenants.yaml").read_text(encoding="utf-8")


def test_a_script_removes_with_both_answers_given(folder: Path) -> None:
    """--confirm with the id and --yes take the place of both answers."""
    assert call(folder, "remove", A, "--confirm", A, "--yes").exit_code == 0
    again = call(folder, "remove", A, "--confirm", A, "--yes")
    assert (again.exit_code, "is not in the list, and nothing of it is stored" in again.stderr) == (1, True)


def test_remove_takes_ids_only(folder: Path) -> None:
    """What is no id never reaches the storage."""
    assert call(folder, "remove", "../..", "--confirm", "../..", "--yes").exit_code == 2


def test_an_empty_list_says_so(folder: Path) -> None:
    """A list without a tenant is told in words, with the command that adds one."""
    (folder / "tenants.yaml").write_text("version: 1\ntenants:\n", encoding="utf-8")
    told = call(folder, "list")

    assert (told.exit_code, "The list of tenants is empty: `connectorwatch tenant add ID`" in told.stdout) == (0, True)
