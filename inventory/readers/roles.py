"""Roles that can register connectors, and who holds them: for these roles only, never the whole directory's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.errors import FailedError, NotLicensedError, ReadError
from inventory.models import RoleDefinition, RoleGrant
from inventory.permissions import PLAIN_ROLES, least
from inventory.records import Records
from inventory.request import GraphRequest, GraphService
from inventory.roles import touches_registration
from inventory.snapshot import Section

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from inventory.graph import GraphClient
    from inventory.models import PrincipalId

BASE = "/roleManagement/directory"


async def read_role_definitions(graph: GraphClient) -> Section[RoleDefinition]:
    """Read all role definitions, built in and custom: some 150, so that a new one is never overlooked."""
    ask = GraphRequest("v1.0", f"{BASE}/roleDefinitions", GraphService.ROLES, least("role_definitions"))
    try:
        return Section[RoleDefinition].read("role_definitions", await graph.read_list(ask, RoleDefinition))
    except ReadError as error:
        return Section[RoleDefinition].unread("role_definitions", error)


async def read_holders(
    graph: GraphClient, definitions: Section[RoleDefinition]
) -> tuple[Section[RoleGrant], Section[RoleGrant]]:
    """Read who holds a role that can register connectors: actively, and eligibly.

    PIM's lists are asked first, since they alone tell assigned from activated; where they cannot be read, plain role
    assignments are, and the section says both that it was read and why not from PIM. PIM's filters take `eq` only, so
    each role is one request, twenty of them in one batch.
    """
    if not definitions.listed:
        return (
            Section[RoleGrant].waiting_for("role_assignments", definitions),
            Section[RoleGrant].waiting_for("role_eligibilities", definitions),
        )
    roles = [role for role in definitions.readable if touches_registration(role)]
    active = [_pim(role, "Assignment") for role in roles]
    eligible = [_pim(role, "Eligibility") for role in roles]
    answers = await graph.read_many([*active, *eligible], RoleGrant)
    assignments = _joined("role_assignments", answers[: len(roles)], "schedule_instances")
    eligibilities = _joined("role_eligibilities", answers[len(roles) :], "schedule_instances")
    if assignments.status == "read":
        return assignments, eligibilities
    plain = await graph.read_many([_plain(role) for role in roles], RoleGrant)
    return _instead_of(assignments, _joined("role_assignments", plain, "assignments")), eligibilities


async def read_partner_grants(
    graph: GraphClient,
    definitions: Section[RoleDefinition],
    missing: Collection[PrincipalId],
    tenant_id: str,
) -> tuple[RoleGrant, ...]:
    """Return the plain assignments of principals that the directory does not know and that have another home.

    Delegated administrators of a partner hold roles without an object in the tenant; `principalOrganizationId` tells
    them from deleted accounts (v1.0 metadata, 2026-08). PIM's lists lack it. What cannot be read explains nothing.

    Args:
        graph: Where to read.
        definitions: The tenant's roles.
        missing: Ids that the directory did not return; without any nothing is asked.
        tenant_id: Whose tenant it is.
    """
    roles = [role for role in definitions.records if touches_registration(role)] if missing else []
    lists = await graph.read_many([_plain(role) for role in roles], RoleGrant)
    grants = (grant for records in lists if not isinstance(records, ReadError) for grant in records)
    return tuple(
        grant
        for grant in dict.fromkeys(grants)
        if grant.principal_id in missing and (grant.principal_organization_id or tenant_id) != tenant_id
    )


def _instead_of(refused: Section[RoleGrant], plain: Section[RoleGrant]) -> Section[RoleGrant]:
    """Return the plain list, with the reason why it is not PIM's; where it was not read either, with all that was."""
    if not plain.listed:
        return plain.model_copy(update={"records": (*refused.records, *plain.records)})
    odd = f"; {plain.reason}" if plain.unreadable else ""
    reason = f"from plain role assignments, since PIM's list was not read: {refused.reason}{odd}"
    refusal = {"code": refused.code, "permission": refused.permission, "advice": refused.advice, "reason": reason}
    return plain.model_copy(update=refusal)


def _pim(role: RoleDefinition, what: str) -> GraphRequest:
    kind = "role_assignments" if what == "Assignment" else "role_eligibilities"
    return _of_role(role, f"{BASE}/role{what}ScheduleInstances", least(kind), premium=True)


def _plain(role: RoleDefinition) -> GraphRequest:
    return _of_role(role, f"{BASE}/roleAssignments", PLAIN_ROLES)


def _of_role(role: RoleDefinition, path: str, permission: str, *, premium: bool = False) -> GraphRequest:
    query = {"$filter": f"roleDefinitionId eq '{role.id}'"}
    return GraphRequest("v1.0", path, GraphService.ROLES, permission, query=query, premium=premium)


def _joined(name: str, answers: Sequence[Records[RoleGrant] | ReadError], source: str) -> Section[RoleGrant]:
    """Make one section of the roles' lists; one list unread makes it unread, with what the others prove."""
    errors = [answer for answer in answers if isinstance(answer, ReadError)]
    lists = [answer for answer in answers if not isinstance(answer, ReadError)]
    odd = (record for records in lists for record in records.unreadable)
    grants = Records(dict.fromkeys(grant for records in lists for grant in records), odd)
    if not errors:
        return Section[RoleGrant].read(name, grants, source)
    # Only where every list says that there is no licence is there none: known to be empty.
    faults = [error for error in errors if not isinstance(error, NotLicensedError)]
    if not faults and len(errors) < len(answers):
        faults = [FailedError("Graph says of some roles that the licence is missing, of others not", code="licence")]
    return Section[RoleGrant].unread(name, (faults or errors)[0], grants)
