"""The application permissions of each endpoint, and what is shown without them.

The first of each set is the least privileged, the others also do
(permission tables of the Graph documentation, microsoftgraph/microsoft-graph-devx-content, 2026-08).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.errors import Shape, denied, denied_person

if TYPE_CHECKING:
    from simulator.tenant import Settings


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


# No application permission is documented for reading connectors. Microsoft's own tools do it with
# Directory.Read.All (Microsoft365DSC 1.26, 2026-07), and a directory role is needed besides.
CONNECTORS = _set("Directory.Read.All Directory.ReadWrite.All")
APPLICATIONS = _set(
    "Application.Read.All Directory.Read.All Application.ReadWrite.All Application.ReadWrite.OwnedBy "
    "Directory.ReadWrite.All"
)
PUBLISHING = _set("Application.Read.All Application.ReadWrite.All Application.ReadWrite.OwnedBy")
ROLES = _set(
    "RoleManagement.Read.Directory Directory.Read.All RoleManagement.ReadWrite.Directory Directory.ReadWrite.All"
)
DEFINITIONS = ROLES | _set("RoleManagement.Read.All")
# Directory.Read.All opens the plain lists but not PIM's.
ACTIVE = _set(
    "RoleAssignmentSchedule.Read.Directory RoleAssignmentSchedule.ReadWrite.Directory RoleManagement.Read.All "
    "RoleManagement.Read.Directory RoleManagement.ReadWrite.Directory"
)
ELIGIBLE = _set(
    "RoleEligibilitySchedule.Read.Directory RoleEligibilitySchedule.ReadWrite.Directory RoleManagement.Read.All "
    "RoleManagement.Read.Directory RoleManagement.ReadWrite.Directory"
)
GROUP_ACTIVE = _set(
    "PrivilegedAssignmentSchedule.Read.AzureADGroup PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup"
)
GROUP_ELIGIBLE = _set(
    "PrivilegedEligibilitySchedule.Read.AzureADGroup PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup"
)
GROUPS = _set(
    "GroupMember.Read.All Group.Read.All Group.ReadBasic.All Directory.Read.All Group.ReadWrite.All "
    "Directory.ReadWrite.All"
)
MEMBERS = _set(
    "GroupMember.ReadBasic.All GroupMember.Read.All Group.Read.All Group.ReadBasic.All Directory.Read.All "
    "Group.ReadWrite.All GroupMember.ReadWrite.All"
)
OWNERS = _set("GroupMember.Read.All Group.Read.All Directory.Read.All Group.ReadWrite.All Directory.ReadWrite.All")
USERS = _set("User.ReadBasic.All User.Read.All Directory.Read.All User.ReadWrite.All Directory.ReadWrite.All")
ORGANIZATION = _set(
    "Organization.Read.All Directory.Read.All User.Read.All Organization.ReadWrite.All Directory.ReadWrite.All"
)
SKUS = _set("LicenseAssignment.Read.All Organization.Read.All Directory.Read.All Directory.ReadWrite.All")
AUDIT = _set("AuditLog.Read.All")
MAIL = _set("Mail.Send")
ANY: frozenset[str] = frozenset()

# Of the roles that a tenant file can name, those with which people read; others could, too (Graph "list
# roleAssignmentScheduleInstances", 2025; Entra "how to access audit logs", 2026; live role definitions, 2026-08-21).
_FOR_PEOPLE = {
    Shape.DIRECTORY_ROLE: {"Global Reader", "Connectorwatch connector reader"},
    Shape.PIM: {"Global Reader", "Security Reader"},
    Shape.REPORT: {"Global Reader", "Security Reader", "Reports Reader"},
}
_TYPES = {"user": USERS, "group": GROUPS, "servicePrincipal": APPLICATIONS, "agentIdentity": APPLICATIONS}


def check(settings: Settings, needed: frozenset[str], shape: Shape) -> None:
    """Refuse a caller without any of the permissions, in the service's own shape."""
    if shape is Shape.DIRECTORY_ROLE and not settings.directory_role_can_read_connectors:
        raise denied(shape)
    if needed and settings.permissions is not None and not needed.intersection(settings.permissions):
        raise denied(shape)
    if settings.delegated and shape in _FOR_PEOPLE and not settings.person_roles.intersection(_FOR_PEOPLE[shape]):
        raise denied_person(shape)


def check_administrator(settings: Settings, *, administrator: bool) -> None:
    """Refuse callers who are not Privileged Role Administrators."""
    if not (administrator and settings.administrator_may_grant):
        raise denied(Shape.SCOPE)


def unreadable_types(settings: Settings) -> frozenset[str]:
    """Return the types of directory objects the caller may not read: of them only type and id are shown."""
    if settings.permissions is None:
        return frozenset()
    return frozenset(name for name, needed in _TYPES.items() if not needed.intersection(settings.permissions))
