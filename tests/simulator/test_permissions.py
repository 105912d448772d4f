"""Who may read what."""

from __future__ import annotations

import pytest

from tests.simulator.helpers import PIM_GROUPS, PROXY, ROLES, asking, bundled


@pytest.mark.parametrize(
    ("path", "permission", "code"),
    [
        (f"{PROXY}/connectors", "Directory.Read.All", "NotAdminRoleNoEnoughCustomPermission_UnauthorizedAccess"),
        ("/v1.0/applications", "Application.Read.All", "Authorization_RequestDenied"),
        ("/v1.0/servicePrincipals", "Application.Read.All", "Authorization_RequestDenied"),
        ("/v1.0/organization", "Organization.Read.All", "Authorization_RequestDenied"),
        ("/v1.0/subscribedSkus", "LicenseAssignment.Read.All", "Authorization_RequestDenied"),
        ("/v1.0/users", "User.ReadBasic.All", "Authorization_RequestDenied"),
        ("/v1.0/groups", "GroupMember.Read.All", "Authorization_RequestDenied"),
        ("/v1.0/auditLogs/directoryAudits", "AuditLog.Read.All", "Authorization_RequestDenied"),
        (f"{ROLES}/roleDefinitions", "RoleManagement.Read.Directory", "Authorization_RequestDenied"),
        (f"{ROLES}/roleAssignments", "Directory.Read.All", "Authorization_RequestDenied"),
        (f"{ROLES}/roleAssignmentScheduleInstances", "RoleAssignmentSchedule.Read.Directory", "UnknownError"),
        (f"{ROLES}/roleEligibilityScheduleInstances", "RoleEligibilitySchedule.Read.Directory", "UnknownError"),
        (
            f"{PIM_GROUPS}/eligibilityScheduleInstances?$filter=groupId eq 'a'",
            "PrivilegedEligibilitySchedule.Read.AzureADGroup",
            "UnknownError",
        ),
    ],
)
async def test_missing_permission(path: str, permission: str, code: str) -> None:
    """Without the permission an endpoint refuses in its own shape; with it, it answers."""
    async with asking(permissions=["Nothing.Read.All"]) as ask:
        reply = await ask.get(path)
        assert (reply.status, reply.code) == (403, code)
    async with asking(permissions=[permission]) as ask:
        assert (await ask.get(path)).status == 200


async def test_directory_read_does_not_open_pim() -> None:
    """Directory.Read.All opens plain assignments and none of PIM's lists."""
    async with asking(permissions=["Directory.Read.All"]) as ask:
        assert (await ask.get(f"{ROLES}/roleAssignments")).status == 200
        assert (await ask.get(f"{ROLES}/roleEligibilityScheduleInstances")).status == 403


async def test_directory_role_for_connectors() -> None:
    """Without a directory role connectors are refused, whatever the permissions; all else is open."""
    async with asking("connectors-denied") as ask:
        reply = await ask.get(f"{PROXY}/connectors")
        assert reply.code == "NotAdminRoleNoEnoughCustomPermission_UnauthorizedAccess"
        assert (await ask.get("/v1.0/users")).status == 200


async def test_roles_denied() -> None:
    """The bundled variant refuses everything about roles and nothing else."""
    async with asking("roles-denied") as ask:
        for path in ("roleDefinitions", "roleDefinitions/x", "roleAssignments", "roleAssignmentScheduleInstances"):
            assert (await ask.get(f"{ROLES}/{path}")).status == 403
        pim = await ask.get(f"{PIM_GROUPS}/assignmentScheduleInstances?$filter=groupId eq 'x'")
        assert (pim.status, pim.code) == (403, "UnknownError")
        assert (await ask.get(f"{PROXY}/connectors")).status == 200


async def test_principals_without_the_permission_to_read_them() -> None:
    """An expanded principal the caller may not read is a type, an id, and nulls."""
    async with asking(permissions=["RoleManagement.Read.Directory"]) as ask:
        row = (await ask.get(f"{ROLES}/roleAssignments?$expand=principal&$top=1")).rows[0]
        principal = row["principal"]
        assert (principal["@odata.type"], principal["id"]) == ("#microsoft.graph.user", row["principalId"])
        assert principal["displayName"] is None
        assert principal["userPrincipalName"] is None


async def test_members_without_the_permission_to_read_them() -> None:
    """Members of a type the caller may not read are types and ids among the others."""
    group = bundled("contoso").guid("group", "all-staff")
    async with asking(permissions=["GroupMember.Read.All"]) as ask:
        rows = await ask.all(f"/v1.0/groups/{group}/members")
        names = {row["@odata.type"]: row.get("displayName") for row in rows}
        assert names["#microsoft.graph.user"] is None
        assert names["#microsoft.graph.group"] == "Network Team"
