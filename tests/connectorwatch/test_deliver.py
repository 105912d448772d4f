"""How outboxes are emptied: at least once, not twice unless killed in between, and one route's trouble is its own."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from connectorwatch.deliver import Delivered, Trouble, Work, deliver
from connectorwatch.lanes import Routing
from connectorwatch.refresh import stored_state
from findings.document import TenantInfo
from findings.outbox import MOST_ATTEMPTS, FindingChange, NotAssessed, OutboxEntry
from findings.state import State
from findings.stores.folder import FolderStore
from inventory.errors import ConflictError, DeliveryError, EvidenceError, StorageError, UndeliverableError
from policies.model import Severity
from policies.routes import Route
from tests.e2e.mishaps import KilledError, Mishap, UnluckyStore, die
from tests.findings.view_rows import summary

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from connectorwatch.channels.port import Channel, News, Taken
    from findings.cards import Wish

NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
T = "tenant-1"
MINUTE = timedelta(minutes=1)


@dataclass
class Heard:
    """A channel that remembers what it was handed, and does what it is told after that."""

    then: Callable[[], object] = lambda: None
    taken: Taken = "delivered"
    news: list[News] = field(default_factory=list)

    @property
    def entries(self) -> list[list[str]]:
        """The announcements, each time it was handed some."""
        return [[told.entry.id for told in news.told] for news in self.news]

    def send(self, news: News, wish: Wish) -> Taken:
        """Remember the news."""
        del wish
        self.news.append(news)
        self.then()
        return self.taken


def refuse() -> None:
    """Fail as a channel does that may work later."""
    raise DeliveryError("nobody is there")


def refuse_for_good() -> None:
    """Fail as a channel does that never will take it."""
    raise UndeliverableError("it answered 404: it is gone")


def busy() -> None:
    """Ask for an hour of silence."""
    raise DeliveryError("it answered 429", 3600)


def entry(number: int, **parts: object) -> OutboxEntry:
    """Return an announcement of a scan."""
    return OutboxEntry.model_validate({"id": f"scan-{number}-changes", "scan": f"scan-{number}", "at": NOW, **parts})


def route(name: str) -> Route:
    """Return a route that hears changes alone."""
    return Route(id=name, service=False, digest=False)


def work(store: FolderStore, later: timedelta = timedelta(0), /, **channels: Channel) -> Work:
    """Return a delivery to some channels, some time later."""

    def opened(one: Route) -> Channel:
        return channels[one.id]

    return Work(store, lambda: NOW + later, Routing(tuple(map(route, channels))), opened)


@pytest.fixture(name="store")
def _store(tmp_path: Path) -> FolderStore:
    store = FolderStore(tmp_path)
    fill(store, T, entry(1), entry(2))
    return store


def fill(store: FolderStore, tenant: str, *entries: OutboxEntry, unpublished: tuple[str, ...] = ()) -> None:
    """Put a state with announcements into a store, and the row that says so."""
    state = State.new(TenantInfo(id=tenant, name="Contoso")).model_copy(
        update={"outbox": entries, "unpublished": unpublished, "revision": 3}
    )
    store.documents.write(f"{tenant}/state.json", state.to_bytes(), None)
    store.views.replace(tenant, 3, [summary(tenant, 3, undelivered=True)])


def waiting(store: FolderStore) -> list[object]:
    """Return the tenants whose rows say that something is to be delivered."""
    return [row.values["tenant"] for row in store.views.query("ConnectorTenants", where={"undelivered": True}).rows]


BOTH = ["scan-1-changes", "scan-2-changes"]


def test_every_route_hears_every_entry(store: FolderStore) -> None:
    """What waits reaches each route at once; then the outbox is empty, the row says so, and how it went is kept."""
    log, teams = Heard(), Heard(taken="accepted")

    assert deliver(work(store, log=log, teams=teams)) == Delivered(4, 0, {"log": None, "teams": None})

    assert (log.entries, teams.entries) == ([BOTH], [BOTH])
    state = stored_state(store, T)[0]
    assert (state.outbox, state.told.announced, state.revision) == ((), tuple(BOTH), 3)
    assert [(one.lane, one.result) for one in state.told.receipts] == [("log", "delivered")] * 2 + [
        ("teams", "accepted")
    ] * 2
    assert waiting(store) == []
    assert deliver(work(store, log=log), [T]) == Delivered()


def test_all_waiting_tenants_are_found(store: FolderStore) -> None:
    """Tenants whose rows say that they wait are delivered in one go, and others are not read."""
    for number in range(2, 5):
        fill(store, f"tenant-{number}", entry(1))
    store.views.amend("tenant-4", 3, {"undelivered": False})
    heard = Heard()

    assert deliver(work(store, log=heard)).sent == 4
    assert len(heard.news) == 1
    assert stored_state(store, "tenant-4")[0].outbox != ()


def test_the_worst_tenant_comes_first(store: FolderStore) -> None:
    """News are told in the order of how bad they are, and those of old findings that are over come last."""
    bad = FindingChange(key="GRP001/a", rule="GRP001", change="new", severity=Severity.HIGH)
    over = FindingChange(key="GRP001/b", rule="GRP001", change="resolved", severity=Severity.CRITICAL)
    fill(store, "tenant-2", entry(1, changes=(bad,)))
    fill(store, "tenant-0", entry(1, changes=(over,)))
    heard = Heard()

    deliver(work(store, log=heard))

    assert [told.tenant.id for told in heard.news[0].told] == ["tenant-2", "tenant-0", T, T]


def test_a_failing_route_stops_no_other(store: FolderStore) -> None:
    """What a route did not take stays for it, counted, and is handed over when it works again; others hear it once."""
    good, bad = Heard(), Heard(refuse)

    with capture_logs() as logs:
        assert deliver(work(store, bad=bad, good=good)) == Delivered(2, 2, {"good": None})
    assert [line["event"] for line in logs if line["log_level"] == "warning"] == ["announcements not delivered"]
    left = stored_state(store, T)[0].outbox
    assert [(one.attempts["bad"], one.waits["bad"], list(one.delivered)) for one in left] == [
        (1, NOW + MINUTE, ["good"])
    ] * 2
    assert waiting(store) == [T]

    bad.then = lambda: None
    assert deliver(work(store, bad=bad, good=good)) == Delivered()
    assert deliver(work(store, MINUTE, bad=bad, good=good)).sent == 2
    assert (good.entries, bad.entries) == ([BOTH], [BOTH, BOTH])
    assert waiting(store) == []


def test_a_route_that_refuses_for_good_is_not_asked_again(store: FolderStore) -> None:
    """What it refused is dropped for it, with the reason; the route counts as failing."""
    heard = Heard(refuse_for_good)
    trouble = Trouble("refused", "it answered 404: it is gone")

    assert deliver(work(store, teams=heard)) == Delivered(0, 2, {"teams": trouble})

    state = stored_state(store, T)[0]
    assert state.outbox == ()
    assert {(one.result, one.why) for one in state.told.receipts} == {("dropped", trouble.why)}
    assert deliver(work(store, teams=heard), [T]) == Delivered()


def test_silence_is_kept(store: FolderStore) -> None:
    """A route that asks for an hour of silence is left alone for an hour."""
    heard = Heard(busy)
    deliver(work(store, teams=heard))
    deliver(work(store, 59 * MINUTE, teams=heard))
    assert len(heard.news) == 1

    deliver(work(store, 60 * MINUTE, teams=heard))
    assert len(heard.news) == 2


def test_a_route_that_is_never_there_is_given_up_after_a_day(store: FolderStore) -> None:
    """After a quarter of an hour it counts as failing, after a day what waits is dropped, with the reason."""
    heard, later, troubles = Heard(refuse), timedelta(0), []
    while waiting(store):
        troubles.append(deliver(work(store, later, teams=heard)).routes.get("teams"))
        left = stored_state(store, T)[0].outbox
        later = left[0].waits["teams"] - NOW if left else later

    trouble = Trouble("unreachable", "nobody is there")
    assert troubles == [None] * 4 + [trouble] * (MOST_ATTEMPTS - 4)
    assert later > timedelta(hours=20)
    why = {one.why for one in stored_state(store, T)[0].told.receipts}
    assert why == {f"given up after {MOST_ATTEMPTS} attempts: nobody is there"}


def test_a_route_that_is_not_set_up_keeps_what_waits(store: FolderStore) -> None:
    """It counts as failing at once, and loses nothing while somebody mends it."""
    own = work(store, teams=Heard())

    def closed(one: Route) -> Channel:
        raise UndeliverableError(f"OPS, which the route {one.id} names, is not set: set it.")

    broken = replace(own, open=closed)
    trouble = Trouble("unusable", "OPS, which the route teams names, is not set: set it.")
    assert deliver(broken) == Delivered(0, 2, {"teams": trouble})
    assert len(stored_state(store, T)[0].outbox) == 2
    assert deliver(work(store, MINUTE, teams=Heard())).sent == 2


def test_what_a_route_does_not_want_is_done(store: FolderStore) -> None:
    """News of which nothing is of interest are over for a route; that says nothing about whether it works."""
    assert deliver(work(store, teams=Heard(taken="nothing"))) == Delivered(2)
    assert waiting(store) == []


def test_two_deliverers_at_once_tell_nothing_twice(store: FolderStore) -> None:
    """While one uses a route, another leaves it alone, and other routes are not kept waiting."""
    slow, quick = Heard(), Heard()
    slow.then = lambda: deliver(work(store, slow=quick, other=quick), [T])

    assert deliver(work(store, slow=slow)).sent == 2

    assert (slow.entries, quick.entries) == ([BOTH], [BOTH])


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
    assert deliver(work(lost, teams=heard)) == Delivered()
    fill(store, "tenant-2", *(entry(number) for number in range(60)))
    assert deliver(work(lost, MINUTE, teams=heard)) == Delivered()

    assert (heard.news, lost.released) == ([], 2)
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
    assert heard.news[0].id == heard.news[1].id
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
        told = [one for news in heard.entries for one in news]
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
    assert deliver(work(store, log=Heard()), ["tenant-9"]) == Delivered()


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
        assert deliver(Work(store, lambda: NOW)) == Delivered(3)

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
    assert deliver(work(store, log=heard)) == Delivered()
