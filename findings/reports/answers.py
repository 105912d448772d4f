"""What was answered to findings, and how the others are answered, for every report."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from common.text import visible
from policies.rules import EVENT_RULE_IDS
from policies.vocabulary import Outcome

if TYPE_CHECKING:
    from findings.document import FindingsDocument, GoneEntry, VerdictEntry
    from findings.result_parts import AnswerInfo
    from policies.vocabulary import Severity, Subject

ANCHOR = "answers"
"""Where the page says how findings are answered."""


@dataclass(frozen=True)
class Answered:
    """A finding that somebody answered; `ended` is whether it is over."""

    rule: str
    severity: Severity
    subject: Subject
    message: str
    answer: AnswerInfo
    ended: bool


def answered(document: FindingsDocument) -> tuple[Answered, ...]:
    """Return the findings that were answered, open ones first and the worst of them before the others."""
    all_entries: tuple[VerdictEntry | GoneEntry, ...] = (*document.verdicts, *document.gone)
    entries = (
        Answered(entry.rule, entry.severity, entry.subject, entry.message, entry.answer, _has_ended(entry))
        for entry in all_entries
        if entry.answer is not None
    )
    return tuple(sorted(entries, key=lambda entry: (entry.ended, entry.severity.rank)))


def _has_ended(entry: VerdictEntry | GoneEntry) -> bool:
    """Return whether a finding is over; outside any history only its verdict says so."""
    if entry.lifecycle is not None:
        return entry.lifecycle.state == "resolved"
    return entry.outcome is Outcome.NOT_APPLICABLE


def how_to_answer(entry: VerdictEntry) -> str:
    """Return the command that answers a failing finding; empty where it is not about an event."""
    if entry.rule not in EVENT_RULE_IDS:
        return ""
    key = shlex.quote(visible(entry.key))
    return f"connectorwatch answer {key} --verdict expected|wrong|handled --reason TEXT --by NAME"


def is_asked(document: FindingsDocument) -> bool:
    """Return whether any finding fails that can be answered."""
    return any(entry.outcome is Outcome.FAIL and how_to_answer(entry) for entry in document.verdicts)
