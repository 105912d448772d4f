"""The rules on the terminal: all in a table, or one in detail."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from rich.table import Table

from common.errors import SettingsError
from common.text import counted, visible
from connectorwatch.scanning.repeated import named_policy
from connectorwatch.terminal.console import results
from policies.rules import RULES

if TYPE_CHECKING:
    from rich.console import Console

    from connectorwatch.usecases.rules_in_force import RuleInForce, RulesDocument
    from policies.rule import AnyRule

_WORDS = {
    "path": "a way to a role that can register connectors: the role itself, or a group that holds it or feeds one.",
    "feed": "a group feeds another when it is a member of it, so that whoever is in the first is in both.",
}
"""Explanations of terms, shown with each rule that uses them."""


def list_rules(document: RulesDocument, console: Console | None = None) -> None:
    """Print all rules as a policy has them, one a line, and which policy that is."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("rule", no_wrap=True)
    table.add_column("subject", no_wrap=True)
    table.add_column("severity", no_wrap=True)
    table.add_column("title")
    for rule in document.rules:
        table.add_row(rule.id, rule.subject, _severity(rule), rule.title)
    out = console or results()
    out.print(table)
    out.print()
    out.print(_policy(document), markup=False, highlight=False, soft_wrap=True)


def _severity(rule: RuleInForce) -> str:
    """Return the severity in force and, where the policy changes the rule, what it is by itself."""
    if not rule.enabled:
        return "off" if rule.enabled_by_default is False else "off (policy)"
    if rule.severity != rule.usual_severity:
        return f"{rule.severity} (not {rule.usual_severity})"
    return f"{rule.severity} (policy)" if rule.differs else rule.severity.value


def _policy(document: RulesDocument) -> str:
    """Return which policy is in force and how many rules it changes."""
    changed = sum(rule.differs for rule in document.rules)
    tenant = f" for tenant {visible(document.policy.tenant)}" if document.policy.tenant else ""
    changes = f"it changes {counted(changed, 'rule')}" if changed else "every rule is as it is by itself"
    return f"Policy: {visible(named_policy(document.policy.source, document.policy.sha256))}{tenant}; {changes}."


def rule_named(rule_id: str) -> AnyRule:
    """Return a rule by its id, in any case.

    Raises:
        SettingsError: There is no such rule.
    """
    rule = next((rule for rule in RULES if rule.id == rule_id.upper()), None)
    if rule is None:
        suggestions = difflib.get_close_matches(rule_id.upper(), [rule.id for rule in RULES], n=1)
        hint = f" Did you mean {suggestions[0]}?" if suggestions else " `rules` lists all."
        raise SettingsError(f"There is no rule {rule_id[:40]!r}.{hint}")
    return rule


def _standing(rule: RuleInForce) -> str:
    """Return one rule's state under the policy in force, with what it is by itself where that differs."""
    enabled = "yes" if rule.enabled else "no"
    if rule.enabled != rule.enabled_by_default:
        enabled += f", by the policy (by itself {'yes' if rule.enabled_by_default else 'no'})"
    severity = f"usual severity: {rule.usual_severity}"
    if rule.severity != rule.usual_severity:
        severity = f"severity: {rule.severity}, by the policy ({severity})"
    return f"about: {rule.subject}   {severity}   enabled: {enabled}"


def explain_rule(rule: AnyRule, document: RulesDocument, console: Console | None = None) -> None:
    """Print one rule in detail, and how the policy in force has it."""
    out = console or results()
    (in_force,) = (listed for listed in document.rules if listed.id == rule.id)
    lines = [
        f"{rule.id}  {rule.title}",
        _standing(in_force),
        "",
        rule.why,
        "",
        rule.remedy.summary,
        *(f"  {number}. {step}" for number, step in enumerate(rule.remedy.steps, 1)),
        *(f"  {link}" for link in rule.remedy.links),
        "",
        *(["evidence:"] if rule.evidence else []),
        *(f"  {key}: {meaning}" for key, meaning in rule.evidence.items()),
        "",
        *([f"policy: {', '.join(rule.settings)}"] if rule.settings else []),
        *(f"{control.framework} {control.id}: {control.name}" for control in rule.controls),
    ]
    text = "\n".join(lines).casefold()
    lines += [f"{word}: {meaning}" for word, meaning in _WORDS.items() if re.search(rf"\b{word}", text)]
    # The terminal breaks long lines by itself, so that a command can be copied in one piece.
    out.print("\n".join(lines), markup=False, highlight=False, soft_wrap=True)
