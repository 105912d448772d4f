"""Every rule is mapped to controls of the frameworks that auditors ask about."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from policies.frameworks import ATTACK, CIS, FRAMEWORKS, ISO, NIST, Control, controls_of
from policies.rules import RULES

if TYPE_CHECKING:
    from policies.rule import AnyRule

FORMS = {
    NIST: r"[A-Z]{2}-\d{1,2}(\(\d{1,2}\))?",
    ISO: r"A\.[5-8]\.\d{1,2}",
    CIS: r"\d{1,2}\.\d{1,2}",
    ATTACK: r"T\d{4}(\.\d{3})?",
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_is_mapped(rule: AnyRule) -> None:
    """Each rule names a control of each framework but ATT&CK, which knows attacks only; ids have their usual form."""
    controls = controls_of(rule.id)

    assert {control.framework for control in controls} >= {NIST, ISO, CIS}
    assert all(re.fullmatch(FORMS[control.framework], control.id) for control in controls)
    assert len(set(controls)) == len(controls)
    assert [control.framework for control in controls] == sorted(
        (control.framework for control in controls), key=FRAMEWORKS.index
    )


def test_titles() -> None:
    """A control is told with its title; a rule that nobody mapped has none."""
    assert controls_of("REG006")[0] == Control(NIST, "AC-2(3)", "Disable Accounts")
    assert controls_of("XXX999") == ()
