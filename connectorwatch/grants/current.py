"""The grants for scanning that an identity has now, read from Graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from common.errors import FailedError, GrantError, NotLicensedError, ReadError
from connectorwatch.platform.credentials import GRAPH_APP_ID
from inventory.models import Id, Record, RoleDefinition
from inventory.permissions import CONNECTOR_ACTIONS, GLOBAL_READER, GRANTED
from inventory.request import GraphRequest, GraphService

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inventory.graph import GraphClient

R = TypeVar("R", bound=Record)

ROLE_NAME = "Connectorwatch connector reader"
ROLE_DEFINITION = {
    "displayName": ROLE_NAME,
    "description": "Reads private network connectors and their groups, and nothing else.",
    "isEnabled": True,
    "rolePermissions": [{"allowedResourceActions": list(CONNECTOR_ACTIONS)}],
}
"""The custom role as Graph is asked to make it."""
ROLES = "/roleManagement/directory"
_NOT_FOUND = frozenset({"Request_ResourceNotFound", "http_404"})


class AppRole(Record):
    """An application permission as Graph's service principal has it."""

    id: Id
    value: str | None = None
    allowed_member_types: tuple[str, ...] = ()


class ServicePrincipal(Record):
    """An identity: of an application or a managed one."""

    id: Id
    app_id: str | None = None
    display_name: str | None = None
    service_principal_type: str | None = None
    app_roles: tuple[AppRole, ...] = ()


class AppRoleAssignment(Record):
    """An application permission that was granted."""

    id: Id
    app_role_id: Id
    resource_id: Id


class RoleAssignment(Record):
    """A directory role that was assigned."""

    id: Id
    principal_id: Id
    role_definition_id: Id
    directory_scope_id: str | None = None


@dataclass(frozen=True)
class CurrentGrants:
    """The current grants of an identity.

    Attributes:
        principal: The identity.
        graph: Graph's service principal.
        role_ids: The ids of the application roles that are given, by permission.
        granted: The ids of their assignments to the identity, by permission.
        role: The directory role; None for a custom role that is not made yet.
        is_custom: Whether the role is the custom one.
        assignment: The id of the role's assignment to the identity for the whole tenant, if it has it.
    """

    principal: ServicePrincipal
    graph: ServicePrincipal
    role_ids: Mapping[str, str]
    granted: Mapping[str, str]
    role: str | None
    is_custom: bool
    assignment: str | None


async def read_grants(graph: GraphClient, principal: str, *, custom: bool) -> CurrentGrants:
    """Read the current grants of an identity.

    Args:
        graph: The Graph client.
        principal: Its object id or its client id.
        custom: Whether it is to have the custom role, rather than Global Reader.

    Raises:
        GrantError: There is no such identity, or Graph does not know a permission, or the custom role was changed.
        ReadError: Graph could not be read.
    """
    identity = await _principal(graph, principal)
    graph_principal = await _graph(graph)
    role_ids = _role_ids(graph_principal)
    names = {guid: name for name, guid in role_ids.items()}
    held = await _list(graph, f"/servicePrincipals/{identity.id}/appRoleAssignments", AppRoleAssignment)
    role = await _custom_role(graph) if custom else GLOBAL_READER
    return CurrentGrants(
        principal=identity,
        graph=graph_principal,
        role_ids=role_ids,
        granted={
            names[assignment.app_role_id]: assignment.id
            for assignment in held
            if assignment.resource_id == graph_principal.id and assignment.app_role_id in names
        },
        role=role,
        is_custom=custom,
        assignment=(await _tenant_wide_assignments(graph, identity.id)).get(role) if role else None,
    )


async def others_with(graph: GraphClient, role: str, principal: str) -> bool | None:
    """Return whether other principals hold a role or could activate it; None where that cannot be read."""
    query = {"$filter": f"roleDefinitionId eq '{role}'"}
    holders = await _list(graph, f"{ROLES}/roleAssignments", RoleAssignment, query)
    if any(assignment.principal_id != principal for assignment in holders):
        return True
    try:
        eligible = await _list(graph, f"{ROLES}/roleEligibilityScheduleInstances", RoleAssignment, query)
    except NotLicensedError:
        return False
    except ReadError:
        return None
    return bool(eligible)


async def holds_other_role(graph: GraphClient, current: CurrentGrants) -> bool:
    """Return whether the identity holds the role of the other choice: Global Reader, or a custom one of that name."""
    roles = {GLOBAL_READER} if current.is_custom else {role.id for role in await _custom_roles(graph)}
    return not roles.isdisjoint(await _tenant_wide_assignments(graph, current.principal.id))


async def _principal(graph: GraphClient, name: str) -> ServicePrincipal:
    by_client = await _list(graph, "/servicePrincipals", ServicePrincipal, {"$filter": f"appId eq '{name}'"})
    if by_client:
        return by_client[0]
    (identity,) = await graph.read_each([_ask(f"/servicePrincipals/{name}")], ServicePrincipal)
    if isinstance(identity, FailedError) and identity.code in _NOT_FOUND:
        raise GrantError(
            f"There is no identity {name} in this tenant: give the object id or the client id of an enterprise "
            "application or a managed identity, not a person's id or the object id of an app registration."
        )
    if isinstance(identity, ReadError):
        raise identity
    return identity


async def _graph(graph: GraphClient) -> ServicePrincipal:
    principals = await _list(graph, "/servicePrincipals", ServicePrincipal, {"$filter": f"appId eq '{GRAPH_APP_ID}'"})
    if not principals:
        raise GrantError("This tenant does not list Microsoft Graph's own service principal: check tenant and cloud.")
    return principals[0]


def _role_ids(graph_principal: ServicePrincipal) -> dict[str, str]:
    """Return the ids of the permissions, looked up by name in Graph's service principal."""
    offered = {
        role.value: role.id
        for role in graph_principal.app_roles
        if role.value and "Application" in role.allowed_member_types
    }
    unknown = [permission.name for permission in GRANTED if permission.name not in offered]
    if unknown:
        raise GrantError(
            f"Graph has no application permission {', '.join(unknown)} in this cloud; nothing was changed."
        )
    return {permission.name: offered[permission.name] for permission in GRANTED}


async def _custom_roles(graph: GraphClient) -> list[RoleDefinition]:
    roles = await _list(graph, f"{ROLES}/roleDefinitions", RoleDefinition, {"$filter": f"displayName eq '{ROLE_NAME}'"})
    return [role for role in roles if not role.is_built_in]


async def _custom_role(graph: GraphClient) -> str | None:
    roles = await _custom_roles(graph)
    for role in roles:
        actions = {action for part in role.role_permissions for action in part.allowed_resource_actions}
        if {action.casefold() for action in actions} == {action.casefold() for action in CONNECTOR_ACTIONS}:
            return role.id
    if roles:
        raise GrantError(
            f"There is a custom role {ROLE_NAME!r} that allows something else than reading connectors: somebody "
            "changed it. Look at it, and delete it or use --global-reader."
        )
    return None


async def _tenant_wide_assignments(graph: GraphClient, principal: str) -> dict[str, str]:
    """Return the ids of the assignments for the whole tenant, by role."""
    held = await _list(graph, f"{ROLES}/roleAssignments", RoleAssignment, {"$filter": f"principalId eq '{principal}'"})
    return {assignment.role_definition_id: assignment.id for assignment in held if assignment.directory_scope_id == "/"}


async def _list(graph: GraphClient, path: str, model: type[R], query: Mapping[str, str] | None = None) -> tuple[R, ...]:
    return await graph.read_list(_ask(path, query), model)


def _ask(path: str, query: Mapping[str, str] | None = None) -> GraphRequest:
    is_role = path.startswith(ROLES)
    service = GraphService.ROLES if is_role else GraphService.DIRECTORY
    permission = "RoleManagement.Read.Directory" if is_role else "Application.Read.All"
    return GraphRequest("v1.0", path, service, permission, query or {}, premium="ScheduleInstances" in path)
