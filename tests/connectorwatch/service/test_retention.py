"""Retention: what is old goes, the newest scan never, and storage that refuses is asked once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from common.errors import ConflictError, RetainedError, StorageError
from connectorwatch.scanning.latest_and_views import stored_state
from connectorwatch.service.own_state import read_fleet
from connectorwatch.service.retention import retain
from findings.state.record import FindingState, StoredSubject
from findings.stores.folder import FolderArtefacts, FolderDocuments, FolderStore
from policies.vocabulary import Outcome, Severity
from tests.connectorwatch.service.making import NOW, A, B, scanned, service

if TYPE_CHECKING:
    from pathlib import Path

    from findings.stores.ports import Store

DAY = timedelta(days=1)


def scan(store: Store, tenant: str, at: datetime) -> str:
    """Store a scan's artefacts, and return its id."""
    own = f"{at:%Y%m%dT%H%M%SZ}-0000000a"
    for file in ("evidence.json.gz", "registrars.csv", "report.html"):
        store.scans.create(f"{tenant}/scans/{own}/{file}", b"x")
    return own


def kept(store: Store, tenant: str = A) -> list[str]:
    """Return the ids of the scans that are there."""
    return sorted({name.split("/")[2] for name in store.scans.list(f"{tenant}/scans/")})


def test_scans_older_than_the_policy_says_are_removed(tmp_path: Path) -> None:
    """With 400 days, a scan of 401 days ago goes with all its files, one of 399 days ago stays."""
    own, _ = service(tmp_path, A)
    scan(own.store, A, NOW - 401 * DAY)
    others = [scan(own.store, A, NOW - 399 * DAY), scan(own.store, A, NOW)]
    scanned(own.store, A, NOW - 401 * DAY, NOW - 399 * DAY, NOW)

    assert retain(own)[A].scans == 1
    assert kept(own.store) == others
    assert [meta.id for meta in stored_state(own.store, A)[0].scans] == others
    assert retain(own)[A].scans == 0


def test_the_newest_scan_is_never_removed(tmp_path: Path) -> None:
    """A tenant whose scans stopped years ago keeps its last one, and one that is not published yet."""
    own, _ = service(tmp_path, A)
    ids = [scan(own.store, A, NOW - age * DAY) for age in (2000, 1000, 900)]
    state = scanned(own.store, A, NOW - 2000 * DAY, NOW - 1000 * DAY, NOW - 900 * DAY)
    stored = own.store.documents.read(f"{A}/state.json")
    changed = state.model_copy(update={"unpublished": (ids[1],)})
    own.store.documents.write(f"{A}/state.json", changed.to_bytes(), stored.etag if stored else None)

    retain(own)

    assert kept(own.store) == ids[1:]


def test_what_is_no_scan_of_ours_is_left_alone(tmp_path: Path) -> None:
    """A folder whose name is no scan id, or no moment, is not touched."""
    own, _ = service(tmp_path, A)
    own.store.scans.create(f"{A}/scans/00000000T000000Z-0000000a/x.txt", b"x")
    own.store.scans.create(f"{A}/scans/20000101/x.txt", b"x")
    scanned(own.store, A, NOW)

    assert retain(own)[A].scans == 0


def finding(resolved: datetime | None, key: str) -> FindingState:
    """Return a finding that was resolved at a moment, or is open."""
    return FindingState(
        key=key,
        rule="GRP001",
        subject=StoredSubject(type="group", id=key, name=key),
        severity=Severity.HIGH,
        message="One connector.",
        evidence={},
        outcome=Outcome.FAIL,
        state="resolved" if resolved else "open",
        first_seen=NOW - 3000 * DAY,
        last_seen=NOW - 2000 * DAY,
        resolved_at=resolved,
        assessed_at=NOW,
    )


def test_findings_resolved_long_ago_are_forgotten(tmp_path: Path) -> None:
    """What was resolved over 400 days ago goes; what is open or was resolved since stays, however old."""
    own, _ = service(tmp_path, A)
    state = scanned(own.store, A, NOW)
    findings = {
        "old": finding(NOW - 401 * DAY, "old"),
        "recent": finding(NOW - 399 * DAY, "recent"),
        "open": finding(None, "open"),
    }
    stored = own.store.documents.read(f"{A}/state.json")
    changed = state.model_copy(update={"findings": findings})
    own.store.documents.write(f"{A}/state.json", changed.to_bytes(), stored.etag if stored else None)

    assert retain(own)[A].findings == 1
    after = own.store.documents.read(f"{A}/state.json")
    assert after is not None
    assert (b'"old"' in after.content, b'"recent"' in after.content, b'"open"' in after.content) == (False, True, True)


def test_a_tenants_policy_says_how_long(tmp_path: Path) -> None:
    """`retention_days` of the policy holds."""
    (tmp_path / "p.yaml").write_text("retention_days: 7\n", encoding="utf-8")
    own, _ = service(tmp_path, A, settings={"policy": str(tmp_path / "p.yaml")})
    scan(own.store, A, NOW - 8 * DAY)
    scan(own.store, A, NOW)
    scanned(own.store, A, NOW)

    assert retain(own)[A].scans == 1


def test_what_the_policy_says_of_one_tenant_holds(tmp_path: Path) -> None:
    """Below `tenants`, one tenant keeps its scans for longer than all others."""
    text = f"retention_days: 7\ntenants:\n  {A}:\n    retention_days: 2555\n"
    (tmp_path / "p.yaml").write_text(text, encoding="utf-8")
    own, _ = service(tmp_path, A, B, settings={"policy": str(tmp_path / "p.yaml")})
    for tenant in (A, B):
        scan(own.store, tenant, NOW - 8 * DAY)
        scan(own.store, tenant, NOW)
        scanned(own.store, tenant, NOW)

    assert {tenant: let.scans for tenant, let in retain(own).items()} == {A: 0, B: 1}


def test_the_newest_scan_that_is_stored_stays_though_the_state_does_not_list_it(tmp_path: Path) -> None:
    """A scan that was kept and not remembered yet is the newest by its id, and is not removed."""
    own, _ = service(tmp_path, A)
    ids = [scan(own.store, A, NOW - age * DAY) for age in (2000, 1000, 900)]
    scanned(own.store, A, NOW - 1000 * DAY)

    retain(own)

    assert kept(own.store) == ids[1:]


def test_evidence_goes_last(tmp_path: Path) -> None:
    """While a file of a scan is there its evidence is, so that whoever comes next can see what it belongs to."""
    store = Immutable(tmp_path / "out")
    own_id = scan(store, A, NOW - 401 * DAY)
    scan(store, A, NOW)
    scanned(store, A, NOW)

    retain(service(tmp_path, A, store=store)[0])

    assert store.asked == [
        f"{A}/scans/{own_id}/{file}" for file in ("registrars.csv", "report.html", "evidence.json.gz")
    ]


class Immutable(FolderStore):
    """A store that keeps the scans of some tenants by a rule, and counts who asks."""

    def __init__(self, root: Path, *tenants: str, refusal: type[StorageError] = RetainedError) -> None:
        super().__init__(root)
        self.asked: list[str] = []
        store = self

        class Kept(FolderArtefacts):
            """The scans of that store."""

            def delete(self, name: str) -> bool:
                """Refuse, or delete."""
                store.asked.append(name)
                if name.startswith(tenants):
                    raise refusal("Storage keeps it.")
                return super().delete(name)

        self.scans = Kept(root.absolute())


def test_storage_that_refuses_is_reported_once_and_left_alone(tmp_path: Path) -> None:
    """An immutable container is asked once; after a month it is asked again, without another report."""
    store = Immutable(tmp_path / "out", A)
    for tenant in (A, B):
        scan(store, tenant, NOW - 401 * DAY)
        scan(store, tenant, NOW)
        scanned(store, tenant, NOW)
    reports, asked = [], []

    for later in (0, 1, 29, 31, 32):
        with capture_logs() as logs:
            retain(service(tmp_path, A, B, now=NOW + later * DAY, store=store)[0])
        reports.append(sum(line["log_level"] == "error" for line in logs))
        asked.append(sum(name.startswith(A) for name in store.asked))

    assert reports == [1, 0, 0, 0, 0]
    assert asked == [1, 1, 1, 2, 2]
    assert len(kept(store, B)) == 1
    assert list(read_fleet(store).refused) == [A]


def test_a_rule_that_has_ended_is_forgotten(tmp_path: Path) -> None:
    """When storage lets go again, nothing of its refusal is remembered."""
    store = FolderStore(tmp_path / "out")
    scan(store, A, NOW - 401 * DAY)
    scan(store, A, NOW)
    scanned(store, A, NOW - 401 * DAY, NOW)

    retain(service(tmp_path, A, store=Immutable(tmp_path / "out", A))[0])
    assert list(read_fleet(store).refused) == [A]
    retain(service(tmp_path, A, now=NOW + 31 * DAY, store=store)[0])

    assert read_fleet(store).refused == {}
    assert len(kept(store)) == 1


def test_one_tenant_that_fails_does_not_stop_another(tmp_path: Path) -> None:
    """Storage that fails for one tenant is told at the end, when all others are done."""
    store = Immutable(tmp_path / "out", A, refusal=StorageError)
    for tenant in (A, B):
        scan(store, tenant, NOW - 401 * DAY)
        scan(store, tenant, NOW)
        scanned(store, tenant, NOW)

    with pytest.raises(StorageError, match=f"failed for 1 tenants, the first of them {A}: Storage keeps it"):
        retain(service(tmp_path, A, B, store=store)[0])

    assert len(kept(store, B)) == 1


def test_a_tenant_without_scans_has_nothing_to_let_go(tmp_path: Path) -> None:
    """Nothing stored is no error."""
    own, _ = service(tmp_path, A)

    assert retain(own)[A].scans == 0
    assert not (tmp_path / "out" / A).exists()


class Contested(FolderStore):
    """A store in which somebody else changes a tenant's state just before we do, so many times."""

    def __init__(self, root: Path, times: int) -> None:
        super().__init__(root)
        write = self.documents.write
        left = [times]

        class Late(FolderDocuments):
            """The documents of that store."""

            def write(self, name: str, content: bytes, etag: str | None) -> str:
                """Write, or be too late."""
                if name.startswith(A) and left[0]:
                    left[0] -= 1
                    raise ConflictError("Somebody was faster.")
                return write(name, content, etag)

        self.documents = Late(root.absolute(), 10)


@pytest.mark.parametrize(("times", "forgotten"), [(0, 1), (3, 1), (20, None)])
def test_forgetting_gives_way_to_others(tmp_path: Path, times: int, forgotten: int | None) -> None:
    """Who is overtaken reads again and repeats; after twenty times it is left for the next night."""
    store = Contested(tmp_path / "out", times)
    state = scanned(FolderStore(tmp_path / "out"), A, NOW)
    stored = store.documents.read(f"{A}/state.json")
    changed = state.model_copy(update={"findings": {"old": finding(NOW - 401 * DAY, "old")}})
    FolderStore(tmp_path / "out").documents.write(
        f"{A}/state.json", changed.to_bytes(), stored.etag if stored else None
    )
    own, _ = service(tmp_path, A, store=store)

    if forgotten is None:
        with pytest.raises(StorageError, match="changed by others 20 times"):
            retain(own)
    else:
        assert retain(own)[A].findings == forgotten
