"""`rules`: all rules in a table, or one with its words."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from common.errors import SettingsError
from connectorwatch.terminal.rules import explain_rule, list_rules, rule_named
from connectorwatch.usecases.rules_in_force import rules_in_force
from policies.policy_file.read import LoadedPolicy
from policies.rules import RULES
from policies.runbooks import NEW_NAMES

if TYPE_CHECKING:
    from policies.rule import AnyRule

IN_FORCE = rules_in_force(LoadedPolicy.built_in())


def explained(rule_id: str) -> str:
    """Return what is printed about one rule, on a narrow terminal."""
    out = StringIO()
    explain_rule(rule_named(rule_id), IN_FORCE, Console(file=out, width=60))
    return out.getvalue()


def test_all_rules() -> None:
    """Each rule has a line."""
    out = StringIO()
    list_rules(IN_FORCE, Console(file=out, width=200))

    assert [line.split()[0] for line in out.getvalue().splitlines()[1:-2]] == [rule.id for rule in RULES]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_one_rule(rule: AnyRule) -> None:
    """A rule is told with its reason, its general steps, each fact of its evidence, and its settings."""
    told = explained(rule.id.lower())

    assert rule.why in told
    for number, step in enumerate(rule.remedy.steps, 1):
        assert f"  {number}. {step}\n" in told
    for key, meaning in rule.evidence.items():
        assert f"  {key}: {meaning}\n" in told
    assert all(setting in told for setting in rule.settings)


def test_commands_stay_in_one_piece() -> None:
    """A command is never broken into lines, so that it can be copied."""
    assert f"`Get-WinEvent -LogName '{NEW_NAMES['channel']}' -MaxEvents 20`" in explained("CON001")


def test_no_such_rule() -> None:
    """An unknown id is refused with one that is near."""
    with pytest.raises(SettingsError, match=r"no rule .CON01.\..*Did you mean CON00"):
        rule_named("CON01")
    with pytest.raises(SettingsError, match="`rules` lists all"):
        rule_named("nonsense")
