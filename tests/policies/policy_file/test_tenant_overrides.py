"""A fleet's policy: the built-in defaults, the file, and what is different in one tenant, in this order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.policy_file.model import Policy
from policies.policy_file.read import LoadedPolicy, parse_policy
from policies.rules import RULE_IDS
from tests.making import TENANT

GROUP = "3f1c2b7a-5d0e-4c7b-9a55-0c6f1e2d3b4a"
BASE = f"""
min_active_connectors: 3
min_registrars: 4
expected_registrars: [ada@contoso.example, bob@contoso.example]
break_glass: [glass@contoso.example]
groups:
  {GROUP}: {{purpose: maintenance}}
  Lab: {{purpose: parking, min_active_connectors: 5}}
rules:
  GRP001: {{severity: high}}
  GRP002: {{enabled: false}}
waivers:
  - {{id: base, rule: GRP001, subject: g, from: 2026-01-01}}
"""


def policy(override: str, tenant_id: str = TENANT) -> Policy:
    """Return the policy of a tenant whose override in the file is this."""
    lines = "".join(f"    {line}\n" for line in override.splitlines())
    return parse_policy(f"{BASE}tenants:\n  {TENANT}:\n{lines}", "p", RULE_IDS).for_tenant(tenant_id).policy


WITHOUT = parse_policy(BASE, "p", RULE_IDS).policy


@pytest.mark.parametrize(
    ("override", "changed"),
    [
        ("", {}),
        ("# nothing yet", {}),
        ("min_active_connectors: 1", {"min_active_connectors": 1}),
        ("min_active_connectors: 2", {"min_active_connectors": 2}),
        ("expected_registrars: [eve@contoso.example]", {"expected_registrars": ("eve@contoso.example",)}),
        ("expected_registrars: []", {"expected_registrars": ()}),
        ("expected_registrars:\n  # - eve", {}),
        ("groups:\nrules:\nwaivers:\nbreak_glass:", {}),
        ("groups: {}\nrules: {}\nwaivers: []", {}),
    ],
)
def test_values_and_lists(override: str, changed: dict[str, object]) -> None:
    """A value or list of the override takes the place of the file's; what it leaves out stays."""
    assert policy(override) == WITHOUT.model_copy(update=changed)


def test_groups_merge_key_by_key() -> None:
    """An override changes single settings of a group, whose id counts in either case, and can add groups."""
    merged = policy(f"groups: {{{GROUP.upper()}: {{min_active_connectors: 1}}, Lab: {{purpose: serving}}, New: {{}}}}")

    assert list(merged.groups) == [GROUP, "Lab", "New"]
    assert merged.groups[GROUP].model_dump() == {
        "purpose": "maintenance",
        "min_active_connectors": 1,
        "capacity": None,
    }
    assert merged.groups["Lab"].min_active_connectors == 5


def test_names_of_groups_are_compared_exactly() -> None:
    """A name in another case is another group."""
    assert list(policy("groups: {lab: {}}").groups) == [GROUP, "Lab", "lab"]


def test_rules_merge_key_by_key() -> None:
    """An override changes single settings of a rule and can add rules."""
    merged = policy("rules: {GRP001: {enabled: false}, GRP002: {enabled: true}, GRP003: {severity: low}}")

    assert {key: (rule.enabled, rule.severity) for key, rule in merged.rules.items()} == {
        "GRP001": (False, "high"),
        "GRP002": (True, None),
        "GRP003": (None, "low"),
    }


def test_a_setting_can_be_taken_back() -> None:
    """What an override says counts, also where it says that nothing is said."""
    merged = policy("rules: {GRP001: {severity: null}}\ngroups: {Lab: {min_active_connectors: null}}")

    assert merged.severity_of("GRP001") is None
    assert (merged.groups["Lab"].purpose, merged.groups["Lab"].min_active_connectors) == ("parking", None)


def test_waivers_add_up() -> None:
    """The override's waivers stand after the file's."""
    merged = policy("waivers: [{id: own, rule: GRP001, subject: g, from: 2026-01-01}]")

    assert [waiver.id for waiver in merged.waivers] == ["base", "own"]


def test_another_tenant_keeps_the_files_policy() -> None:
    """An override counts in its tenant alone, whose id counts in either case."""
    override = "min_active_connectors: 1"

    assert policy(override, TENANT.upper()).min_active_connectors == 1
    assert policy(override, GROUP) == WITHOUT


def test_the_effective_policy_knows_no_other_tenant() -> None:
    """What is stored as evidence holds no tenant's overrides; where it came from stays."""
    loaded = parse_policy(f"tenants: {{{TENANT}: {{max_registrars: 1}}}}", "p", RULE_IDS)
    effective = loaded.for_tenant(TENANT)

    assert effective == LoadedPolicy(Policy(max_registrars=1), "p", loaded.sha256)
    assert "tenants" not in effective.policy.model_dump()
    assert effective.for_tenant(TENANT) == effective


def test_people_named_in_one_tenant_are_read_there() -> None:
    """Ids that the override names as people or groups are asked for in its tenant, in lower case."""
    override = f"expected_registrars: [{GROUP.upper()}, ada@contoso.example]"

    assert policy(override).named_principals() == {GROUP}
    assert policy(override, GROUP).named_principals() == frozenset()


@given(st.data())
def test_an_override_of_everything_is_the_override(data: st.DataObject) -> None:
    """Whatever numbers the file and the override say, the override's count where it says one, else the file's."""
    keys = ("min_active_connectors", "forget_after_days", "max_registrars", "auto_upgrade_grace_days")
    some = st.dictionaries(st.sampled_from(keys), st.integers(1, 9))
    base, over = data.draw(some), data.draw(some)
    lines = "".join(f"{key}: {value}\n" for key, value in base.items())
    below = "".join(f"    {key}: {value}\n" for key, value in over.items())
    loaded = parse_policy(f"{lines}tenants:\n  {TENANT}:\n{below}", "p", RULE_IDS)

    assert loaded.policy == Policy.model_validate(base)
    assert loaded.for_tenant(TENANT).policy == Policy.model_validate(base | over)
