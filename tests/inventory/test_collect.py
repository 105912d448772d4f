"""A whole look at a tenant over real HTTP, undisturbed."""

from __future__ import annotations

import asyncio

import pytest

from inventory.collect import collect
from inventory.models import PrincipalId
from simulator import Fault, FaultKind
from tests.inventory.networks import Simulated, client, in_virtual_time
from tests.inventory.wires import MOMENT, bundled, fault, look, not_read, simulated

PROXY = "/onPremisesPublishingProfiles/applicationProxy"
BATCHES = "/$batch"


async def test_contoso() -> None:
    """Everything is read, as the tenant's file has it, and no request comes early or without a token."""
    snapshot, sim = await look()
    groups = bundled().connector_groups.values()
    own = [group for group in groups if group.type == "applicationProxy"]

    assert snapshot.complete
    assert len(snapshot.groups.items) == len(own)
    assert len(snapshot.other_groups) == len(groups) - len(own)
    assert len(snapshot.connectors.items) == sum(len(group.connectors) for group in own)
    assert len(snapshot.other_connectors) == sum(len(group.connectors) for group in groups) - len(
        snapshot.connectors.items
    )
    assert {record.authorized for record in sim.requests} == {True}
    assert sim.early == []


async def test_what_it_took_is_counted() -> None:
    """The counts in the snapshot are those of the wire."""
    snapshot, sim = await look()

    assert snapshot.graph.requests == sim.http_requests
    assert snapshot.graph.batched == sum(record.batched for record in sim.requests)
    assert (snapshot.graph.retried, snapshot.graph.throttled) == (0, 0)


async def test_contents_are_those_of_each_group() -> None:
    """Every group has its own connectors and applications, however its lists say that they are empty."""
    snapshot, _ = await look()
    told = {group.name: group for group in snapshot.groups.items}
    for group in bundled().connector_groups.values():
        if group.name in told:
            entry = told[group.name].id
            assert len(snapshot.members(entry)) == len(group.connectors), group.name
            assert len(snapshot.applications(entry)) == len(group.applications), group.name


@pytest.mark.parametrize(
    ("tenant", "unread"),
    [("clean", set()), ("empty", set()), ("no-p2", set()), ("connectors-denied", {"connectors", "connector_groups"})],
)
async def test_other_tenants(tenant: str, unread: set[str]) -> None:
    """A tenant without connectors, without a licence, or that lets nobody look."""
    snapshot, _ = await look(tenant)

    assert set(not_read(snapshot)) == unread


async def test_an_unreadable_group_costs_its_own_lists_only() -> None:
    """One group that cannot be read leaves all others as they are."""
    snapshot, _ = await look("group-unreadable")

    assert all(name.startswith("connector_groups/") for name in not_read(snapshot))
    assert 0 < len(not_read(snapshot)) <= 2


async def test_roles_that_are_denied_leave_connectors_alone() -> None:
    """Without any role data there is nobody to look up, and connectors are read all the same."""
    snapshot, _ = await look("roles-denied")

    assert {"role_definitions", "role_assignments", "role_eligibilities", "principals"} <= set(not_read(snapshot))
    assert (snapshot.principals.code, snapshot.missing_principals) == (snapshot.role_definitions.code, ())
    assert snapshot.connectors.known


@in_virtual_time
async def test_named_principals_are_read_with_the_holders() -> None:
    """Principals that the policy names are looked up, though they hold nothing."""
    named = PrincipalId(bundled().guid("user", "breakglass-1"))
    snapshot = await collect(client(Simulated(bundled())), "tenant", lambda: MOMENT, named=frozenset({named}))

    assert named in {principal.id for principal in snapshot.principals.items}


@in_virtual_time
async def test_whoever_is_named_and_not_returned_is_missing() -> None:
    """An id in a role that the directory does not return is listed as missing."""
    gone = Fault(path="/directoryObjects/getByIds", kind=FaultKind.BODY, body='{"value":[]}')
    snapshot = await collect(client(Simulated(bundled(), faults=[gone])), "tenant", lambda: MOMENT)

    assert set(snapshot.missing_principals) == {grant.principal_id for grant in snapshot.role_assignments.records} | {
        grant.principal_id for grant in snapshot.role_eligibilities.records
    }


@in_virtual_time
async def test_progress_is_told() -> None:
    """People who wait are told what has been read, and what has not."""
    told: list[str] = []
    await collect(client(Simulated(bundled("clean"))), "tenant", lambda: MOMENT, progress=told.append)

    assert sorted(told) == [
        "Private Access applications: read",
        "audit log: read",
        "connector groups: read",
        "connectors: read",
        "role holders: read",
        "tenant: read",
    ]


@in_virtual_time
async def test_progress_does_not_call_read_what_was_refused() -> None:
    """A part of which something could not be read is told as such, with how it failed."""
    told: list[str] = []
    await collect(client(Simulated(bundled("connectors-denied"))), "tenant", lambda: MOMENT, progress=told.append)

    assert {line for line in told if "not" in line} == {
        "connectors: not all read (denied)",
        "connector groups: not all read (denied)",
    }


@pytest.mark.parametrize("after", [0.001, 0.01, 0.05, 0.12])
async def test_cancelling_ends_it_promptly(after: float) -> None:
    """Ctrl-C ends a look at once, and leaves no task behind."""
    async with simulated(bundled(), faults=[fault(FaultKind.HANG, "/organization", seconds=30)], latency=0.02) as (
        graph,
        _,
    ):
        before = asyncio.all_tasks()
        look = asyncio.create_task(collect(graph, "tenant", lambda: MOMENT))
        await asyncio.sleep(after)
        look.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(look, 0.5)
        ours = {task for task in asyncio.all_tasks() - before if "/inventory/" in str(task.get_coro())}

    assert ours == set()


@in_virtual_time
async def test_cancelling_while_graph_asks_for_patience() -> None:
    """A look that waits for Graph's sake can be ended too."""
    patient = Fault(path="/**", kind=FaultKind.THROTTLED, retry_after=200)
    look = asyncio.create_task(collect(client(Simulated(bundled(), faults=[patient])), "tenant", lambda: MOMENT))
    await asyncio.sleep(100)
    look.cancel()
    with pytest.raises(asyncio.CancelledError):
        await look

    assert asyncio.all_tasks() == {asyncio.current_task()}
