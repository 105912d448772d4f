"""A scan that ends between any two steps, or whose storage breaks at any request, over a storage account."""

from __future__ import annotations

import itertools
import random
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from common.errors import StorageError
from connectorwatch.scanning.latest_and_views import stored_state
from findings.reports.formats import FORMATS
from findings.stores.azure import AzureStore
from simulator import Simulator
from tests.azure.conftest import HASTE
from tests.azure.proxy import FAULTS, Proxy, in_front_of
from tests.azure.scenes import BROKEN, CLEAN, TENANT, Scene, replay, stored_looks
from tests.e2e.consistency import check
from tests.e2e.mishaps import KilledError, Mishap, UnluckyStore, die
from tests.e2e.running import environment, variant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.azurite import Azurite

pytestmark = pytest.mark.azure


@pytest.fixture(scope="module", name="scene")
def _scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("scene")
    with Simulator(CLEAN).in_thread() as well, Simulator(variant(folder, BROKEN, "clean")).in_thread() as down:
        yield stored_looks(environment(well), environment(down), folder / "out")


@pytest.fixture(scope="module", name="proxy")
def _proxy(azurite: Azurite) -> Iterator[Proxy]:
    with in_front_of(azurite) as proxy:
        yield proxy


@pytest.fixture(name="after_first")
def _after_first(azurite: Azurite, proxy: Proxy, scene: Scene) -> Callable[[], AzureStore]:
    """Return what makes a store behind the proxy that holds the first scan."""

    def make() -> AzureStore:
        proxy.start_over(lambda _: None)
        store = AzureStore.from_connection_string(azurite.fresh(proxy.blob_port, proxy.table_port), HASTE)
        replay(store, scene.first)
        return store

    return make


def test_a_death_between_any_two_steps_loses_nothing(after_first: Callable[[], AzureStore], scene: Scene) -> None:
    """Whichever write a scan died before, asking for it again ends in one consistent store."""
    for number in itertools.count():
        store, mishap = after_first(), Mishap(number, die)
        with suppress(KilledError):
            replay(UnluckyStore(store, mishap), scene.second)
        replay(store, scene.second)
        check(store, TENANT, scene.second.scan.id)
        if mishap.came_too_late:
            break
    assert number > len(FORMATS) * 2


def test_an_end_at_any_request_loses_nothing(after_first: Callable[[], AzureStore], scene: Scene, proxy: Proxy) -> None:
    """Whichever request to storage is the last that is carried out, asking again ends in one consistent store."""
    for number in itertools.count():
        store = after_first()
        proxy.start_over(lambda at, end=number: "reset" if at >= end else None)  # type: ignore[misc] # bound now
        with suppress(StorageError):
            replay(store, scene.second)
            break
        proxy.start_over(lambda _: None)
        replay(store, scene.second)
        check(store, TENANT, scene.second.scan.id)
    assert number > len(FORMATS) * 2


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_any_request_is_survived_or_fails_whole(
    fault: str, after_first: Callable[[], AzureStore], scene: Scene, proxy: Proxy
) -> None:
    """One request in five goes wrong, over and over: a scan succeeds or says so, and repeating it mends everything."""
    dice = random.Random(fault)  # noqa: S311 - requests to break, not secrets
    for _ in range(4):
        store, failed = after_first(), 0
        proxy.start_over(lambda _: fault if dice.random() < 0.2 else None)
        for _ in range(40):
            try:
                replay(store, scene.second)
            except StorageError:
                failed += 1
            else:
                break
        proxy.start_over(lambda _: None)
        replay(store, scene.second)
        check(store, TENANT, scene.second.scan.id)
        assert len(stored_state(store, TENANT)[0].scans) == 2
        assert failed == 0 or fault == "412"
