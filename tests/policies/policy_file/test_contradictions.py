"""Numbers of a policy that no tenant could meet are refused when the file is read."""

from __future__ import annotations

import pytest

from common.errors import PolicyError
from policies.policy_file.read import parse_policy
from policies.rules import RULE_IDS
from tests.making import TENANT

ONE = f"tenants:\n  {TENANT}:\n    "


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        pytest.param(
            "min_registrars: 6\nmax_registrars: 5\n",
            1,
            "min_registrars: is above max_registrars, 5;",
            id="both written",
        ),
        pytest.param("min_registrars: 6\n", 1, "is above max_registrars, 5 by default;", id="the maximum by default"),
        pytest.param("max_registrars: 0\n", 1, "is below min_registrars, 1 by default;", id="the minimum by default"),
        pytest.param(
            f"max_registrars: 4\n{ONE}min_registrars: 5\n",
            4,
            "is above max_registrars, 4 for all tenants;",
            id="a tenant",
        ),
        pytest.param(
            f"min_registrars: 3\n{ONE}max_registrars: 2\n",
            4,
            "is below min_registrars, 3 for all tenants;",
            id="in one",
        ),
        pytest.param(
            "preferred_active_connectors: 1\n", 1, "is below min_active_connectors, 2 by default;", id="connectors"
        ),
        pytest.param(
            "min_active_connectors: 4\npreferred_active_connectors: 3\n",
            1,
            "is above preferred_active_connectors, 3;",
            id="both numbers of connectors",
        ),
    ],
)
def test_refused(text: str, line: int, expected: str) -> None:
    """A minimum above its maximum is refused with its line and where the other number comes from."""
    with pytest.raises(PolicyError) as refusal:
        parse_policy(text, "policy.yaml", RULE_IDS)

    assert expected in str(refusal.value)
    assert f"line {line}" in str(refusal.value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "min_registrars: 5\nmax_registrars: 5\n",
        "min_registrars: 0\nmax_registrars: 0\n",
        "min_active_connectors: 9\n",
        f"max_registrars: 4\n{ONE}min_registrars: 5\n    max_registrars: 6\n",
        f"min_registrars: 3\n{ONE}waivers: []\n",
    ],
)
def test_accepted(text: str) -> None:
    """Equal numbers, and a tenant's own pair, are a policy; so is a minimum whose preference is not written."""
    assert parse_policy(text, "policy.yaml", RULE_IDS).source == "policy.yaml"


@pytest.mark.parametrize("value", ["yes", "'6'", "1.5", "[6]", "{a: 6}", "-1"])
def test_what_is_no_number(value: str) -> None:
    """What is no number of people is refused once, as what it is."""
    with pytest.raises(PolicyError) as refusal:
        parse_policy(f"min_registrars: {value}\n", "policy.yaml", RULE_IDS)

    assert "max_registrars" not in str(refusal.value)
