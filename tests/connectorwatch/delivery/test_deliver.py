"""How outboxes are emptied: at least once, not twice unless killed in between, and one route's trouble is its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from common.errors import EvidenceError, UndeliverableError
from connectorwatch.delivery.deliver import deliver
from connectorwatch.delivery.results import DeliveryResult, RouteFailure
from connectorwatch.scanning.latest_and_views import stored_state
from findings.state.announcements import FindingChange
from findings.state.outbox import MOST_ATTEMPTS
from findings.stores.folder import FolderArtefacts, FolderStore
from policies.vocabulary import Severity

if TYPE_CHECKING:
    from pathlib import Path

    from connectorwatch.channels.port import Channel
    from connectorwatch.delivery.subscriptions import AnyRoute
from tests.connectorwatch.delivery.delivering import (
    BOTH,
    MINUTE,
    NOW,
    Heard,
    T,
    busy,
    entry,
    fill,
    half,
    refuse,
    refuse_for_good,
    waiting,
    work,
)


@pytest.fixture(name="store")
def _store(tmp_path: Path) -> FolderStore:
    store = FolderStore(tmp_path)
    fill(store, T, entry(1), entry(2))
    return store


def test_every_route_hears_every_entry(store: FolderStore) -> None:
    """What waits reaches each route at once; then the outbox is empty, the row says so, and how it went is kept."""
    log, teams = Heard(), Heard(taken="accepted")

    assert deliver(work(store, log=log, teams=teams)) == DeliveryResult(4, 0, {"log": None, "teams": None})

    assert (log.entries, teams.entries) == ([BOTH], [BOTH])
    state = stored_state(store, T)[0]
    assert (state.outbox, state.announcement_memory.announced, state.revision) == ((), tuple(BOTH), 3)
    assert [(one.lane, one.result) for one in state.announcement_memory.receipts] == [("log", "delivered")] * 2 + [
        ("teams", "accepted")
    ] * 2
    assert waiting(store) == []
    assert deliver(work(store, log=log), [T]) == DeliveryResult()


def test_all_waiting_tenants_are_found(store: FolderStore) -> None:
    """Tenants whose rows say that they wait are delivered in one go, and others are not read."""
    for number in range(2, 5):
        fill(store, f"tenant-{number}", entry(1))
    store.views.amend("tenant-4", 3, {"undelivered": False})
    heard = Heard()

    assert deliver(work(store, log=heard)).sent == 4
    assert len(heard.messages) == 1
    assert stored_state(store, "tenant-4")[0].outbox != ()


def test_the_worst_tenant_comes_first(store: FolderStore) -> None:
    """News are told in the order of how bad they are, and those of old findings that are over come last."""
    bad = FindingChange(key="GRP001/a", rule="GRP001", change="new", severity=Severity.HIGH)
    over = FindingChange(key="GRP001/b", rule="GRP001", change="resolved", severity=Severity.CRITICAL)
    fill(store, "tenant-2", entry(1, changes=(bad,)))
    fill(store, "tenant-0", entry(1, changes=(over,)))
    heard = Heard()

    deliver(work(store, log=heard))

    assert [told.tenant.id for told in heard.messages[0].notifications] == ["tenant-2", "tenant-0", T, T]


def test_a_failing_route_stops_no_other(store: FolderStore) -> None:
    """What a route did not take stays for it, counted, and is handed over when it works again; others hear it once."""
    good, bad = Heard(), Heard(refuse)

    with capture_logs() as logs:
        assert deliver(work(store, bad=bad, good=good)) == DeliveryResult(2, 2, {"good": None})
    assert [line["event"] for line in logs if line["log_level"] == "warning"] == ["announcements not delivered"]
    left = stored_state(store, T)[0].outbox
    assert [(one.attempts["bad"], one.waits["bad"], list(one.delivered)) for one in left] == [
        (1, NOW + MINUTE, ["good"])
    ] * 2
    assert waiting(store) == [T]

    bad.then = lambda: None
    assert deliver(work(store, bad=bad, good=good)) == DeliveryResult()
    assert deliver(work(store, MINUTE, bad=bad, good=good)).sent == 2
    assert (good.entries, bad.entries) == ([BOTH], [BOTH, BOTH])
    assert waiting(store) == []


def test_what_a_route_took_of_several_is_over_and_the_rest_is_tried_again(store: FolderStore) -> None:
    """Only what did not arrive waits; while nothing else comes it is tried as ever, and tells of itself in the end."""
    heard, later, troubles = Heard(half), timedelta(0), []

    assert deliver(work(store, teams=heard)) == DeliveryResult(1, 1, {"teams": None})
    while waiting(store):
        left = stored_state(store, T)[0].outbox
        assert [one.id for one in left] == BOTH[1:]
        later = left[0].waits["teams"] - NOW
        troubles.append(deliver(work(store, later, teams=heard)).routes.get("teams"))

    assert troubles == [None] * 3 + [RouteFailure("unreachable", "one is newer")] * (MOST_ATTEMPTS - 4)
    assert heard.entries == [BOTH] + [BOTH[1:]] * (MOST_ATTEMPTS - 1)
    told = [(one.entry, one.result) for one in stored_state(store, T)[0].announcement_memory.receipts]
    assert told == [(BOTH[0], "delivered"), (BOTH[1], "dropped")]


def test_a_route_that_refuses_for_good_is_not_asked_again(store: FolderStore) -> None:
    """What it refused is dropped for it, with the reason; the route counts as failing."""
    heard = Heard(refuse_for_good)
    trouble = RouteFailure("refused", "it answered 404: it is gone")

    assert deliver(work(store, teams=heard)) == DeliveryResult(0, 2, {"teams": trouble})

    state = stored_state(store, T)[0]
    assert state.outbox == ()
    assert {(one.result, one.why) for one in state.announcement_memory.receipts} == {("dropped", trouble.why)}
    assert deliver(work(store, teams=heard), [T]) == DeliveryResult()


def test_silence_is_kept(store: FolderStore) -> None:
    """A route that asks for an hour of silence is left alone for an hour."""
    heard = Heard(busy)
    deliver(work(store, teams=heard))
    deliver(work(store, 59 * MINUTE, teams=heard))
    assert len(heard.messages) == 1

    deliver(work(store, 60 * MINUTE, teams=heard))
    assert len(heard.messages) == 2


def test_a_route_that_is_never_there_is_given_up_after_a_day(store: FolderStore) -> None:
    """After a quarter of an hour it counts as failing, after a day what waits is dropped, with the reason."""
    heard, later, troubles = Heard(refuse), timedelta(0), []
    while waiting(store):
        troubles.append(deliver(work(store, later, teams=heard)).routes.get("teams"))
        left = stored_state(store, T)[0].outbox
        later = left[0].waits["teams"] - NOW if left else later

    trouble = RouteFailure("unreachable", "nobody is there")
    assert troubles == [None] * 4 + [trouble] * (MOST_ATTEMPTS - 4)
    assert later > timedelta(hours=20)
    why = {one.why for one in stored_state(store, T)[0].announcement_memory.receipts}
    assert why == {f"given up after {MOST_ATTEMPTS} attempts: nobody is there"}


def test_a_route_that_is_not_set_up_keeps_what_waits(store: FolderStore) -> None:
    """It counts as failing at once, and loses nothing while somebody mends it."""
    own = work(store, teams=Heard())

    def closed(one: AnyRoute) -> Channel:
        raise UndeliverableError(f"OPS, which the route {one.id} names, is not set: set it.")

    broken = replace(own, open=closed)
    trouble = RouteFailure("unusable", "OPS, which the route teams names, is not set: set it.")
    assert deliver(broken) == DeliveryResult(0, 2, {"teams": trouble})
    assert len(stored_state(store, T)[0].outbox) == 2
    assert deliver(work(store, MINUTE, teams=Heard())).sent == 2


def test_what_a_route_does_not_want_is_done(store: FolderStore) -> None:
    """News of which nothing is of interest are over for a route; that says nothing about whether it works."""
    assert deliver(work(store, teams=Heard(taken="nothing"))) == DeliveryResult(2)
    assert waiting(store) == []


@pytest.mark.parametrize("tenants", [None, ["tenant-0", T]])
def test_a_damaged_state_stops_no_other_tenant(store: FolderStore, tmp_path: Path, tenants: list[str] | None) -> None:
    """Among several, what waits of all others is told, and the damage is logged as an error."""
    fill(store, "tenant-0", entry(1))
    (tmp_path / "tenant-0/state.json").write_bytes(b"{")
    heard = Heard()

    with capture_logs() as logs:
        assert deliver(work(store, log=heard), tenants).sent == 2

    assert heard.entries == [BOTH]
    assert [line["tenant"] for line in logs if line["log_level"] == "error"] == ["tenant-0"]


def test_a_damaged_state_alone_is_an_error(store: FolderStore, tmp_path: Path) -> None:
    """Whoever asks for one tenant's outbox hears that it cannot be read."""
    (tmp_path / T / "state.json").write_bytes(b"{")

    with pytest.raises(EvidenceError, match=r"state\.json is damaged"):
        deliver(work(store, log=Heard()), [T])


def test_a_damaged_result_stops_nobody(store: FolderStore) -> None:
    """Where a scan's result cannot be read, its announcement is told in short, and all others as ever."""
    store.scans.create(f"{T}/scans/scan-1/findings.json", b"{")
    heard = Heard()

    with capture_logs() as logs:
        assert deliver(work(store, log=heard)).sent == 2

    assert [told.document for told in heard.messages[0].notifications] == [None, None]
    assert [line["event"] for line in logs if line["log_level"] == "error"] == ["result not read"]


class CountingArtefacts(FolderArtefacts):
    """Artefacts that remember which of them were read."""

    def __init__(self, root: Path) -> None:
        """Take the folder."""
        super().__init__(root)
        self.names: list[str] = []

    def read(self, name: str) -> bytes | None:
        """Remember a name, and read it."""
        self.names.append(name)
        return super().read(name)


def test_a_result_is_read_once_for_all_routes(store: FolderStore, tmp_path: Path) -> None:
    """The result of a scan that several routes receive is read from storage once in a delivery."""
    artefacts = CountingArtefacts(tmp_path)
    store.scans = artefacts

    assert deliver(work(store, north=Heard(), south=Heard())).sent == 4
    assert sorted(artefacts.names) == [f"{T}/scans/scan-{number}/findings.json" for number in (1, 2)]
