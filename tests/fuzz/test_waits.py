"""Politeness in real seconds: over sockets, with real waits."""

from __future__ import annotations

import time

import pytest

from common.clock import Clock
from inventory.collect import collect
from simulator import Throttle
from tests.inventory.wires import MOMENT, bundled, simulated

pytestmark = pytest.mark.fuzz


@pytest.mark.parametrize("seed", [1])
async def test_a_graph_that_refuses_a_fifth_of_everything(seed: int) -> None:
    """Over real HTTP, with real seconds of Retry-After, nothing is early and the tenant is read whole."""
    throttle = Throttle(ratio=0.2, retry_after=1, seed=seed)
    began = time.monotonic()
    async with simulated(bundled(), throttle=throttle, latency=0.05, clock=Clock()) as (graph, sim):
        snapshot = await collect(graph, "tenant", lambda: MOMENT)

    assert sim.early == []
    assert (snapshot.complete, snapshot.graph.throttled > 0) == (True, True)
    assert time.monotonic() - began < 30
