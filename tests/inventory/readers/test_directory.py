"""The tenant, its principals, nested groups and the audit log, as readers make them of what Graph answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from inventory.audit.activities import SERVICES
from inventory.collect import collect
from inventory.models import PrincipalId
from inventory.readers.audit import read_audit
from inventory.readers.directory import read_organization, read_principals, read_private_access
from inventory.readers.groups import MOST_ROUNDS
from simulator import TENANTS, Fault, FaultKind, Tenant, large_tenant, load_tenant
from simulator.tenant import AuditEvent as LoggedEvent
from tests.inventory.networks import ByHand, Simulated, batched, client, in_virtual_time, page, refusal

if TYPE_CHECKING:
    from inventory.audit.models import AuditEvent
    from inventory.snapshot import Snapshot

CONTOSO = load_tenant(TENANTS / "contoso.yaml")
NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
BY_IDS = "/directoryObjects/getByIds"


async def looked(tenant: Tenant, *faults: Fault) -> Snapshot:
    """Return what a scan saw."""
    return await collect(client(Simulated(tenant, faults=faults)), tenant.tenant.id, lambda: NOW)


def user_id(key: str, tenant: Tenant = CONTOSO) -> PrincipalId:
    """Return a user's id by the key in the tenant file."""
    return PrincipalId(tenant.guid("user", key))


def nested(depth: int) -> Tenant:
    """Return Contoso with a chain of groups in the Network Team; the last holds Ulla, and the Network Team again."""
    names = [f"deep-{number}" for number in range(depth)]
    inside = [(name,) for name in names[1:]] + [("ulla", "network-team")]
    team = CONTOSO.groups["network-team"]
    groups = {
        name: team.model_copy(update={"name": name, "members": members, "owners": ()})
        for name, members in zip(names, inside, strict=True)
    }
    ring = {"network-team": team.model_copy(update={"members": ("nina", *names[:1])})}
    return CONTOSO.model_copy(update={"groups": CONTOSO.groups | groups | ring})


@in_virtual_time
async def test_nested_groups() -> None:
    """Groups in a feeder group are read to the last, and a ring of them ends."""
    seen = await looked(nested(5))

    assert len(seen.path_groups) == 7
    assert user_id("ulla") in {one.id for one in seen.principals.items}


@in_virtual_time
async def test_groups_nested_without_end() -> None:
    """A chain of groups longer than anybody builds is followed so far, and the rest is not read, with the reason."""
    seen = await looked(nested(MOST_ROUNDS + 1))

    assert (seen.principals.known, seen.principals.code) == (False, "endless")
    assert len(seen.path_groups) == MOST_ROUNDS
    assert {user_id("ada"), user_id("nina")} <= {one.id for one in seen.principals.records}
    assert user_id("ulla") not in {one.id for one in seen.principals.records}


@pytest.mark.parametrize("after", [0, 1, 2])
@in_virtual_time
async def test_principals_that_break_off(after: int) -> None:
    """Where a round of principals cannot be read they are unread, with all that was read before and after."""
    fault = Fault(path=BY_IDS, kind=FaultKind.STATUS, status=400, code="Odd", after=after, times=1)
    seen = await looked(nested(2), fault)
    found = {one.id for one in seen.principals.records}

    assert (seen.principals.status, seen.principals.code) == ("failed", "Odd")
    assert (user_id("ada") in found, user_id("grace") in found) == (after > 0, after > 1)
    assert seen.missing_principals == ()


@in_virtual_time
async def test_null_is_an_answer_and_a_gap_is_none() -> None:
    """What was selected and is missing is kept as a gap, by kind; null is what Graph says, and no gap."""
    ids = [user_id("ada"), PrincipalId(CONTOSO.guid("group", "network-team"))]
    whole = (await read_principals(client(Simulated(CONTOSO)), ids)).items
    without = frozenset({"onPremisesSyncEnabled", "isAssignableToRole", "userType"})
    settings = CONTOSO.settings.model_copy(update={"by_ids_without": without})
    less = (await read_principals(client(Simulated(CONTOSO.model_copy(update={"settings": settings}))), ids)).items

    assert {one.not_returned for one in whole} == {()}
    assert {one.kind: one.not_returned for one in less} == {
        "user": ("user_type", "on_premises_sync_enabled"),
        "group": ("is_assignable_to_role", "on_premises_sync_enabled"),
    }


@in_virtual_time
async def test_many_principals() -> None:
    """A thousand principals are read in one request; of several the answered ones stay when one is refused."""
    large = large_tenant()
    ids = [PrincipalId(large.guid("user", key)) for key in large.users] + [PrincipalId("gone"), PrincipalId("gone")]
    graph, cut = Simulated(large), Fault(path=BY_IDS, kind=FaultKind.DENIED, after=1)
    whole = await read_principals(client(graph), ids)
    part = await read_principals(client(Simulated(large, faults=[cut])), ids)

    assert (len(whole.items), len(graph.sent)) == (1000, 2)
    assert (part.status, part.permission) == ("denied", "Directory.Read.All")
    assert 0 < len(part.records) < 1001
    assert (await read_principals(client(graph), [])).items == ()
    assert len(graph.sent) == 2


@in_virtual_time
async def test_tenant() -> None:
    """The tenant comes with its verified domains, or with the reason why it could not be read."""
    (contoso,) = (await read_organization(client(Simulated(CONTOSO)))).items
    refused = await read_organization(
        client(Simulated(CONTOSO, faults=[Fault(path="/organization", kind=FaultKind.DENIED)]))
    )

    assert contoso.display_name == "Contoso"
    assert [one.name for one in contoso.verified_domains] == ["contoso.com", "contoso.onmicrosoft.com", "contoso.co.jp"]
    assert (refused.status, refused.permission) == ("denied", "Organization.Read.All")


@in_virtual_time
async def test_private_access() -> None:
    """Service principals that carry a Private Access tag are read, and no others; or why they could not be."""
    found = await read_private_access(client(Simulated(CONTOSO)))
    refused = await read_private_access(
        client(Simulated(CONTOSO, faults=[Fault(path="/servicePrincipals", kind=FaultKind.DENIED)]))
    )

    assert {one.display_name for one in found.items} == {"Quick Access", "MES remote desktop"}
    assert (refused.status, refused.permission) == ("denied", "Application.Read.All")


async def audited(since: datetime, *faults: Fault) -> tuple[list[AuditEvent], Simulated]:
    """Return what the audit log says of connectors, and whom it was asked."""
    graph = Simulated(CONTOSO, faults=faults)
    return list((await read_audit(client(graph), since)).records), graph


@in_virtual_time
async def test_audit() -> None:
    """Registrations and changes of groups are read, by service and time; changes of applications are left out."""
    events, graph = await audited(NOW - timedelta(days=30))
    asked = [one.query["$filter"] for one in graph.graph.requests if one.path != "/$batch"]

    assert {one.activity_display_name for one in events} == {
        "Register connector",
        "Add a Connector to Connector Group",
        "Update Connector Group",
        "Add connector Group",
    }
    assert len({one.id for one in events}) == len(events) == 9
    assert asked == [
        f"loggedByService eq '{service}' and activityDateTime ge 2026-10-21T06:00:00Z"
        for service in ("Application Proxy", "Global Secure Access")
    ]


@in_virtual_time
async def test_audit_asks_in_utc() -> None:
    """A clock in another zone asks for the same moment."""
    tokyo = timezone(timedelta(hours=9))
    _, graph = await audited(datetime(2026, 11, 19, 9, tzinfo=tokyo))

    asked = [one.query["$filter"] for one in graph.graph.requests if one.path != "/$batch"]
    assert {text.rpartition(" ")[2] for text in asked} == {"2026-11-19T00:00:00Z"}


def logging(**more: object) -> Tenant:
    """Return Contoso with one audit event."""
    entry = {"activity": "Update application", "at": "2026-11-19T06:00:00Z", "service": "Application Proxy"} | more
    return CONTOSO.model_copy(update={"audit": {"one": LoggedEvent.model_validate(entry)}})


@pytest.mark.parametrize(
    ("event", "kept"),
    [
        ({"activity": "Register connector", "service": "Global Secure Access"}, True),
        ({"activity": "Remove a Connector from somewhere"}, True),
        ({"activity": "PATCH ConnectorGroup", "service": "Global Secure Access"}, True),
        ({"activity": "Register connector", "service": "Core Directory"}, False),
        ({"targets": [{"modified": {"ConnectorGroupId": [None, "connector_group:paris"]}}]}, True),
        ({"targets": [{"modified": {"Connector Group": ["a", "b"]}}]}, True),
        ({"targets": [{"modified": {"DisplayName": ["a", "b"]}}]}, False),
        ({"activity": "Update group", "targets": [{"modified": {"ConnectorGroupId": ["a", "b"]}}]}, False),
        ({}, False),
    ],
)
@in_virtual_time
async def test_events_that_are_about_connectors(event: dict[str, object], *, kept: bool) -> None:
    """Both services are read; an unknown activity with the word in its name is kept, and a move between groups."""
    section = await read_audit(client(Simulated(logging(**event), latency=0)), NOW - timedelta(days=30))

    assert (section.known, len(section.records)) == (True, int(kept))


@in_virtual_time
async def test_either_service_unread_leaves_the_log_unread() -> None:
    """What the other service proves is kept."""
    answers = {
        service: page(
            {"id": "e1", "activityDateTime": "2026-11-19T06:00:00Z", "activityDisplayName": "Register connector"}
        )
        for service in SERVICES
    }
    answers["Global Secure Access"] = refusal(500, "Busy")
    network = ByHand(batched(lambda url: next(answer for name, answer in answers.items() if quote(name) in url)))
    section = await read_audit(client(network), NOW)

    assert (section.status, [event.id for event in section.records]) == ("failed", ["e1"])


@in_virtual_time
async def test_audit_refused() -> None:
    """An audit log that cannot be read says which permission it takes."""
    fault = Fault(path="/auditLogs/directoryAudits", kind=FaultKind.DENIED)
    refused = await read_audit(client(Simulated(CONTOSO, faults=[fault])), NOW)

    assert (refused.status, refused.permission) == ("denied", "AuditLog.Read.All")
