"""Scanning processes that are killed at random moments or race each other, over a folder and over a storage account."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
import structlog

from common.ids import scan_id
from connectorwatch.platform.logs import set_up_logs
from connectorwatch.scanning.latest_and_views import stored_state
from simulator import Simulator
from tests.azure.scenes import BROKEN, CLEAN, TENANT, Scene, day, opened, stored_looks
from tests.children import PATIENCE, SPAWN, spawned
from tests.e2e.consistency import check
from tests.e2e.mishaps import Order, breed
from tests.e2e.running import environment, scan_with, variant

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection
    from pathlib import Path

    from tests.azurite import Azurite

pytestmark = pytest.mark.azure
KILLS, RACES = 40, 20


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Log errors only, as the command line does by itself."""
    set_up_logs("error")
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="module", name="scene")
def _scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("scene")
    with Simulator(CLEAN).in_thread() as well, Simulator(variant(folder, BROKEN, "clean")).in_thread() as down:
        yield stored_looks(environment(well), environment(down), folder / "out")


@pytest.fixture(name="place", params=["folder", "azurite"])
def _place(request: pytest.FixtureRequest, azurite: Azurite, tmp_path: Path) -> Path | str:
    return tmp_path / "out" if request.param == "folder" else azurite.fresh()


@pytest.fixture(name="scanners")
def _scanners(scene: Scene, place: Path | str) -> Iterator[Connection]:
    """Start a process that makes a first scan into the place, and then starts scanners."""
    ours, theirs = SPAWN.Pipe()
    with spawned(breed, (theirs, Order(scene.fine, place, day(0)))) as (breeder,):
        yield ours
        ours.send([])
        breeder.join(PATIENCE)


def undisturbed(scanners: Connection, order: Order) -> float:
    """Return how many seconds a scanner takes that nobody kills."""
    began = time.monotonic()
    scanners.send([order])
    scanners.recv()
    assert scanners.recv() == [0]
    return time.monotonic() - began


def test_forty_kills_lose_nothing(scene: Scene, place: Path | str, scanners: Connection) -> None:
    """Killed at forty random moments and asked for again, every scan is in the history once, whole, announced once."""
    dice = random.Random(40)  # noqa: S311 - moments to kill at, not secrets
    store, killed = opened(place), 0
    undisturbed(scanners, Order(scene.broken, place, day(1)))  # waits until the process has started, too
    longest = min(undisturbed(scanners, Order(scene.fine, place, day(at))) for at in (2, 3))
    number = 3
    while killed < KILLS:
        number += 1
        order = Order((scene.fine, scene.broken)[number % 2], place, day(number))
        scanners.send([order])
        (child,) = scanners.recv()
        time.sleep(dice.uniform(0, longest * 0.9))
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        killed += scanners.recv() == [-signal.SIGKILL]
        asyncio.run(scan_with(order.settings, place, order.at))
        if number % 8 == 0:
            check(store, TENANT, scan_id(order.at, TENANT, "manual"))
        assert number < 3 * KILLS
    state = stored_state(store, TENANT)[0]
    assert [scan.id for scan in state.scans] == [scan_id(day(at), TENANT, "manual") for at in range(number + 1)]
    assert len(state.outbox) >= KILLS
    check(store, TENANT, state.scans[-1].id)


def test_two_processes_make_one_history(scene: Scene, place: Path | str, scanners: Connection) -> None:
    """Twenty times two processes scan the tenant at once, the same scan or the next one: one history, none fails."""
    store, second = opened(place), 0
    for number in range(RACES):
        first, second = 1 + 2 * number, 1 + 2 * number + number % 2
        settings = (scene.fine, scene.broken)
        orders = [Order(settings[at % 2], place, day(at)) for at in (first, second)]
        scanners.send(orders)
        assert len(scanners.recv()) == 2
        assert scanners.recv() == [0, 0]
    newest = scan_id(day(second), TENANT, "manual")
    check(store, TENANT, newest)
    applied = [scan.id for scan in stored_state(store, TENANT)[0].scans]
    assert applied == sorted(set(applied))
    assert len(applied) > RACES // 2
