"""Who asks: machines by function key, people by what App Service authentication says of them.

A function key is checked by the Functions host, before our code runs, on routes of the level FUNCTION. A person's
principal stands in a header that anybody can send; only where App Service authentication is switched on does the
platform remove it from what comes in and write its own. So it is believed there and nowhere else.
Source: Microsoft Learn, "Work with user identities in Azure App Service authentication" (read 2026-11-20).
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from connectorwatch.web.messages import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectorwatch.web.messages import HttpRequest

PRINCIPAL = "x-ms-client-principal"
READ_ALL, READ_ONE, SCAN = "Connectorwatch.Read.All", "Connectorwatch.Read.", "Connectorwatch.Scan"
"""App roles: read every tenant; with a tenant's id after it, read that one; start scans of what one may read."""

_ROLE_CLAIMS = ("roles", "http://schemas.microsoft.com/ws/2008/06/identity/claims/role")
_LONGEST = 65_536


@dataclass(frozen=True)
class Caller:
    """The permissions of a caller.

    Attributes:
        everything: Whether every tenant may be read.
        tenants: The ids of the tenants that may be read otherwise, in lower case.
        may_scan: Whether scans of them may be started.
        person: Whether it is somebody who signed in, so that a browser may act in their name.
    """

    everything: bool = False
    tenants: frozenset[str] = frozenset()
    may_scan: bool = False
    person: bool = False

    def may_read(self, tenant_id: str) -> bool:
        """Return whether a tenant may be read."""
        return self.everything or tenant_id.lower() in self.tenants


MACHINE = Caller(everything=True, may_scan=True)
"""A caller that the host admitted by a function key."""


def believed(environment: Mapping[str, str]) -> bool:
    """Return whether the platform says that App Service authentication is switched on, and so the header is its own."""
    return environment.get("WEBSITE_AUTH_ENABLED", "").strip().lower() == "true"


def caller_of(request: HttpRequest, *, keyed: bool, trusted: bool) -> Caller:
    """Return who asks. Where a principal is believed its roles decide, whether a key came with it or not.

    Args:
        request: The request.
        keyed: Whether the host checked a function key before.
        trusted: Whether the principal's header is the platform's own, see `believed`.

    Raises:
        RefusedError: 401 for nobody, or a principal that cannot be read; 403 for one without a role.
    """
    header = request.headers.get(PRINCIPAL, "")
    if trusted and header:
        return _person(header)
    if keyed:
        return MACHINE
    raise _unauthorized("Sign in at /.auth/login/aad, or call the routes for machines with a function key.")


def _person(header: str) -> Caller:
    roles = _roles(header)
    tenants = frozenset(
        role.removeprefix(READ_ONE).lower() for role in roles if role.startswith(READ_ONE) and role != READ_ALL
    )
    if READ_ALL not in roles and not tenants:
        raise RefusedError(
            HTTPStatus.FORBIDDEN,
            f"You are signed in and hold no app role here: ask for {READ_ALL}, or {READ_ONE} with a tenant's id.",
        )
    return Caller(everything=READ_ALL in roles, tenants=tenants, may_scan=SCAN in roles, person=True)


def _roles(header: str) -> frozenset[str]:
    """Return the app roles in a principal of Microsoft Entra; another provider's claims are not ours to believe."""
    try:
        principal = json.loads(base64.b64decode(header[:_LONGEST], validate=True))
        provider, claims = principal["auth_typ"], principal["claims"]
        roles = frozenset(str(claim["val"]) for claim in claims if claim["typ"] in _ROLE_CLAIMS)
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise _unauthorized("The sign-in cannot be read: sign in again.") from error
    if provider != "aad":
        raise _unauthorized("The sign-in is not one of Microsoft Entra: sign in there.")
    return roles


def _unauthorized(detail: str) -> RefusedError:
    return RefusedError(HTTPStatus.UNAUTHORIZED, detail, headers={"WWW-Authenticate": "Bearer"})
