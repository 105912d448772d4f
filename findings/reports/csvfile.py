"""findings.csv: one row a verdict, for spreadsheets, and harmless in them whatever the tenant's names are."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from findings.reports.text import cell, timestamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from findings.document import FindingsDocument, GoneEntry, Lifecycle, VerdictEntry

COLUMNS = (
    "tenant",
    "tenant_name",
    "scan",
    "rule",
    "title",
    "outcome",
    "severity",
    "subject_type",
    "subject_id",
    "subject_name",
    "message",
    "state",
    "change",
    "first_seen",
    "last_seen",
    "stale",
    "key",
    "remedy",
)
"""The header of findings.csv."""


def render_findings_csv(document: FindingsDocument) -> bytes:
    """Return findings.csv as RFC 4180 has it, in UTF-8 with a byte order mark, without which Excel misreads it.

    Verdicts come first. Findings that no verdict speaks about follow, with `gone` as their outcome.
    """
    return table_csv((COLUMNS, *_rows(document)))


def table_csv(rows: Iterable[Iterable[str]]) -> bytes:
    """Return rows as a CSV file with every cell made safe for a spreadsheet."""
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\r\n").writerows([cell(text) for text in row] for row in rows)
    return file.getvalue().encode("utf-8-sig")


def _rows(document: FindingsDocument) -> Iterator[tuple[str, ...]]:
    """Yield one row a verdict, then one row a finding without a verdict."""
    for verdict in document.verdicts:
        yield _row(document, verdict, verdict.title, verdict.outcome, verdict.remediation.summary)
    for gone in document.gone:
        yield _row(document, gone, "", "gone", "")


def _row(
    document: FindingsDocument, entry: VerdictEntry | GoneEntry, title: str, outcome: str, remedy: str
) -> tuple[str, ...]:
    """Return the cells of one row in the order of the columns."""
    return (
        document.tenant.id,
        document.tenant.name,
        document.scan.id,
        entry.rule,
        title,
        outcome,
        entry.severity,
        entry.subject.type,
        entry.subject.id,
        entry.subject.name,
        entry.message,
        *_life(entry.lifecycle),
        entry.key,
        remedy,
    )


def _life(life: Lifecycle | None) -> tuple[str, str, str, str, str]:
    """Return state, change, first seen, last seen and stale; all empty for what never failed."""
    if life is None:
        return "", "", "", "", ""
    first, last = timestamp(life.first_seen), timestamp(life.last_seen)
    return life.state, life.change or "", first, last, "yes" if life.stale else "no"
