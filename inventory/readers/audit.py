"""Who registered a connector, and who moved what between groups: the directory audit log, filtered to just that."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from common.errors import ReadError
from inventory.audit_activities import ACTIVITIES, SERVICE
from inventory.models import AuditEvent
from inventory.permissions import least
from inventory.request import GraphRequest, GraphService
from inventory.snapshot import Section

if TYPE_CHECKING:
    from datetime import datetime

    from inventory.graph import GraphClient


async def read_audit(graph: GraphClient, since: datetime) -> Section[AuditEvent]:
    """Read what the audit log says of connectors since a moment; it keeps 30 days, 7 without a licence."""
    start = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    ask = GraphRequest(
        "v1.0",
        "/auditLogs/directoryAudits",
        GraphService.AUDIT,
        least("audit"),
        query={
            "$filter": f"loggedByService eq '{SERVICE}' and activityDateTime ge {start}",
            "$top": "999",
        },
    )
    try:
        events = await graph.read_list(ask, AuditEvent)
    except ReadError as error:
        return Section[AuditEvent].unread("audit", error)
    wanted = {event.id: event for event in events if event.activity_display_name.casefold() in ACTIVITIES}
    return Section[AuditEvent].read("audit", tuple(wanted.values()))
