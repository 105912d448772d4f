"""Why a finding ended, and why one was opened again, in words: the same in every report, card and timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.text import words

if TYPE_CHECKING:
    from findings.document import Lifecycle
    from findings.state.parts import Event
    from findings.state.record import FindingState

_ENDINGS = {
    "fixed": "fixed",
    "left_scope": "left the scope: removed, or no longer of the kind that is checked",
    "answered": "answered",
    "not_asked": "the policy no longer asks",
}
_OLDER = {
    "not_applicable": "does not apply any more",
    "subject_gone": "left the scope",
    "rule_disabled": "the rule was switched off",
}
"""Words for findings of before endings were kept, by what resolved them."""
BY_TIME = "Opened again: it was once closed only because days had passed, which ends nothing"


def ending_words(ended: Lifecycle | Event | FindingState) -> str:
    """Return in words why a finding ended; empty where it has not."""
    if ended.ending:
        return _ENDINGS.get(ended.ending, words(ended.ending))
    by = ended.resolved_by
    return (_OLDER | _ENDINGS).get(by, words(by)) if by else ""
