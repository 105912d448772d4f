"""findings.csv: one row for each verdict; no name from the tenant can run as a formula in a spreadsheet."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from common.text import cell, timestamp
from findings.document import GoneEntry
from findings.reports.lifecycle_text import moved_text
from findings.state.endings import ending_words
from policies.vocabulary import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from findings.document import FindingsDocument, Lifecycle, VerdictEntry, WaiverInfo

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
    "cause",
    "moved",
    "resolved_by",
    "waiver",
    "waiver_until",
    "waiver_owner",
    "waiver_reason",
    "ending",
    "because",
)
"""The header of findings.csv."""

_TO_MEND = (Outcome.FAIL, Outcome.WAIVED)


def render_findings_csv(document: FindingsDocument) -> bytes:
    """Return findings.csv (RFC 4180), in UTF-8 with a byte order mark, without which Excel misreads it.

    Verdicts come first. Findings that no verdict speaks about follow: `not_looked_at` is their outcome while they are
    open, `resolved` where they are over. `remedy` says what to do about what fails, is waived or is still open, and how
    to have what was not assessed read; it is empty where nothing is to be done. `cause` is `policy` where the policy
    moved and not the tenant, `ending` and, in words, `because` why a finding ended, `moved` says which facts of a
    changed finding did.
    """
    return table_csv((COLUMNS, *_rows(document)))


def table_csv(rows: Iterable[Iterable[str]]) -> bytes:
    """Return rows as a CSV file with every cell made safe for a spreadsheet."""
    content = io.BytesIO()
    file = io.TextIOWrapper(content, encoding="utf-8-sig", newline="")
    csv.writer(file, lineterminator="\r\n").writerows([cell(text) for text in row] for row in rows)
    file.detach()  # what is written stays
    return content.getvalue()


def _rows(document: FindingsDocument) -> Iterator[tuple[str, ...]]:
    """Yield one row a verdict, then one row a finding without a verdict."""
    ways_out = {section.name: section.advice or "" for section in document.sections if not section.known}
    for verdict in document.verdicts:
        yield _row(document, verdict, verdict.outcome, _remedy(verdict, ways_out))
    for gone in document.gone:
        is_open = gone.lifecycle.state == "open"
        yield _row(document, gone, "not_looked_at" if is_open else "resolved", gone.remedy if is_open else "")


def _remedy(verdict: VerdictEntry, ways_out: Mapping[str, str]) -> str:
    """Return what to do about a verdict; `ways_out` is the advice about each unread list, by its name."""
    if verdict.outcome in _TO_MEND:
        return verdict.remediation.summary
    if verdict.outcome is Outcome.NOT_ASSESSED:
        return ways_out.get(str(verdict.evidence.get("section")), "")
    return ""


def _row(document: FindingsDocument, entry: VerdictEntry | GoneEntry, outcome: str, remedy: str) -> tuple[str, ...]:
    """Return the cells of one row in the order of the columns."""
    return (
        document.tenant.id,
        document.tenant.name,
        document.scan.id,
        entry.rule,
        entry.title,
        outcome,
        entry.severity,
        entry.subject.type,
        entry.subject.id,
        entry.subject.name,
        entry.message,
        *_life(entry.lifecycle),
        entry.key,
        remedy,
        *_why(entry.lifecycle),
        *_waiver(None if isinstance(entry, GoneEntry) else entry.waiver),
        *_ending(entry),
    )


def _life(lifecycle: Lifecycle | None) -> tuple[str, str, str, str, str]:
    """Return state, change, first seen, last seen and stale; all empty for what never failed."""
    if lifecycle is None:
        return "", "", "", "", ""
    first, last = timestamp(lifecycle.first_seen), timestamp(lifecycle.last_seen)
    return lifecycle.state, lifecycle.change or "", first, last, "yes" if lifecycle.stale else "no"


def _why(lifecycle: Lifecycle | None) -> tuple[str, str, str]:
    """Return what made a finding move, which facts moved, and why it is over."""
    return (lifecycle.cause or "", moved_text(lifecycle), lifecycle.resolved_by or "") if lifecycle else ("", "", "")


def _ending(entry: VerdictEntry | GoneEntry) -> tuple[str, str]:
    """Return why a finding ended, as a word of ours and as a sentence."""
    life = entry.lifecycle
    return (life.ending or "", ending_words(life, entry.subject)) if life else ("", "")


def _waiver(waiver: WaiverInfo | None) -> tuple[str, str, str, str]:
    """Return a waiver's id, its last day, its owner and its reason."""
    if waiver is None:
        return "", "", "", ""
    return waiver.id, waiver.until.isoformat() if waiver.until else "", waiver.owner, waiver.reason
