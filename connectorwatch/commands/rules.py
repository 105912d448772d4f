"""The command `rules`."""

from __future__ import annotations

import sys

import click

from connectorwatch.commands.options import policy, tenant


@click.command()
@click.argument("rule_id", metavar="[ID]", required=False)
@policy
@tenant
@click.option("--json", "as_json", is_flag=True, help="Print the rules as JSON.")
def rules(rule_id: str | None, policy: str | None, tenant: str | None, as_json: bool) -> None:  # noqa: FBT001 - click passes flags so
    """List all rules as the policy in force has them, or one.

    The policy is the one that a scan would take: --policy, CONNECTORWATCH_POLICY, policy.yaml here, or the built-in
    one. With a tenant, what the policy says for it alone counts too.
    """
    from connectorwatch.terminal.rules import explain_rule, list_rules, rule_named
    from connectorwatch.usecases.rules_in_force import rules_in_force
    from connectorwatch.wiring import Choices, policy_of, settings_of
    from findings.reports.json_file import render_part

    settings = settings_of(Choices(policy=policy, tenant=tenant))
    document = rules_in_force(policy_of(settings), settings.tenant_id)
    rule = None if rule_id is None else rule_named(rule_id)
    if as_json:
        shown = tuple(entry for entry in document.rules if rule is None or entry.id == rule.id)
        sys.stdout.buffer.write(render_part(document.model_copy(update={"rules": shown})))
    elif rule is None:
        list_rules(document)
    else:
        explain_rule(rule, document)
