"""The command `rules`."""

from __future__ import annotations

import click


@click.command()
@click.argument("rule_id", metavar="[ID]", required=False)
def rules(rule_id: str | None) -> None:
    """List all rules, or explain the one with this ID."""
    from connectorwatch.terminal.rules import explain_rule, list_rules

    if rule_id is None:
        list_rules()
    else:
        explain_rule(rule_id)
