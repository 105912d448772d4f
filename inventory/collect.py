"""Read a tenant once: all sections concurrently, each read in full or unread with a reason."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import structlog

from common.telemetry import span
from inventory.audit.activities import AUDIT_KEPT
from inventory.models import ConnectorGroup, ConnectorId, Principal, PrincipalId, Record, RoleDefinition, RoleGrant
from inventory.readers.audit import read_audit
from inventory.readers.connectors import (
    read_connectors,
    read_contents,
    read_foreign,
    read_groups,
    read_updater,
)
from inventory.readers.directory import read_organization, read_principals, read_private_access
from inventory.readers.groups import ids_in, read_path_groups
from inventory.readers.plausible import default_group, one_organization, some_holder
from inventory.readers.roles import read_holders, read_partner_grants, read_role_definitions
from inventory.snapshot import GraphCounts, GroupContents, PathGroup, Section, Snapshot

if TYPE_CHECKING:
    from datetime import datetime

    from inventory.graph import GraphClient

log = structlog.get_logger(__name__)

Progress = Callable[[str], None]
"""Receives a short line for each part when it has been read, or when not all of it could be."""

V = TypeVar("V", bound="Section[Any] | _Groups | _Roles")
K = TypeVar("K", bound=Record)


class _Groups(NamedTuple):
    """What was read of connector groups; `foreign` are the connectors of the other types' groups."""

    proxy: Section[ConnectorGroup]
    others: tuple[ConnectorGroup, ...]
    contents: tuple[GroupContents, ...]
    foreign: frozenset[ConnectorId]
    foreign_unread: str | None


class _Roles(NamedTuple):
    """What was read of roles that can register connectors, and of everybody on a path to one."""

    definitions: Section[RoleDefinition]
    assignments: Section[RoleGrant]
    eligibilities: Section[RoleGrant]
    principals: Section[Principal]
    path_groups: tuple[PathGroup, ...]


async def collect(
    graph: GraphClient,
    tenant_id: str,
    now: Callable[[], datetime],
    *,
    named: frozenset[PrincipalId] = frozenset(),
    progress: Progress = lambda _: None,
) -> Snapshot:
    """Read everything the rules need. Never raises for what Graph does: each failure is a section with a reason.

    Args:
        graph: Where to read.
        tenant_id: Whose tenant it is.
        now: The clock; read at the start and at the end.
        named: Ids of principals that the policy names, to be read with the others.
        progress: Receives what has been read, to show to people who wait.
    """
    report = partial(_reported, progress)
    started_at = now()
    organization, connectors, groups, private_access, roles, audit = await asyncio.gather(
        report("tenant", read_organization(graph)),
        report("connectors", read_connectors(graph)),
        report("connector groups", _groups(graph)),
        report("Private Access applications", read_private_access(graph)),
        report("role holders", _roles(graph, named)),
        report("audit log", read_audit(graph, started_at - AUDIT_KEPT)),
    )
    snapshot = Snapshot(
        tenant_id=tenant_id,
        started_at=started_at,
        taken_at=now(),
        organization=one_organization(organization),
        connectors=_only(connectors, lambda connector: connector.id not in groups.foreign),
        groups=default_group(groups.proxy, groups.others, connectors),
        other_groups=groups.others,
        other_connectors=tuple(connector for connector in connectors.records if connector.id in groups.foreign),
        others_unread=groups.foreign_unread,
        contents=groups.contents,
        private_access=private_access,
        role_definitions=roles.definitions,
        role_assignments=roles.assignments,
        role_eligibilities=roles.eligibilities,
        principals=roles.principals,
        path_groups=roles.path_groups,
        audit=audit,
        missing_principals=_missing(roles),
    )
    _log_unread(snapshot)
    return await _explained(graph, snapshot)


async def _explained(graph: GraphClient, seen: Snapshot) -> Snapshot:
    """Return a snapshot with what explains its records and decides nothing, and with what reading took."""
    missing = seen.missing_principals
    more = {
        "updater": await read_updater(graph) if seen.connectors.records else None,
        "partner_grants": await read_partner_grants(graph, seen.role_definitions, missing, seen.tenant_id.lower()),
        "graph": GraphCounts.model_validate(graph.exchange.counts, from_attributes=True),
    }
    return seen.model_copy(update=more)


async def _reported(progress: Progress, name: str, work: Awaitable[V]) -> V:
    with span(f"read {name}") as current:
        result = await work
        sections = (result,) if isinstance(result, Section) else _sections_in(result)
        unread = next((section.status for section in sections if not section.known), None)
        current.set_attribute("connectorwatch.section.status", unread or "read")
    progress(f"{name}: {f'not all read ({unread})' if unread else 'read'}")
    return result


def _sections_in(parts: _Groups | _Roles) -> Iterator[Section[Record]]:
    """Yield the sections of a part that consists of several."""
    if isinstance(parts, _Groups):
        yield parts.proxy
        for entry in parts.contents:
            yield from (entry.members, entry.applications)
        return
    yield from (parts.definitions, parts.assignments, parts.eligibilities, parts.principals)
    for group in parts.path_groups:
        yield from group.sections


async def _groups(graph: GraphClient) -> _Groups:
    groups, others = await read_groups(graph)
    contents, (foreign, refused) = await asyncio.gather(
        read_contents(graph, groups.records), read_foreign(graph, others)
    )
    still_there = {entry.group_id for entry in contents}
    return _Groups(_only(groups, lambda group: group.id in still_there), others, contents, foreign, refused)


def _only(section: Section[K], belongs: Callable[[K], bool]) -> Section[K]:
    """Return a section without the records that are not ours."""
    return section.model_copy(update={"records": tuple(record for record in section.records if belongs(record))})


async def _roles(graph: GraphClient, named: frozenset[PrincipalId]) -> _Roles:
    definitions = await read_role_definitions(graph)
    assignments, eligibilities = some_holder(*await read_holders(graph, definitions))
    if not (assignments.listed or eligibilities.listed or assignments.records or eligibilities.records):
        when_empty = Section[Principal].waiting_for("principals", assignments)
        return _Roles(definitions, assignments, eligibilities, when_empty, ())
    holders = await read_principals(graph, _holding((assignments, eligibilities)) | named)
    path_groups, principals = await read_path_groups(graph, holders)
    return _Roles(definitions, assignments, eligibilities, principals, path_groups)


def _holding(sections: tuple[Section[RoleGrant], ...]) -> set[PrincipalId]:
    return {grant.principal_id for section in sections for grant in section.records}


def _missing(roles: _Roles) -> tuple[PrincipalId, ...]:
    """Return the ids that a role or a group names and the directory did not return, if it was asked."""
    if not roles.principals.all_named:
        return ()
    named = _holding((roles.assignments, roles.eligibilities)) | ids_in(roles.path_groups)
    known = {principal.id for principal in roles.principals.readable} | roles.principals.odd_ids
    return tuple(sorted(named - known))


def _log_unread(snapshot: Snapshot) -> None:
    sections: tuple[Section[Record], ...] = snapshot.sections
    for section in sections:
        if not section.known:
            log.warning(
                "section not read",
                section=section.name,
                status=section.status,
                code=section.code,
                request_id=section.request_id,
            )
