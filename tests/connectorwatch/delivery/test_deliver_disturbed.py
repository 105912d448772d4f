"""Outboxes emptied while others do the same, while processes die, and while storage is contested or damaged."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from common.errors import ConflictError, EvidenceError, StorageError
from connectorwatch.delivery.deliver import DeliveryContext, deliver
from connectorwatch.delivery.results import DeliveryResult
from connectorwatch.scanning.latest_and_views import stored_state
from findings.state.announcements import NotAssessed
from findings.stores.folder import FolderStore
from tests.e2e.mishaps import KilledError, Mishap, UnluckyStore, die
from tests.findings.views.view_rows import summary

if TYPE_CHECKING:
    from pathlib import Path

from tests.connectorwatch.delivery.delivering import BOTH, MINUTE, NOW, Heard, T, entry, fill, waiting, work


@pytest.fixture(name="store")
def _store(tmp_path: Path) -> FolderStore:
    store = FolderStore(tmp_path)
    fill(store, T, entry(1), entry(2))
    return store


def test_two_deliverers_at_once_tell_nothing_twice(store: FolderStore) -> None:
    """While one uses a route, another leaves it alone, and other routes are not kept waiting."""
    slow, quick = Heard(), Heard()
    slow.then = lambda: deliver(work(store, slow=quick, other=quick), [T])

    assert deliver(work(store, slow=slow)).sent == 2

    assert (slow.entries, quick.entries) == ([BOTH], [BOTH])


def test_a_route_that_somebody_uses_is_left_alone(store: FolderStore) -> None:
    """While somebody else holds a route's lease nothing is sent over it and nothing marked, and others do not wait."""
    theirs = store.leases.take("teams")
    assert theirs is not None
    teams, other = Heard(), Heard()

    assert deliver(work(store, teams=teams, other=other)).sent == 2
    assert (teams.messages, other.entries) == ([], [BOTH])
    theirs.release()
    assert deliver(work(store, teams=teams, other=other)).sent == 2


@pytest.mark.slow
def test_a_lease_that_was_lost_stops_the_sender(store: FolderStore) -> None:
    """Who does not hold the lease any more sends nothing; it is told later, by whoever has the lease then."""

    @dataclass
    class Lost(FolderStore):
        """A store whose leases are lost when they are renewed."""

        inner: FolderStore
        released: int = 0

        def __post_init__(self) -> None:
            self.documents, self.views, self.scans = self.inner.documents, self.inner.views, self.inner.scans
            self.leases = self  # type: ignore[assignment] # it answers for its own leases

        def take(self, name: str) -> Lost:
            """Return a lease."""
            del name
            return self

        def renew(self) -> bool:
            """Lose it."""
            return False

        def release(self) -> None:
            """Count."""
            self.released += 1

    heard, lost = Heard(), Lost(store)
    assert deliver(work(lost, teams=heard)) == DeliveryResult()
    fill(store, "tenant-2", *(entry(number) for number in range(60)))
    assert deliver(work(lost, MINUTE, teams=heard)) == DeliveryResult()

    assert (heard.messages, lost.released) == ([], 2)
    assert deliver(work(store, 5 * MINUTE, teams=heard)).sent == 62


def test_a_kill_between_delivery_and_mark_makes_one_duplicate(store: FolderStore) -> None:
    """Killed there, the next deliverer waits for a minute and tells the same once more."""
    heard = Heard(die)
    with suppress(KilledError):
        deliver(work(store, log=heard))
    heard.then = lambda: None

    deliver(work(store, log=heard))
    assert heard.entries == [BOTH]
    assert waiting(store) == [T]
    deliver(work(store, MINUTE, log=heard))
    assert heard.entries == [BOTH, BOTH]
    assert heard.messages[0].id == heard.messages[1].id
    assert waiting(store) == []


def test_a_kill_before_any_write_loses_nothing(tmp_path: Path) -> None:
    """Wherever a deliverer dies, the next one later completes it, with one duplicate at most."""
    for number in range(20):
        store, heard = FolderStore(tmp_path / str(number)), Heard()
        fill(store, T, entry(1), entry(2))
        mishap = Mishap(number, die)
        with suppress(KilledError):
            deliver(replace(work(store, log=heard), store=UnluckyStore(store, mishap)))
        deliver(work(store, timedelta(hours=1), log=heard))
        told = [one for message in heard.entries for one in message]
        assert set(told) == set(BOTH)
        assert len(told) <= 4
        assert (stored_state(store, T)[0].outbox, waiting(store)) == ((), [])
        if mishap.came_too_late:
            break
    assert number > 4


def test_an_unpublished_scan_is_not_announced(tmp_path: Path) -> None:
    """Announcements wait until the reports they lead to are written."""
    store, heard = FolderStore(tmp_path), Heard()
    fill(store, T, entry(1), entry(2), unpublished=("scan-2",))

    deliver(work(store, log=heard))

    assert heard.entries == [["scan-1-changes"]]
    assert waiting(store) == [T]


def test_a_tenant_that_is_gone_has_nothing_to_tell(store: FolderStore) -> None:
    """A tenant without a state is passed over."""
    assert deliver(work(store, log=Heard()), ["tenant-9"]) == DeliveryResult()


def test_a_damaged_state_stops_no_other_tenant(store: FolderStore) -> None:
    """Among many it is logged; asked for by itself it is an error."""
    store.documents.write("tenant-2/state.json", b"{", None)
    store.views.replace("tenant-2", 1, [summary("tenant-2", 1, undelivered=True)])

    with capture_logs() as logs:
        assert deliver(work(store, log=Heard())).sent == 2
    assert [line["tenant"] for line in logs if line["log_level"] == "error"] == ["tenant-2"]
    with pytest.raises(EvidenceError):
        deliver(work(store, log=Heard()), ["tenant-2"])


def test_what_only_a_newer_version_knows_is_kept(tmp_path: Path) -> None:
    """An announcement of an unknown kind stays where it is."""
    store = FolderStore(tmp_path)
    fill(store, T, entry(1, kind="poem"))

    deliver(work(store, log=Heard()))

    assert [one.kind for one in stored_state(store, T)[0].outbox] == ["poem"]


def test_the_log_tells_counts_and_no_names(store: FolderStore) -> None:
    """The only route of an installation that configures none is a line in the log for each announcement."""
    fill(store, "tenant-2", entry(3, not_assessed=(NotAssessed(rule="GRP001", subjects=2),)))
    with capture_logs() as logs:
        assert deliver(DeliveryContext(store, lambda: NOW)) == DeliveryResult(3)

    told = [line for line in logs if line["event"] == "findings changed"]
    assert [(line["announcement"], line["changes"]) for line in told] == [
        ("scan-1-changes", 0),
        ("scan-2-changes", 0),
        ("scan-3-changes", 0),
    ]
    assert told[2]["not_assessed"] == ["GRP001"]
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
    assert deliver(work(Contested(tmp_path, 3), log=heard)).sent == 2
    assert heard.entries == [BOTH]

    fill(FolderStore(tmp_path), "tenant-2", entry(1))
    with pytest.raises(StorageError, match=r"tenant-2/state\.json was changed by others 20 times in a row"):
        deliver(work(Contested(tmp_path, 10**6), log=heard))


def test_marks_that_always_lose_are_an_error(store: FolderStore, tmp_path: Path) -> None:
    """An announcement that was handed over and cannot be marked is told of, not handed over again and again."""
    heard = Heard()
    contested = Contested(tmp_path, 0)
    heard.then = contested.lose_from_now_on

    with pytest.raises(StorageError, match="20 times in a row"):
        deliver(work(contested, log=heard))
    assert heard.entries == [BOTH]
    assert waiting(store) == [T]
    assert deliver(work(store, log=heard)) == DeliveryResult()
