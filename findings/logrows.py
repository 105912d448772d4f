"""Rows for a log store, such as Log Analytics below Microsoft Sentinel: one for each change that a scan found. Pure.

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

if TYPE_CHECKING:
    from collections.abc import Iterator

    from findings.document import ChangeEntry, FindingsDocument, GoneEntry, Lifecycle, VerdictEntry

LONGEST_TEXT = 4000
"""Letters of one text that are kept; names and messages are far shorter unless somebody means harm."""
MOST_FACTS, LONGEST_FACT = 20, 1000
"""How many facts that moved are told of one finding, and how many letters of JSON a value may have."""


class LogRow(BaseModel):
    """One change, of a finding or of the inventory.

    Attributes:
        time_generated: When the scan looked.
        change_id: The same for the same change of the same scan, however often it is sent: SHA-256, 32 letters of hex.
        entra_tenant_id: Whose.
        entra_tenant_name: As the tenant calls itself.
        scan_id: Which scan found the change.
        first_scan: Whether it was the tenant's first, before which nothing was known.
        source: `finding` or `inventory`.
        change: Of a finding `new`, `changed`, `reopened` or `resolved`; of the inventory `new`, `gone`, `back`,
            `updated`, `moved` or `renamed`.
        subject_type: What it is about, such as `connector`.
        subject_id: Its id in the directory.
        subject_name: Its name, which whoever may register it has chosen.
        finding_key: The finding's stable key; empty for the inventory, as are the next five.
        rule_id: Such as `REG001`.
        rule_title: The rule's.
        severity: The rule's or the policy's.
        message: What is wrong, or was.
        remedy: What to do.
        by_policy: Whether the policy moved and not the tenant.
        resolved_by: Of a resolved finding: by what.
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
    source: Literal["finding", "inventory"]
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
    before: str = ""
    after: str = ""
    moved: list[dict[str, JsonValue]] = []


COLUMNS = {
    to_pascal(name): {datetime: "datetime", bool: "boolean"}.get(field.annotation, "string")  # type: ignore[arg-type]  # annotations are typed as anything
    for name, field in LogRow.model_fields.items()
} | {"Moved": "dynamic"}
"""The table's columns and their Log Analytics types."""


def log_rows(document: FindingsDocument) -> tuple[LogRow, ...]:
    """Return a row for each finding and each thing of the inventory that moved in this scan."""
    return (*_of_findings(document), *(_of_inventory(document, change) for change in document.changes))


def _of_findings(document: FindingsDocument) -> Iterator[LogRow]:
    for verdict in document.verdicts:
        if verdict.lifecycle is not None and verdict.lifecycle.change is not None:
            yield _of_finding(document, verdict, verdict.lifecycle, verdict.remediation.summary)
    for gone in document.gone:
        if gone.lifecycle.change is not None:
            yield _of_finding(document, gone, gone.lifecycle, gone.remedy)


def _of_finding(document: FindingsDocument, entry: VerdictEntry | GoneEntry, life: Lifecycle, remedy: str) -> LogRow:
    return _row(
        document,
        source="finding",
        change=str(life.change),
        subject_type=entry.subject.type,
        subject_id=_text(entry.subject.id),
        subject_name=_text(entry.subject.name),
        finding_key=_text(entry.key),
        rule_id=entry.rule,
        rule_title=entry.title,
        severity=entry.severity.value,
        message=_text(entry.message),
        remedy=remedy,
        by_policy=life.cause == "policy",
        resolved_by=life.resolved_by or "",
        moved=[
            {"what": _text(fact.what), "before": _short(fact.before), "after": _short(fact.after)}
            for fact in life.moved[:MOST_FACTS]
        ],
    )


def _of_inventory(document: FindingsDocument, change: ChangeEntry) -> LogRow:
    return _row(
        document,
        source="inventory",
        change=change.kind,
        subject_type=change.subject.type,
        subject_id=_text(change.subject.id),
        subject_name=_text(change.subject.name),
        before=_text(change.before or ""),
        after=_text(change.after or ""),
    )


def _row(document: FindingsDocument, **own: JsonValue) -> LogRow:
    parts = ("source", "change", "subject_type", "subject_id", "finding_key")
    named = [document.tenant.id, document.scan.id, *(own.get(part, "") for part in parts)]
    return LogRow.model_validate(
        {
            "time_generated": document.scan.finished_at,
            "change_id": hashlib.sha256(json.dumps(named).encode()).hexdigest()[:32],
            "entra_tenant_id": document.tenant.id,
            "entra_tenant_name": _text(document.tenant.name),
            "scan_id": document.scan.id,
            "first_scan": document.scan.first,
            **own,
        }
    )


def _text(text: str) -> str:
    """Return a text as a log store takes it: not endless, and without half a surrogate pair, which no UTF-8 has."""
    return text[:LONGEST_TEXT].encode("utf-8", errors="replace").decode()


def _short(value: JsonValue) -> JsonValue:
    """Return a value where it is short, else None; half a value would be a wrong one."""
    written = json.dumps(value)
    return json.loads(written.encode("utf-8", errors="replace")) if len(written) <= LONGEST_FACT else None
