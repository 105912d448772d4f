"""Role data as readers make it of the simulated Graph's answers: who holds what, through which groups, and why not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from inventory.collect import collect
from inventory.models import PrincipalId
from inventory.readers.roles import read_holders, read_role_definitions
from inventory.roles import APPLICATION_ADMINISTRATOR
from simulator import TENANTS, Fault, FaultKind, Tenant, load_tenant
from simulator.tenant import PageSizes
from tests.inventory.networks import Simulated, client, in_virtual_time

if TYPE_CHECKING:
    from collections.abc import Iterable

    from inventory.snapshot import Section, Snapshot

CONTOSO = load_tenant(TENANTS / "contoso.yaml")
NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
ROLES, PIM_GROUPS = "/roleManagement/directory", "/identityGovernance/privilegedAccess/group"


def changed(tenant: Tenant = CONTOSO, **settings: object) -> Tenant:
    """Return a tenant whose Graph behaves otherwise."""
    return tenant.model_copy(update={"settings": tenant.settings.model_copy(update=settings)})


def odd(path: str, after: int = 0) -> Fault:
    """Return a refusal of Graph's that nobody knows."""
    return Fault(path=path, kind=FaultKind.STATUS, status=400, code="Odd", message="No.", after=after)


def ids(*keys: str, tenant: Tenant = CONTOSO) -> set[str]:
    """Return the ids of people, groups and whatever else holds roles, by their keys in the tenant file."""
    kinds = ("user", "group", "service_principal", "agent")
    known = {key: tenant.guid(kind, key) for kind in kinds for key in getattr(tenant, f"{kind}s")}
    return {known.get(key) or tenant.derived("deleted", key) for key in keys}


async def looked(tenant: Tenant = CONTOSO, *faults: Fault, named: Iterable[str] = ()) -> Snapshot:
    """Return what a scan saw."""
    graph = client(Simulated(tenant, faults=faults))
    return await collect(graph, tenant.tenant.id, lambda: NOW, named=frozenset(map(PrincipalId, named)))


def section(seen: Snapshot, name: str) -> Section[Any]:
    """Return a section by its name."""
    return next(one for one in seen.sections if one.name == name)


def told(one: Section[Any]) -> tuple[str, str | None, str | None]:
    """Return whether a section was read, and why not."""
    return one.status, one.code, one.permission


@in_virtual_time
async def test_only_granting_roles_are_asked_for() -> None:
    """Of all role definitions those that let register are asked for, each by its id, and nothing of the others."""
    graph = Simulated(CONTOSO)
    definitions = await read_role_definitions(client(graph))
    active, eligible = await read_holders(client(graph), definitions)
    asked = {one.query["$filter"] for one in graph.graph.requests if "ScheduleInstances" in one.path}

    assert told(definitions) == ("read", None, None)
    assert len(definitions.items) > 15
    assert len(asked) == 4
    assert f"roleDefinitionId eq '{APPLICATION_ADMINISTRATOR}'" in asked
    assert (active.source, active.known, eligible.known) == ("schedule_instances", True, True)
    assert {grant.principal_id for grant in eligible.items} == ids("bruno", "chloe", "orchestrator", "trudy")
    assert not ids("ulla", "viktor", "will", "xenia", "yusuf") & {grant.principal_id for grant in active.items}


@in_virtual_time
async def test_groups_and_everybody_in_them() -> None:
    """The groups that hold a role and those that feed them are read, and everybody in, above or named."""
    seen = await looked()
    lists = {one.group_id: one for one in seen.path_groups}
    admins, team = (lists[PrincipalId(CONTOSO.guid("group", key))] for key in ("proxy-admins", "network-team"))

    assert len(lists) == 2
    assert {one.id for one in admins.members.items} == ids("grace", "pipeline", "irene")
    assert {one.id for one in admins.owners.items} == ids("olga")
    assert {one.principal_id for one in admins.eligibilities.items} == ids("hugo", "irene", "network-team", "otto")
    assert {one.id for one in team.members.items} == ids("nina", "noah")
    assert ids("pavel", "nina", "otto", "orchestrator") <= {one.id for one in seen.principals.items}
    assert set(seen.missing_principals) == ids("mallory", "trudy")
    assert not ids("ulla", "viktor") & {one.id for one in seen.principals.items}


@in_virtual_time
async def test_attributes() -> None:
    """Accounts come with all that they are judged by, a kind that nobody knows as what it is."""
    found = {one.id: one for one in (await looked()).principals.items}
    marek, dieter, sven = (found[PrincipalId(CONTOSO.guid("user", key))] for key in ("marek", "dieter", "sven"))
    admins = found[PrincipalId(CONTOSO.guid("group", "proxy-admins"))]

    assert "#EXT#" in (marek.user_principal_name or "")
    assert [identity.issuer for identity in marek.identities or ()] == ["ExternalAzureAD", "contoso.onmicrosoft.com"]
    assert (marek.user_type, dieter.account_enabled, sven.on_premises_sync_enabled) == ("Member", False, True)
    assert admins.is_assignable_to_role is True
    assert found[PrincipalId(CONTOSO.guid("agent", "orchestrator"))].kind == "orchestratorIdentity"


@in_virtual_time
async def test_named_groups_are_read() -> None:
    """A group that the policy names is read like one on a path; somebody it names like a holder."""
    seen = await looked(named=ids("all-staff", "will"))

    assert ids("all-staff", "network-team") <= {one.group_id for one in seen.path_groups}
    assert ids("will") <= {one.id for one in seen.principals.items}


@in_virtual_time
async def test_roles_not_read() -> None:
    """Where the role definitions were not read nothing else is asked for, and each list says why."""
    seen = await looked(CONTOSO, Fault(path=f"{ROLES}/roleDefinitions", kind=FaultKind.DENIED))
    names = ("role_definitions", "role_assignments", "role_eligibilities", "principals")

    assert {told(section(seen, name)) for name in names} == {
        ("denied", "Authorization_RequestDenied", "RoleManagement.Read.Directory")
    }
    assert (section(seen, "principals").reason or "").startswith("not asked for, because role_assignments")
    assert seen.path_groups == ()


@pytest.mark.parametrize("kind", [FaultKind.DENIED, FaultKind.LICENSE, FaultKind.STATUS])
@in_virtual_time
async def test_plain_assignments_instead_of_pims(kind: FaultKind) -> None:
    """Where PIM's active list cannot be read plain assignments are, and the section says why."""
    path = f"{ROLES}/roleAssignmentScheduleInstances"
    seen = await looked(CONTOSO, Fault(path=path, kind=kind, status=500, code="Odd"))
    active = seen.role_assignments

    assert (active.known, active.source) == (True, "assignments")
    assert {grant.assignment_type for grant in active.items} == {None}
    assert ids("ada", "carla", "proxy-admins") <= {grant.principal_id for grant in active.items}
    assert (active.reason or "").startswith("from plain role assignments, since PIM's list was not read: ")
    assert active.code is not None


@in_virtual_time
async def test_no_licence() -> None:
    """Without a licence nobody is eligible, by any list, and that is known."""
    seen = await looked(load_tenant(TENANTS / "no-p2.yaml"))

    assert (seen.role_assignments.source, seen.role_eligibilities.status) == ("assignments", "not_licensed")
    assert {one.status for group in seen.path_groups for one in (group.assignments, group.eligibilities)} == {
        "not_licensed"
    }
    assert seen.complete


@in_virtual_time
async def test_neither_list_of_assignments() -> None:
    """Where no list of active assignments was read in full, what was read of any stands, and counts."""
    faults = [
        odd(f"{ROLES}/roleAssignmentScheduleInstances", after=3),
        odd(f"{ROLES}/roleAssignments"),
        odd(f"{ROLES}/roleEligibilityScheduleInstances"),
    ]
    seen = await looked(changed(page_size=PageSizes()), *faults)

    assert told(seen.role_assignments)[:2] == told(seen.role_eligibilities)[:2] == ("failed", "Odd")
    assert ids("ada", "grace") <= {one.id for one in seen.principals.items}
    assert ids("proxy-admins", "network-team") == {one.group_id for one in seen.path_groups}


@pytest.mark.parametrize(
    ("after", "status", "code"), [(0, "not_licensed", "AadPremiumLicenseRequired"), (1, "failed", "licence")]
)
@in_virtual_time
async def test_licence_for_some_roles(after: int, status: str, code: str) -> None:
    """That there is no licence is believed only where all lists of a kind say so."""
    path = f"{ROLES}/roleEligibilityScheduleInstances"
    seen = await looked(CONTOSO, Fault(path=path, kind=FaultKind.LICENSE, after=after))

    assert told(seen.role_eligibilities)[:2] == (status, code)


@in_virtual_time
async def test_licence_and_another_fault() -> None:
    """Where one list lacks a licence and another fails, the list failed."""
    path = f"{ROLES}/roleEligibilityScheduleInstances"
    seen = await looked(CONTOSO, Fault(path=path, kind=FaultKind.LICENSE, times=1), odd(path))

    assert told(seen.role_eligibilities)[:2] == ("failed", "Odd")


GRANTED = [
    "Directory.Read.All",
    "RoleManagement.Read.Directory",
    "AuditLog.Read.All",
    "GroupMember.Read.All",
    "User.Read.All",
    "Application.Read.All",
    "PrivilegedAssignmentSchedule.Read.AzureADGroup",
    "PrivilegedEligibilitySchedule.Read.AzureADGroup",
    "Organization.Read.All",
]
LEAST = [name for name in GRANTED if name != "Directory.Read.All"]
LISTS = "principals proxy-admins/members proxy-admins/owners proxy-admins/assignments proxy-admins/eligibilities"


@pytest.mark.parametrize(
    ("permission", "lists", "denied"),
    [
        ("RoleManagement.Read.Directory", "role_definitions role_assignments role_eligibilities principals", True),
        ("PrivilegedAssignmentSchedule.Read.AzureADGroup", "proxy-admins/assignments network-team/assignments", True),
        ("PrivilegedEligibilitySchedule.Read.AzureADGroup", "proxy-admins/eligibilities", True),
        ("GroupMember.Read.All", "proxy-admins/members proxy-admins/owners network-team/members", True),
        ("AuditLog.Read.All", "audit", True),
        ("Application.Read.All", "private_access", True),
        ("User.Read.All", LISTS, False),
    ],
)
@in_virtual_time
async def test_a_permission_that_is_missing(permission: str, lists: str, *, denied: bool) -> None:
    """Each permission denied costs its own lists, which name it, and never raises."""
    tenant = changed(permissions=tuple(name for name in LEAST if name != permission))
    seen = await looked(tenant)
    groups = {f"groups/{CONTOSO.guid('group', key)}": key for key in CONTOSO.groups}
    found = {
        "/".join((groups.get(one.name.rpartition("/")[0], ""), one.name.rpartition("/")[2])).strip("/"): one
        for one in seen.sections
        if not one.name.startswith("connector")
    }
    named = lists.split()

    assert {found[name].known for name in named} == {not denied}
    assert {found[name].permission for name in named} == {permission if denied else None}
    assert {name for name, one in found.items() if not one.known and one.permission != permission} == set()


@in_virtual_time
async def test_users_without_attributes() -> None:
    """Without permission for users they come as type and id, and the section counts as read."""
    seen = await looked(changed(permissions=tuple(name for name in LEAST if name != "User.Read.All")))
    ada = next(one for one in seen.principals.items if one.id == CONTOSO.guid("user", "ada"))

    assert (ada.kind, ada.account_enabled, ada.user_principal_name, ada.identities) == ("user", None, None, None)


def feeding(**group: object) -> Tenant:
    """Return Contoso with another Network Team."""
    team = CONTOSO.groups["network-team"].model_copy(update=group)
    return CONTOSO.model_copy(update={"groups": CONTOSO.groups | {"network-team": team}})


@in_virtual_time
async def test_hidden_membership() -> None:
    """A group that hides its members says so, with the permission it takes; one that shows ids alone is read."""
    name = f"groups/{CONTOSO.guid('group', 'network-team')}/members"
    refused = section(await looked(feeding(hidden="refused")), name)
    nulls = section(await looked(feeding(hidden="nulls")), name)

    assert told(refused) == ("denied", "Authorization_RequestDenied", "GroupMember.Read.All")
    assert "Member.Read.Hidden" in (refused.advice or "")
    assert {one.id for one in nulls.items} == ids("nina", "noah")


@in_virtual_time
async def test_groups_that_were_never_under_pim() -> None:
    """A group that PIM does not know, be it by 404 or an empty list, has nobody by PIM; a proxy's page is no 404."""
    parts = ("assignments", "eligibilities")
    admins, team = (f"groups/{CONTOSO.guid('group', key)}" for key in ("proxy-admins", "network-team"))
    html = Fault(path=f"{PIM_GROUPS}/**", kind=FaultKind.BODY, status=404, body="<html>", content_type="text/html")
    unknown = Fault(path=f"{PIM_GROUPS}/**", kind=FaultKind.STATUS, status=404, code="WhoKnows")
    unmanaged, odd, page = (
        await looked(changed(unmanaged_group="not_found")),
        await looked(CONTOSO, unknown),
        await looked(CONTOSO, html),
    )

    assert [section(unmanaged, f"{team}/{part}").items for part in parts] == [(), ()]
    assert [section(odd, f"{admins}/{part}").items for part in parts] == [(), ()]
    assert {section(page, f"{admins}/{part}").status for part in parts} == {"failed"}
