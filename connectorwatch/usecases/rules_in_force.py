"""The use case: the rules as a policy has them, for the terminal and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from findings.result_parts import Part
from policies.rules import RULES
from policies.vocabulary import RuleKind, Severity, SubjectType

if TYPE_CHECKING:
    from policies.policy_file.read import LoadedPolicy


class RuleInForce(Part):
    """One rule, as it is by itself and as the policy has it.

    `severity` is that of every failure where the policy gives one, else the rule's usual severity, from which a failure
    may differ. `differs` says whether the policy changes anything about the rule.
    """

    id: str
    title: str
    subject: SubjectType
    kind: RuleKind
    enabled: bool
    severity: Severity
    enabled_by_default: bool
    usual_severity: Severity
    differs: bool


class RulesPolicy(Part):
    """The policy in force: where it was read, its SHA-256 (empty for the built-in one), and for which tenant."""

    source: str
    sha256: str
    tenant: str | None = Field(default=None, description="The tenant whose override counts; null for none.")


class RulesDocument(Part):
    """What `rules --json` prints, version 1."""

    schema_: Literal["connectorwatch.rules/v1"] = Field(default="connectorwatch.rules/v1", alias="schema")
    policy: RulesPolicy
    rules: tuple[RuleInForce, ...]


def rules_in_force(loaded: LoadedPolicy, tenant_id: str | None = None) -> RulesDocument:
    """Return all rules in the catalogue's order.

    Args:
        loaded: The policy.
        tenant_id: The tenant whose override counts; None for the policy of all tenants.
    """
    policy = loaded.policy if tenant_id is None else loaded.for_tenant(tenant_id).policy
    return RulesDocument(
        policy=RulesPolicy(source=loaded.source, sha256=loaded.sha256, tenant=tenant_id),
        rules=tuple(
            _in_force(
                RuleInForce(
                    id=rule.id,
                    title=rule.title,
                    subject=rule.subject,
                    kind=rule.kind,
                    enabled=policy.is_enabled(rule.id, default=rule.enabled),
                    severity=policy.severity_of(rule.id) or rule.severity,
                    enabled_by_default=rule.enabled,
                    usual_severity=rule.severity,
                    differs=False,
                )
            )
            for rule in RULES
        ),
    )


def _in_force(rule: RuleInForce) -> RuleInForce:
    differs = rule.enabled != rule.enabled_by_default or rule.severity != rule.usual_severity
    return rule.model_copy(update={"differs": differs})
