"""What reading a tenant takes: for each kind of list its endpoint and permission, and what an identity is given.

Sources: permission tables of the Graph documentation (microsoft-graph-devx-content `permissions.json`, 2026-08-07). Two
things are in no table: that `Directory.Read.All` opens connectors for an application (Microsoft365DSC 1.26.715.1 and
Zero Trust Assessment, 2026-08, which Microsoft publishes; the documentation says "not supported"), and that a directory
role is needed besides (the error's own name, msgraph-sdk-powershell#2428, 2023). Not tried against a live tenant.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

DIRECTORY = "Directory.Read.All"
ROLE_ASSIGNMENTS = "RoleAssignmentSchedule.Read.Directory"
ROLE_ELIGIBILITIES = "RoleEligibilitySchedule.Read.Directory"
GROUP_ASSIGNMENTS = "PrivilegedAssignmentSchedule.Read.AzureADGroup"
GROUP_ELIGIBILITIES = "PrivilegedEligibilitySchedule.Read.AzureADGroup"
AUDIT = "AuditLog.Read.All"

CONNECTOR_ACTIONS = (
    "microsoft.directory/connectors/allProperties/read",
    "microsoft.directory/connectorGroups/allProperties/read",
)
"""What a directory role must allow so that its holder reads connectors (export of live roles, 2026-08-21)."""
CONNECTOR_ROLE = f"directory role with {CONNECTOR_ACTIONS[0]} and {CONNECTOR_ACTIONS[1]}"
PERSON_ROLE = "directory role of the person who signs in, such as Global Reader"
"""What a person lacks whose token holds the permission and whom PIM or the audit log refuses all the same."""
PIM_ROLES = (
    "Global Reader",
    "Security Reader",
    "Security Operator",
    "Security Administrator",
    "Privileged Role Administrator",
)
"""Roles with which people read PIM (Graph "list roleAssignmentScheduleInstances", 2025)."""
AUDIT_ROLES = ("Global Reader", "Reports Reader", "Security Reader", "Security Administrator")
"""Roles with which people read the audit log (Entra "how to access audit logs", 2026)."""
GLOBAL_READER = "f2ef992c-3afb-46b9-b7cf-a126ee74c451"
"""Template id of the built-in role that can read connectors and changes nothing (the same export)."""

_CALLED = {
    "private_access": "Private Access applications",
    "role_assignments/plain": "plain role assignments",
    "groups/assignments": "PIM assignments of groups",
    "groups/eligibilities": "PIM eligibilities of groups",
    "audit": "audit log",
}
_PROFILE = "/onPremisesPublishingProfiles/applicationProxy"
_ROLES = "/roleManagement/directory"
_PIM = "/identityGovernance/privilegedAccess/group"


@dataclass(frozen=True)
class Requirement:
    """What one kind of list needs.

    Attributes:
        kind: The name of its sections, without ids: `connector_groups/members` for `connector_groups/ID/members`.
        endpoint: Version and path, `{id}` for an id.
        least: The least permission that opens it, application and delegated alike.
        granted: The permission among `GRANTED` that opens it: `least` itself, or one that an identity needs anyway.
        connectors: Whether a directory role that allows `CONNECTOR_ACTIONS` is needed besides.
        premium: Whether there is no such thing without Entra ID P2.
        roles: Directory roles one of which a person needs besides the permission; none where members of the tenant may.
        also: Further endpoints that the same list is read from, with the same permission.
    """

    kind: str
    endpoint: str
    least: str
    granted: str
    connectors: bool = False
    premium: bool = False
    roles: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    @property
    def given_is_least(self) -> bool:
        """Whether an identity is given nothing broader for it."""
        return self.least == self.granted

    @property
    def words(self) -> str:
        """What the list is called for people, such as `members of connector groups`."""
        if self.kind in _CALLED:
            return _CALLED[self.kind]
        owner, _, what = self.kind.replace("_", " ").partition("/")
        return f"{what} of {owner}" if what else owner


@dataclass(frozen=True)
class Permission:
    """A permission that the scanning identity is given, and why this one.

    Attributes:
        name: As Graph writes it; the same word as application permission and as delegated one.
        why: What it opens that nothing narrower does.
    """

    name: str
    why: str


GRANTED = (
    Permission(
        DIRECTORY,
        "The one permission with which Microsoft's own tools read connectors; it also opens the tenant's domains, "
        "applications, groups, principals and role definitions, so that no narrower ones are added for these.",
    ),
    Permission(
        ROLE_ASSIGNMENTS,
        "Tells a standing role from an activated one. Without it the plain list of role assignments is read, which "
        "does not.",
    ),
    Permission(ROLE_ELIGIBILITIES, "Who can activate a role; nothing else shows it."),
    Permission(GROUP_ASSIGNMENTS, "Tells a standing member of a group from an activated one."),
    Permission(GROUP_ELIGIBILITIES, "Who can activate membership or ownership of a group; nothing else shows it."),
    Permission(AUDIT, "Who registered a connector, and who moved one between groups."),
)
"""The permissions that an identity is given: each opens something that the others do not."""

_NEEDS = (
    Requirement("organization", "v1.0/organization", "Organization.Read.All", DIRECTORY),
    Requirement("connectors", f"beta{_PROFILE}/connectors", DIRECTORY, DIRECTORY, connectors=True),
    Requirement("connector_groups", f"beta{_PROFILE}/connectorGroups", DIRECTORY, DIRECTORY, connectors=True),
    Requirement(
        "connector_groups/members",
        f"beta{_PROFILE}/connectorGroups/{{id}}/members",
        DIRECTORY,
        DIRECTORY,
        connectors=True,
    ),
    Requirement(
        "connector_groups/applications",
        f"beta{_PROFILE}/connectorGroups/{{id}}/applications",
        DIRECTORY,
        DIRECTORY,
        connectors=True,
    ),
    Requirement("private_access", "v1.0/servicePrincipals", "Application.Read.All", DIRECTORY),
    Requirement("role_definitions", f"v1.0{_ROLES}/roleDefinitions", "RoleManagement.Read.Directory", DIRECTORY),
    Requirement(
        "role_assignments",
        f"v1.0{_ROLES}/roleAssignmentScheduleInstances",
        ROLE_ASSIGNMENTS,
        ROLE_ASSIGNMENTS,
        premium=True,
        roles=PIM_ROLES,
    ),
    Requirement(
        "role_eligibilities",
        f"v1.0{_ROLES}/roleEligibilityScheduleInstances",
        ROLE_ELIGIBILITIES,
        ROLE_ELIGIBILITIES,
        premium=True,
        roles=PIM_ROLES,
    ),
    Requirement("principals", "v1.0/directoryObjects/getByIds", DIRECTORY, DIRECTORY),
    Requirement(
        "groups/members",
        "v1.0/groups/{id}/members",
        "GroupMember.Read.All",
        DIRECTORY,
        also=("v1.0/groups/{id}/members/microsoft.graph.servicePrincipal",),
    ),
    Requirement(
        "groups/owners",
        "v1.0/groups/{id}/owners",
        "GroupMember.Read.All",
        DIRECTORY,
        also=("v1.0/groups/{id}/owners/microsoft.graph.servicePrincipal",),
    ),
    Requirement(
        "groups/assignments",
        f"v1.0{_PIM}/assignmentScheduleInstances",
        GROUP_ASSIGNMENTS,
        GROUP_ASSIGNMENTS,
        premium=True,
        roles=PIM_ROLES,
    ),
    Requirement(
        "groups/eligibilities",
        f"v1.0{_PIM}/eligibilityScheduleInstances",
        GROUP_ELIGIBILITIES,
        GROUP_ELIGIBILITIES,
        premium=True,
        roles=PIM_ROLES,
    ),
    Requirement("audit", "v1.0/auditLogs/directoryAudits", AUDIT, AUDIT, roles=AUDIT_ROLES),
)
NEEDS: Mapping[str, Requirement] = {need.kind: need for need in _NEEDS}
"""Every kind of list that a scan reads, in the order in which sections are shown."""

PLAIN_ROLES = "RoleManagement.Read.Directory"
PLAIN = Requirement("role_assignments/plain", f"v1.0{_ROLES}/roleAssignments", PLAIN_ROLES, DIRECTORY)
"""Plain role assignments, which stand in where PIM's list cannot be read; no section has this name."""


UPDATER = Requirement("updater", f"beta{_PROFILE}", DIRECTORY, DIRECTORY, connectors=True)
"""When connectors are updated, which only explains a verdict: documented for people with
`Policy.Read.HybridAuthentication` alone, so that it is asked for and no permission is granted for it; no section has
this name."""


def kind_of(section: str) -> str:
    """Return a section's kind: `connector_groups/ID/members` is one of `connector_groups/members`."""
    owner, _, rest = section.partition("/")
    what = rest.rpartition("/")[2]
    return f"{owner}/{what}" if what else owner


def opening(permission: str) -> tuple[str, ...]:
    """Return the permissions that open what this one, as the least, opens: itself and what an identity is given."""
    return (permission, *dict.fromkeys(need.granted for need in (*_NEEDS, PLAIN) if need.least == permission))


def person_roles(permission: str) -> tuple[str, ...]:
    """Return the directory roles one of which a person needs for lists that this permission opens."""
    return next((need.roles for need in _NEEDS if permission in (need.least, need.granted) and need.roles), ())


def least(kind: str) -> str:
    """Return the least permission that opens a kind of list."""
    return NEEDS[kind].least
