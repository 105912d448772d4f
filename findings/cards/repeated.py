"""A stored scan's announcement, rebuilt from its result for a preview."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from findings.state.announcements import FindingChange, NotAssessed, OutboxEntry
from policies.vocabulary import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

    from findings.document import FindingsDocument, GoneEntry, VerdictEntry


def announced_again(document: FindingsDocument, before: FindingsDocument | None) -> OutboxEntry:
    """Return what a scan announced when it was made.

    Args:
        document: The scan's result.
        before: The result of the scan before it, which tells what could be looked at then; None where there is none,
            so that all that could not be looked at is told.
    """
    unseen, known = _unseen(document), _unseen(before) if before else Counter[str]()
    return OutboxEntry(
        id=f"{document.scan.id}-changes",
        scan=document.scan.id,
        at=document.scan.finished_at,
        first=document.scan.first,
        inventory=len(document.changes),
        changes=tuple(_changes((*document.verdicts, *document.gone))),
        not_assessed=tuple(
            NotAssessed(rule=rule, subjects=count) for rule, count in sorted(unseen.items()) if rule not in known
        ),
    )


def _unseen(document: FindingsDocument) -> Counter[str]:
    return Counter(verdict.rule for verdict in document.verdicts if verdict.outcome is Outcome.NOT_ASSESSED)


def _changes(entries: Iterable[VerdictEntry | GoneEntry]) -> Iterable[FindingChange]:
    for entry in sorted(entries, key=lambda entry: entry.key):
        change = entry.lifecycle.change if entry.lifecycle else None
        if change is not None:
            yield FindingChange(key=entry.key, rule=entry.rule, change=change, severity=entry.severity)
