"""Tenants by hand, in a few words each: connectors, groups, applications, lists read or not, snapshots, evidence.

A test names only what matters to it. Unless told otherwise a connector is active and up to date, a group is one of ours
and not the default one, an application is published by Application Proxy, and every list was read. Ids are made from
names (`id_of`); give `key` to keep an id while its name differs. People and roles stand in `tests/people.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from pydantic import BaseModel

from common.errors import DeniedError, FailedError, NotLicensedError, ReadError, ThrottledError
from inventory.models import (
    PRIVATE_ACCESS_TAGS,
    Application,
    Connector,
    ConnectorGroup,
    ConnectorId,
    GroupId,
    OnPremisesPublishing,
    Organization,
    Principal,
    Record,
    RoleDefinition,
    RoleGrant,
    TaggedPrincipal,
    VerifiedDomain,
)
from inventory.snapshot import GroupContents, PathGroup, Section, Snapshot
from policies.evidence import Evidence, ScanInfo
from policies.memory import Memory
from policies.policy_file.model import Policy
from policies.releases.catalogue import Catalogue, Release

if TYPE_CHECKING:
    from common.errors import SectionStatus
    from inventory.audit.models import AuditEvent

R = TypeVar("R", bound=Record)
Part = TypeVar("Part", bound=BaseModel)
Listed: TypeAlias = Iterable[R] | Section[Any]
"""What a list holds, or a section where the list was not read."""

NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
TENANT, DOMAIN = "5f6c3a1e-0d55-4c53-9a52-1f0a2f7c9d10", "contoso.example"
SCAN = "20261120T060000Z-0000000a"
CONTOSO = Organization(id=TENANT, display_name="Contoso", verified_domains=(VerifiedDomain(name=DOMAIN),))
NEWEST, AUTOMATIC, AUTOMATIC_BEFORE = "1.5.4892.0", "1.5.4522.0", "1.5.4364.0"
PRIVATE_ACCESS_FLOOR, UNSUPPORTED = "1.5.3417.0", "1.5.612.0"
UNREAD: tuple[SectionStatus, ...] = ("denied", "throttled", "failed")

RELEASES = Catalogue(
    revised=date(2026, 11, 1),
    source="made by hand",
    unsupported_up_to=UNSUPPORTED,
    private_access_minimum=PRIVATE_ACCESS_FLOOR,
    releases=(
        Release(version=NEWEST, released=date(2026, 6, 8), channel="download", fix=True),
        Release(version=AUTOMATIC, released=date(2025, 10, 10), channel="auto_upgrade", fix=True),
        Release(version=AUTOMATIC_BEFORE, released=date(2025, 6, 25), channel="auto_upgrade"),
        Release(version=PRIVATE_ACCESS_FLOOR),
        Release(version=UNSUPPORTED, released=date(2018, 9, 20)),
    ),
)
"""A catalogue that no release of Microsoft's changes. On `NOW`, `AUTOMATIC` is expected of every connector."""


def id_of(name: str | None) -> str:
    """Return the id of whatever is made with a name."""
    return f"id-{name}"


def group(
    name: str | None = "Paris", *, key: str | None = None, default: bool = False, region: str | None = "eur"
) -> ConnectorGroup:
    """Return a connector group."""
    return ConnectorGroup(
        id=GroupId(key or id_of(name)),
        name=name,
        connector_group_type="applicationProxy",
        is_default=default,
        region=region,
    )


def connector(
    name: str | None = "PAR01",
    *,
    key: str | None = None,
    version: str | None = AUTOMATIC,
    status: str = "active",
    ip: str | None = "203.0.113.7",
) -> Connector:
    """Return a connector; all of them leave through one address unless told otherwise."""
    return Connector(
        id=ConnectorId(key or id_of(name)), machine_name=name, external_ip=ip, status=status, version=version
    )


def application(
    name: str = "Expenses",
    *,
    key: str | None = None,
    kind: str | None = "enterpriseapp",
    ztna: bool | None = None,
    tags: tuple[str, ...] | None = (),
) -> Application:
    """Return a published application; `kind` is its applicationType, `ztna` its isAccessibleViaZTNAClient."""
    return Application(
        id=key or id_of(name),
        app_id=f"app-{key or id_of(name)}",
        display_name=name,
        tags=tags,
        on_premises_publishing=OnPremisesPublishing(application_type=kind, is_accessible_via_ztna_client=ztna),
    )


def tagged(marked: Application, *tags: str) -> TaggedPrincipal:
    """Return an application's service principal; it carries a Private Access tag unless others are given."""
    return TaggedPrincipal(
        id=f"sp-{marked.id}",
        app_id=marked.app_id or "",
        display_name=marked.display_name,
        tags=tags or PRIVATE_ACCESS_TAGS[:1],
    )


_ERRORS: Mapping[SectionStatus, type[ReadError]] = {
    "denied": DeniedError,
    "throttled": ThrottledError,
    "failed": FailedError,
    "not_licensed": NotLicensedError,
}


def unread(name: str = "list", status: SectionStatus = "denied") -> Section[Any]:
    """Return a list that was not read; whatever takes it gives it the name it should have."""
    error = _ERRORS[status](f"Graph said {status}.", code=status, permission="Some.Read.All", advice="Ask again.")
    return Section[Record].unread(name, error)


def listed(name: str, what: Listed[R], source: str | None = None) -> Section[Any]:
    """Return a list as a section: read in full where `what` holds records."""
    if isinstance(what, Section):
        return what.model_copy(update={"name": name})
    return Section[Record].read(name, tuple(what), source)


@dataclass(frozen=True)
class Held:
    """What a connector group holds and carries."""

    members: Listed[Connector]
    apps: Listed[Application]


def holds(*connectors: Connector, members: Section[Any] | None = None, apps: Listed[Application] = ()) -> Held:
    """Return a group's contents: its connectors (or the list of them that was not read) and its applications."""
    return Held(members or connectors, apps)


def snapshot(  # noqa: PLR0913 - a test names only what matters to it
    groups: Mapping[ConnectorGroup, Held] | Section[Any] | None = None,
    *,
    connectors: Listed[Connector] | None = None,
    organization: Listed[Organization] = (CONTOSO,),
    private_access: Listed[TaggedPrincipal] = (),
    roles: Listed[RoleDefinition] = (),
    assignments: Listed[RoleGrant] = (),
    eligibilities: Listed[RoleGrant] = (),
    principals: Listed[Principal] = (),
    path_groups: Iterable[PathGroup] = (),
    audit: Listed[AuditEvent] = (),
    at: datetime = NOW,
) -> Snapshot:
    """Return what a scan saw; the connectors are those that the groups hold unless others are given."""
    held = groups if isinstance(groups, Mapping) else {}
    contents = tuple(_contents(one, what) for one, what in held.items())
    own = {member.id: member for entry in contents for member in entry.members.records}.values()
    return Snapshot(
        tenant_id=TENANT,
        started_at=at,
        taken_at=at,
        organization=listed("organization", organization),
        connectors=listed("connectors", own if connectors is None else connectors),
        groups=listed("connector_groups", groups if isinstance(groups, Section) else tuple(held)),
        contents=contents,
        private_access=listed("private_access", private_access),
        role_definitions=listed("role_definitions", roles),
        role_assignments=listed("role_assignments", assignments, "schedule_instances"),
        role_eligibilities=listed("role_eligibilities", eligibilities, "schedule_instances"),
        principals=listed("principals", principals),
        path_groups=tuple(path_groups),
        audit=listed("audit", audit),
    )


def _contents(one: ConnectorGroup, held: Held) -> GroupContents:
    return GroupContents(
        group_id=one.id,
        members=listed(f"connector_groups/{one.id}/members", held.members),
        applications=listed(f"connector_groups/{one.id}/applications", held.apps),
    )


def remade(part: Part, change: Callable[[Section[Any]], Section[Any]]) -> Part:
    """Return a snapshot, or a part of one, with every section changed."""
    fields = {}
    for field in type(part).model_fields:
        value = getattr(part, field)
        if isinstance(value, Section):
            value = change(value)
        elif isinstance(value, tuple):
            value = tuple(remade(one, change) if isinstance(one, GroupContents | PathGroup) else one for one in value)
        fields[field] = value
    return type(part)(**fields)


def without(seen: Snapshot, name: str, status: SectionStatus = "denied") -> Snapshot:
    """Return the same tenant seen by a scan that could not read one section; unread groups take their lists along."""
    left = remade(seen, lambda section: unread(name, status) if section.name == name else section)
    return left.model_copy(update={"contents": ()}) if name == seen.groups.name else left


def blind(status: SectionStatus = "denied") -> Snapshot:
    """Return a snapshot of which not one list could be read."""
    return remade(snapshot(), lambda section: unread(section.name, status))


def evidence(
    seen: Snapshot | None = None,
    *,
    policy: Policy | Mapping[str, object] | None = None,
    releases: Catalogue = RELEASES,
    memory: Memory | None = None,
    scan_id: str = SCAN,
) -> Evidence:
    """Return what the rules may know of a snapshot; `policy` may be given as the keys of a policy file."""
    return Evidence(
        scan=ScanInfo(id=scan_id),
        snapshot=seen or snapshot(),
        policy=policy if isinstance(policy, Policy) else Policy.model_validate(policy or {}),
        releases=releases,
        memory=memory or Memory(),
    )
