"""How outboxes are emptied: at least once, not twice unless killed in between, and one route's trouble is its own."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from connectorwatch.deliver import Channel, Delivered, deliver
from connectorwatch.refresh import stored_state
from findings.document import TenantInfo
from findings.outbox import CLAIMED_FOR, OutboxEntry
from findings.state import State
from findings.stores.folder import FolderStore
from inventory.errors import ConflictError, DeliveryError, StorageError
from tests.e2e.mishaps import KilledError, Mishap, UnluckyStore, die
from tests.findings.view_rows import summary

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
T = "tenant-1"


@dataclass
class Heard:
    """A channel that remembers what it was handed, and does what it is told after that."""

    then: Callable[[], object] = lambda: None
    entries: list[str] = field(default_factory=list)

    def send(self, tenant: TenantInfo, entry: OutboxEntry) -> None:
        """Remember the entry."""
        assert tenant.name == "Contoso"
        self.entries.append(entry.id)
        self.then()


def refuse() -> None:
    """Fail as a channel does."""
    raise DeliveryError("nobody is there")


def now() -> datetime:
    """Return the moment."""
    return NOW


def entry(number: int) -> OutboxEntry:
    """Return an announcement of a scan."""
    return OutboxEntry(id=f"scan-{number}-changes", scan=f"scan-{number}", at=NOW)


@pytest.fixture(name="store")
def _store(tmp_path: Path) -> FolderStore:
    store = FolderStore(tmp_path)
    fill(store, T, 2)
    return store


def fill(store: FolderStore, tenant: str, entries: int, unpublished: tuple[str, ...] = ()) -> None:
    """Put a state with announcements into a store, and the row that says so."""
    state = State.new(TenantInfo(id=tenant, name="Contoso")).model_copy(
        update={"outbox": tuple(map(entry, range(1, entries + 1))), "unpublished": unpublished, "revision": 3}
    )
    store.documents.write(f"{tenant}/state.json", state.to_bytes(), None)
    store.views.replace(tenant, 3, [summary(tenant, 3, undelivered=True)])


def waiting(store: FolderStore) -> list[object]:
    """Return the tenants whose rows say that something is to be delivered."""
    return [row.values["tenant"] for row in store.views.query("ConnectorTenants", where={"undelivered": True}).rows]


def test_every_route_hears_every_entry_in_order(store: FolderStore) -> None:
    """Each entry reaches each route once, oldest first; then the outbox is empty and the row says so."""
    channels = {"log": Heard(), "teams": Heard()}

    assert deliver(store, now, channels) == Delivered(sent=4)

    assert [channel.entries for channel in channels.values()] == [["scan-1-changes", "scan-2-changes"]] * 2
    state = stored_state(store, T)[0]
    assert (state.outbox, state.told.announced, state.revision) == ((), ("scan-1-changes", "scan-2-changes"), 3)
    assert waiting(store) == []
    assert deliver(store, now, channels, [T]) == Delivered()


def test_all_waiting_tenants_are_found(store: FolderStore) -> None:
    """Tenants whose rows say that they wait are delivered, however many there are, and others are not read."""
    for number in range(2, 5):
        fill(store, f"tenant-{number}", 1)
    store.views.amend("tenant-4", 3, {"undelivered": False})
    heard = Heard()

    assert deliver(store, now, {"log": heard}).sent == 4
    assert stored_state(store, "tenant-4")[0].outbox != ()


def test_a_failing_route_stops_no_other(store: FolderStore) -> None:
    """What a route refused stays for it, counted, and is handed over when it works again; others do not hear twice."""
    good, bad = Heard(), Heard(refuse)
    channels: dict[str, Channel] = {"bad": bad, "good": good}

    with capture_logs() as logs:
        assert deliver(store, now, channels) == Delivered(sent=2, failed=2)
    assert [line["event"] for line in logs] == ["announcement not delivered"] * 2
    left = stored_state(store, T)[0].outbox
    assert [(one.attempts["bad"], one.claimed, list(one.delivered)) for one in left] == [(1, {}, ["good"])] * 2
    assert waiting(store) == [T]

    bad.then = lambda: None
    assert deliver(store, now, channels) == Delivered(sent=2)
    assert (len(good.entries), len(bad.entries)) == (2, 4)
    assert waiting(store) == []


def test_two_deliverers_at_once_tell_nothing_twice(store: FolderStore) -> None:
    """While one hands an entry over, another leaves that one alone, and takes the next."""
    heard = Heard()
    nested = Heard()
    heard.then = lambda: deliver(store, now, {"log": nested}, [T])

    deliver(store, now, {"log": heard})

    assert sorted(heard.entries + nested.entries) == ["scan-1-changes", "scan-2-changes"]


def test_a_kill_between_delivery_and_mark_makes_one_duplicate(store: FolderStore) -> None:
    """Killed there, the next deliverer waits for ten minutes and tells that one entry once more, and no other."""
    heard = Heard(die)
    with suppress(KilledError):
        deliver(store, now, {"log": heard})
    heard.then = lambda: None

    deliver(store, now, {"log": heard})
    assert heard.entries == ["scan-1-changes", "scan-2-changes"]
    assert waiting(store) == [T]
    deliver(store, lambda: NOW + CLAIMED_FOR, {"log": heard})
    assert heard.entries == ["scan-1-changes", "scan-2-changes", "scan-1-changes"]
    assert waiting(store) == []


def test_a_kill_before_any_write_loses_nothing(tmp_path: Path) -> None:
    """Wherever a deliverer dies, the next one later completes it, with one duplicate at most."""
    for number in range(20):
        store, heard = FolderStore(tmp_path / str(number)), Heard()
        fill(store, T, 2)
        mishap = Mishap(number, die)
        with suppress(KilledError):
            deliver(UnluckyStore(store, mishap), now, {"log": heard})
        deliver(store, lambda: NOW + timedelta(hours=1), {"log": heard})
        assert set(heard.entries) == {"scan-1-changes", "scan-2-changes"}
        assert len(heard.entries) <= 3
        assert (stored_state(store, T)[0].outbox, waiting(store)) == ((), [])
        if mishap.came_too_late:
            break
    assert number > 4


def test_an_unpublished_scan_is_not_announced(tmp_path: Path) -> None:
    """Announcements wait until the reports they lead to are written."""
    store, heard = FolderStore(tmp_path), Heard()
    fill(store, T, 2, unpublished=("scan-2",))

    deliver(store, now, {"log": heard})

    assert heard.entries == ["scan-1-changes"]
    assert waiting(store) == [T]


def test_a_tenant_that_is_gone_has_nothing_to_tell(store: FolderStore) -> None:
    """A tenant without a state is passed over."""
    assert deliver(store, now, {"log": Heard()}, ["tenant-9"]) == Delivered()


def test_the_log_tells_counts_and_no_names(store: FolderStore) -> None:
    """The only route of an installation that configures none is a line in the log for each announcement."""
    with capture_logs() as logs:
        deliver(store, now)

    assert [(line["event"], line["announcement"], line["changes"]) for line in logs] == [
        ("findings changed", "scan-1-changes", 0),
        ("findings changed", "scan-2-changes", 0),
    ]
    assert "Contoso" not in str(logs)


class Contested(FolderStore):
    """A store whose documents somebody else changes before each write, a number of times."""

    def __init__(self, root: Path, times: int) -> None:
        """Take the folder, and how often."""
        super().__init__(root)
        self.left = times
        self.inner = self.documents
        self.documents = self  # type: ignore[assignment] # it answers for its own documents

    def lose_from_now_on(self) -> None:
        """Let all further writes lose."""
        self.left = 10**6

    def read(self, name: str) -> object:
        """Return a document."""
        return self.inner.read(name)

    def write(self, name: str, content: bytes, etag: str | None) -> str:
        """Write a document unless somebody else was faster."""
        self.left -= 1
        if self.left >= 0:
            raise ConflictError("somebody else was faster")
        return self.inner.write(name, content, etag)


def test_a_contested_state_is_tried_again(store: FolderStore, tmp_path: Path) -> None:
    """A mark that loses against another writer is made again; one that always loses is an error that says so."""
    del store
    heard = Heard()
    assert deliver(Contested(tmp_path, 3), now, {"log": heard}).sent == 2
    assert heard.entries == ["scan-1-changes", "scan-2-changes"]

    fill(FolderStore(tmp_path), "tenant-2", 1)
    with pytest.raises(StorageError, match=r"tenant-2/state\.json was changed by others 20 times in a row"):
        deliver(Contested(tmp_path, 10**6), now, {"log": heard})


def test_marks_that_always_lose_are_an_error(store: FolderStore, tmp_path: Path) -> None:
    """An announcement that was handed over and cannot be marked is told of, not handed over again and again."""
    heard = Heard()
    contested = Contested(tmp_path, 0)
    heard.then = contested.lose_from_now_on

    with pytest.raises(StorageError, match="20 times in a row"):
        deliver(contested, now, {"log": heard})
    assert heard.entries == ["scan-1-changes"]
    assert waiting(store) == [T]
