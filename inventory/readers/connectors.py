"""Connectors, connector groups, and each group's connectors and applications.

Beta only; Private Access uses the same profile `applicationProxy` (Graph tutorial "entra-private-access", 2026-03-21).
What documentation and Microsoft's own tools say of permissions disagrees; see `inventory.permissions`.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, TypeVar

from common.errors import ReadError
from inventory.models import Application, Connector, ConnectorGroup, ConnectorId, OnPremisesPublishing
from inventory.permissions import least
from inventory.records import Records, once, reason_of
from inventory.request import GraphRequest, GraphService
from inventory.snapshot import GroupContents, Section
from inventory.updates.configuration import PublishingProfile, UpdaterConfiguration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inventory.graph import GraphClient

R = TypeVar("R", Connector, ConnectorGroup, Application)

PROFILE = "/onPremisesPublishingProfiles/applicationProxy"
PERMISSION = least("connectors")
GROUP_GONE = "ConnectorGroup_NotFound"
"""Said of a group without connectors as well as of one that was deleted (EntraExporter, 2025-11)."""
_PLAIN = re.compile(r"[0-9A-Za-z-]{1,80}")
NO_APPLICATIONS = frozenset({"ApplicationsForGroup_NotFound"})


def _ask(path: str, empty: frozenset[str] = frozenset()) -> GraphRequest:
    return GraphRequest("beta", f"{PROFILE}{path}", GraphService.APP_PROXY, PERMISSION, empty=empty)


async def read_connectors(graph: GraphClient) -> Section[Connector]:
    """Read all connectors of the tenant; one that is listed twice is one."""
    try:
        connectors = await graph.read_list(_ask("/connectors"), Connector)
    except ReadError as error:
        return Section[Connector].unread("connectors", error)
    return Section[Connector].read("connectors", once(connectors))


async def read_updater(graph: GraphClient) -> UpdaterConfiguration | None:
    """Read when the tenant lets connectors be updated; None where that is refused, odd or missing: it only explains."""
    (outcome,) = await graph.read_each([_ask("")], PublishingProfile)
    return None if isinstance(outcome, ReadError) else outcome.hybrid_agent_updater_configuration


async def read_groups(graph: GraphClient) -> tuple[Section[ConnectorGroup], tuple[ConnectorGroup, ...]]:
    """Read all connector groups: those of type `applicationProxy` as a section, and the others beside it."""
    try:
        groups = once(await graph.read_list(_ask("/connectorGroups"), ConnectorGroup))
    except ReadError as error:
        return Section[ConnectorGroup].unread("connector_groups", error), ()
    proxy_groups = Records((group for group in groups if group.is_application_proxy), groups.unreadable)
    others = tuple(group for group in groups if not group.is_application_proxy)
    return Section[ConnectorGroup].read("connector_groups", proxy_groups), others


async def read_contents(graph: GraphClient, groups: Sequence[ConnectorGroup]) -> tuple[GroupContents, ...]:
    """Read each group's connectors and applications. A group that was deleted meanwhile is left out."""
    members, applications = await asyncio.gather(
        graph.read_many([_ask(f"/connectorGroups/{group.id}/members") for group in groups], Connector),
        graph.read_many(
            [_ask(f"/connectorGroups/{group.id}/applications", NO_APPLICATIONS) for group in groups], Application
        ),
    )
    lists = dict(zip((group.id for group in groups), zip(members, applications, strict=True), strict=True))
    doubtful = [group_id for group_id, pair in lists.items() if any(_is_gone(outcome) for outcome in pair)]
    looks = await graph.read_each([_ask(f"/connectorGroups/{group_id}") for group_id in doubtful], ConnectorGroup)
    again = dict(zip(doubtful, looks, strict=True))
    applications = await _with_settings(graph, applications)
    lists = dict(zip(lists, zip(members, applications, strict=True), strict=True))
    return tuple(
        GroupContents(
            group_id=group_id,
            members=_section(
                Section[Connector], f"connector_groups/{group_id}/members", connectors, again.get(group_id)
            ),
            applications=_section(
                Section[Application], f"connector_groups/{group_id}/applications", served, again.get(group_id)
            ),
        )
        for group_id, (connectors, served) in lists.items()
        if not _is_gone(again.get(group_id))
    )


async def _with_settings(
    graph: GraphClient, lists: Sequence[Records[Application] | ReadError]
) -> list[Records[Application] | ReadError]:
    """Return the lists with the settings of applications that came without, read from each application.

    Whether the list holds them is not known: Microsoft's example does, with placeholders. Collections of applications
    cannot select them (Maester, 2026-08), single ones can. An application whose settings cannot be read stays as it is.
    """
    read = [outcome for outcome in lists if not isinstance(outcome, ReadError)]
    stubs = {listed.id: listed for records in read for listed in records if listed.on_premises_publishing is None}
    asked = [application for application in stubs if _PLAIN.fullmatch(application)]
    outcomes = await graph.read_each([_settings(application) for application in asked], Application)
    settings = {
        application: outcome.on_premises_publishing
        for application, outcome in zip(asked, outcomes, strict=True)
        if not isinstance(outcome, ReadError)
    }
    return [
        outcome
        if isinstance(outcome, ReadError)
        else Records((_completed(listed, settings) for listed in outcome), outcome.unreadable)
        for outcome in lists
    ]


def _settings(application: str) -> GraphRequest:
    return GraphRequest(
        "beta",
        f"/applications/{application}",
        GraphService.DIRECTORY,
        least("private_access"),
        query={"$select": "id,appId,onPremisesPublishing"},
    )


def _completed(application: Application, settings: dict[str, OnPremisesPublishing | None]) -> Application:
    publishing = settings.get(application.id)
    return application if publishing is None else application.model_copy(update={"on_premises_publishing": publishing})


async def read_foreign(
    graph: GraphClient, groups: Sequence[ConnectorGroup]
) -> tuple[frozenset[ConnectorId], str | None]:
    """Return the connectors that belong to groups of other types, and why some of these could not be read."""
    lists = await graph.read_many([_ask(f"/connectorGroups/{group.id}/members") for group in groups], Connector)
    refusals = [outcome.reason for outcome in lists if isinstance(outcome, ReadError) and not _is_gone(outcome)]
    refusals += [
        reason_of(outcome.unreadable) for outcome in lists if not isinstance(outcome, ReadError) and outcome.unreadable
    ]
    foreign = frozenset(member.id for outcome in lists if not isinstance(outcome, ReadError) for member in outcome)
    return foreign, refusals[0] if refusals else None


def _section(
    kind: type[Section[R]], name: str, outcome: Records[R] | ReadError, reread: ConnectorGroup | ReadError | None
) -> Section[R]:
    """Make a section of one list; `reread` is the group read again, after a list said that there is no such group."""
    if not isinstance(outcome, ReadError):
        return kind.read(name, once(outcome))
    if not _is_gone(outcome):
        return kind.unread(name, outcome)
    return kind.unread(name, reread) if isinstance(reread, ReadError) else kind.read(name, ())


def _is_gone(outcome: object) -> bool:
    return isinstance(outcome, ReadError) and outcome.code == GROUP_GONE
