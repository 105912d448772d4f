"""What a scan may cost, counted on the wire: requests, whatever else a tenant holds."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from inventory.collect import collect
from inventory.readers.connectors import read_contents, read_groups
from inventory.readers.directory import read_principals
from inventory.readers.groups import read_path_groups
from inventory.readers.roles import read_holders, read_role_definitions
from simulator import Tenant, large_tenant
from simulator.tenant import PimMembership
from tests.inventory.wires import simulated

if TYPE_CHECKING:
    from inventory.graph import GraphClient
    from inventory.snapshot import Snapshot
    from simulator import RequestRecord

NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
MOST_FOR_ROLES, MOST_FOR_ALL = 30, 32


async def role_data(graph: GraphClient) -> tuple[int, bool]:
    """Read all role data; return how many principals were found, and whether all was read."""
    definitions = await read_role_definitions(graph)
    assignments, eligibilities = await read_holders(graph, definitions)
    ids = {grant.principal_id for section in (assignments, eligibilities) for grant in section.items}
    groups, people = await read_path_groups(graph, await read_principals(graph, ids))
    told = [definitions.known, assignments.known, eligibilities.known, people.known]
    return len(people.records), all(told + [one.known for group in groups for one in group.sections])


async def cost(tenant: Tenant) -> tuple[int, int, list[RequestRecord]]:
    """Return how many principals the role data names, how many HTTP requests it took, and all requests."""
    async with simulated(tenant) as (graph, simulator):
        found, whole = await role_data(graph)
        assert whole
        assert graph.exchange.counts.requests == simulator.http_requests
        return found, simulator.http_requests, simulator.requests


async def test_role_groups_and_ten_thousand_other_assignments() -> None:
    """Twenty role groups of 200 cost few requests, and not one more for 10,000 assignments of other roles."""
    alone = large_tenant(role_groups=20, members_per_group=200, unrelated_assignments=0)
    crowded = large_tenant(role_groups=20, members_per_group=200, unrelated_assignments=10_000)
    found, few, asked = await cost(alone)
    found_again, same, asked_again = await cost(crowded)

    assert found == found_again == 4_020
    assert few == same <= MOST_FOR_ROLES
    assert len(asked) == len(asked_again)


async def test_nothing_is_listed_in_full() -> None:
    """Nobody lists all users or all groups, and no list of assignments is asked for without naming a role or group."""
    _, _, asked = await cost(large_tenant(role_groups=20, members_per_group=200, unrelated_assignments=10_000))

    assert not [one for one in asked if one.path in ("/users", "/groups", "/servicePrincipals")]
    lists = [one for one in asked if "ssignment" in one.path or "ligibility" in one.path]
    assert len(lists) == 44
    assert all(" eq " in one.query["$filter"] for one in lists)


@pytest.mark.parametrize(("groups", "most"), [(20, 2), (100, 10)])
async def test_service_principals_in_groups_cost_a_batch_for_twenty_groups(groups: int, most: int) -> None:
    """The lists of service principals cost at most two more requests for twenty groups on a path, ten for a hundred."""
    tenant = large_tenant(role_groups=groups, members_per_group=2, unrelated_assignments=0)
    _, requests, asked = await cost(tenant)
    casts = [one for one in asked if one.path.endswith("servicePrincipal")]
    batches = [one for one in asked if one.path == "/$batch"]

    assert len(casts) == 2 * groups
    # Roles in one batch; of each group four lists besides the two casts.
    assert len(batches) - (1 + 4 * groups // 20) == most
    assert requests <= MOST_FOR_ROLES or groups > 20


async def test_feeder_groups() -> None:
    """A feeder group in each of twenty role groups costs one more round of batches, not one a group."""
    tenant = large_tenant(role_groups=40, members_per_group=100, unrelated_assignments=0)
    groups = {
        key: group.model_copy(update={"pim": (PimMembership(principal=f"role-group-{n + 20}", kind="eligible"),)})
        for n, (key, group) in enumerate(tenant.groups.items())
        if n < 20
    }
    held = {key: one for key, one in tenant.assignments.items() if key not in {f"group-{n}" for n in range(20, 40)}}
    found, requests, _ = await cost(tenant.model_copy(update={"groups": tenant.groups | groups, "assignments": held}))

    assert found == 4_040
    assert requests <= MOST_FOR_ROLES


@pytest.mark.parametrize(("published", "count", "more"), [("stubs", 20, 1), ("stubs", 45, 3), ("inlined", 45, 0)])
async def test_settings_of_applications(published: str, count: int, more: int) -> None:
    """Settings that a group's list leaves out cost one request for twenty applications, and nothing otherwise."""
    tenant = large_tenant(groups=2, connectors=2, applications=count, unrelated_assignments=0)
    settings = tenant.settings.model_copy(update={"published": published})
    async with simulated(tenant.model_copy(update={"settings": settings})) as (graph, simulator):
        groups, _ = await read_groups(graph)
        before = simulator.http_requests
        contents = await read_contents(graph, groups.records)
    carried = [application for entry in contents for application in entry.applications.items]

    assert (len(carried), {application.on_premises_publishing is None for application in carried}) == (count, {False})
    # One batch each for members and applications of both groups.
    assert simulator.http_requests - before - 2 == more


async def test_whole_tenant() -> None:
    """A tenant with 100 groups, 500 connectors, 300 applications and 10,000 other assignments takes few requests."""
    async with simulated(large_tenant()) as (graph, simulator):
        seen: Snapshot = await collect(graph, "large", lambda: NOW)

    assert seen.complete
    assert (len(seen.groups.items), len(seen.connectors.items), len(seen.role_definitions.items)) == (100, 500, 105)
    assert sum(len(entry.applications.items) for entry in seen.contents) == 300
    assert simulator.http_requests <= MOST_FOR_ALL
