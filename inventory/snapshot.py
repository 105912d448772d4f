"""What one look at a tenant saw, and for every part of it that could not be seen, why."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Generic, Self, TypeVar

from pydantic import BaseModel, ConfigDict

from common.errors import NotReadError, ReadError, SectionStatus
from inventory.models import (
    Application,
    AuditEvent,
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

NOT_ASKED = "not asked for, because "
"""How the reason of a list begins that was never asked for, since another one could not be read."""

T_co = TypeVar("T_co", bound=Record, covariant=True)


class Section(BaseModel, Generic[T_co]):
    """A list read in full, or not read and why. There is no third state.

    `not_licensed` means that the tenant cannot have such things: known to be empty, not unknown.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    status: SectionStatus
    records: tuple[T_co, ...] = ()
    code: str | None = None
    reason: str | None = None
    permission: str | None = None
    advice: str | None = None
    request_id: str | None = None
    source: str | None = None
    """Which of several possible Graph lists was read, where that changes what the records can say."""

    @classmethod
    def read(cls, name: str, records: tuple[T_co, ...], source: str | None = None) -> Self:
        """Return a section that was read in full."""
        return cls(name=name, status="read", records=records, source=source)

    @classmethod
    def unread(cls, name: str, error: ReadError, partial: tuple[T_co, ...] = ()) -> Self:
        """Return a section that could not be read in full, with the error as its reason.

        `partial` is what was read before it failed: it proves what is there, never that nothing else is.
        """
        return cls(
            name=name,
            status=error.status,
            records=partial,
            code=error.code or None,
            reason=error.reason,
            permission=error.permission,
            advice=error.advice,
            request_id=error.request_id,
        )

    @classmethod
    def waiting_for(cls, name: str, other: Section[Record]) -> Self:
        """Return a section that was never asked for, since another one that says what to ask could not be read."""
        return cls(
            name=name,
            status=other.status,
            code=other.code,
            reason=f"{NOT_ASKED}{other.name} could not be read: {other.reason}",
            permission=other.permission,
            advice=other.advice,
        )

    @property
    def known(self) -> bool:
        """Whether the records are all there is: the list was read, or is known to be empty."""
        return self.status in ("read", "not_licensed")

    @property
    def items(self) -> tuple[T_co, ...]:
        """All records.

        Raises:
            NotReadError: The section was not read; "could not read" must never look like "there is none".
        """
        if not self.known:
            raise NotReadError(self.name, self.reason or self.status)
        return self.records


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
    started_at: datetime
    taken_at: datetime
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
    contents: tuple[GroupContents, ...] = ()
    private_access: Section[TaggedPrincipal]
    """Service principals that carry a Private Access tag."""
    role_definitions: Section[RoleDefinition]
    role_assignments: Section[RoleGrant]
    """Active holders of roles that can register connectors; `source` is `schedule_instances` or `assignments`."""
    role_eligibilities: Section[RoleGrant]
    principals: Section[Principal]
    path_groups: tuple[PathGroup, ...] = ()
    audit: Section[AuditEvent]
    """Registrations of connectors and changes of connector groups, as far back as the audit log goes."""
    missing_principals: tuple[PrincipalId, ...] = ()
    """Ids that a role or a group names and the directory does not return: deleted or hidden."""
    graph: GraphCounts = GraphCounts()

    @cached_property
    def _contents(self) -> dict[GroupId, GroupContents]:
        return {entry.group_id: entry for entry in self.contents}

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
        found: dict[ConnectorId, tuple[GroupId, ...]] = {}
        for entry in self.contents:
            for connector in entry.members.records:
                found[connector.id] = (*found.get(connector.id, ()), entry.group_id)
        return found

    def groups_holding(self, connector_id: ConnectorId) -> tuple[GroupId, ...]:
        """Return the groups whose lists hold a connector: one as a rule, two when it was moved while they were read.

        Raises:
            NotReadError: It stands in no list that was read, and not all lists were read.
        """
        found = self._holding.get(connector_id, ())
        if not found and not self.members_known:
            _ = self.groups.items
            for entry in self.contents:
                _ = entry.members.items
        return found

    @cached_property
    def members_known(self) -> bool:
        """Whether the connectors of every group are known, so that standing in no list means something."""
        return self.groups.known and all(entry.members.known for entry in self.contents)

    @cached_property
    def uncertain(self) -> frozenset[ConnectorId]:
        """Agents of which nobody knows whether they are connectors: in no list of ours, and another's was not read."""
        if self.others_unread is None:
            return frozenset()
        return frozenset(one.id for one in self.connectors.records if one.id not in self._holding)

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
        found: dict[str, tuple[Connector, ...]] = {}
        for connector in self.connectors.items:
            found[connector.name_key] = (*found.get(connector.name_key, ()), connector)
        return found

    def same_machine_name(self, connector: Connector) -> tuple[Connector, ...]:
        """Return the other connectors that carry the same machine name, without case; none for a nameless one.

        Raises:
            NotReadError: The connectors were not read.
        """
        named = self._by_machine_name.get(connector.name_key, ()) if connector.name_key else ()
        return tuple(other for other in named if other.id != connector.id)

    @property
    def sections(self) -> tuple[Section[Record], ...]:
        """All sections in the order they are shown, the groups' own lists behind the groups."""
        own = [section for entry in self.contents for section in (entry.members, entry.applications)]
        return (
            self.organization,
            self.connectors,
            self.groups,
            *own,
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
