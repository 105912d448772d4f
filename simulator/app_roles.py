"""Graph's application permissions as app roles of its service principal, and the grants of them."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from simulator import kinds
from simulator.kinds import Fields, Resource

if TYPE_CHECKING:
    from simulator.tenant import Tenant

GRAPH_APP_ID = "00000003-0000-0000-c000-000000000000"
_KNOWN = {
    "Application.Read.All": "9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30",
    "AuditLog.Read.All": "b0afded3-3588-46d8-8b3d-9842eff778da",
    "Directory.Read.All": "7ab1d382-f21e-4acd-a863-ba3e13f7da61",
    "GroupMember.Read.All": "98830695-27a2-44f7-8c18-0c3ebc9698f6",
    "Organization.Read.All": "498476ce-e0fe-48b0-b801-37ba7e2685c6",
    "RoleAssignmentSchedule.Read.Directory": "d5fe8ce8-684c-4c83-a52c-46e882ce4be1",
    "RoleEligibilitySchedule.Read.Directory": "ff278e11-4a33-4d0c-83d2-d01dc58929a5",
    "RoleManagement.Read.Directory": "483bed4a-2ad3-4361-a73b-c83ccdbdc53c",
    "User.Read.All": "df021288-bdef-4463-88db-98f22de89214",
}
"""Ids of the live service principal (merill/microsoft-info GraphAppRoles.json, 2026)."""
_MADE_UP = ("PrivilegedAssignmentSchedule.Read.AzureADGroup", "PrivilegedEligibilitySchedule.Read.AzureADGroup")
"""Permissions whose ids here are not the real ones: a client has to look ids up by name anyway."""
_IDS = _KNOWN | {name: str(uuid.uuid5(uuid.UUID(GRAPH_APP_ID), name)) for name in _MADE_UP}
NAMES = {guid: name for name, guid in _IDS.items()}
"""Permissions by the id of their application role."""


def app_roles() -> list[Fields]:
    """Return the application roles as they stand in the service principal."""
    return [
        {
            "id": guid,
            "allowedMemberTypes": ["Application"],
            "description": f"{name}, without a signed-in user.",
            "displayName": name,
            "isEnabled": True,
            "origin": "Application",
            "value": name,
        }
        for name, guid in sorted(_IDS.items())
    ]


class AppRoles:
    """Which principal was granted which application role, as it changes."""

    def __init__(self, tenant: Tenant) -> None:
        """Start with what the tenant file grants to the identity that signs in."""
        self.rows: dict[str, list[Resource]] = {}
        settings = tenant.settings
        if settings.identity is not None:
            principal = tenant.guid("service_principal", settings.identity)
            graph = tenant.derived("service_principal", GRAPH_APP_ID)
            for name in settings.permissions or ():
                self.add(tenant.derived("app_role", name), principal, settings.identity, graph, _IDS[name])

    def add(self, guid: str, principal: str, name: str, resource: str, role: str) -> Resource:
        """Grant a role."""
        fields: Fields = {
            "id": guid,
            "deletedDateTime": None,
            "appRoleId": role,
            "createdDateTime": "2026-11-20T06:00:00Z",
            "principalDisplayName": name,
            "principalId": principal,
            "principalType": "ServicePrincipal",
            "resourceDisplayName": "Microsoft Graph",
            "resourceId": resource,
        }
        made = Resource(kinds.APP_ROLE_ASSIGNMENT, fields)
        self.rows.setdefault(principal, []).append(made)
        return made

    def of(self, principal: str) -> list[Resource]:
        """Return what a principal was granted."""
        return self.rows.get(principal, [])

    def names(self, principal: str) -> tuple[str, ...]:
        """Return the permissions that a principal was granted."""
        return tuple(sorted(NAMES[str(row.fields["appRoleId"])] for row in self.of(principal)))
