"""A scan of a wrong clock is not remembered, and a state that one froze names the way out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from common.errors import ClockError
from connectorwatch.scanning.clocks import check_clock, frozen_by_clock
from connectorwatch.scanning.scan import run
from simulator import Simulator
from tests.e2e.running import NOW, environment, scan_with, stored, tenant_file, wired

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from connectorwatch.scanning.job import Scan


@pytest.fixture(scope="module", name="graph")
def _graph() -> Iterator[Simulator]:
    with Simulator(tenant_file("clean")).in_thread() as simulator:
        yield simulator


@pytest.mark.parametrize(
    ("ahead", "said"),
    [
        (3600, "1 hour ahead of Graph's"),
        (-7199, "1 hour behind Graph's"),
        (86_400, "1 day ahead of Graph's"),
        (-3650 * 86_400, "3650 days behind Graph's"),
    ],
)
def test_an_hour_is_too_much(ahead: float, said: str) -> None:
    """The message says by how much the clock is wrong, in which direction, and what to do."""
    with pytest.raises(ClockError, match=said) as caught:
        check_clock(ahead)
    assert "set the clock (NTP)" in str(caught.value)


@pytest.mark.parametrize("ahead", [None, 0, 3599.9, -3599.9])
def test_less_is_not(ahead: float | None) -> None:
    """Within the hour nothing is refused, nor where Graph names no time."""
    check_clock(ahead)


def _off(scan: Scan, seconds: float) -> Scan:
    """Return the same scan on a machine whose clock is wrong."""
    clock = scan.graph.exchange.clocks.clock
    right = clock.wall
    clock.wall = lambda: right() + seconds
    return replace(scan, now=lambda: datetime.fromtimestamp(clock.wall(), UTC), own_clock=True)


@pytest.mark.parametrize("years", [3, -20])
async def test_a_scan_of_a_wrong_clock_stores_nothing(graph: Simulator, tmp_path: Path, years: int) -> None:
    """Neither state nor evidence is written under a wrong time."""
    async with wired(environment(graph), tmp_path) as scan:
        with pytest.raises(ClockError, match="was not stored"):
            await run(_off(scan, years * 365 * 86_400))

    assert stored(tmp_path) == {}


@pytest.mark.parametrize("at", [NOW, NOW + timedelta(days=3650), datetime(2001, 1, 1, tzinfo=UTC)])
async def test_a_chosen_time_is_no_clock(graph: Simulator, tmp_path: Path, at: datetime) -> None:
    """`--at` dates a scan of a loopback Graph as somebody likes; the machine's clock is right all the same."""
    assert (await scan_with(environment(graph), tmp_path, at)).snapshot.taken_at == at


async def test_a_frozen_state_names_the_way_out(graph: Simulator, tmp_path: Path) -> None:
    """Where the newest scan is yet to come, each later one is stored, and tells the command that brings it back."""
    await scan_with(environment(graph), tmp_path, NOW + timedelta(days=3650))
    async with wired(environment(graph), tmp_path) as scan:
        told = await run(_off(scan, 0))
        chosen = await run(replace(scan, own_clock=False, now=lambda: NOW))

    assert told.document.scan.superseded
    assert len(told.repeated) == 1
    assert f"--tenant {scan.tenant_id} --from-scan {told.document.scan.id}" in told.repeated[0]
    assert (chosen.document.scan.superseded, chosen.repeated) == (True, ())


async def test_a_scan_that_is_merely_older_is_not_frozen(graph: Simulator, tmp_path: Path) -> None:
    """A scan that was overtaken by another machine's says nothing of clocks."""
    await scan_with(environment(graph), tmp_path, NOW)
    async with wired(environment(graph), tmp_path) as scan:
        assert frozen_by_clock(scan.store, scan.tenant_id, "x", NOW - timedelta(minutes=59)) == ()
        assert len(frozen_by_clock(scan.store, scan.tenant_id, "x", NOW - timedelta(minutes=61))) == 1
