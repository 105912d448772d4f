"""Why a finding ended, in words."""

from __future__ import annotations

import pytest

from findings.reports.lifecycle_text import life_text
from findings.reports.view import moved
from findings.state.endings import BY_TIME, ending_words
from policies.vocabulary import Ending, Outcome
from tests.findings.reports.sample import about, document_of, life, verdict


@pytest.mark.parametrize(
    ("ending", "by", "expected"),
    [
        ("fixed", "fixed", "fixed"),
        ("left_scope", "subject_gone", "left the scope: removed, or no longer of the kind that is checked"),
        ("left_scope", "fixed", "left the scope: removed, or no longer of the kind that is checked"),
        ("answered", "not_applicable", "answered"),
        ("not_asked", "rule_disabled", "the policy no longer asks"),
        (None, "fixed", "fixed"),
        (None, "not_applicable", "does not apply any more"),
        (None, "subject_gone", "left the scope"),
        (None, "rule_disabled", "the rule was switched off"),
        (None, "something_later", "something later"),
        (None, None, ""),
    ],
)
def test_ending_words(ending: Ending | None, by: str | None, expected: str) -> None:
    """Each ending has its words; findings of before endings were kept have those of what resolved them."""
    ended = life("resolved", state="resolved").model_copy(update={"ending": ending, "resolved_by": by})

    assert ending_words(ended) == expected


def test_opened_because_time_had_closed_it() -> None:
    """Reports say of a finding that time had closed why it is open again."""
    opened = life("reopened").model_copy(update={"correction": "time"})
    document = document_of((verdict("CON003", about("connector", 7, "hq"), Outcome.FAIL, life=opened),))

    assert [entry.because for entry in moved(document)] == [BY_TIME]
    assert life_text(opened) == f"{BY_TIME}."
