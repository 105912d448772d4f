"""Role definitions, assignments, PIM and PIM for Groups."""

from __future__ import annotations

import pytest

from tests.simulator.helpers import PIM_GROUPS, ROLES, Asker, asking, bundled

ADMIN = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"
ACTIVE = f"{ROLES}/roleAssignmentScheduleInstances"
ELIGIBLE = f"{ROLES}/roleEligibilityScheduleInstances"


def _id(kind: str, key: str) -> str:
    return bundled("contoso").guid(kind, key)


def _deleted(key: str) -> str:
    return bundled("contoso").derived("deleted", key)


async def test_definitions(contoso: Asker) -> None:
    """Built-in and custom definitions come together, a disabled one among them."""
    rows = {row["displayName"]: row for row in await contoso.all(f"{ROLES}/roleDefinitions")}
    assert rows["Application Administrator"]["id"] == ADMIN
    assert rows["Old connector admins"]["isEnabled"] is False
    assert rows["Connector operators"]["rolePermissions"][0]["allowedResourceActions"] == [
        "microsoft.directory/connectors/create"
    ]
    custom = await contoso.all(f"{ROLES}/roleDefinitions?$filter=isBuiltIn eq false")
    assert len(custom) == 4


async def test_definition_alone(contoso: Asker) -> None:
    """A definition can be read by its id."""
    assert (await contoso.get(f"{ROLES}/roleDefinitions/{ADMIN}")).json["isBuiltIn"] is True
    assert (await contoso.get(f"{ROLES}/roleDefinitions/none")).status == 404


async def test_assignments_of_some_roles(contoso: Asker) -> None:
    """Assignments are filtered by role, with `in` for several or one, and expand the principal."""
    roles = f"('{ADMIN}','{_id('role', 'connector-operators')}')"
    both = await contoso.all(f"{ROLES}/roleAssignments?$filter=roleDefinitionId in {roles}&$expand=principal")
    one = await contoso.all(f"{ROLES}/roleAssignments?$filter=roleDefinitionId in ('{ADMIN}')")
    assert (len(both), len(one)) == (15, 14)
    gita = next(row for row in both if row["principalId"] == _id("user", "gita"))
    assert gita["principal"]["@odata.type"] == "#microsoft.graph.user"
    assert "userType" not in gita["principal"]
    assert "appScopeId" not in gita


async def test_one_expand_at_a_time(contoso: Asker) -> None:
    """Assignments expand one relationship at a time."""
    reply = await contoso.get(f"{ROLES}/roleAssignments?$expand=principal,roleDefinition")
    assert (reply.status, reply.message) == (400, "Only one property can be expanded in a single query.")
    one = await contoso.get(f"{ROLES}/roleAssignments?$expand=roleDefinition&$top=1")
    assert one.rows[0]["roleDefinition"]["displayName"] == "Global Administrator"


async def test_nested_select_is_ignored_on_assignments(contoso: Asker) -> None:
    """A nested select is let through on assignments and does nothing."""
    reply = await contoso.get(f"{ROLES}/roleAssignments?$expand=principal($select=id)&$top=1")
    assert reply.rows[0]["principal"]["displayName"] == "Break Glass One"


async def test_nested_select_is_refused_by_pim(contoso: Asker) -> None:
    """PIM refuses a nested select with an error in two envelopes."""
    reply = await contoso.get(f"{ACTIVE}?$expand=principal($select=displayName)")
    assert (reply.status, reply.json["error"]["error"]["code"]) == (400, "InvalidFilter")


async def test_pim_expands_several(contoso: Asker) -> None:
    """PIM's lists expand several relationships at once."""
    rows = await contoso.all(f"{ELIGIBLE}?$expand=principal,roleDefinition&$filter=roleDefinitionId eq '{ADMIN}'")
    by_type = [row["principal"]["@odata.type"] for row in rows if "principal" in row]
    assert by_type == ["#microsoft.graph.user", "#microsoft.graph.user", "#microsoft.graph.orchestratorIdentity"]
    assert rows[0]["roleDefinition"]["id"] == ADMIN


async def test_deleted_principals(contoso: Asker) -> None:
    """A deleted principal is null in one place and left out in another."""
    rows = await contoso.all(
        f"{ROLES}/roleAssignments?$expand=principal&$filter=principalId eq '{_deleted('mallory')}'"
    )
    assert rows[0]["principal"] is None
    gone = await contoso.all(f"{ELIGIBLE}?$expand=principal&$filter=principalId eq '{_deleted('trudy')}'")
    assert "principal" not in gone[0]


async def test_activated_assignment_stands_twice(contoso: Asker) -> None:
    """An activated assignment is among the plain ones, and only PIM tells it from an assigned one."""
    chloe = _id("user", "chloe")
    plain = await contoso.all(f"{ROLES}/roleAssignments?$filter=principalId eq '{chloe}'")
    active = await contoso.all(f"{ACTIVE}?$filter=principalId eq '{chloe}'")
    eligible = await contoso.all(f"{ELIGIBLE}?$filter=principalId eq '{chloe}'")
    assert (len(plain), active[0]["assignmentType"], len(eligible)) == (1, "Activated", 1)
    assert active[0]["endDateTime"] == "2026-11-20T13:30:00Z"


async def test_plain_and_pim_assignments(contoso: Asker) -> None:
    """A plain assignment is its own schedule; one made by PIM has one."""
    ada = (
        await contoso.all(f"{ACTIVE}?$filter=principalId eq '{_id('user', 'ada')}' and roleDefinitionId eq '{ADMIN}'")
    )[0]
    tom = (
        await contoso.all(f"{ACTIVE}?$filter=principalId eq '{_id('user', 'tom')}' and roleDefinitionId eq '{ADMIN}'")
    )[0]
    assert (ada["roleAssignmentScheduleId"], ada["startDateTime"]) == (ada["id"], None)
    assert tom["roleAssignmentScheduleId"] != tom["id"]
    assert tom["endDateTime"] == "2027-01-31T18:00:00Z"


async def test_scoped_assignment(contoso: Asker) -> None:
    """A scope names the object it is limited to."""
    rows = await contoso.all(f"{ROLES}/roleAssignments?$filter=principalId eq '{_id('user', 'sara')}'")
    assert rows[0]["directoryScopeId"] == f"/{_id('application', 'intranet')}"


@pytest.mark.parametrize(
    "filter_", [f"roleDefinitionId in ('{ADMIN}')", "startswith(principalId,'a')", "not(principalId eq 'a')"]
)
async def test_pim_takes_eq_and_ne_only(contoso: Asker, filter_: str) -> None:
    """PIM's lists know two operators."""
    reply = await contoso.get(f"{ACTIVE}?$filter={filter_}")
    assert (reply.status, reply.code) == (400, "InvalidFilter")
    assert (await contoso.get(f"{ACTIVE}?$filter=assignmentType ne 'Assigned'")).column("assignmentType") == [
        "Activated"
    ]


@pytest.mark.parametrize("filter_", ["principalId ne 'a'", "condition eq 'a'"])
async def test_assignments_filter_a_few_properties(contoso: Asker, filter_: str) -> None:
    """Assignments are filtered by few operators and properties."""
    assert (await contoso.get(f"{ROLES}/roleAssignments?$filter={filter_}")).status == 400


async def test_without_p2() -> None:
    """Without P2, PIM says 400 and the plain list goes on."""
    async with asking("no-p2") as ask:
        for path in (ACTIVE, ELIGIBLE, f"{PIM_GROUPS}/eligibilityScheduleInstances?$filter=groupId eq 'x'"):
            reply = await ask.get(path)
            assert (reply.status, reply.code) == (400, "AadPremiumLicenseRequired")
        assert (await ask.get(f"{ROLES}/roleAssignments")).status == 200


async def test_memberships_of_a_group(contoso: Asker) -> None:
    """PIM for Groups tells the assigned, the activated and the eligible apart."""
    query = f"$filter=groupId eq '{_id('group', 'proxy-admins')}'&$expand=principal,group"
    active = await contoso.all(f"{PIM_GROUPS}/assignmentScheduleInstances?{query}")
    assert [(row["principal"]["displayName"], row["accessId"], row["assignmentType"]) for row in active] == [
        ("Grace Kim", "member", "assigned"),
        ("Deployment pipeline", "member", "assigned"),
        ("Olga Petrova", "owner", "assigned"),
        ("Irene Papas", "member", "activated"),
    ]
    assert active[0]["group"]["displayName"] == "Proxy Admins"
    eligible = await contoso.all(f"{PIM_GROUPS}/eligibilityScheduleInstances?{query}")
    assert [(row["principal"]["displayName"], row["accessId"]) for row in eligible] == [
        *(("Hugo Silva", "member"), ("Irene Papas", "member"), ("Network Team", "member"), ("Otto Maier", "owner")),
    ]


async def test_memberships_of_a_principal(contoso: Asker) -> None:
    """PIM for Groups can be asked about a principal."""
    rows = await contoso.all(
        f"{PIM_GROUPS}/eligibilityScheduleInstances?$filter=principalId eq '{_id('user', 'hugo')}'"
    )
    assert [row["groupId"] for row in rows] == [_id("group", "proxy-admins")]


@pytest.mark.parametrize("query", ["", "?$filter=accessId eq 'member'"])
async def test_memberships_need_a_group_or_principal(contoso: Asker, query: str) -> None:
    """PIM for Groups wants to be asked about one group or principal."""
    reply = await contoso.get(f"{PIM_GROUPS}/assignmentScheduleInstances{query}")
    assert (reply.status, reply.code) == (400, "MissingParameters")


@pytest.mark.parametrize("kind", ["synced", "dynamic"])
async def test_groups_that_pim_cannot_manage(kind: str) -> None:
    """A synchronised or dynamic group is refused with a code of its own, whatever is said of other groups."""
    contoso = bundled("contoso")
    team = contoso.groups["all-staff"].model_copy(update={kind: True})
    async with asking(contoso.model_copy(update={"groups": contoso.groups | {"all-staff": team}})) as ask:
        query = f"?$filter=groupId eq '{_id('group', 'all-staff')}'"
        reply = await ask.get(f"{PIM_GROUPS}/assignmentScheduleInstances{query}")
        shown = (await ask.get(f"/v1.0/groups/{_id('group', 'all-staff')}")).json
    assert (reply.status, reply.code) == (400, "ResourceTypeNotSupported")
    assert (shown["onPremisesSyncEnabled"], shown["groupTypes"]) == (
        (True, []) if kind == "synced" else (None, ["DynamicMembership"])
    )


@pytest.mark.parametrize(("answer", "status"), [("empty", 200), ("not_found", 404), ("unsupported", 400)])
async def test_group_not_under_pim(answer: str, status: int) -> None:
    """A group PIM does not manage has an empty list, or none."""
    contoso = bundled("contoso")
    tenant = contoso.model_copy(update={"settings": contoso.settings.model_copy(update={"unmanaged_group": answer})})
    async with asking(tenant) as ask:
        reply = await ask.get(
            f"{PIM_GROUPS}/eligibilityScheduleInstances?$filter=groupId eq '{_id('group', 'all-staff')}'"
        )
        assert reply.status == status
        managed = await ask.get(
            f"{PIM_GROUPS}/eligibilityScheduleInstances?$filter=groupId eq '{_id('group', 'proxy-admins')}'"
        )
        assert managed.status == 200
