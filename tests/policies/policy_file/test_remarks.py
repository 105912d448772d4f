"""What is valid in a policy file and still remarked."""

from __future__ import annotations

from datetime import timedelta

import pytest

from policies.policy_file.read import parse_policy
from policies.policy_file.remarks import remarks
from policies.rules import RULE_IDS
from tests.making import NOW, TENANT


def answer(days: int) -> str:
    """Return an answer so many days from now, as a line of a list."""
    at = (NOW + timedelta(days=days)).isoformat()
    return f"  - {{key: CON003/c1, verdict: expected, reason: r, by: Ada, at: '{at}'}}\n"


OBSOLETE = "new_connector_days does nothing any more and can be removed (see expected_connectors)"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("new_connector_days: 30\n", [OBSOLETE]),
        ("new_connector_days: 7\n", [OBSOLETE]),
        (f"tenants:\n  {TENANT}: {{new_connector_days: 30}}\n", [OBSOLETE]),
        ("answers:\n" + answer(0), []),
        (
            "answers:\n" + answer(1),
            ["1 answer is dated in the future, from 2026-11-21T06:00:00Z, and not counted yet"],
        ),
        (
            "new_connector_days: 1\nanswers:\n" + answer(3) + answer(2) + answer(-1),
            [OBSOLETE, "2 answers are dated in the future, from 2026-11-22T06:00:00Z, and not counted yet"],
        ),
    ],
)
def test_remarks(text: str, expected: list[str]) -> None:
    """A setting that does nothing is remarked wherever it stands, and so are answers of the future."""
    assert list(remarks(parse_policy(text, "policy.yaml", RULE_IDS), NOW)) == expected
