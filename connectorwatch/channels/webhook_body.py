"""What a generic webhook is sent: news as JSON, version 1; see docs/webhook.md."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, JsonValue

from connectorwatch.channels.port import SERVICE
from findings.document import Change, TenantInfo
from findings.result_parts import Part
from findings.state.endings import ending_words
from policies.vocabulary import Severity, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from connectorwatch.channels.port import Message
    from findings.cards import Notification, RouteFilter
    from findings.document import Lifecycle
    from findings.state.announcements import FindingChange

MOST_CHANGES, MOST_TENANTS = 1000, 10_000
"""How many findings, and how many tenants of a digest, one message holds; the others are counted in `left_out`."""
LONGEST = 2000
"""Characters of any text that comes from a tenant."""
_Type = Literal["connectorwatch.changes", "connectorwatch.service", "connectorwatch.digest", "connectorwatch.test"]


class ToldFinding(Part):
    """One finding that moved."""

    key: str
    rule: str
    title: str
    change: Change
    severity: Severity
    subject: Subject | None = None
    message: str = ""
    remedy: str = Field(default="", description="What to do about it, in one line.")
    ending: str = Field(default="", description="Of a resolved one: why it ended, as in findings.json.")
    because: str = Field(default="", description="The same in words.")


class ToldGap(Part):
    """A rule that could look at everything in the scan before, and could not any more."""

    rule: str
    subjects: int


class Announcement(Part):
    """What one scan of one tenant changed, or what was noticed about the service (tenant `_fleet`)."""

    id: str = Field(description="The same in every message that tells it; with the tenant's id it is unique.")
    tenant: TenantInfo
    scan: str
    at: datetime
    first: bool = Field(description="Whether it was the tenant's first scan, so that everything is new.")
    report: str | None = Field(default=None, description="The address of the report; it holds no key.")
    findings: tuple[ToldFinding, ...] = ()
    not_assessed: tuple[ToldGap, ...] = ()


class WebhookData(Part):
    """The notifications, or the rows of a digest."""

    announcements: tuple[Announcement, ...] = ()
    tenants: tuple[dict[str, JsonValue], ...] = Field(
        default=(), description="Of a digest: how each tenant stands, as the view ConnectorTenants has it."
    )
    left_out: int = Field(default=0, description="How many findings or tenants did not fit.")


class WebhookBody(Part):
    """One message, version 1, in the form of Standard Webhooks: type, timestamp, data."""

    schema_: Literal["connectorwatch.webhook/v1"] = Field(default="connectorwatch.webhook/v1", alias="schema")
    type: _Type
    timestamp: datetime
    data: WebhookData


def body_of(message: Message, route_filter: RouteFilter) -> WebhookBody | None:
    """Return the body of a message, or None where the filters leave nothing."""
    if message.kind == "digest":
        rows = tuple(_cut(dict(row)) for row in message.rows[:MOST_TENANTS])
        data = WebhookData(tenants=rows, left_out=len(message.rows) - len(rows))
        return WebhookBody(type="connectorwatch.digest", timestamp=message.at, data=data)
    announcements, room, left_out = [], MOST_CHANGES, 0
    for notification in message.notifications:
        every = _every(message, notification, route_filter)
        announcement = _announcement(message, notification, every[:room], route_filter)
        left_out += len(every) - len(every[:room])
        room -= len(every[:room])
        if every or announcement.not_assessed:
            announcements.append(announcement)
    if not announcements:
        return None
    data = WebhookData(announcements=tuple(announcements), left_out=left_out)
    kind: _Type = "connectorwatch.service" if message.kind == "service" else "connectorwatch.changes"
    return WebhookBody(type=kind, timestamp=message.at, data=data)


def _every(message: Message, notification: Notification, route_filter: RouteFilter) -> list[FindingChange]:
    """Return the findings that the route wants; a service message has all about the service and none about tenants."""
    if message.kind == "service":
        return list(notification.entry.changes) if notification.tenant.id == SERVICE else []
    return [change for change in notification.entry.changes if route_filter.wants(change.rule, change.severity)]


def _announcement(
    message: Message, notification: Notification, changes: list[FindingChange], route_filter: RouteFilter
) -> Announcement:
    known = dict(_known(notification))
    gaps = [
        gap for gap in notification.entry.not_assessed if message.kind == "service" or route_filter.wants_rule(gap.rule)
    ]
    return Announcement(
        id=notification.entry.id,
        tenant=TenantInfo(id=notification.tenant.id, name=notification.tenant.name[:LONGEST]),
        scan=notification.entry.scan,
        at=notification.entry.at,
        first=notification.entry.first,
        report=notification.report,
        findings=tuple(_finding(change, known.get(change.key, {})) for change in changes),
        not_assessed=tuple(ToldGap(rule=gap.rule, subjects=gap.subjects) for gap in gaps),
    )


def _finding(change: FindingChange, known: Mapping[str, Any]) -> ToldFinding:
    return ToldFinding(
        key=change.key[:LONGEST],
        rule=change.rule,
        title=known.get("title", ""),
        change=change.change,
        severity=change.severity,
        subject=known.get("subject"),
        message=known.get("message", ""),
        remedy=known.get("remedy", ""),
        ending=known.get("ending", ""),
        because=known.get("because", ""),
    )


def _known(notification: Notification) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield what is known of each finding, by key: the words of the scan's result go before what is remembered."""
    for key, finding in notification.findings.items():
        yield key, {"subject": _short(finding.subject), "message": finding.message[:LONGEST]}
    if notification.document is None:
        return
    for verdict in notification.document.verdicts:
        words = {"title": verdict.title, "message": verdict.message[:LONGEST], "remedy": verdict.remediation.summary}
        words |= _ending(verdict.lifecycle, verdict.subject)
        yield verdict.key, {"subject": _short(verdict.subject), **words}
    for gone in notification.document.gone:
        words = {"title": gone.title, "message": gone.message[:LONGEST], "remedy": gone.remedy}
        words |= _ending(gone.lifecycle, gone.subject)
        yield gone.key, {"subject": _short(gone.subject), **words}


def _ending(life: Lifecycle | None, subject: Subject) -> dict[str, str]:
    return {"ending": life.ending or "", "because": ending_words(life, subject)} if life else {}


def _short(subject: Subject) -> Subject:
    return Subject(type=subject.type, id=subject.id[:LONGEST], name=subject.name[:LONGEST])


def _cut(row: dict[str, Any]) -> dict[str, JsonValue]:
    return {column: value[:LONGEST] if isinstance(value, str) else value for column, value in row.items()}
