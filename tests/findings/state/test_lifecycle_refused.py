"""Verdicts that are a defect of the product are refused before anything is remembered."""

from __future__ import annotations

import pytest

from common.errors import RuleError
from findings.state.document import State
from findings.state.lifecycle import apply
from policies.vocabulary import Outcome
from tests.findings.state.lifecycle_data import RULES, TENANT, Day, after, said, scan, verdict

FAIL, PASS = said(verdict()), said(verdict(Outcome.PASS))


def test_two_verdicts_with_one_key_are_refused() -> None:
    """Two verdicts about one thing are a defect: neither is believed."""
    with pytest.raises(
        RuleError, match=r"^Two verdicts share the key GRP001/a: a defect of GRP001, please report it\."
    ):
        apply(State.new(TENANT), scan(1), [verdict(), verdict(Outcome.PASS)], RULES)


def test_a_verdict_of_a_rule_that_did_not_run_is_refused() -> None:
    """Were the list of rules wrong, findings would resolve as if their rule were off."""
    with pytest.raises(RuleError, match=r"^There is a verdict GRP001/a, but GRP001 did not run"):
        apply(State.new(TENANT), scan(1), [verdict()], frozenset())


@pytest.mark.parametrize("days", [(), (FAIL,), (FAIL, PASS)])
def test_evidence_that_is_no_json_is_refused(days: tuple[Day, ...]) -> None:
    """Evidence that could not be stored is refused before it is remembered."""
    with pytest.raises(RuleError, match=r"^The evidence of GRP001/a cannot be stored \(.*\): a defect of GRP001"):
        apply(after(*days), scan(9), [verdict(evidence={"share": float("nan")})], RULES)
