"""Which facts a finding keeps when its failure could be read only in part."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policies.vocabulary import Outcome, Severity
from tests.findings.state.lifecycle_data import KEY, Day, after, said, verdict

if TYPE_CHECKING:
    from pydantic import JsonValue

FAIL = said(verdict())
PASS = said(verdict(Outcome.PASS))
HALF_SEEN = said(verdict(severity=Severity.LOW, evidence={}, partial=True))


@pytest.mark.parametrize(
    ("before", "severity", "evidence"),
    [
        pytest.param((FAIL,), Severity.HIGH, {"active": 1}, id="while it is open, what was seen whole stays"),
        pytest.param((FAIL, PASS), Severity.LOW, {}, id="after it was fixed, nothing of before counts"),
        pytest.param((), Severity.LOW, {}, id="at first there is nothing else"),
    ],
)
def test_facts_of_a_failure_seen_by_half(
    before: tuple[Day, ...], severity: Severity, evidence: dict[str, JsonValue]
) -> None:
    """A failure that could be read only in part replaces the facts of a finding unless that is open."""
    found = after(*before, HALF_SEEN).findings[KEY]

    assert (found.state, found.severity, found.evidence) == ("open", severity, evidence)
