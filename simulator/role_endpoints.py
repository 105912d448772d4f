"""The endpoints of role management and of PIM for Groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator import kinds
from simulator.errors import GraphError, no_object
from simulator.permissions import unreadable_types
from simulator.results import Item, Listing, Rules

if TYPE_CHECKING:
    from simulator.calls import Call
    from simulator.kinds import Kind, Resource
    from simulator.results import Expander, Result
    from simulator.world import World

Ids = tuple[str, ...]
_ROOT = "roleManagement/directory"
_GROUPS = "identityGovernance/privilegedAccess/group"


def definitions(world: World, _call: Call, _ids: Ids) -> Result:
    """List role definitions, built in and custom."""
    rules = Rules(
        operators=frozenset({"eq", "in", "and", "or"}),
        properties=frozenset({"id", "displayName", "isBuiltIn"}),
        filter_code="Request_BadRequest",
    )
    rows = list(world.grants.definitions.values())
    return Listing(rows, f"{_ROOT}/roleDefinitions", (kinds.ROLE_DEFINITION,), rules)


def definition(world: World, _call: Call, ids: Ids) -> Result:
    """Return one role definition."""
    if ids[0] not in world.grants.definitions:
        raise no_object(ids[0])
    return Item(world.grants.definitions[ids[0]], f"{_ROOT}/roleDefinitions", (kinds.ROLE_DEFINITION,))


def assignments(world: World, _call: Call, _ids: Ids) -> Result:
    """List role assignments, of which one relationship can be expanded at a time."""
    rules = Rules(
        operators=frozenset({"eq", "in", "and", "or"}),
        properties=frozenset({"id", "principalId", "roleDefinitionId", "directoryScopeId"}),
        filter_code="Request_BadRequest",
        expand=_expanders(world),
        one_expand=True,
    )
    grants = world.grants
    return Listing(
        grants.assignments,
        f"{_ROOT}/roleAssignments",
        (kinds.ROLE_ASSIGNMENT,),
        rules,
        unreadable=unreadable_types(world.settings),
        index=grants.assignment_index,
    )


def active(world: World, _call: Call, _ids: Ids) -> Result:
    """List active assignments: the assigned and the activated."""
    return _instances(world, world.grants.active, kinds.ROLE_ASSIGNMENT_INSTANCE, "roleAssignmentScheduleInstances")


def eligible(world: World, _call: Call, _ids: Ids) -> Result:
    """List eligible assignments."""
    return _instances(world, world.grants.eligible, kinds.ROLE_ELIGIBILITY_INSTANCE, "roleEligibilityScheduleInstances")


def _instances(world: World, rows: list[Resource], kind: Kind, name: str) -> Listing:
    rules = Rules(
        operators=frozenset({"eq", "ne", "and", "or"}),
        filter_code="InvalidFilter",
        expand=_expanders(world),
        nested_select=False,
    )
    unreadable = unreadable_types(world.settings)
    return Listing(rows, f"{_ROOT}/{name}", (kind,), rules, unreadable=unreadable)


def group_active(world: World, _call: Call, _ids: Ids) -> Result:
    """List active memberships of a group or of a principal."""
    return _group_instances(world, _call, world.grants.group_active, kinds.GROUP_ASSIGNMENT_INSTANCE)


def group_eligible(world: World, _call: Call, _ids: Ids) -> Result:
    """List eligible memberships of a group or of a principal."""
    return _group_instances(world, _call, world.grants.group_eligible, kinds.GROUP_ELIGIBILITY_INSTANCE)


def _group_instances(world: World, call: Call, rows: list[Resource], kind: Kind) -> Listing:
    name = "assignmentScheduleInstances" if kind is kinds.GROUP_ASSIGNMENT_INSTANCE else "eligibilityScheduleInstances"
    rules = Rules(
        operators=frozenset({"eq", "and"}),
        required=("groupId", "principalId"),
        filter_code="InvalidFilter",
        expand={"principal": _principal(world), "group": _group(world)},
        nested_select=False,
    )
    _refuse_unmanaged(world, call.query.get("$filter", ""))
    unreadable = unreadable_types(world.settings)
    return Listing(rows, f"{_GROUPS}/{name}", (kind,), rules, unreadable=unreadable)


def _refuse_unmanaged(world: World, query: str) -> None:
    """Refuse a group that PIM for Groups cannot manage, or does not, as the tenant says.

    Sources: synchronised and dynamic groups cannot be managed (Entra "PIM for Groups", 2026-03); the two answers were
    measured by others (Omnicit.EntraRBAC, 2026-09), who do not agree which one an ordinary group gets.
    """
    group = next((row for guid, row in world.directory.groups.items() if guid in query), None)
    if group is None:
        return
    entry = world.directory.entries[group.id]
    how = "unsupported" if entry.synced or entry.dynamic else world.tenant.settings.unmanaged_group
    if how == "empty" or (entry.pim and not (entry.synced or entry.dynamic)):
        return
    if how == "unsupported":
        raise GraphError(400, "ResourceTypeNotSupported", "Resource type not supported for onboarding")
    raise GraphError(404, "ResourceNotFound", "The resource is not found.")


def _expanders(world: World) -> dict[str, Expander]:
    return {
        "principal": _principal(world),
        "roleDefinition": lambda row: world.grants.definitions[str(row.fields["roleDefinitionId"])],
    }


def _principal(world: World) -> Expander:
    return lambda row: world.directory.principal(str(row.fields["principalId"]))


def _group(world: World) -> Expander:
    return lambda row: world.directory.groups[str(row.fields["groupId"])]
