"""Which roles let register, told by their actions alone."""

from __future__ import annotations

import pytest

from inventory.roles import (
    APPLICATION_ADMINISTRATOR,
    REGISTER,
    can_register,
    is_application_administrator,
    may_register,
    touches_registration,
)
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


@pytest.mark.parametrize(
    ("key", "template", "built_in", "is_it"),
    [
        (APPLICATION_ADMINISTRATOR, None, True, True),
        (APPLICATION_ADMINISTRATOR.upper(), None, True, True),
        ("other", APPLICATION_ADMINISTRATOR, True, True),
        ("other", APPLICATION_ADMINISTRATOR, False, False),
        ("other", None, True, False),
    ],
)
def test_application_administrator(key: str, template: str | None, *, built_in: bool, is_it: bool) -> None:
    """The built-in role is known by id or template id; a custom one chooses its template id itself."""
    one = role(key=key, built_in=built_in).model_copy(update={"template_id": template})

    assert is_application_administrator(one) is is_it
