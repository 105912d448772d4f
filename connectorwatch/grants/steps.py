"""What is to be done, step by step, from what is there."""

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
    """One thing to do, or one that is as it should be already.

    Attributes:
        act: What kind of thing.
        words: The same for people.
        there: Whether it is so already.
        what: The permission, for `grant` and `take back`.
    """

    act: Act
    words: str
    there: bool
    what: str = ""


def steps_to_give(standing: CurrentGrants) -> list[Step]:
    """Return what giving takes: the role first, since Entra needs a while until it holds everywhere."""
    steps = []
    if standing.is_custom:
        actions = " and ".join(CONNECTOR_ACTIONS)
        steps.append(Step("make role", f"make the custom role {ROLE_NAME!r} with {actions}", standing.role is not None))
    name = ROLE_NAME if standing.is_custom else "Global Reader"
    steps.append(Step("assign role", f"assign the directory role {name!r}", standing.assignment is not None))
    steps += [Step("grant", f"grant {one.name}", one.name in standing.granted, one.name) for one in GRANTED]
    return steps


def steps_to_take(standing: CurrentGrants, *, delete_role: bool) -> list[Step]:
    """Return what taking back takes; the custom role goes last, and only where nobody else holds it."""
    steps = [Step("take back", f"take back {one.name}", one.name not in standing.granted, one.name) for one in GRANTED]
    name = ROLE_NAME if standing.is_custom else "Global Reader"
    steps.append(Step("unassign role", f"take back the directory role {name!r}", standing.assignment is None))
    if delete_role:
        words = f"delete the custom role {ROLE_NAME!r}, which nobody else holds"
        steps.append(Step("delete role", words, standing.role is None))
    return steps
