"""The steps from the current grants to those that are wanted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from connectorwatch.grants.current import ROLE_NAME
from inventory.permissions import CONNECTOR_ACTIONS, GRANTED

if TYPE_CHECKING:
    from connectorwatch.grants.current import CurrentGrants

Act = Literal["make role", "assign role", "grant", "take back", "unassign role", "delete role"]


@dataclass(frozen=True)
class Step:
    """One change, or one that is in place already.

    Attributes:
        act: The kind of change.
        words: Its description.
        there: Whether it is in place already.
        what: The permission, for `grant` and `take back`.
    """

    act: Act
    words: str
    there: bool
    what: str = ""


def steps_to_give(current: CurrentGrants) -> list[Step]:
    """Return the steps to grant: the role first, since Entra takes a while to replicate it."""
    steps = []
    if current.is_custom:
        actions = " and ".join(CONNECTOR_ACTIONS)
        steps.append(Step("make role", f"make the custom role {ROLE_NAME!r} with {actions}", current.role is not None))
    name = ROLE_NAME if current.is_custom else "Global Reader"
    steps.append(Step("assign role", f"assign the directory role {name!r}", current.assignment is not None))
    steps += [
        Step("grant", f"grant {permission.name}", permission.name in current.granted, permission.name)
        for permission in GRANTED
    ]
    return steps


def steps_to_take(current: CurrentGrants, *, delete_role: bool) -> list[Step]:
    """Return the steps to revoke; the custom role is deleted last, and only where no other principal holds it."""
    steps = [
        Step("take back", f"take back {permission.name}", permission.name not in current.granted, permission.name)
        for permission in GRANTED
    ]
    name = ROLE_NAME if current.is_custom else "Global Reader"
    steps.append(Step("unassign role", f"take back the directory role {name!r}", current.assignment is None))
    if delete_role:
        words = f"delete the custom role {ROLE_NAME!r}, which nobody else holds"
        steps.append(Step("delete role", words, current.role is None))
    return steps
