"""Passing and not applicable verdicts in machine-readable formats: listed one by one, or counted by rule."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from policies.vocabulary import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from findings.document import FindingsDocument, VerdictEntry

COUNTED = (Outcome.PASS, Outcome.NOT_APPLICABLE)


def is_counted(document: FindingsDocument, verdict: VerdictEntry) -> bool:
    """Return whether a verdict is only counted: its subject never failed, and the policy asks for counts."""
    return document.policy.passes == "count" and verdict.lifecycle is None and verdict.outcome in COUNTED


def listed(document: FindingsDocument) -> tuple[VerdictEntry, ...]:
    """Return the verdicts that are listed one by one, in the order of the document."""
    return tuple(verdict for verdict in document.verdicts if not is_counted(document, verdict))


def counts(document: FindingsDocument, outcome: Outcome) -> Mapping[str, int]:
    """Return the number of verdicts of an outcome that are only counted, by rule."""
    return Counter(
        verdict.rule for verdict in document.verdicts if verdict.outcome is outcome and is_counted(document, verdict)
    )
