"""Every rule is mapped to controls of the frameworks that auditors ask about."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from connectorwatch.service.own_state import NOT_DELIVERED, NOT_SCANNED, SCAN_FAILED
from policies.frameworks import ATTACK, CIS, FRAMEWORKS, ISO, NIST, Control, controls
from policies.rules import RULES

if TYPE_CHECKING:
    from connectorwatch.service.own_state import ServiceRule
    from policies.rule import AnyRule

FORMS = {
    NIST: r"[A-Z]{2}-\d{1,2}(\(\d{1,2}\))?",
    ISO: r"A\.[5-8]\.\d{1,2}",
    CIS: r"\d{1,2}\.\d{1,2}",
    ATTACK: r"T\d{4}(\.\d{3})?",
}


@pytest.mark.parametrize("rule", [*RULES, SCAN_FAILED, NOT_SCANNED, NOT_DELIVERED], ids=lambda rule: rule.id)
def test_every_rule_names_controls(rule: AnyRule | ServiceRule) -> None:
    """Each rule names a control of each framework but ATT&CK, which knows attacks only; ids have their usual form."""
    assert {control.framework for control in rule.controls} >= {NIST, ISO, CIS}
    assert all(re.fullmatch(FORMS[control.framework], control.id) for control in rule.controls)
    assert len(set(rule.controls)) == len(rule.controls)
    assert [control.framework for control in rule.controls] == sorted(
        (control.framework for control in rule.controls), key=FRAMEWORKS.index
    )


def test_controls_have_titles() -> None:
    """Ids become controls with their titles, in the order of the frameworks, several of one separated by spaces."""
    assert controls(attack="T1040", cis="12.2", iso="A.8.14", nist="CP-10 CP-8(2)") == (
        Control(NIST, "CP-10", "System Recovery and Reconstitution"),
        Control(NIST, "CP-8(2)", "Single Points of Failure"),
        Control(ISO, "A.8.14", "Redundancy of information processing facilities"),
        Control(CIS, "12.2", "Establish and Maintain a Secure Network Architecture"),
        Control(ATTACK, "T1040", "Network Sniffing"),
    )


@pytest.mark.parametrize("nist", ["CP-11", "A.8.14", "cp-10", "CP-10,"])
def test_an_unknown_control_is_refused(nist: str) -> None:
    """An id that its framework's table does not hold fails where the rule is defined, not in a report."""
    with pytest.raises(KeyError):
        controls(nist=nist, iso="A.8.14", cis="12.2")
