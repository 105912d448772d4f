"""Tokens of calls and what they open: a set of permissions, a service principal, or an administrator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulator.tokens import administrator_token, identity_token, make_token

if TYPE_CHECKING:
    from simulator.tenant import Settings, Tenant
    from simulator.world import World

CONNECTOR_ACTIONS = frozenset(
    {
        "microsoft.directory/connectors/allProperties/read",
        "microsoft.directory/connectorGroups/allProperties/read",
    }
)


@dataclass(frozen=True)
class _Identity:
    """A service principal that signs in."""

    principal: str
    app_id: str


class Callers:
    """The tokens that are accepted, and what each opens."""

    def __init__(self, tenant: Tenant, world: World) -> None:
        """Make the tokens that never change."""
        self._tenant, self._world = tenant, world
        self.first_token = make_token(tenant, 1)
        self.renewed_token = make_token(tenant, 2)
        self.administrator_token = administrator_token(tenant)
        self._issued: dict[str, tuple[str, ...]] = {}
        self._identity = self._find()

    def _find(self) -> _Identity | None:
        key = self._tenant.settings.identity
        if key is None:
            return None
        principal = self._world.directory.service_principals[self._tenant.guid("service_principal", key)]
        return _Identity(principal.id, str(principal.fields["appId"]))

    def token(self) -> str:
        """Sign in, and return the token."""
        if self._identity is None:
            return self.first_token
        names = self._world.app_roles.names(self._identity.principal)
        made = identity_token(self._tenant, self._identity.principal, self._identity.app_id, names)
        self._issued[made] = names
        return made

    def knows(self, token: str | None) -> bool:
        """Return whether a token is one of these."""
        fixed = {self.first_token, self.renewed_token} if self._identity is None else set()
        return token in {*fixed, self.administrator_token, *self._issued}

    def is_administrator(self, token: str | None) -> bool:
        """Return whether a token is the administrator's."""
        return token == self.administrator_token

    def settings(self, token: str | None) -> Settings:
        """Return the settings for the holder of a token: its permissions, and its current roles."""
        configured = self._tenant.settings
        if self.is_administrator(token):
            open_all = {"permissions": None, "directory_role_can_read_connectors": True, "delegated": False}
            return configured.model_copy(update=open_all)
        if self._identity is None:
            return configured
        actions = self._world.grants.actions_of(self._identity.principal)
        may = actions >= CONNECTOR_ACTIONS
        granted = self._issued[token or ""]
        return configured.model_copy(update={"permissions": granted, "directory_role_can_read_connectors": may})
