"""What a scan of one small tenant saw, by hand: some lists could not be read, and names are as odd as one likes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from common.errors import DeniedError, NotLicensedError, ThrottledError
from findings.document import SectionInfo
from inventory.models import (
    Application,
    AuditEvent,
    Connector,
    ConnectorGroup,
    ConnectorId,
    GroupId,
    Organization,
    Principal,
    RoleDefinition,
    RoleGrant,
    TaggedPrincipal,
)
from inventory.snapshot import GraphCounts, GroupContents, Section, Snapshot

if TYPE_CHECKING:
    from common.errors import ReadError

TENANT = "5f6c3a1e-0d55-4c53-9a52-1f0a2f7c9d10"
NOW = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
NEWEST, AUTOMATIC, OLD = "1.5.4892.0", "1.5.4522.0", "1.5.3437.0"
GROUPS = ("Headquarters", "Branch office Łódź", "Legacy SAP", "Default")
_DENIED = DeniedError(
    "Graph refused: Insufficient privileges to complete the operation.",
    code="Authorization_RequestDenied",
    permission="RoleEligibilitySchedule.Read.Directory",
    advice="Grant the permission to the scanning identity and give admin consent.",
)
_WAITING = ThrottledError(
    "Graph asked us to wait for more than 300 seconds.",
    code="TooManyRequests",
    advice="Scan again later, or at another hour.",
)


def snapshot(*, extra_names: tuple[str, ...] = ()) -> Snapshot:
    """Return what the sample's scan saw; `extra_names` become further connectors, groups and applications."""
    names = (*GROUPS, *extra_names)
    connectors = (*_connectors(), *(_connector(10 + number, name, OLD) for number, name in enumerate(extra_names)))
    return Snapshot(
        tenant_id=TENANT,
        started_at=NOW,
        taken_at=NOW,
        organization=Section[Organization].read("organization", (Organization(id=TENANT, display_name="Contoso"),)),
        connectors=Section[Connector].read("connectors", connectors),
        groups=Section[ConnectorGroup].read("connector_groups", tuple(_group(n, name) for n, name in enumerate(names))),
        other_groups=(
            ConnectorGroup(id=GroupId("sync"), name="Sync", connector_group_type="syncFabric", is_default=False),
        ),
        contents=tuple(_contents(number, connectors) for number in range(len(names))),
        private_access=Section[TaggedPrincipal].read("private_access", ()),
        role_definitions=Section[RoleDefinition].read("role_definitions", ()),
        role_assignments=Section[RoleGrant].read("role_assignments", ()),
        role_eligibilities=Section[RoleGrant].unread("role_eligibilities", _DENIED),
        principals=Section[Principal].read("principals", ()),
        audit=Section[AuditEvent].read("audit", ()),
        graph=GraphCounts(requests=23, batched=8, retried=1, throttled=2, bytes=48210),
    )


def blind_snapshot(error: ReadError = _DENIED) -> Snapshot:
    """Return a snapshot of which no list could be read."""
    return Snapshot(
        tenant_id=TENANT,
        started_at=NOW,
        taken_at=NOW,
        organization=Section[Organization].unread("organization", error),
        connectors=Section[Connector].unread("connectors", error),
        groups=Section[ConnectorGroup].unread("connector_groups", error),
        private_access=Section[TaggedPrincipal].unread("private_access", error),
        role_definitions=Section[RoleDefinition].unread("role_definitions", error),
        role_assignments=Section[RoleGrant].unread("role_assignments", error),
        role_eligibilities=Section[RoleGrant].unread("role_eligibilities", NotLicensedError("no Entra ID P2")),
        principals=Section[Principal].unread("principals", error),
        audit=Section[AuditEvent].unread("audit", error),
    )


def sections_of(seen: Snapshot) -> tuple[SectionInfo, ...]:
    """Return what the document says of a snapshot's sections."""
    return tuple(
        SectionInfo(
            name=section.name,
            status=section.status,
            count=len(section.records) if section.known else None,
            code=section.code,
            reason=section.reason,
            permission=section.permission,
            advice=section.advice,
        )
        for section in seen.sections
    )


def made_id(kind: str, number: int) -> str:
    """Return an id of the sample that looks like one of Graph's."""
    return f"{len(kind):08x}-0000-4000-8000-{number:012x}"


def _group(number: int, name: str) -> ConnectorGroup:
    return ConnectorGroup(
        id=GroupId(made_id("group", number)),
        name=name,
        connector_group_type="applicationProxy",
        is_default=name == "Default",
        region="eur" if number != 1 else "nam",
    )


def _connector(number: int, name: str | None, version: str | None, status: str = "active") -> Connector:
    return Connector(
        id=ConnectorId(made_id("connector", number)),
        machine_name=name,
        external_ip="203.0.113.7" if number < 2 else "198.51.100.23",
        status=status,
        version=version,
    )


def _connectors() -> tuple[Connector, ...]:
    return (
        _connector(0, "hq-con-01.corp.contoso.com", AUTOMATIC),
        _connector(1, "hq-con-02.corp.contoso.com", NEWEST),
        _connector(2, "branch-con-01.corp.contoso.com", OLD, "inactive"),
        _connector(3, None, None),
    )


def _contents(number: int, connectors: tuple[Connector, ...]) -> GroupContents:
    """Return one group's lists: two connectors, one, unread, one, and then one strange one each."""
    name = f"connector_groups/{made_id('group', number)}"
    members = (connectors[:2], connectors[2:3], (), connectors[3:4])[number] if number < len(GROUPS) else ()
    applications = tuple(
        Application(id=made_id("application", 10 * number + each), display_name="Expenses")
        for each in range(3 - number % 3)
    )
    if number == GROUPS.index("Legacy SAP"):
        return GroupContents(
            group_id=GroupId(made_id("group", number)),
            members=Section[Connector].unread(f"{name}/members", _WAITING),
            applications=Section[Application].unread(f"{name}/applications", _WAITING),
        )
    if number >= len(GROUPS):
        members = connectors[number : number + 1]
    return GroupContents(
        group_id=GroupId(made_id("group", number)),
        members=Section[Connector].read(f"{name}/members", members),
        applications=Section[Application].read(f"{name}/applications", applications),
    )
