"""The rules on the terminal: all in a table, or one in detail."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from rich.table import Table

from common.errors import SettingsError
from connectorwatch.terminal.console import results
from policies.rules import RULES

if TYPE_CHECKING:
    from rich.console import Console

_WORDS = {
    "path": "a way to a role that can register connectors: the role itself, or a group that holds it or feeds one.",
    "feed": "a group feeds another when it is a member of it, so that whoever is in the first is in both.",
}
"""Explanations of terms, shown with each rule that uses them."""


def list_rules(console: Console | None = None) -> None:
    """Print all rules, one a line."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("rule", no_wrap=True)
    table.add_column("subject", no_wrap=True)
    table.add_column("severity", no_wrap=True)
    table.add_column("title")
    for rule in RULES:
        table.add_row(rule.id, rule.subject, rule.severity.value, rule.title)
    (console or results()).print(table)


def explain_rule(rule_id: str, console: Console | None = None) -> None:
    """Print one rule in detail.

    Raises:
        SettingsError: There is no such rule.
    """
    out = console or results()
    rule = next((rule for rule in RULES if rule.id == rule_id.upper()), None)
    if rule is None:
        suggestions = difflib.get_close_matches(rule_id.upper(), [rule.id for rule in RULES], n=1)
        hint = f" Did you mean {suggestions[0]}?" if suggestions else " `rules` lists all."
        raise SettingsError(f"There is no rule {rule_id[:40]!r}.{hint}")
    lines = [
        f"{rule.id}  {rule.title}",
        f"about: {rule.subject}   usual severity: {rule.severity.value}   enabled: {'yes' if rule.enabled else 'no'}",
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
