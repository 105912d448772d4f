"""What one look at a tenant saw, and for every part of it that could not be seen, why."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated

from pydantic import BaseModel, ConfigDict, FailFast

from common.errors import NotReadError
from common.moments import Moment
from inventory.audit.attribution import registrants
from inventory.audit.models import AuditEvent
from inventory.models import (
    Application,
    Connector,
    ConnectorGroup,
    ConnectorId,
    GroupGrant,
    GroupId,
    Organization,
    Principal,
    PrincipalId,
    Record,
    RoleDefinition,
    RoleGrant,
    TaggedPrincipal,
)
from inventory.records import NOT_ASKED, Section
from inventory.updates.configuration import UpdaterConfiguration

__all__ = ["NOT_ASKED", "GraphCounts", "GroupContents", "PathGroup", "Section", "Snapshot"]


class GroupContents(BaseModel):
    """One connector group's own lists; one that cannot be read costs this group's verdicts and nothing else."""

    model_config = ConfigDict(frozen=True)

    group_id: GroupId
    members: Section[Connector]
    applications: Section[Application]


class PathGroup(BaseModel):
    """A group on a path to a role that can register connectors, or one that the policy names, with its own lists.

    `members` are the direct, active members; `assignments` and `eligibilities` are what PIM for Groups says of it.
    """

    model_config = ConfigDict(frozen=True)

    group_id: PrincipalId
    members: Section[Principal]
    owners: Section[Principal]
    assignments: Section[GroupGrant]
    eligibilities: Section[GroupGrant]

    @property
    def sections(self) -> tuple[Section[Record], ...]:
        """All four lists."""
        return (self.members, self.owners, self.assignments, self.eligibilities)


class GraphCounts(BaseModel):
    """What asking Graph took: HTTP requests, batch members inside them, retries, refusals and bytes received."""

    model_config = ConfigDict(frozen=True)

    requests: int = 0
    batched: int = 0
    retried: int = 0
    throttled: int = 0
    bytes: int = 0


class Snapshot(BaseModel):
    """A tenant as Graph told it at one moment. Frozen; stored whole as evidence."""

    model_config = ConfigDict(frozen=True, ignored_types=(cached_property,))

    tenant_id: str
    started_at: Moment
    taken_at: Moment
    """The moment the snapshot speaks for; rules know no other clock."""

    organization: Section[Organization]
    connectors: Section[Connector]
    groups: Section[ConnectorGroup]
    """Groups of type `applicationProxy` only."""
    other_groups: tuple[ConnectorGroup, ...] = ()
    """Groups of other types that came in the same list: counted and named, judged never."""
    other_connectors: tuple[Connector, ...] = ()
    """Agents that stand in the list of connectors and belong to such a group: the same."""
    others_unread: str | None = None
    """Why the members of a group of another type could not be read, so that agents in no group of ours may be its."""
    contents: Annotated[tuple[GroupContents, ...], FailFast()] = ()
    private_access: Section[TaggedPrincipal]
    """Service principals that carry a Private Access tag."""
    role_definitions: Section[RoleDefinition]
    role_assignments: Section[RoleGrant]
    """Active holders of roles that can register connectors; `source` is `schedule_instances` or `assignments`."""
    role_eligibilities: Section[RoleGrant]
    principals: Section[Principal]
    path_groups: Annotated[tuple[PathGroup, ...], FailFast()] = ()
    audit: Section[AuditEvent]
    """Registrations of connectors and changes of connector groups, as far back as the audit log goes."""
    missing_principals: tuple[PrincipalId, ...] = ()
    """Ids that a role or a group names and the directory does not return: deleted or hidden."""
    partner_grants: tuple[RoleGrant, ...] = ()
    """Plain role assignments of missing principals that belong to another organization, such as a partner's (GDAP)."""
    updater: UpdaterConfiguration | None = None
    """When the tenant lets connectors be updated; None where that could not be read, which costs no verdict."""
    graph: GraphCounts = GraphCounts()

    @cached_property
    def registrants(self) -> frozenset[str]:
        """Ids and user names, in lower case, of people who registered a connector by the audit log."""
        return registrants(self.audit.records, self.connectors.records)

    @cached_property
    def _contents(self) -> dict[GroupId, GroupContents]:
        return {entry.group_id: entry for entry in self.contents}

    def contents_of(self, group_id: GroupId) -> GroupContents:
        """Return a group's own lists, read or not."""
        return self._contents[group_id]

    def members(self, group_id: GroupId) -> tuple[Connector, ...]:
        """Return the connectors of a group.

        Raises:
            NotReadError: That group's list was not read.
        """
        return self._contents[group_id].members.items

    def applications(self, group_id: GroupId) -> tuple[Application, ...]:
        """Return the applications that a group carries.

        Raises:
            NotReadError: That group's list was not read.
        """
        return self._contents[group_id].applications.items

    @cached_property
    def _holding(self) -> dict[ConnectorId, tuple[GroupId, ...]]:
        holding: dict[ConnectorId, tuple[GroupId, ...]] = {}
        for entry in self.contents:
            for connector in entry.members.records:
                holding[connector.id] = (*holding.get(connector.id, ()), entry.group_id)
        return holding

    def groups_holding(self, connector_id: ConnectorId) -> tuple[GroupId, ...]:
        """Return the groups whose lists hold a connector: one as a rule, two when it was moved while they were read.

        Raises:
            NotReadError: It stands in no list that was read, and not all lists were read.
        """
        holding = self._holding.get(connector_id, ())
        if not holding and not self.members_known:
            _ = self.groups.items
            _ = next(entry.members for entry in self.contents if not entry.members.known).items
        return holding

    @cached_property
    def members_known(self) -> bool:
        """Whether the connectors of every group are known, so that standing in no list means something."""
        return self.groups.known and all(entry.members.known for entry in self.contents)

    @cached_property
    def uncertain(self) -> frozenset[ConnectorId]:
        """Agents of which nobody knows whether they are connectors: in no list of ours, and another's was not read."""
        if self.others_unread is None:
            return frozenset()
        return frozenset(connector.id for connector in self.connectors.records if connector.id not in self._holding)

    @cached_property
    def private_access_app_ids(self) -> frozenset[str]:
        """The application ids of service principals that carry a Private Access tag.

        Raises:
            NotReadError: They were not read.
        """
        return frozenset(principal.app_id for principal in self.private_access.items if principal.app_id)

    def peers(self, connector: Connector) -> tuple[Connector, ...] | None:
        """Return the other connectors of a connector's group, or None where its group could not be read."""
        try:
            holding = self.groups_holding(connector.id)
        except NotReadError:
            return None
        members = (member for group_id in holding for member in self._contents[group_id].members.records)
        return tuple(member for member in members if member.id != connector.id)

    @cached_property
    def _by_machine_name(self) -> dict[str, tuple[Connector, ...]]:
        by_name: dict[str, tuple[Connector, ...]] = {}
        for connector in self.connectors.readable:
            by_name[connector.name_key] = (*by_name.get(connector.name_key, ()), connector)
        return by_name

    def same_machine_name(self, connector: Connector) -> tuple[Connector, ...]:
        """Return the other connectors that carry the same machine name, without case; none for a nameless one.

        Raises:
            NotReadError: The connectors were not read, or the record of one that may have the same name was not.
        """
        if any(record.name is None or record.name_key == connector.name_key for record in self.connectors.unreadable):
            _ = self.connectors.items
        named = self._by_machine_name.get(connector.name_key, ()) if connector.name_key else ()
        return tuple(other for other in named if other.id != connector.id)

    @property
    def sections(self) -> tuple[Section[Record], ...]:
        """All sections in the order they are shown, the groups' own lists behind the groups."""
        contents = [section for entry in self.contents for section in (entry.members, entry.applications)]
        return (
            self.organization,
            self.connectors,
            self.groups,
            *contents,
            self.private_access,
            self.role_definitions,
            self.role_assignments,
            self.role_eligibilities,
            self.principals,
            *(section for group in self.path_groups for section in group.sections),
            self.audit,
        )

    @property
    def complete(self) -> bool:
        """Whether no section was denied, throttled or failed."""
        return all(section.known for section in self.sections)
