"""What a generic webhook is sent: news as JSON, version 1; see docs/webhook.md."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, JsonValue

from connectorwatch.channels.port import SERVICE
from findings.document import Change, TenantInfo
from findings.result_parts import Part
from policies.vocabulary import Severity, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from connectorwatch.channels.port import Message
    from findings.cards import Notification, RouteFilter
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
    """What is told."""

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


def body_of(news: Message, wish: RouteFilter) -> WebhookBody | None:
    """Return the message of some news, or None where nothing in it is of interest."""
    if news.kind == "digest":
        rows = tuple(_cut(dict(row)) for row in news.rows[:MOST_TENANTS])
        data = WebhookData(tenants=rows, left_out=len(news.rows) - len(rows))
        return WebhookBody(type="connectorwatch.digest", timestamp=news.at, data=data)
    announcements, room, left_out = [], MOST_CHANGES, 0
    for told in news.told:
        every = _every(news, told, wish)
        one = _announcement(news, told, every[:room], wish)
        left_out += len(every) - len(every[:room])
        room -= len(every[:room])
        if every or one.not_assessed:
            announcements.append(one)
    if not announcements:
        return None
    data = WebhookData(announcements=tuple(announcements), left_out=left_out)
    kind: _Type = "connectorwatch.service" if news.kind == "service" else "connectorwatch.changes"
    return WebhookBody(type=kind, timestamp=news.at, data=data)


def _every(news: Message, told: Notification, wish: RouteFilter) -> list[FindingChange]:
    """Return the findings that the route wants; of the service itself it is told everything, of tenants nothing."""
    if news.kind == "service":
        return list(told.entry.changes) if told.tenant.id == SERVICE else []
    return [change for change in told.entry.changes if wish.wants(change.rule, change.severity)]


def _announcement(news: Message, told: Notification, changes: list[FindingChange], wish: RouteFilter) -> Announcement:
    known = dict(_known(told))
    gaps = [gap for gap in told.entry.not_assessed if news.kind == "service" or wish.wants_rule(gap.rule)]
    return Announcement(
        id=told.entry.id,
        tenant=TenantInfo(id=told.tenant.id, name=told.tenant.name[:LONGEST]),
        scan=told.entry.scan,
        at=told.entry.at,
        first=told.entry.first,
        report=told.report,
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
    )


def _known(told: Notification) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield what is known of each finding, by key: the words of the scan's result go before what is remembered."""
    for key, found in told.findings.items():
        yield key, {"subject": _short(found.subject), "message": found.message[:LONGEST]}
    if told.document is None:
        return
    for verdict in told.document.verdicts:
        words = {"title": verdict.title, "message": verdict.message[:LONGEST], "remedy": verdict.remediation.summary}
        yield verdict.key, {"subject": _short(verdict.subject), **words}
    for gone in told.document.gone:
        words = {"title": gone.title, "message": gone.message[:LONGEST], "remedy": gone.remedy}
        yield gone.key, {"subject": _short(gone.subject), **words}


def _short(subject: Subject) -> Subject:
    return Subject(type=subject.type, id=subject.id[:LONGEST], name=subject.name[:LONGEST])


def _cut(row: dict[str, Any]) -> dict[str, JsonValue]:
    return {column: value[:LONGEST] if isinstance(value, str) else value for column, value in row.items()}
