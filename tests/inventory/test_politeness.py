"""Whole looks at a Graph that refuses a share of everything, batch members one by one, in its own time."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from inventory.collect import collect
from inventory.graph import Limits
from simulator import Fault, FaultKind, Throttle, large_tenant
from tests.inventory.networks import Simulated, client, in_virtual_time, now
from tests.inventory.wires import MOMENT, bundled

if TYPE_CHECKING:
    from inventory.snapshot import Snapshot
    from simulator import Tenant

SEEDS = range(6)
LARGE = large_tenant(unrelated_assignments=0)


async def _scan(
    tenant: Tenant,
    seed: int,
    limits: Limits | None = None,
    **throttle: Any,  # noqa: ANN401 - a throttle's fields
) -> tuple[Snapshot, Simulated]:
    network = Simulated(tenant, throttle=Throttle(seed=seed, **throttle))
    graph = client(network, limits=limits)
    graph.exchange.chance = random.Random(seed)  # noqa: S311 - jitter, keeps no secret
    return await collect(graph, "tenant", lambda: MOMENT), network


def _waits(network: Simulated) -> float:
    """Return for how many seconds some service had asked for silence; overlapping ones count once."""
    total = until = 0.0
    for at, announcement in sorted(network.announced, key=lambda one: one[0]):
        end = at + announcement.seconds
        total += max(0.0, end - max(at, until))
        until = max(until, end)
    return total


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    "throttle",
    [
        {"retry_after": 1},
        {"retry_after": 7},
        {"retry_after": 2, "as_date": True},
        {"retry_after": None},
        {"retry_after": 0},
        {"retry_after": 1, "status": 503},
    ],
    ids=str,
)
@in_virtual_time
async def test_nothing_is_sent_early(throttle: dict[str, Any], seed: int) -> None:
    """With a fifth of everything refused the tenant is read, and no request comes before a Retry-After is over."""
    snapshot, network = await _scan(bundled(), seed, ratio=0.2, **throttle)

    assert network.graph.early == []
    assert (snapshot.complete, snapshot.graph.throttled > 0) == (True, True)


@pytest.mark.slow
@pytest.mark.parametrize("tenant", [bundled(), LARGE], ids=["contoso", "large"])
def test_a_scan_takes_little_more_than_its_waits(tenant: Tenant) -> None:
    """With a fifth of everything refused for a second, a scan takes at most 1.3 times what its waits alone take."""
    took, waited = 0.0, 0.0

    @in_virtual_time
    async def one(seed: int) -> None:
        nonlocal took, waited
        _, network = await _scan(tenant, seed, ratio=0.2, retry_after=1)
        took, waited = took + now(), waited + _waits(network)
        assert now() <= 1.3 * _waits(network)

    for seed in SEEDS:
        one(seed)
    assert took <= 1.2 * waited


@in_virtual_time
async def test_without_refusals_nothing_waits() -> None:
    """A Graph that refuses nothing is read in as many round trips as the lists need, six requests at a time."""
    _, network = await _scan(LARGE, 1, ratio=0)

    assert len(network.sent) <= 32
    assert now() <= 8 * network.latency


@in_virtual_time
async def test_audit_reads_keep_to_their_own_limit() -> None:
    """However many pages the audit log has, Graph's limit of five in ten seconds is never met."""
    endless = Fault(path="/auditLogs/directoryAudits", kind=FaultKind.ENDLESS_PAGES)
    network = Simulated(bundled(), faults=[endless], throttle=Throttle(ratio=0, audit_limit=True))
    snapshot = await collect(client(network, limits=Limits(pages=12)), "tenant", lambda: MOMENT)

    assert (snapshot.audit.code, snapshot.graph.throttled) == ("endless", 0)
    assert 44 <= now() < 45  # two services, each with a list of twelve pages


@pytest.mark.parametrize(("share", "places"), [(None, 6), (0.79, 6), (0.8, 1), (1.3, 1)])
@in_virtual_time
async def test_near_the_limit_it_goes_on_one_by_one(share: float | None, places: int) -> None:
    """Where every answer says that the limit is near, requests end up going one at a time; nothing was refused yet."""
    network = Simulated(bundled(), throttle=Throttle(ratio=0, limit_percentage=share))
    graph = client(network)
    snapshot = await collect(graph, "tenant", lambda: MOMENT)

    assert (graph.exchange.gate.places, snapshot.graph.throttled) == (places, 0)


@pytest.mark.parametrize("retry_after", [5, None])
@in_virtual_time
async def test_a_graph_that_refuses_everything_is_given_up(retry_after: float | None) -> None:
    """Attempts and waiting are bounded; every list says that it was throttled, and how long it waited."""
    limits = Limits(patience=60, tries=4)
    snapshot, network = await _scan(bundled(), 1, limits, ratio=1, retry_after=retry_after)
    told = {(section.status, " s" in str(section.reason)) for section in snapshot.sections}

    assert told == {("throttled", True)}
    assert now() < 5 * 60
    assert network.graph.early == []
