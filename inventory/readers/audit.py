"""Who registered a connector, and who moved what between groups: the directory audit log, filtered to just that."""

from __future__ import annotations

import asyncio
from datetime import UTC
from typing import TYPE_CHECKING

from common.errors import ReadError
from inventory.audit.activities import SERVICES, UPDATE_APPLICATION, is_about_connectors
from inventory.audit.models import AuditEvent
from inventory.permissions import least
from inventory.records import Records, once
from inventory.request import GraphRequest, GraphService
from inventory.snapshot import Section

if TYPE_CHECKING:
    from datetime import datetime

    from inventory.graph import GraphClient
    from inventory.records import UnreadableRecord


async def read_audit(graph: GraphClient, since: datetime) -> Section[AuditEvent]:
    """Read the audit log's events on connectors since a moment; it keeps 30 days, 7 without a licence.

    Each service that may log them is a list of its own; where one of them cannot be read, the log is unread, with what
    the other one proves.
    """
    start = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    outcomes = await asyncio.gather(*(_read(graph, _of_service(service, start)) for service in SERVICES))
    lists = [outcome for outcome in outcomes if not isinstance(outcome, ReadError)]
    events = once(
        Records(
            (event for records in lists for event in records if _is_wanted(event)),
            (record for records in lists for record in records.unreadable if _may_be_wanted(record)),
        )
    )
    error = next((outcome for outcome in outcomes if isinstance(outcome, ReadError)), None)
    if error is not None:
        return Section[AuditEvent].unread("audit", error, tuple(events))
    return Section[AuditEvent].read("audit", events)


async def _read(graph: GraphClient, ask: GraphRequest) -> Records[AuditEvent] | ReadError:
    try:
        return await graph.read_list(ask, AuditEvent)
    except ReadError as error:
        return error


def _of_service(service: str, start: str) -> GraphRequest:
    return GraphRequest(
        "v1.0",
        "/auditLogs/directoryAudits",
        GraphService.AUDIT,
        least("audit"),
        query={"$filter": f"loggedByService eq '{service}' and activityDateTime ge {start}", "$top": "999"},
    )


def _is_wanted(event: AuditEvent) -> bool:
    """Whether an event is about connectors and their groups, or moved an application between groups."""
    activity = event.activity_display_name
    moved = activity.casefold() == UPDATE_APPLICATION.casefold() and event.moved_groups
    return bool(moved) or is_about_connectors(activity)


def _may_be_wanted(record: UnreadableRecord) -> bool:
    """Whether an event that could not be read may be one that is wanted; its name is the activity."""
    return record.name is None or is_about_connectors(record.name)
