"""Which roles let register, told by their actions alone."""

from __future__ import annotations

import pytest

from inventory.roles import REGISTER, can_register, may_register, touches_registration
from tests.people import role


@pytest.mark.parametrize(
    ("actions", "can", "may"),
    [
        ((), False, False),
        ((REGISTER,), True, False),
        ((REGISTER.upper(),), True, False),
        (("microsoft.directory/connectors/allProperties/read",), False, False),
        (("microsoft.directory/connectors/allTasks",), False, True),
        (("microsoft.directory/connectors/Register",), False, True),
        (("microsoft.directory/connectorGroups/create",), False, False),
        (("microsoft.azure.print/connectors/create",), False, False),
        (("x-microsoft.directory/connectors/create",), False, False),
        ((REGISTER, "microsoft.directory/connectors/allTasks"), True, True),
    ],
)
def test_actions(actions: tuple[str, ...], *, can: bool, may: bool) -> None:
    """Exactly the action that registers, an action that could, and everything that only looks like them."""
    one = role(actions=actions)

    assert (can_register(one), may_register(one), touches_registration(one)) == (can, may, can or may)
