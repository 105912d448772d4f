"""What rules say, short enough for a table: `{"id-Paris": "fail high"}`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policies.evaluate import evaluate
from policies.rules import RULES
from policies.vocabulary import Outcome
from tests.making import evidence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inventory.snapshot import Snapshot
    from policies.evidence import Evidence
    from policies.rule import Verdict


def verdicts(rule_id: str, judged: Evidence) -> dict[str, Verdict]:
    """Return what one rule says, by its subjects' ids."""
    rules = [rule for rule in RULES if rule.id == rule_id]
    return {verdict.subject.id: verdict for verdict in evaluate(judged, rules)}


def short(verdict: Verdict) -> str:
    """Return a verdict in a word, or two where it fails."""
    return f"fail {verdict.severity}" if verdict.outcome is Outcome.FAIL else str(verdict.outcome)


def said(rule_id: str, seen: Snapshot, policy: Mapping[str, object] | None = None) -> dict[str, str]:
    """Return what one rule says of a snapshot, by its subjects' ids, in words."""
    return {subject: short(verdict) for subject, verdict in verdicts(rule_id, evidence(seen, policy=policy)).items()}


def as_bytes(spoken: tuple[Verdict, ...]) -> bytes:
    """Return verdicts as they would be stored."""
    return repr(spoken).encode()
