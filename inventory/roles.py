"""Which directory roles let their holders register a connector.

Built in today: Application Administrator and Global Administrator (export of live role definitions, 2026-08-21). Custom
roles can have the action too, so it is looked for in every role and no role is known by its name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inventory.models import RoleDefinition

REGISTER = "microsoft.directory/connectors/create"
BELOW = "microsoft.directory/connectors/"
"""`microsoft.azure.print/connectors/…` is Universal Print, so the whole beginning has to match."""

GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
"""The id of the built-in role in every tenant (Entra "permissions reference", 2026-11); a custom role never has it."""
APPLICATION_ADMINISTRATOR = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"


def _actions(role: RoleDefinition) -> Iterator[str]:
    for permission in role.role_permissions:
        for action in permission.allowed_resource_actions:
            yield action.casefold()


def can_register(role: RoleDefinition) -> bool:
    """Whether the role allows exactly the action that registers a connector, also where it is disabled."""
    return REGISTER in _actions(role)


def may_register(role: RoleDefinition) -> bool:
    """Whether the role has another action on connectors that does not only read, such as a future wildcard."""
    return any(
        action.startswith(BELOW) and action != REGISTER and not action.endswith("/read") for action in _actions(role)
    )


def touches_registration(role: RoleDefinition) -> bool:
    """Whether the role's holders have to be known: it lets them register, or nobody can tell whether it does."""
    return can_register(role) or may_register(role)


def is_application_administrator(role: RoleDefinition) -> bool:
    """Whether this is the built-in Application Administrator, by id or template id.

    Whoever makes a custom role chooses its template id, so that of a custom role says nothing (Graph v1.0
    `unifiedRoleDefinition`).
    """
    return role.is_built_in and APPLICATION_ADMINISTRATOR in (role.id.casefold(), (role.template_id or "").casefold())
