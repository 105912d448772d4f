"""How the tests of this folder call `grant`, as the administrator of a simulated tenant in which an identity waits."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from simulator import TENANTS, Simulator, load_tenant
from simulator.tenant import ServicePrincipal
from tests.e2e.commands import Ran, run

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from simulator import Fault, Tenant

KEY = "watcher"


def waiting(name: str = "contoso", display_name: str = "Connector watch", **settings: object) -> Tenant:
    """Return a bundled tenant in which an identity without any permission signs in."""
    tenant = load_tenant(TENANTS / f"{name}.yaml")
    own = tenant.settings.model_copy(update={"identity": KEY, **settings})
    identity = ServicePrincipal(name=display_name, type="ManagedIdentity")
    return tenant.model_copy(
        update={"settings": own, "service_principals": {**tenant.service_principals, KEY: identity}}
    )


class Scene(NamedTuple):
    """A simulated Graph, the identity's id, and how both people sign in."""

    simulator: Simulator
    principal: str

    def settings(self, token: str) -> dict[str, str]:
        """Return the settings that sign in with a token."""
        return {
            "CONNECTORWATCH_GRAPH_ROOT": self.simulator.root,
            "CONNECTORWATCH_CREDENTIAL": "token",
            "CONNECTORWATCH_GRAPH_TOKEN": token,
        }

    def grant(self, *more: str, answer: str | None = None, token: str | None = None) -> Ran:
        """Call the command as the administrator; without an answer it is not asked."""
        words = ("grant", "--principal", self.principal, *more, *(() if answer else ("--yes",)))
        return run(*words, settings=self.settings(token or self.simulator.administrator_token), typed=answer)

    def as_identity(self) -> dict[str, str]:
        """Return the settings of the identity, which signs in anew."""
        return self.settings(self.simulator.token)

    def writes(self) -> list[tuple[str, str, int]]:
        """Return every request that would change something: method, path, status."""
        return [
            (one.method, one.path, one.status)
            for one in self.simulator.requests
            if one.method == "DELETE"
            or (one.method == "POST" and "$batch" not in one.path and "getByIds" not in one.path)
        ]


@contextmanager
def scene(tenant: Tenant | None = None, faults: Iterable[Fault] = ()) -> Iterator[Scene]:
    """Serve a tenant in which an identity waits."""
    own = tenant or waiting()
    with Simulator(own, faults=tuple(faults)).in_thread() as simulator:
        yield Scene(simulator, own.guid("service_principal", KEY))
