"""The tenant file: a readable description of one tenant, from which Graph's answers are made."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, StringConstraints

from simulator.calls import Service
from simulator.faults import Fault, Throttle

Guid = Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")]


def _as_graph_writes(value: object) -> object:
    """YAML reads a time as a time; Graph's answers want it as text again."""
    if not isinstance(value, datetime):
        return value
    return value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


Moment = Annotated[
    str,
    BeforeValidator(_as_graph_writes),
    StringConstraints(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"),
]

_NAMESPACE = uuid.UUID("6f1d3c7e-52a5-4c0b-9a38-0c9d2f4b7e11")


class Entry(BaseModel):
    """Base of everything in a tenant file: frozen, with unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Organization(Entry):
    """The tenant itself."""

    id: Guid
    name: str
    domains: tuple[str, ...] = Field(min_length=1)
    """The first is the primary one; guests' names end in the one below onmicrosoft.com, if there is one."""
    licenses: frozenset[Literal["P1", "P2", "Suite"]] = frozenset({"P1", "P2"})

    @property
    def initial_domain(self) -> str:
        """The domain the tenant was made with."""
        return next((name for name in self.domains if name.endswith(".onmicrosoft.com")), self.domains[0])


class Connector(Entry):
    """A private network connector; what is left out is absent from answers too."""

    name: str
    id: Guid | None = None
    ip: str | None = None
    status: str = "active"
    version: str | None = None
    extra: dict[str, JsonValue] = {}


class Application(Entry):
    """An application; one below a connector group is published through it."""

    name: str
    id: Guid | None = None
    app_id: Guid | None = None
    type: str | None = "enterpriseapp"
    ztna: bool = False
    tags: tuple[str, ...] = ()
    """Tags of the application; its service principal has them too."""
    service_principal_tags: tuple[str, ...] = ()
    """Tags only the service principal has."""
    publishing: dict[str, JsonValue] = {}
    """Further fields of onPremisesPublishing."""
    extra: dict[str, JsonValue] = {}


class ConnectorGroup(Entry):
    """A connector group with its connectors and applications."""

    name: str
    id: Guid | None = None
    region: str | None = "eur"
    type: str = "applicationProxy"
    default: bool = False
    connectors: dict[str, Connector] = {}
    applications: dict[str, Application] = {}
    extra: dict[str, JsonValue] = {}


class User(Entry):
    """A user; `external` gives it the #EXT# name and the federated identity of one invited."""

    name: str | None
    id: Guid | None = None
    upn: str | None = None
    mail: str | None = None
    type: Literal["Member", "Guest"] | None = "Member"
    enabled: bool | None = True
    synced: bool = False
    external: bool = False
    extra: dict[str, JsonValue] = {}


class PimMembership(Entry):
    """A row of PIM for Groups."""

    principal: str
    kind: Literal["eligible", "assigned", "activated"]
    access: Literal["member", "owner"] = "member"
    start: Moment = "2026-01-05T08:00:00Z"
    end: Moment | None = None


class Group(Entry):
    """A security group; one with `pim` rows is under PIM for Groups."""

    name: str
    id: Guid | None = None
    role_assignable: bool = False
    synced: bool = False
    """Whether it comes from on-premises."""
    dynamic: bool = False
    """Whether a rule decides who is in it."""
    members: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    hidden: Literal["refused", "nulls"] | None = None
    """Hidden membership: the list is refused, or holds nothing but types and ids."""
    pim: tuple[PimMembership, ...] = ()
    extra: dict[str, JsonValue] = {}


class ServicePrincipal(Entry):
    """A service principal that belongs to no application of this tenant."""

    name: str
    id: Guid | None = None
    app_id: Guid | None = None
    type: str = "Application"
    tags: tuple[str, ...] = ()
    extra: dict[str, JsonValue] = {}


class Agent(Entry):
    """A directory object of another type, known to Graph or invented."""

    name: str
    id: Guid | None = None
    odata_type: str = "#microsoft.graph.agentIdentity"
    extra: dict[str, JsonValue] = {}


class Role(Entry):
    """A custom role definition."""

    name: str
    id: Guid | None = None
    actions: tuple[str, ...]
    enabled: bool = True
    extra: dict[str, JsonValue] = {}


class Assignment(Entry):
    """A role held: assigned, activated through PIM, or eligible."""

    principal: str
    role: str
    kind: Literal["assigned", "activated", "eligible"] = "assigned"
    scope: str = "/"
    """A directory scope; `application:KEY` stands for that application's."""
    pim: bool = False
    """Made through PIM, so it has a start and schedules of its own; others are plain."""
    start: Moment | None = None
    end: Moment | None = None


class AuditTarget(Entry):
    """What an audit event was about."""

    type: str = "Connector"
    name: str | None = None
    id: str | None = None
    """An id, or `connector:KEY` and the like."""
    modified: dict[str, tuple[str | None, str | None]] = {}
    """Properties that were changed: what each was and is; ids as above."""


class AuditEvent(Entry):
    """A directory audit event."""

    activity: str
    at: Moment
    by: str | None = None
    """The user who did it; absent for the service itself."""
    service: str = "Application Proxy"
    category: str = "ResourceManagement"
    result: str = "success"
    reason: str = ""
    targets: tuple[AuditTarget, ...] = ()
    details: dict[str, str] = {}
    """Further details; ids as above."""
    extra: dict[str, JsonValue] = {}


class PageSizes(Entry):
    """How many rows a page holds by default, by service."""

    proxy: int = Field(default=100, ge=1)
    directory: int = Field(default=100, ge=1, le=999)
    roles: int = Field(default=500, ge=1, le=999)
    audit: int = Field(default=100, ge=1, le=999)

    def of(self, service: Service) -> int:
        """Return the page size of a service."""
        return {
            Service.PROXY: self.proxy,
            Service.DIRECTORY: self.directory,
            Service.ROLES: self.roles,
            Service.AUDIT: self.audit,
        }[service]


def _same_for_all(value: object) -> object:
    return {service.value: value for service in Service} if isinstance(value, int) else value


class Settings(Entry):
    """How this Graph behaves."""

    page_size: Annotated[PageSizes, BeforeValidator(_same_for_all)] = PageSizes()
    permissions: tuple[str, ...] | None = None
    """Application permissions granted; every one when absent."""
    directory_role_can_read_connectors: bool = True
    delegated: bool = False
    """Whether the tokens carry scopes of a user rather than an application's roles."""
    published: Literal["inlined", "stubs"] = "inlined"
    """Whether the list of a connector group's applications holds their settings and tags, or ids and names alone."""
    person_roles: frozenset[
        Literal["Global Reader", "Security Reader", "Reports Reader", "Connectorwatch connector reader"]
    ] = frozenset({"Global Reader"})
    """The directory roles of the person who signs in, where `delegated`."""
    by_ids_without: frozenset[str] = frozenset()
    """Properties that getByIds leaves out although they are selected: of several it is not published that it has them
    (2026-12)."""
    unmanaged_group: Literal["empty", "not_found", "unsupported"] = "empty"
    """What PIM for Groups says of a group it does not manage; of synchronised and dynamic
    groups always `unsupported`."""
    identity: str | None = None
    """The service principal that signs in: what it was granted counts, instead of `permissions` and the line below."""
    administrator_may_grant: bool = True
    """Whether the administrator is a Privileged Role Administrator, as granting takes."""
    seed: int = 1


class Tenant(Entry):
    """A whole tenant file."""

    tenant: Organization
    settings: Settings = Settings()
    connector_groups: dict[str, ConnectorGroup] = {}
    applications: dict[str, Application] = {}
    """Applications that are not published."""
    users: dict[str, User] = {}
    groups: dict[str, Group] = {}
    service_principals: dict[str, ServicePrincipal] = {}
    agents: dict[str, Agent] = {}
    deleted: dict[str, Literal["null", "absent"]] = {}
    """Principals that are gone, and whether an expanded one is null or left out."""
    partners: dict[str, Guid] = {}
    """Principals of a partner's that hold roles here, with the partner's organization; the directory has none of them.
    That an assignment names the organization is in the schema; what it holds for partners is not published."""
    roles: dict[str, Role] = {}
    assignments: dict[str, Assignment] = {}
    audit: dict[str, AuditEvent] = {}
    updater: dict[str, JsonValue] = {}
    """Fields of the publishing profile's hybridAgentUpdaterConfiguration."""
    faults: tuple[Fault, ...] = ()
    throttle: Throttle | None = None
    latency_ms: float = Field(default=0, ge=0)

    def guid(self, kind: str, key: str) -> str:
        """Return the id of something in the file: the one given there, or one derived from its key."""
        given = getattr(self.entry(kind, key), "id", None)
        return given if isinstance(given, str) else self.derived(kind, key)

    def derived(self, kind: str, key: str) -> str:
        """Return the id that belongs to a kind and key in this tenant."""
        return str(uuid.uuid5(_NAMESPACE, f"{self.tenant.id}/{kind}/{key}"))

    def entry(self, kind: str, key: str) -> Entry | None:
        """Return something in the file by its kind and key, or nothing."""
        tables: list[dict[str, Entry]] = [getattr(self, f"{kind}s", {})]
        if kind in {"connector", "application"}:
            tables += [getattr(group, f"{kind}s") for group in self.connector_groups.values()]
        return next((table[key] for table in tables if key in table), None)
