"""A storage account that is busy, broken or unreachable: retried a bounded number of times, or failed whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from common.errors import ConflictError, StorageError
from findings.stores.azure import AzureStore
from findings.stores.ports import Stored
from tests.azure.conftest import HASTE
from tests.azure.proxy import FAULTS, Proxy, in_front_of
from tests.findings.views.view_rows import finding, summary
from tests.findings.views.views_contract import rows_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.azurite import Azurite

STATE, SCAN, REPORT = "t/state.json", "t/scans/s/findings.json", "t/latest/report.html"
PASSING = [fault for fault in FAULTS if fault != "412"]


@pytest.fixture(scope="module", name="proxy")
def _proxy(azurite: Azurite) -> Iterator[Proxy]:
    with in_front_of(azurite) as proxy:
        yield proxy


@pytest.fixture(name="store")
def _store(azurite: Azurite, proxy: Proxy) -> AzureStore:
    """Return a store behind the proxy in which everything has been used once, so that all containers are there."""
    proxy.start_over(lambda _: None)
    store = AzureStore.from_connection_string(azurite.fresh(proxy.blob_port, proxy.table_port), HASTE)
    store.check_writable()
    return store


def once(fault: str, at: int = 0) -> Callable[[int], str | None]:
    """Return what breaks one request."""
    return lambda number: fault if number == at else None


@pytest.mark.parametrize("fault", PASSING)
def test_a_first_write_survives_a_fault(store: AzureStore, proxy: Proxy, fault: str) -> None:
    """A write whose answer is lost is neither a conflict nor done twice: the document is there, with its tag."""
    proxy.start_over(once(fault))

    etag = store.documents.write(STATE, b"one", None)

    assert store.documents.read(STATE) == Stored(b"one", etag)


@pytest.mark.parametrize("fault", PASSING)
def test_a_change_survives_a_fault(store: AzureStore, proxy: Proxy, fault: str) -> None:
    """A change that may have landed is recognised by its content, and its new tag can be gone on with."""
    first = store.documents.write(STATE, b"one", None)
    proxy.start_over(once(fault))

    second = store.documents.write(STATE, b"two", first)

    assert store.documents.write(STATE, b"three", second) != second


@pytest.mark.parametrize("fault", PASSING)
def test_creating_survives_a_fault(store: AzureStore, proxy: Proxy, fault: str) -> None:
    """Who created an artefact is told so, even if the first answer was lost; who comes later is told that, too."""
    proxy.start_over(once(fault))
    assert store.scans.create(SCAN, b"one")

    proxy.start_over(once(fault))
    assert not store.scans.create(SCAN, b"two")
    assert store.scans.read(SCAN) == b"one"


@pytest.mark.parametrize("fault", PASSING)
def test_reading_deleting_and_putting_survive_a_fault(store: AzureStore, proxy: Proxy, fault: str) -> None:
    """What is read is whole, what is deleted was there, what is put stands."""
    store.scans.create(SCAN, b"x" * 100_000)
    proxy.start_over(once(fault))
    assert store.scans.read(SCAN) == b"x" * 100_000

    proxy.start_over(once(fault))
    assert store.scans.list("t/") == [SCAN]

    proxy.start_over(once(fault))
    assert store.scans.delete(SCAN)

    proxy.start_over(once(fault))
    store.latest.put(REPORT, b"two")
    assert store.latest.read(REPORT) == b"two"


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["429", "lost", "half"])
def test_views_survive_a_fault_at_any_request(store: AzureStore, proxy: Proxy, fault: str) -> None:
    """Whichever request goes wrong while rows are written, they stand afterwards as they should."""
    rows = [*(finding("t", number) for number in range(101)), summary("t", 1)]
    for number in range(20):
        changed = [finding("t", 1, f"change {number}"), *rows[2 : 101 - number], summary("t", number + 2)]
        store.views.replace("t", number + 1, rows)
        proxy.start_over(once(fault, number))
        assert store.views.replace("t", number + 2, changed)
        asked = len(proxy.seen)
        proxy.start_over(lambda _: None)
        assert rows_in(store) == changed
        if asked <= number:
            break
        store.views.remove("t")
    assert number > 5


def test_somebody_elses_change_is_a_conflict_after_a_fault(store: AzureStore, proxy: Proxy) -> None:
    """A lost attempt does not turn another writer's content into ours."""
    first = store.documents.write(STATE, b"one", None)
    store.documents.write(STATE, b"theirs", first)
    proxy.start_over(once("500"))

    with pytest.raises(ConflictError):
        store.documents.write(STATE, b"mine", first)


@pytest.mark.parametrize("fault", ["429", "500", "reset"])
def test_trying_ends(store: AzureStore, proxy: Proxy, fault: str) -> None:
    """A storage account that never gets better is an error after six attempts; it names the account, and no secret."""
    asks: list[Callable[[], object]] = [
        lambda: store.latest.put(REPORT, b"one"),
        lambda: store.views.query("ConnectorTenants"),
        lambda: store.views.replace("t", 1, [summary("t", 1)]),
        store.check_writable,
    ]
    for ask in asks:
        proxy.start_over(lambda _: fault)
        with pytest.raises(StorageError, match=r"^The storage account test\d+ .*(6 times|cannot be reached)") as caught:
            ask()
        assert len(proxy.seen) == HASTE.attempts
        assert "sig" not in str(caught.value).lower()
        assert caught.value.__cause__ is None


def test_a_412_that_nobody_can_explain_is_a_conflict(store: AzureStore, proxy: Proxy) -> None:
    """A refused condition is for the caller to look again; nothing was written."""
    proxy.start_over(once("412"))

    with pytest.raises(ConflictError):
        store.documents.write(STATE, b"one", None)
    assert store.documents.read(STATE) is None


def test_a_412_without_a_condition_is_an_error(store: AzureStore, proxy: Proxy) -> None:
    """What nothing was asked of cannot be refused for it: told as it is, at once."""
    asks: list[Callable[[], object]] = [
        lambda: store.latest.put(REPORT, b"one"),
        lambda: store.latest.read(REPORT),
        store.check_writable,
    ]
    for ask in asks:
        proxy.start_over(once("412"))
        with pytest.raises(StorageError, match="refused with 412"):
            ask()
