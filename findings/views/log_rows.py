"""Rows for a log store, such as Log Analytics below Microsoft Sentinel: one a scan, and one for each change. Pure.

The scan's own row, and one for each list that could not be read or for which another stood in, distinguish "nothing
moved" from "not read".

Made from the stored result alone, so that the same scan always makes the same rows with the same ids: what is sent
twice can be recognised. Column names are Log Analytics' usual PascalCase; `TenantId` is a column of its own there, so
the tenant's is `EntraTenantId`.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, JsonValue
from pydantic.alias_generators import to_pascal

from common.text import counted
from findings.history.change_words import WENT_BACK, change_word
from policies.vocabulary import Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from findings.document import ChangeEntry, FindingsDocument, GoneEntry, Lifecycle, TenantInfo, VerdictEntry
    from findings.state.announcements import OutboxEntry

LONGEST_TEXT = 4000
"""Letters of one text that are kept; names and messages are far shorter unless they are meant to harm."""
MOST_FACTS, LONGEST_FACT = 20, 1000
"""Most changed facts in one row, and most letters of JSON in one value."""


class LogRow(BaseModel):
    """A scan, a list that it could not read as it should, or one change, of a finding or of the inventory.

    Attributes:
        time_generated: The moment of the scan.
        change_id: The same for the same change of the same scan, however often it is sent: SHA-256, 32 letters of hex.
        entra_tenant_id: Whose.
        entra_tenant_name: As the tenant calls itself.
        scan_id: Which scan found the change.
        first_scan: Whether it was the tenant's first, before which nothing was known.
        source: `scan`, `section`, `finding` or `inventory`.
        change: Of a scan `complete`, `incomplete` or `lost`, of a section (a list that was not read, or for which
            another stood in) `denied`, `throttled` or `failed`; of a finding `new`, `changed`, `reopened` or
            `resolved`; of the inventory `new`, `gone`, `back`, `updated`, `moved` or `renamed`.
        subject_type: What it is about, such as `connector`.
        subject_id: Its id in the directory.
        subject_name: Its name, chosen by the person who registered it.
        finding_key: The finding's stable key; empty where it is about something else.
        rule_id: Such as `REG001`.
        rule_title: The rule's.
        severity: The rule's or the policy's; of the inventory `low` where a version went back, else empty.
        message: What is wrong, or was; of a scan what was not read, of a section why; of the inventory what happened.
        remedy: What to do.
        by_policy: Whether the policy moved and not the tenant.
        resolved_by: Of a resolved finding: by what.
        ending: Of a resolved finding: why it ended, more exactly: `fixed`, `left_scope`, `answered` or `not_asked`.
        before: Of the inventory: what it was.
        after: Of the inventory: what it is.
        moved: Of a finding: the facts that moved, as `what`, `before` and `after`; long values are left out.
    """

    model_config = ConfigDict(frozen=True, alias_generator=to_pascal, validate_by_name=True, serialize_by_alias=True)

    time_generated: datetime
    change_id: str
    entra_tenant_id: str
    entra_tenant_name: str
    scan_id: str
    first_scan: bool
    source: Literal["scan", "section", "finding", "inventory"]
    change: str
    subject_type: str
    subject_id: str
    subject_name: str
    finding_key: str = ""
    rule_id: str = ""
    rule_title: str = ""
    severity: str = ""
    message: str = ""
    remedy: str = ""
    by_policy: bool = False
    resolved_by: str = ""
    ending: str = ""
    before: str = ""
    after: str = ""
    moved: list[dict[str, JsonValue]] = []


COLUMNS = {
    to_pascal(name): {datetime: "datetime", bool: "boolean"}.get(field.annotation, "string")  # type: ignore[arg-type]  # annotations are typed as anything
    for name, field in LogRow.model_fields.items()
} | {"Moved": "dynamic"}
"""The table's columns and their Log Analytics types."""


def log_rows(document: FindingsDocument) -> tuple[LogRow, ...]:
    """Return a row for the scan, for each list that it could not read as it should, and for each thing that moved."""
    inventory = (_of_inventory(document, change) for change in document.changes)
    return (_of_scan(document), *_of_sections(document), *_of_findings(document), *inventory)


def lost_row(tenant: TenantInfo, entry: OutboxEntry) -> LogRow:
    """Return the row of a scan whose result cannot be read any more, so that what it found is in no row."""
    return _row(
        (tenant, entry.scan, entry.at, entry.first),
        source="scan",
        change="lost",
        subject_type="tenant",
        subject_id=tenant.id,
        subject_name=_text(tenant.name),
        message="The scan's stored result is gone or damaged, so its changes are not in this table.",
        remedy="See the service's log for why; the next scan tells of what moves after it.",
    )


def _of_scan(document: FindingsDocument) -> LogRow:
    unread = [section.name for section in document.sections if not section.known]
    replaced = [section.name for section in document.sections if section.stands_in_for]
    gaps = [f"Not read: {', '.join(unread)}."] if unread else []
    gaps += [f"Another list stood in for: {', '.join(replaced)}."] if replaced else []
    summary = " ".join(gaps) or "All lists were read."
    unjudged = document.summary.outcomes.get(Outcome.NOT_ASSESSED, 0)
    return _row(
        _of(document),
        source="scan",
        change="incomplete" if gaps else "complete",
        subject_type="tenant",
        subject_id=document.tenant.id,
        subject_name=_text(document.tenant.name),
        message=_text(f"{counted(unjudged, 'check')} could not be made. {summary}" if unjudged else summary),
    )


def _of_sections(document: FindingsDocument) -> Iterator[LogRow]:
    for section in document.sections:
        instead = section.stands_in_for
        if instead or not section.known:
            reason = section.reason or ""
            yield _row(
                _of(document),
                source="section",
                change=instead or section.status,
                subject_type="section",
                subject_id=section.name,
                subject_name=section.name,
                message=_text(f"Another list stood in, which tells less: {reason}" if instead else reason),
                remedy=_text(section.advice or ""),
            )


def _of_findings(document: FindingsDocument) -> Iterator[LogRow]:
    for verdict in document.verdicts:
        if verdict.lifecycle is not None and verdict.lifecycle.change is not None:
            yield _of_finding(document, verdict, verdict.lifecycle, verdict.remediation.summary)
    for gone in document.gone:
        if gone.lifecycle.change is not None:
            yield _of_finding(document, gone, gone.lifecycle, gone.remedy)


def _of_finding(
    document: FindingsDocument, entry: VerdictEntry | GoneEntry, lifecycle: Lifecycle, remedy: str
) -> LogRow:
    return _row(
        _of(document),
        source="finding",
        change=str(lifecycle.change),
        subject_type=entry.subject.type,
        subject_id=_text(entry.subject.id),
        subject_name=_text(entry.subject.name),
        finding_key=_text(entry.key),
        rule_id=entry.rule,
        rule_title=entry.title,
        severity=entry.severity.value,
        message=_text(entry.message),
        remedy=remedy,
        by_policy=lifecycle.cause == "policy",
        resolved_by=lifecycle.resolved_by or "",
        ending=lifecycle.ending or "",
        moved=[
            {"what": _text(fact.what), "before": _short(fact.before), "after": _short(fact.after)}
            for fact in lifecycle.moved[:MOST_FACTS]
        ],
    )


def _of_inventory(document: FindingsDocument, change: ChangeEntry) -> LogRow:
    return _row(
        _of(document),
        source="inventory",
        change=change.kind,
        subject_type=change.subject.type,
        subject_id=_text(change.subject.id),
        subject_name=_text(change.subject.name),
        severity=Severity.LOW.value if change_word(change) == WENT_BACK else "",
        message=change_word(change),
        before=_text(change.before or ""),
        after=_text(change.after or ""),
    )


_Scan = tuple["TenantInfo", str, datetime, bool]
"""Tenant, id and moment of the scan, and whether it was the first."""


def _of(document: FindingsDocument) -> _Scan:
    return document.tenant, document.scan.id, document.scan.finished_at, document.scan.first


def _row(scan: _Scan, **columns: JsonValue) -> LogRow:
    tenant, scan_id, at, first = scan
    parts = ("source", "change", "subject_type", "subject_id", "finding_key")
    named = [tenant.id, scan_id, *(columns.get(part, "") for part in parts)]
    return LogRow.model_validate(
        {
            "time_generated": at,
            "change_id": hashlib.sha256(json.dumps(named).encode()).hexdigest()[:32],
            "entra_tenant_id": tenant.id,
            "entra_tenant_name": _text(tenant.name),
            "scan_id": scan_id,
            "first_scan": first,
            **columns,
        }
    )


def _text(text: str) -> str:
    """Return a text as a log store takes it: not endless, and without half a surrogate pair, which no UTF-8 has."""
    return text[:LONGEST_TEXT].encode("utf-8", errors="replace").decode()


def _short(value: JsonValue) -> JsonValue:
    """Return a value where it is short, else None; half a value would be a wrong one."""
    written = json.dumps(value)
    return json.loads(written.encode("utf-8", errors="replace")) if len(written) <= LONGEST_FACT else None
