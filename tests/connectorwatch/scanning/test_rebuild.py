"""Tables and latest/ written anew from what is remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from structlog.testing import capture_logs

from common.errors import EvidenceError, SettingsError, StorageError
from connectorwatch.__main__ import main
from connectorwatch.scanning.latest_and_views import MARK, refresh, stored_state
from connectorwatch.scanning.publish import keep_evidence, publish
from connectorwatch.scanning.rebuild import rebuild
from findings.document import TenantInfo
from findings.state.document import State
from findings.stores.folder import DATABASE, FolderStore
from policies.evidence import Evidence, ScanInfo
from policies.policy_file.model import Policy
from policies.releases.catalogue import built_in_catalogue
from tests.e2e.consistency import all_rows
from tests.findings.reports.sample_snapshot import TENANT, snapshot
from tests.findings.views.view_rows import summary

if TYPE_CHECKING:
    from pathlib import Path

ID = "20261120T060000Z-0123abcd"


@pytest.fixture(name="store")
def _store(tmp_path: Path) -> FolderStore:
    """Return a store with one scan of one tenant."""
    store = FolderStore(tmp_path)
    evidence = Evidence(
        scan=ScanInfo(id=ID, trigger="manual", policy_source="built-in", policy_sha256="0" * 64),
        snapshot=snapshot(),
        policy=Policy(),
        releases=built_in_catalogue(),
    )
    publish(store, keep_evidence(store, evidence))
    return store


def quiet(_: str) -> None:
    """Tell nobody."""


def test_lost_tables_come_back(store: FolderStore, tmp_path: Path) -> None:
    """Tables made anew equal those that were written, and so does latest/."""
    rows, report = all_rows(store, TENANT), store.latest.read(f"{TENANT}/latest/report.html")
    (tmp_path / DATABASE).unlink()
    (tmp_path / TENANT / "latest/report.html").write_bytes(b"spoilt")

    assert rebuild(store, None, quiet) == 1

    assert len(rows) > 2
    assert all_rows(store, TENANT) == rows
    assert store.latest.read(f"{TENANT}/latest/report.html") == report


def test_tables_of_a_newer_state_are_replaced(store: FolderStore) -> None:
    """After an earlier copy of the state was put back, the tables follow it when they are written, and it is told."""
    rows = all_rows(store, TENANT)
    store.views.replace(TENANT, 99, [summary(TENANT, 99)])

    with capture_logs() as logs:
        refresh(store, TENANT)

    assert all_rows(store, TENANT) == rows
    assert [line["event"] for line in logs] == ["tables of a lost state are written anew"]


def test_rows_of_tenants_without_a_state_go(store: FolderStore) -> None:
    """When all tables are made anew, what belongs to nobody goes, and nothing is made of the fleet's own state."""
    store.views.replace("gone", 1, [summary("gone", 1)])
    store.documents.write("_fleet/state.json", b"{}", None)
    store.scans.create("half/scans/1/evidence.json.gz", b"")
    told: list[str] = []

    assert rebuild(store, None, told.append) == 1

    assert all_rows(store, "gone") == []
    assert told == [f"1 of 1: tenant {TENANT}", "removed the rows of tenant gone, which has no state"]


def test_one_tenant_alone_is_made_anew(store: FolderStore) -> None:
    """Where a tenant is named, others are left alone."""
    store.views.replace("gone", 1, [summary("gone", 1)])

    assert rebuild(store, TENANT, quiet) == 1
    assert all_rows(store, "gone") == [summary("gone", 1)]


def test_a_damaged_state_stops_no_other_tenant(store: FolderStore, tmp_path: Path) -> None:
    """All others are written, nothing of it is removed, and it is told at the end."""
    for damaged in ("aaa", "zzz"):
        store.documents.write(f"{damaged}/state.json", b"{", None)
    rows = all_rows(store, TENANT)
    (tmp_path / DATABASE).rename(tmp_path / "kept")
    store.views.replace("aaa", 1, [summary("aaa", 1)])
    told: list[str] = []

    with pytest.raises(
        StorageError, match=r"failed for 2 tenants, the first of them aaa: .*aaa/state\.json is damaged"
    ):
        rebuild(store, None, told.append)

    assert all_rows(store, TENANT) == rows
    assert all_rows(store, "aaa") == [summary("aaa", 1)]
    assert [line.partition(":")[0] for line in told] == ["1 of 3", "2 of 3", "3 of 3"]


def test_a_damaged_state_of_the_tenant_that_is_named_is_an_error(store: FolderStore, tmp_path: Path) -> None:
    """Where one tenant is named, its own error comes out."""
    (tmp_path / TENANT / "state.json").write_bytes(b"{")

    with pytest.raises(EvidenceError, match=r"state\.json is damaged"):
        rebuild(store, TENANT, quiet)


def test_an_unknown_tenant_is_told(store: FolderStore) -> None:
    """A tenant of which nothing is stored is an error that names it."""
    with pytest.raises(SettingsError, match="Nothing of tenant nobody is stored"):
        rebuild(store, "nobody", quiet)


def test_a_tenant_that_was_never_scanned_has_nothing_to_show(tmp_path: Path) -> None:
    """A state without scans makes no rows; no state at all is an error."""
    store = FolderStore(tmp_path)
    store.documents.write("t/state.json", State.new(TenantInfo(id="t", name="T")).to_bytes(), None)

    assert rebuild(store, "t", quiet) == 1
    assert all_rows(store, "t") == []
    with pytest.raises(StorageError, match=r"^u/state\.json is not there"):
        stored_state(store, "u")


def test_a_scan_whose_reports_are_not_written_yet_shows_nothing(store: FolderStore) -> None:
    """Who finds the newest scan's result missing leaves tables and latest/ to the process that is about to write it."""
    store.views.remove(TENANT)
    store.scans.delete(f"{TENANT}/scans/{ID}/findings.json")
    for file in (MARK, "report.html"):
        store.latest.put(f"{TENANT}/latest/{file}", b"an earlier scan's")

    refresh(store, TENANT)

    assert all_rows(store, TENANT) == []
    assert {store.latest.read(f"{TENANT}/latest/{file}") for file in (MARK, "report.html")} == {b"an earlier scan's"}


def test_the_command(store: FolderStore, tmp_path: Path) -> None:
    """`rebuild` tells its progress on stderr and the result on stdout, and can be repeated."""
    del store
    for _ in range(2):
        ran = CliRunner().invoke(main, ["rebuild", "--out", str(tmp_path)], catch_exceptions=False)
        assert (ran.exit_code, ran.stdout) == (0, "tables and latest/ written anew for 1 tenant\n")
        assert ran.stderr == f"1 of 1: tenant {TENANT}\n"
