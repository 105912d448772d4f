"""Role definitions, role assignments, and PIM's active and eligible instances."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from simulator import kinds
from simulator.kinds import Fields, Resource
from simulator.references import built_in_roles
from simulator.tenant import Assignment

if TYPE_CHECKING:
    from simulator.people import Directory
    from simulator.tenant import Group, PimMembership, Role, Tenant

Index = dict[str, dict[str, list[Resource]]]


class Grants:
    """Role data by id, with the lists that Graph returns and their indexes."""

    def __init__(self, tenant: Tenant, directory: Directory) -> None:
        """Make every row."""
        self._tenant = tenant
        self._directory = directory
        self._role_ids: dict[str, str] = {}
        self.definitions: dict[str, Resource] = {}
        for key, role in built_in_roles().items():
            self._define(key, str(role.id), role, built_in=True)
        for key, role in tenant.roles.items():
            self._define(key, tenant.guid("role", key), role, built_in=False)
        self.assignments: list[Resource] = []
        self.active: list[Resource] = []
        self.eligible: list[Resource] = []
        for key, entry in tenant.assignments.items():
            self._assign(key, entry)
        self.group_active, self.group_eligible = self._memberships()
        self._index()

    def _index(self) -> None:
        self.assignment_index = indexed(self.assignments, "roleDefinitionId", "principalId")

    def define(self, guid: str, role: Role) -> Resource:
        """Add a custom role."""
        self._define(guid, guid, role, built_in=False)
        return self.definitions[guid]

    def assign(self, guid: str, held: Fields) -> Resource:
        """Add a plain assignment, which is also in the list of active ones."""
        tenant = self._tenant.tenant.id
        made = Resource(kinds.ROLE_ASSIGNMENT, {"id": f"{guid}-1", **held, "principalOrganizationId": tenant})
        self.assignments.append(made)
        self.active.append(
            Resource(
                kinds.ROLE_ASSIGNMENT_INSTANCE, _active(guid, held, Assignment(principal="somebody", role="a role"))
            )
        )
        self._index()
        return made

    def unassign(self, guid: str) -> None:
        """Remove an assignment."""
        for rows in (self.assignments, self.active):
            rows[:] = [row for row in rows if row.id != guid]
        self._index()

    def actions_of(self, principal: str) -> frozenset[str]:
        """Return everything that a principal's roles for the whole tenant allow."""
        roles = {
            str(row.fields["roleDefinitionId"])
            for row in self.assignment_index["principalId"].get(principal.casefold(), [])
            if row.fields["directoryScopeId"] == "/"
        }
        return frozenset(action for guid in roles for action in _actions(self.definitions[guid]))

    def _define(self, key: str, guid: str, role: Role, *, built_in: bool) -> None:
        self._role_ids[key] = guid
        self.definitions[guid] = Resource(kinds.ROLE_DEFINITION, _definition(guid, role, built_in=built_in))

    def _assign(self, key: str, entry: Assignment) -> None:
        guid = self._tenant.derived("assignment", key)
        held: Fields = {
            "principalId": self._directory.ids[entry.principal],
            "roleDefinitionId": self._role_ids[entry.role],
            "directoryScopeId": self._scope(entry.scope),
        }
        if entry.kind == "eligible":
            self.eligible.append(Resource(kinds.ROLE_ELIGIBILITY_INSTANCE, _eligible(guid, held, entry)))
            return
        # An active assignment stands in both lists, however it was made
        # (https://learn.microsoft.com/graph/api/rbacapplication-list-roleassignmentscheduleinstances, 2025).
        plain = {"id": f"{guid}-1", **held, "appScopeId": None, "condition": None}
        home = self._tenant.partners.get(entry.principal, self._tenant.tenant.id)
        self.assignments.append(Resource(kinds.ROLE_ASSIGNMENT, plain | {"principalOrganizationId": home}))
        self.active.append(Resource(kinds.ROLE_ASSIGNMENT_INSTANCE, _active(guid, held, entry)))

    def _scope(self, scope: str) -> str:
        kind, _, key = scope.partition(":")
        return "/" + self._tenant.guid("application", key) if kind == "application" else scope

    def _memberships(self) -> tuple[list[Resource], list[Resource]]:
        active: list[Resource] = []
        eligible: list[Resource] = []
        for key, group in self._tenant.groups.items():
            if not group.pim:
                continue
            guid = self._directory.ids[key]
            for name, access in _permanent(group):
                number = self._tenant.derived("membership", f"{key}/{name}/{access}")
                fields = _standing(number, guid, self._directory.ids[name], access)
                active.append(Resource(kinds.GROUP_ASSIGNMENT_INSTANCE, fields))
            for row in group.pim:
                number = self._tenant.derived("pim", f"{key}/{row.principal}/{row.kind}/{row.access}")
                fields = _pim_fields(number, guid, self._directory.ids[row.principal], row)
                if row.kind == "eligible":
                    fields["eligibilityScheduleId"] = f"{guid}_{row.access}_{number}"
                    eligible.append(Resource(kinds.GROUP_ELIGIBILITY_INSTANCE, fields))
                else:
                    fields |= {"assignmentType": row.kind, "assignmentScheduleId": f"{guid}_{row.access}_{number}"}
                    active.append(Resource(kinds.GROUP_ASSIGNMENT_INSTANCE, fields))
        return active, eligible


def indexed(rows: list[Resource], *properties: str) -> Index:
    """Return the rows by each of these properties."""
    index: Index = {}
    for name in properties:
        by_value: dict[str, list[Resource]] = defaultdict(list)
        for row in rows:
            by_value[str(row.fields[name]).casefold()].append(row)
        index[name] = dict(by_value)
    return index


def _permanent(group: Group) -> list[tuple[str, str]]:
    """Permanent members and owners; once a group is under PIM, it lists these as assigned."""
    return [(name, "member") for name in group.members] + [(name, "owner") for name in group.owners]


def _definition(guid: str, role: Role, *, built_in: bool) -> Fields:
    return {
        "id": guid,
        "description": f"{role.name}.",
        "displayName": role.name,
        "isBuiltIn": built_in,
        "isEnabled": role.enabled,
        "resourceScopes": ["/"],
        "templateId": guid,
        "version": "1" if built_in else None,
        "rolePermissions": [{"allowedResourceActions": list(role.actions), "condition": None}],
        **role.extra,
    }


def _actions(definition: Resource) -> list[str]:
    permissions = definition.fields["rolePermissions"]
    rows = permissions if isinstance(permissions, list) else []
    return [action for row in rows for action in row["allowedResourceActions"]]


def _eligible(guid: str, held: Fields, entry: Assignment) -> Fields:
    return {
        "id": f"{guid}-1-e",
        **held,
        "appScopeId": None,
        "startDateTime": entry.start,
        "endDateTime": entry.end,
        "memberType": "Direct",
        "roleEligibilityScheduleId": guid,
    }


def _active(guid: str, held: Fields, entry: Assignment) -> Fields:
    through_pim = entry.pim or entry.kind == "activated"
    return {
        "id": f"{guid}-1",
        **held,
        "appScopeId": None,
        "startDateTime": entry.start,
        "endDateTime": entry.end,
        "assignmentType": entry.kind.capitalize(),
        "memberType": "Direct",
        "roleAssignmentOriginId": f"{guid}-1",
        # A plain assignment has no schedule: its own id stands there (same page, the example).
        "roleAssignmentScheduleId": guid if through_pim else f"{guid}-1",
    }


def _standing(number: str, group: str, principal: str, access: str) -> Fields:
    return {
        "id": f"{group}_{access}_{number}",
        "accessId": access,
        "groupId": group,
        "memberType": "direct",
        "principalId": principal,
        "startDateTime": None,
        "endDateTime": None,
        "assignmentType": "assigned",
        "assignmentScheduleId": f"{group}_{access}_{number}",
    }


def _pim_fields(number: str, group: str, principal: str, row: PimMembership) -> Fields:
    return {
        "id": f"{group}_{row.access}_{number}",
        "accessId": row.access,
        "groupId": group,
        "memberType": "direct",
        "principalId": principal,
        "startDateTime": row.start,
        "endDateTime": row.end,
    }
