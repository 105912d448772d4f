"""Why a finding ended, and why one was opened again, in words: the same in every report, card and timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.text import words

if TYPE_CHECKING:
    from findings.document import Lifecycle
    from findings.state.parts import Event
    from findings.state.record import FindingState
    from policies.vocabulary import Subject

_ENDINGS = {
    "fixed": "fixed, as the check passes on facts that changed",
    "answered": "answered, as somebody said what it was",
    "not_asked": "no longer asked, as the policy changed",
}
_LEFT = {
    "subject_gone": "left the scope, as it is no longer in the tenant",
    "not_applicable": "left the scope, as the check no longer applies",
}
_LEFT_OTHERWISE = "left the scope, as what it was about is no longer there"
_PERSON_LEFT = "left the scope, as the access that was checked is gone"
"""Of a person nothing more is known than that: only the role may be gone, and not the account."""
_OLDER = {
    "not_applicable": "left the scope, as the check no longer applies",
    "subject_gone": "left the scope",
    "rule_disabled": "no longer asked, as the rule was switched off",
}
"""Words for findings of before endings were kept, by what resolved them."""
OUT_OF_SIGHT = "Out of sight: this scan could not assess it, which ends nothing"
BY_TIME = "Opened again: it was once closed only because days had passed, which ends nothing"


def ending_words(ended: Lifecycle | Event | FindingState, subject: Subject) -> str:
    """Return in words why a finding about a subject ended; empty where it has not."""
    by = ended.resolved_by
    if ended.ending == "left_scope":
        is_person = subject.type == "principal" and by != "not_applicable"
        return _PERSON_LEFT if is_person else _LEFT.get(by or "", _LEFT_OTHERWISE)
    if ended.ending:
        return _ENDINGS.get(ended.ending, words(ended.ending))
    return (_OLDER | _ENDINGS).get(by, words(by)) if by else ""
