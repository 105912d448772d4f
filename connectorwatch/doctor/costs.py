"""Which rules cannot judge without a permission or a list, from a table that `make docs` makes."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from policies.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from policies.policy_file.model import Policy

_TABLE = Path(__file__).with_name("costs.json")


class Costs(BaseModel):
    """The rules that are lost, in whole or in part, by what is missing."""

    model_config = ConfigDict(frozen=True)

    permissions: dict[str, tuple[str, ...]]
    role: tuple[str, ...]
    """Without a directory role that can read connectors."""
    lists: dict[str, tuple[str, ...]]
    """By kind; `role_assignments` as long as the plain list stands in, `role_assignments/plain` without either."""

    def of_lists(self, kinds: Iterable[str]) -> tuple[str, ...]:
        """Return the rules that need at least one of these kinds of list."""
        return tuple(sorted({rule for kind in kinds for rule in self.lists[kind]}))

    def under(self, policy: Policy) -> Costs:
        """Return the same without the rules that a policy switches off."""
        enabled = {rule.id for rule in RULES if policy.is_enabled(rule.id, default=rule.enabled)}

        def remaining(rules: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(rule for rule in rules if rule in enabled)

        return Costs(
            permissions={name: remaining(rules) for name, rules in self.permissions.items()},
            role=remaining(self.role),
            lists={kind: remaining(rules) for kind, rules in self.lists.items()},
        )

    @property
    def everything(self) -> tuple[str, ...]:
        """All rules that need anything of Graph's."""
        return tuple(sorted({*self.role, *(rule for rules in self.permissions.values() for rule in rules)}))


@cache
def costs_table() -> Costs:
    """Return the table for all rules."""
    return Costs.model_validate_json(_TABLE.read_bytes())
