"""The endpoints that write: application permissions, custom roles, role assignments.

What they refuse, and how, is as others saw it; the status of a missing licence is assumed, since nobody wrote it down.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field, ValidationError

from simulator import kinds
from simulator.app_roles import GRAPH_APP_ID, NAMES
from simulator.errors import GraphError, bad_request, no_object
from simulator.results import Item, Listing, Rules, Written
from simulator.tenant import Role

if TYPE_CHECKING:
    from simulator.calls import Call
    from simulator.kinds import Resource
    from simulator.results import Result
    from simulator.world import World

Ids = tuple[str, ...]
_ROOT = "roleManagement/directory"
_BAD = "Request_BadRequest"


class _Allowed(BaseModel):
    actions: tuple[str, ...] = Field(alias="allowedResourceActions")


class _NewRole(BaseModel):
    name: str = Field(alias="displayName")
    permissions: tuple[_Allowed, ...] = Field(alias="rolePermissions")


def app_role_assignments(world: World, _call: Call, ids: Ids) -> Result:
    """List the application permissions granted to a service principal."""
    _principal(world, ids[0])
    context = f"servicePrincipals('{ids[0]}')/appRoleAssignments"
    return Listing(list(world.app_roles.of(ids[0])), context, (kinds.APP_ROLE_ASSIGNMENT,), Rules())


def assign_app_role(world: World, call: Call, ids: Ids) -> Written:
    """Grant an application permission; one that is there already is refused."""
    body, principal = _body(call), _principal(world, ids[0])
    role, resource = str(body.get("appRoleId")), str(body.get("resourceId"))
    if body.get("principalId") != principal.id:
        raise bad_request("One or more properties are invalid.", _BAD)
    if role not in NAMES or _principal(world, resource).fields["appId"] != GRAPH_APP_ID:
        raise bad_request("Permission being assigned was not found on application", _BAD)
    if any(row.fields["appRoleId"] == role for row in world.app_roles.of(principal.id)):
        raise bad_request("Permission being assigned already exists on the object", _BAD)
    guid = world.tenant.derived("app_role", f"{principal.id}/{role}")
    made = world.app_roles.add(guid, principal.id, str(principal.fields["displayName"]), resource, role)
    return Written(Item(made, f"servicePrincipals('{ids[0]}')/appRoleAssignments", (made.kind,)))


def remove_app_role(world: World, _call: Call, ids: Ids) -> Written:
    """Remove an application permission."""
    rows = world.app_roles.of(ids[0])
    assignment = next((row for row in rows if row.id == ids[1]), None)
    if assignment is None:
        raise no_object(ids[1])
    rows.remove(assignment)
    return Written()


def define_role(world: World, call: Call, _ids: Ids) -> Written:
    """Make a custom role, which takes Entra ID P1."""
    if not world.tenant.tenant.licenses:
        raise GraphError(403, "AadPremiumLicenseRequired", "Custom roles need a Microsoft Entra ID P1 licence.")
    try:
        new = _NewRole.model_validate(_body(call))
    except ValidationError as error:
        raise bad_request("One or more properties are invalid.", _BAD) from error
    if any(row.fields["displayName"] == new.name for row in world.grants.definitions.values()):
        raise bad_request("A role definition with this display name exists.", _BAD)
    actions = tuple(action for part in new.permissions for action in part.actions)
    made = world.grants.define(world.tenant.derived("role", new.name), Role(name=new.name, actions=actions))
    return Written(Item(made, f"{_ROOT}/roleDefinitions", (made.kind,)))


def delete_role(world: World, _call: Call, ids: Ids) -> Written:
    """Delete a custom role that nobody holds."""
    definition = world.grants.definitions.get(ids[0])
    if definition is None:
        raise no_object(ids[0])
    if definition.fields["isBuiltIn"] or ids[0].casefold() in world.grants.assignment_index["roleDefinitionId"]:
        raise bad_request("The role definition is built in or is assigned to somebody.", _BAD)
    del world.grants.definitions[ids[0]]
    return Written()


def assign_role(world: World, call: Call, _ids: Ids) -> Written:
    """Assign a role; an assignment that is there already is refused."""
    body = _body(call)
    held = {name: str(body.get(name)) for name in ("principalId", "roleDefinitionId", "directoryScopeId")}
    if held["principalId"] not in world.directory.objects or held["roleDefinitionId"] not in world.grants.definitions:
        raise no_object(f"{held['principalId']} or {held['roleDefinitionId']}")
    if any(held.items() <= row.fields.items() for row in world.grants.assignments):
        message = "A conflicting object with one or more of the specified property values is present in the directory."
        raise bad_request(message, _BAD)
    guid = world.tenant.derived("assignment", "/".join(held.values()))
    made = world.grants.assign(guid, dict(held))
    return Written(Item(made, f"{_ROOT}/roleAssignments", (made.kind,)))


def remove_role(world: World, _call: Call, ids: Ids) -> Written:
    """Remove a role assignment."""
    if not any(row.id == ids[0] for row in world.grants.assignments):
        raise no_object(ids[0])
    world.grants.unassign(ids[0])
    return Written()


def _principal(world: World, guid: str) -> Resource:
    principal = world.directory.service_principals.get(guid)
    if principal is None:
        raise no_object(guid)
    return principal


def _body(call: Call) -> dict[str, Any]:
    try:
        body = json.loads(call.body)
    except ValueError as error:
        raise bad_request("Unable to read JSON request payload.") from error
    if not isinstance(body, dict):
        raise bad_request("Unable to read JSON request payload.")
    return body
