"""A state that a wrong clock has frozen is brought back from stored evidence, and later scans go on."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from common.errors import EvidenceError, SettingsError, StorageError
from connectorwatch.__main__ import main
from connectorwatch.scanning.latest_and_views import MARK, changed_state, stored_state
from connectorwatch.scanning.publish import keep_evidence, memory_of, publish, state_before
from connectorwatch.scanning.replay import rebuild_from
from findings.stores.folder import FolderStore
from inventory.models import ConnectorId
from policies.evidence import Evidence, ScanInfo
from policies.policy_file.model import Policy
from policies.releases.catalogue import built_in_catalogue
from tests.findings.reports.sample_snapshot import NOW, TENANT, snapshot

if TYPE_CHECKING:
    from pathlib import Path

    from findings.state.document import State
    from findings.stores.ports import Store
    from inventory.snapshot import Snapshot

DAY = timedelta(days=1)
AHEAD = timedelta(days=3650)


def quiet(_: str) -> None:
    """Show nobody."""


def seen(at: datetime, *, without: int = 0) -> Snapshot:
    """Return what the sample tenant looked like at a moment, without some of its connectors."""
    whole = snapshot()
    gone = frozenset(ConnectorId(connector.id) for connector in whole.connectors.records[:without])
    left = tuple(connector for connector in whole.connectors.records if connector.id not in gone)
    contents = tuple(
        entry.model_copy(
            update={
                "members": entry.members.model_copy(
                    update={"records": tuple(member for member in entry.members.records if member.id not in gone)}
                )
            }
        )
        for entry in whole.contents
    )
    connectors = whole.connectors.model_copy(update={"records": left})
    update = {"started_at": at, "taken_at": at, "connectors": connectors, "contents": contents}
    return whole.model_copy(update=update)


def scan(store: Store, at: datetime, *, without: int = 0) -> str:
    """Make one scan of the sample tenant, and return its id."""
    scan_id = f"{at:%Y%m%dT%H%M%SZ}-0000000{without}"
    evidence = Evidence(
        scan=ScanInfo(id=scan_id),
        snapshot=seen(at, without=without),
        policy=Policy(),
        releases=built_in_catalogue(),
        memory=memory_of(state_before(store, TENANT)),
    )
    publish(store, keep_evidence(store, evidence))
    return scan_id


def state_of(store: Store) -> State:
    """Return what is remembered."""
    return stored_state(store, TENANT)[0]


def remembered(store: Store) -> dict[str, object]:
    """Return what is remembered of the tenant, without what is said of announcements and writes."""
    return state_of(store).model_dump(mode="json", exclude={"revision", "outbox", "announcement_memory"})


def without_digests(store: Store) -> dict[str, object]:
    """Return what is remembered, without the digests of files that were written at another time."""
    scans = tuple(
        scan.model_copy(update={"evidence_sha256": "", "findings_sha256": None}) for scan in state_of(store).scans
    )
    return remembered(store) | {"scans": [scan.model_dump(mode="json") for scan in scans]}


@pytest.fixture(name="store")
def _store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "frozen")


@pytest.fixture(name="right")
def _right(tmp_path: Path) -> FolderStore:
    """Return the storage of a machine whose clock was always right."""
    return FolderStore(tmp_path / "right")


def test_a_frozen_state_is_brought_back_and_scans_go_on(store: FolderStore, right: FolderStore) -> None:
    """After one scan dated ten years ahead the state becomes what it would have been without it, and so for ever."""
    for there in (store, right):
        for day in range(3):
            scan(there, NOW + day * DAY, without=day % 2)
    ahead = scan(store, NOW + AHEAD, without=3)
    last = scan(store, NOW + 3 * DAY, without=2)
    assert state_of(store).scans[-1].id == ahead
    scan(right, NOW + 3 * DAY, without=2)

    assert rebuild_from(store, TENANT, last, quiet) == 4

    assert without_digests(store) == without_digests(right)
    assert state_of(store).unpublished == ()
    for there in (store, right):
        scan(there, NOW + 4 * DAY)
    assert state_of(store).scans[-1].taken_at == NOW + 4 * DAY
    assert state_of(store).findings == state_of(right).findings
    assert store.latest.read(f"{TENANT}/latest/{MARK}") == right.latest.read(f"{TENANT}/latest/{MARK}")


@pytest.mark.parametrize("number", range(5))
def test_any_scan_can_be_gone_back_to(store: FolderStore, number: int) -> None:
    """Made anew up to any of its scans, the state is what that scan left, and can go forward again."""
    after, scans = [], []
    for day in range(5):
        scans.append(scan(store, NOW + day * DAY, without=(day * 2) % 3))
        after.append(remembered(store))

    rebuild_from(store, TENANT, scans[number], quiet)
    back = remembered(store)
    rebuild_from(store, TENANT, scans[-1], quiet)

    assert back == after[number]
    assert remembered(store)["findings"] == after[-1]["findings"]


def test_what_happened_while_it_was_frozen_is_announced_once(store: FolderStore) -> None:
    """Changes of scans that nobody was told of wait in the outbox; those of remembered scans are not told again."""
    first = scan(store, NOW)
    changed_state(store, TENANT, delivered_all, advice="")
    scan(store, NOW + AHEAD, without=3)
    frozen = scan(store, NOW + DAY, without=1)

    rebuild_from(store, TENANT, frozen, quiet)

    assert [entry.scan for entry in state_of(store).outbox] == [frozen]
    assert first in {entry.removesuffix("-changes") for entry in state_of(store).announcement_memory.announced}
    rebuild_from(store, TENANT, frozen, quiet)
    assert [entry.scan for entry in state_of(store).outbox] == [frozen]


def delivered_all(state: State) -> State:
    """Return the state after everything that waits was delivered."""
    memory = state.announcement_memory.model_copy(update={"announced": tuple(entry.id for entry in state.outbox)})
    return state.model_copy(update={"outbox": (), "announcement_memory": memory})


def test_what_is_older_than_the_evidence_stays(store: FolderStore, right: FolderStore) -> None:
    """Findings of scans that retention has removed keep their first day, their timeline and how they ended."""
    for there in (store, right):
        for day in range(6):
            scan(there, NOW + day * DAY, without=(day * 2) % 3)
    oldest = min(name.split("/")[2] for name in store.scans.list(f"{TENANT}/scans/"))
    last = state_of(store).scans[-1].id
    for name in store.scans.list(f"{TENANT}/scans/{oldest}/"):
        store.scans.delete(name)

    rebuild_from(store, TENANT, last, quiet)

    findings, whole = state_of(store).findings, state_of(right).findings
    assert findings.keys() == whole.keys()
    for key, record in findings.items():
        assert (record.first_seen, record.state, record.last_seen) == (
            whole[key].first_seen,
            whole[key].state,
            whole[key].last_seen,
        )
        assert [event.at for event in record.events] == [event.at for event in whole[key].events]


def test_damaged_evidence_is_left_out_and_said(store: FolderStore, tmp_path: Path) -> None:
    """One damaged scan does not stand in the way of the others; the one that is named has to be whole."""
    scans = [scan(store, NOW + day * DAY) for day in range(3)]
    (tmp_path / f"frozen/{TENANT}/scans/{scans[1]}/evidence.json.gz").write_bytes(b"spoilt")
    told: list[str] = []

    assert rebuild_from(store, TENANT, scans[2], told.append) == 2
    assert f"{scans[1]}/evidence.json.gz" in told[0]
    assert told[0].startswith("left out: ")
    with pytest.raises(EvidenceError):
        rebuild_from(store, TENANT, scans[1], quiet)


def test_a_scan_without_reports_is_finished_later(store: FolderStore) -> None:
    """Where a scan's reports were never written, the next scan writes them."""
    scan(store, NOW)
    last = scan(store, NOW + DAY)
    for name in store.scans.list(f"{TENANT}/scans/{last}/"):
        if not name.endswith("evidence.json.gz"):
            store.scans.delete(name)

    rebuild_from(store, TENANT, last, quiet)
    assert state_of(store).unpublished == (last,)
    scan(store, NOW + 2 * DAY)
    assert state_of(store).unpublished == ()


def test_a_scan_that_is_remembered_meanwhile_is_not_lost(store: FolderStore) -> None:
    """Where another process remembers a scan in between, nothing is overwritten, and the way out is named."""
    scan(store, NOW)
    last = scan(store, NOW + DAY)

    def meanwhile(line: str) -> None:
        if line.startswith("1 of 2"):
            scan(store, NOW + 2 * DAY)

    with pytest.raises(StorageError, match="run this again"):
        rebuild_from(store, TENANT, last, meanwhile)
    assert len(state_of(store).scans) == 3


@pytest.mark.parametrize("wanted", ["20250101T000000Z-00000000", "", "../../secret", "\x1b[31m"])
def test_an_unknown_scan_is_named_with_those_there_are(store: FolderStore, wanted: str) -> None:
    """Nothing is changed, and the newest stored scans are offered."""
    known = scan(store, NOW)
    before = remembered(store)

    with pytest.raises(SettingsError, match=f"the newest are {known}") as caught:
        rebuild_from(store, TENANT, wanted, quiet)
    assert "\x1b" not in str(caught.value)
    assert remembered(store) == before


def test_the_command(store: FolderStore, tmp_path: Path) -> None:
    """`rebuild --from-scan` needs no editing, says what it did, and refuses a tenant of which nothing is stored."""
    scan(store, NOW)
    scan(store, NOW + AHEAD)
    last = scan(store, NOW + DAY)
    arguments = ["rebuild", "--out", str(tmp_path / "frozen"), "--from-scan", last]

    done = CliRunner().invoke(main, arguments)
    other = CliRunner().invoke(main, [*arguments, "--tenant", "aaaaaaaa-0000-4000-8000-000000000001"])

    assert done.exit_code == 0
    assert f"state made anew from 2 scans, the newest of them {last}" in done.stdout
    assert state_of(store).scans[-1].id == last
    assert other.exit_code == 1
    assert "is not there" in other.stderr
