"""The rows of the views. Pure: a state and the findings.json of its newest scan in, rows out."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from common.text import timestamp
from findings.inventory.rows import KINDS, inventory_rows
from findings.views.digest_columns import outlook
from findings.views.tables import INVENTORY, Row, fleet_place, whole_text
from policies.rules import RULES
from policies.vocabulary import Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from findings.document import FindingsDocument
    from findings.result_parts import TrendPoint
    from findings.state.document import ScanMeta, State
    from findings.state.record import FindingState
    from findings.views.tables import Value

LONGEST = 32_000
"""UTF-16 units of one value: 64 KiB are 32,768 (Azure Tables "Understanding the Table service data model")."""
CUT = " [cut]"
"""What ends a value that was longer."""
SPARK = 30
"""How many scans a summary row's sparkline shows."""
_LAST_MILLISECOND = 10**15 - 1
_SUBJECTS = {"connectors": "connector", "groups": "group_id", "applications": "application"}
"""The column that tells the rows of each list apart."""
_TITLES = {rule.id: rule.title for rule in RULES}


def rows_of(state: State, newest: FindingsDocument) -> tuple[Row, ...]:
    """Return all rows of a tenant.

    Args:
        state: What is remembered of it; at least one scan was applied.
        newest: The result of the newest scan applied.
    """
    tenant = state.tenant.id
    points = {point.scan: point for point in newest.trend}
    findings = (
        Row("ConnectorFindings", tenant, _hashed(key), _finding(tenant, record))
        for key, record in state.findings.items()
    )
    scans = (
        Row("ConnectorScans", tenant, _newest_first(scan), _scan(tenant, scan, points.get(scan.id)))
        for scan in state.scans[:-1]
    )
    last = state.scans[-1]
    scan_row = Row("ConnectorScans", tenant, _newest_first(last), _scan(tenant, last, None) | _counts(newest))
    summary = Row("ConnectorTenants", *fleet_place(tenant), _summary(state, newest))
    return (*findings, *scans, scan_row, summary, *_inventory(tenant, newest))


def _inventory(tenant: str, newest: FindingsDocument) -> Iterator[Row]:
    """Yield the rows of the inventory, and of the lists in it that were not read."""
    for kind in KINDS:
        for row in inventory_rows(newest, kind):
            subject = row[_SUBJECTS[kind]] if row["read"] else f"not read: {row['list']}"
            yield Row(INVENTORY[kind], tenant, _hashed(str(subject)), _values(row))


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", errors="replace")).hexdigest()[:40]


def _newest_first(scan: ScanMeta) -> str:
    """Return a key that comes before those of older scans: what is left of 15 digits of milliseconds, and a hash."""
    passed = round((scan.taken_at - datetime.fromtimestamp(0, UTC)).total_seconds() * 1000)
    return f"{_LAST_MILLISECOND - passed:015d}-{_hashed(scan.id)[:8]}"


def _finding(tenant: str, record: FindingState) -> dict[str, Value]:
    return _values(
        {
            "tenant": tenant,
            "finding": record.key,
            "rule": record.rule,
            "title": _TITLES.get(record.rule),
            "severity": record.severity.value,
            "state": record.state,
            "outcome": record.outcome.value,
            "subject_type": record.subject.type,
            "subject_id": record.subject.id,
            "subject_name": record.subject.name,
            "message": record.message,
            "change": record.change,
            "change_scan": record.change_scan,
            "first_seen": record.first_seen,
            "last_seen": record.last_seen,
            "assessed_at": record.assessed_at,
            "resolved_at": record.resolved_at,
            "resolved_by": record.resolved_by,
            "ending": record.ending,
            "stale": record.stale,
        }
    )


def _scan(tenant: str, scan: ScanMeta, point: TrendPoint | None) -> dict[str, Value]:
    """Return a scan's row; its outcome is filled where the newest document still counts it."""
    known = _values(
        {
            "tenant": tenant,
            "scan": scan.id,
            "taken_at": scan.taken_at,
            "trigger": scan.trigger,
            "complete": scan.complete,
            "evidence_sha256": scan.evidence_sha256,
        }
    )
    return known if point is None else known | _ended(point.failing, point.outcomes)


def _ended(failing: Mapping[Severity, int], outcomes: Mapping[Outcome, int]) -> dict[str, Value]:
    return {
        "failing": sum(failing.values()),
        **{severity.value: failing.get(severity, 0) for severity in Severity},
        "not_assessed": outcomes.get(Outcome.NOT_ASSESSED, 0),
    }


def _counts(document: FindingsDocument) -> dict[str, Value]:
    return _ended(document.summary.failing, document.summary.outcomes)


def _summary(state: State, newest: FindingsDocument) -> dict[str, Value]:
    failing, outcomes = newest.summary.failing, newest.summary.outcomes
    worst = next((severity.value for severity in Severity if failing.get(severity)), None)
    counts = {section.name: section.count for section in newest.sections}
    return _counts(newest) | _values(
        {
            "tenant": state.tenant.id,
            "name": newest.tenant.name,
            "revision": state.revision,
            "scan": newest.scan.id,
            "scanned_at": state.scans[-1].taken_at,
            "complete": newest.scan.complete,
            "worst": worst,
            "passed": outcomes.get(Outcome.PASS, 0),
            "waived": outcomes.get(Outcome.WAIVED, 0),
            "not_applicable": outcomes.get(Outcome.NOT_APPLICABLE, 0),
            "all_assessed": newest.scan.complete and not outcomes.get(Outcome.NOT_ASSESSED),
            "open_findings": sum(record.state == "open" for record in state.findings.values()),
            "new": newest.summary.changes.new + newest.summary.changes.reopened,
            "resolved": newest.summary.changes.resolved,
            "connectors": counts.get("connectors"),
            "groups": counts.get("connector_groups"),
            "sparkline": sparkline(newest),
            "policy_sha256": newest.policy.sha256,
            "undelivered": bool(state.outbox),
            **outlook(state, newest),
        }
    )


def sparkline(newest: FindingsDocument) -> str:
    """Return how many verdicts failed in the last scans, oldest first, such as `12,12,9`."""
    before = [sum(point.failing.values()) for point in newest.trend if point.scan != newest.scan.id]
    failing = sum(newest.summary.failing.values())
    return ",".join(str(count) for count in [*before, failing][-SPARK:])


def _values(known: Mapping[str, Value | datetime | None]) -> dict[str, Value]:
    return dict(_known(known))


def _known(known: Mapping[str, Value | datetime | None]) -> Iterator[tuple[str, Value]]:
    """Yield what is known; a moment becomes text, and text what any store can hold."""
    for column, value in known.items():
        if isinstance(value, datetime):
            yield column, timestamp(value)
        elif isinstance(value, str):
            yield column, held(value)
        elif value is not None:
            yield column, value


def held(text: str) -> str:
    """Return a text as a row holds it: no half of a surrogate pair, and cut, with a mark, where it is too long."""
    if not whole_text(text):
        text = text.encode("utf-8", errors="replace").decode("utf-8")
    if len(text) * 2 <= LONGEST:
        return text
    units = text.encode("utf-16-le")
    if len(units) <= LONGEST * 2:
        return text
    return units[: (LONGEST - len(CUT)) * 2].decode("utf-16-le", errors="ignore") + CUT
