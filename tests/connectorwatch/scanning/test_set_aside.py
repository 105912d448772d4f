"""A scan whose reports cannot be written is set aside and announced, and the scans after it go on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from common.errors import RenderError, StorageError
from connectorwatch.scanning.latest_and_views import stored_state
from connectorwatch.scanning.publish import keep_evidence, publish
from connectorwatch.scanning.rebuild import rebuild
from connectorwatch.scanning.set_aside import set_aside
from connectorwatch.service.own_state import read_fleet
from connectorwatch.service.unrendered import note_all, note_set_aside
from findings.state.document import SET_ASIDE_KEPT
from findings.state.parts import SetAside
from findings.stores.folder import FolderStore
from policies.evidence import Evidence, ScanInfo
from policies.policy_file.model import Policy
from policies.releases.catalogue import built_in_catalogue
from tests.findings.reports.sample_snapshot import TENANT, snapshot

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from findings.stores.ports import Artefacts

FIRST, SECOND = "20261120T060000Z-0123abcd", "20261121T060000Z-0123abcd"
NOW = datetime(2026, 11, 22, tzinfo=UTC)


@dataclass
class Breaking:
    """Artefacts of a folder; writing one file of one scan runs into a defect."""

    inner: Artefacts
    scan: str
    file: str = "report.html"
    error: Exception = field(default_factory=TypeError)

    def create(self, name: str, content: bytes) -> bool:
        """Write an object, or fail as a renderer does."""
        if name.endswith(f"{self.scan}/{self.file}"):
            raise self.error
        return self.inner.create(name, content)

    def read(self, name: str) -> bytes | None:
        """Return an object."""
        return self.inner.read(name)

    def list(self, prefix: str) -> list[str]:
        """Return names."""
        return self.inner.list(prefix)

    def delete(self, name: str) -> bool:
        """Remove an object."""
        return self.inner.delete(name)


@pytest.fixture(name="store")
def _store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path)


def _scan(store: FolderStore, scan_id: str, day: int = 0) -> None:
    seen = snapshot()
    at = seen.taken_at + timedelta(days=day)
    evidence = Evidence(
        scan=ScanInfo(id=scan_id),
        snapshot=seen.model_copy(update={"started_at": at, "taken_at": at}),
        policy=Policy(),
        releases=built_in_catalogue(),
    )
    publish(store, keep_evidence(store, evidence))


def _files(store: FolderStore, scan_id: str) -> set[str]:
    return {name.rpartition("/")[2] for name in store.scans.list(f"{TENANT}/scans/{scan_id}/")}


def _break(store: FolderStore, scan_id: str, error: Exception | None = None) -> Callable[[], None]:
    """Let one report of a scan fail; return what mends it."""
    whole: Any = store.scans
    while isinstance(whole, Breaking):
        whole = whole.inner
    broken: Any = Breaking(whole, scan_id, error=error or TypeError("can't compare offset-naive and offset-aware"))
    store.scans = broken

    def mend() -> None:
        store.scans = whole

    return mend


def quiet(_: str) -> None:
    """Tell nobody."""


def test_the_next_scan_goes_on(store: FolderStore) -> None:
    """A scan whose report runs into a defect is recorded with its reason, and the next scan is whole."""
    _break(store, FIRST)
    with pytest.raises(RenderError, match=rf"Scan {FIRST} is stored.*TypeError.*rebuild --tenant {TENANT}"):
        _scan(store, FIRST)

    _scan(store, SECOND, day=1)

    state = stored_state(store, TENANT)[0]
    assert [scan.id for scan in state.scans] == [FIRST, SECOND]
    assert (state.unpublished, [entry.scan for entry in state.set_aside]) == ((), [FIRST])
    assert "offset-naive" not in state.set_aside[0].why
    assert "findings.json" in _files(store, SECOND)
    assert "findings.json" not in _files(store, FIRST)


def test_what_another_process_left_is_set_aside_as_well(store: FolderStore) -> None:
    """A scan that was killed before its reports, and whose reports cannot be made, does not stop the next one."""
    _break(store, FIRST, error=StorageError("killed"))
    with pytest.raises(StorageError):
        _scan(store, FIRST)
    assert stored_state(store, TENANT)[0].unpublished == (FIRST,)
    _break(store, FIRST)

    _scan(store, SECOND, day=1)

    assert [entry.scan for entry in stored_state(store, TENANT)[0].set_aside] == [FIRST]
    assert "findings.json" in _files(store, SECOND)


@pytest.mark.parametrize("evidence", [None, b"not evidence", b"\x1f\x8bcut"])
def test_damaged_evidence_of_another_scan_does_not_stop_the_next(store: FolderStore, evidence: bytes | None) -> None:
    """Evidence that was lost or damaged before its reports were written costs that scan's reports alone."""
    mend = _break(store, FIRST, error=StorageError("killed"))
    with pytest.raises(StorageError):
        _scan(store, FIRST)
    mend()
    name = f"{TENANT}/scans/{FIRST}/evidence.json.gz"
    store.scans.delete(name)
    if evidence is not None:
        store.scans.create(name, evidence)

    _scan(store, SECOND, day=1)

    (entry,) = stored_state(store, TENANT)[0].set_aside
    assert entry.scan == FIRST
    assert "evidence.json.gz" in entry.why


def test_rebuild_finishes_it(store: FolderStore) -> None:
    """Once the defect is gone, rebuild writes the missing reports and shows them; before, it says what is missing."""
    mend = _break(store, FIRST)
    with pytest.raises(RenderError):
        _scan(store, FIRST)
    with pytest.raises(RenderError, match=rf"The reports of 1 scan cannot be written, first {FIRST}: TypeError"):
        rebuild(store, TENANT, quiet)
    with pytest.raises(StorageError, match="1 tenants"):
        rebuild(store, None, quiet)

    mend()
    rebuild(store, TENANT, quiet)

    state = stored_state(store, TENANT)[0]
    assert (state.set_aside, state.scans[0].findings_sha256 is not None) == ((), True)
    assert store.latest.read(f"{TENANT}/latest/scan.txt") == f"{FIRST}\n".encode()


def test_a_newer_version_finishes_it(store: FolderStore) -> None:
    """A scan by another version tries what this one could not write; the same version does not try it each night."""
    mend = _break(store, FIRST)
    with pytest.raises(RenderError):
        _scan(store, FIRST)
    mend()
    _scan(store, SECOND, day=1)
    assert "findings.json" not in _files(store, FIRST)
    stored = store.documents.read(f"{TENANT}/state.json")
    assert stored is not None
    state = stored_state(store, TENANT)[0]
    older = tuple(entry.model_copy(update={"version": "0.0.1"}) for entry in state.set_aside)
    store.documents.write(stored_name(), state.model_copy(update={"set_aside": older}).to_bytes(), stored.etag)

    _scan(store, "20261122T060000Z-0123abcd", day=2)

    assert "findings.json" in _files(store, FIRST)
    assert stored_state(store, TENANT)[0].set_aside == ()


def stored_name() -> str:
    """Return where the tenant's state is."""
    return f"{TENANT}/state.json"


def test_the_service_tells_it(store: FolderStore) -> None:
    """SVC005 opens for a tenant with a scan that is set aside, once, and resolves with its reports."""
    assert not note_set_aside(store, TENANT, NOW)
    mend = _break(store, FIRST)
    with pytest.raises(RenderError):
        _scan(store, FIRST)
    assert note_set_aside(store, TENANT, NOW)
    assert not note_set_aside(store, TENANT, NOW)
    found = read_fleet(store).findings[f"SVC005/{TENANT}"]
    assert (found.state, found.severity) == ("open", "high")
    assert FIRST in found.message
    assert [change.rule for entry in read_fleet(store).outbox for change in entry.changes] == ["SVC005"]

    mend()
    rebuild(store, TENANT, quiet)
    note_all(store, None)

    assert read_fleet(store).findings[f"SVC005/{TENANT}"].state == "resolved"


def test_only_the_newest_are_listed(store: FolderStore) -> None:
    """The list is bounded, and a scan that was never applied is not in it."""
    _scan(store, FIRST)
    state = stored_state(store, TENANT)[0]
    many = tuple(SetAside(scan=str(number), why="x", version="1") for number in range(SET_ASIDE_KEPT))
    stored = store.documents.read(stored_name())
    assert stored is not None
    store.documents.write(stored_name(), state.model_copy(update={"set_aside": many}).to_bytes(), stored.etag)

    set_aside(store, TENANT, "never applied", "x")
    set_aside(store, TENANT, FIRST, "x")

    listed = [entry.scan for entry in stored_state(store, TENANT)[0].set_aside]
    assert (len(listed), listed[-1], "0" in listed) == (SET_ASIDE_KEPT, FIRST, False)
