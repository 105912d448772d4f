"""Answers and planned connectors in the policy file: understood, added up, or refused with their lines."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from common.errors import PolicyError
from policies.policy_file.answers import LONGEST_KEY, LONGEST_REASON, Answer
from policies.policy_file.edit import with_listed
from policies.policy_file.read import parse_policy
from policies.rules import RULE_IDS
from tests.making import TENANT

OTHER = "0b1c3a1e-0d55-4c53-9a52-1f0a2f7c9d11"


def answers(*lines: str, key: str = "CON003/c1", at: str = "2026-11-20T09:30:00Z", verdict: str = "expected") -> str:
    """Return one answer as lines of a list; what is added stands at its end."""
    own = [f"- key: {key}", f"  verdict: {verdict}", "  reason: planned", "  by: Ada", f"  at: {at}", *lines]
    return "answers:\n" + "".join(f"  {line}\n" for line in own)


def complaint(text: str) -> str:
    """Return why a text is refused as a policy."""
    with pytest.raises(PolicyError) as caught:
        parse_policy(text, "policy.yaml", RULE_IDS)
    return str(caught.value).removeprefix("policy.yaml, ")


def test_everything_is_understood() -> None:
    """Each key of an answer arrives, its moment in UTC."""
    text = answers(f"  tenant: {TENANT}", at="2026-11-20T10:30:00+01:00")
    (read,) = parse_policy(text, "policy.yaml", RULE_IDS).policy.answers

    assert read.model_dump() == {
        "key": "CON003/c1",
        "verdict": "expected",
        "reason": "planned",
        "by": "Ada",
        "at": datetime(2026, 11, 20, 9, 30, tzinfo=UTC),
        "tenant": TENANT,
    }


def test_a_tenants_own_are_added() -> None:
    """Answers below a tenant are added to those for all; planned connectors below it take the place of the others."""
    below = answers(key="REG011/u1").replace("\n", "\n    ").rstrip()
    text = (
        f"{answers()}expected_connectors:\n  - machine: PAR01\ntenants:\n  {TENANT}:\n    {below}\n"
        "    expected_connectors:\n      - {machine: PAR02, group: Paris, reason: CHG-1}\n"
    )
    loaded = parse_policy(text, "policy.yaml", RULE_IDS)
    own = loaded.for_tenant(TENANT).policy

    assert [answer.key for answer in own.answers] == ["CON003/c1", "REG011/u1"]
    assert [entry.machine for entry in own.expected_connectors] == ["PAR02"]
    assert [answer.key for answer in loaded.for_tenant(OTHER).policy.answers] == ["CON003/c1"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (answers(key="CON03/c1"), 'line 2, answers.0.key: unknown rule, did you mean "CON003"?'),
        (answers(key="CON003"), "line 2, answers.0.key: "),
        (answers(key="CON003/" + "x" * LONGEST_KEY), "line 2, answers.0.key: "),
        (answers(verdict="meant"), "line 3, answers.0.verdict: "),
        (answers().replace("planned", "' '"), "line 4, answers.0.reason: "),
        (answers().replace("planned", "x" * (LONGEST_REASON + 1)), "line 4, answers.0.reason: "),
        (answers().replace("    by: Ada\n", ""), "line 2, answers.0.by: "),
        (answers().replace("Ada", "''"), "line 5, answers.0.by: "),
        (answers(at="2026-11-20T09:30:00"), "line 6, answers.0.at: "),
        (answers(at="yesterday"), "line 6, answers.0.at: "),
        (answers("  tenant: contoso"), 'line 7, answers.0.tenant: must be the id of a tenant; it says "contoso"'),
        (answers("  owner: me"), "line 7, answers.0.owner: unknown key"),
        (
            answers() + answers(verdict="wrong").removeprefix("answers:\n"),
            "line 8, answers.1.verdict: the answer on line 3 is of the same moment and says",
        ),
        (
            f"tenants:\n  {TENANT}:\n    " + answers(f"  tenant: {OTHER}").replace("\n", "\n    ").rstrip() + "\n",
            "line 9, tenants.5f6c3a1e-0d55-4c53-9a52-1f0a2f7c9d10.answers.0.tenant: is another tenant than the one",
        ),
        ("answers: [1]\n", "line 1, answers.0: "),
        ("answers: 1\n", "line 1, answers: "),
        ("expected_connectors: [PAR01]\n", "line 1, expected_connectors.0: "),
        ("expected_connectors:\n  - machine: ' '\n", "line 2, expected_connectors.0.machine: "),
        ("expected_connectors:\n  - group: Paris\n", "line 2, expected_connectors.0.machine: "),
    ],
)
def test_what_is_refused(text: str, said: str) -> None:
    """What an answer or a plan may not say is refused with its line."""
    assert said in complaint(text)


def test_an_answer_is_written_under_its_own_heading() -> None:
    """An answer is added at the end of its list, with a comment that names its subject, and reads back as it was."""
    answer = Answer(
        key="CON003/c1",
        verdict="handled",
        reason="it's: gone # yes",
        by="Ada",
        at=datetime(2026, 11, 20, 9, 30, tzinfo=UTC),
        tenant=TENANT,
    )
    before = b"waivers: []\n# ours\nanswers: # none\nversion: 1\n"
    after = with_listed(before, "answers", answer, "PAR01")

    assert after is not None
    assert after.startswith(b"waivers: []\n# ours\nanswers: # none\n  - key: CON003/c1  # PAR01\n")
    assert after.endswith(b"\nversion: 1\n")
    assert parse_policy(after, "policy.yaml", RULE_IDS).policy.answers == (answer,)
