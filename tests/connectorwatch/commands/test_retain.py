"""The command `retain`, for whoever scans without the service."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connectorwatch.service.own_state import change_fleet
from findings.stores.folder import FolderStore
from tests.connectorwatch.service.making import NOW, A, B, scanned
from tests.connectorwatch.service.test_retention import DAY, kept, scan
from tests.e2e.commands import run

if TYPE_CHECKING:
    from pathlib import Path


def test_the_command_keeps_to_the_policy_where_there_is_no_service(tmp_path: Path) -> None:
    """It removes the old scan of the tenant that is set, keeps the newest, and says so."""
    store, now = FolderStore(tmp_path), datetime.now(UTC)
    scan(store, A, now - 401 * DAY)
    newest = scan(store, A, now)
    scanned(store, A, now - 401 * DAY, now)

    ran = run("retain", "--out", str(tmp_path), settings={"CONNECTORWATCH_TENANT_ID": A})

    assert ran == (0, f"{A}: deleted 1 scan and 0 findings\n", "")
    assert kept(store) == [newest]


def test_what_storage_keeps_and_who_is_not_there_are_told(tmp_path: Path) -> None:
    """Nothing deleted is reported with its reason, also while storage is not asked again; so is a mistyped tenant."""
    store, now = FolderStore(tmp_path), datetime.now(UTC)
    scanned(store, A, now)
    change_fleet(store, lambda state: state.model_copy(update={"refused": {A: now}, "revision": 1}))

    def said(tenant: str) -> str:
        return run("retain", "--out", str(tmp_path), settings={"CONNECTORWATCH_TENANT_ID": tenant}).stdout

    assert said(A) == f"{A}: deleted 0 scans and 0 findings; storage keeps older scans by a rule of its own\n"
    assert said(B) == f"{B}: nothing is stored for this tenant\n"


def test_the_command_asks_whose_scans_are_meant(tmp_path: Path) -> None:
    """Without a tenant it removes nothing, and says which settings name one."""
    store = FolderStore(tmp_path)
    old = [scan(store, A, NOW - age * DAY) for age in (402, 401)]

    ran = run("retain", "--out", str(tmp_path))

    assert (ran.code, ran.stdout) == (1, "")
    assert "CONNECTORWATCH_TENANT_ID" in ran.stderr
    assert kept(store) == sorted(old)
