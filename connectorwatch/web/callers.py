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
from typing import TYPE_CHECKING, TypeAlias

from connectorwatch.web.messages import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectorwatch.web.messages import HttpRequest

Claims: TypeAlias = "tuple[tuple[str, str], ...]"
"""The claims of a principal: types and values."""
PRINCIPAL = "x-ms-client-principal"
READ_ALL, READ_ONE, SCAN = "Connectorwatch.Read.All", "Connectorwatch.Read.", "Connectorwatch.Scan"
"""App roles: read every tenant; with a tenant's id after it, read that one; start scans of what one may read."""
ANSWER = "Connectorwatch.Answer"
"""App role: answer findings of the tenants that one may read."""

_NAME_CLAIMS = ("preferred_username", "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn", "upn")
_ID_CLAIMS = ("http://schemas.microsoft.com/identity/claims/objectidentifier", "oid")
_LONGEST_NAME, _LONGEST_ID = 150, 40
_ROLE_CLAIMS = ("roles", "http://schemas.microsoft.com/ws/2008/06/identity/claims/role")
_LONGEST = 65_536


@dataclass(frozen=True)
class Caller:
    """The permissions of a caller.

    Attributes:
        everything: Whether every tenant may be read.
        tenants: The ids of the tenants that may be read otherwise, in lower case.
        may_scan: Whether scans of them may be started.
        may_answer: Whether their findings may be answered.
        name: The user name and the object id of somebody who signed in; empty for software.
        person: Whether it is somebody who signed in, so that a browser may act in their name.
    """

    everything: bool = False
    tenants: frozenset[str] = frozenset()
    may_scan: bool = False
    may_answer: bool = False
    name: str = ""
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
    claims = _claims(header)
    roles = _values(claims, _ROLE_CLAIMS)
    tenants = frozenset(
        role.removeprefix(READ_ONE).lower() for role in roles if role.startswith(READ_ONE) and role != READ_ALL
    )
    if READ_ALL not in roles and not tenants:
        raise RefusedError(
            HTTPStatus.FORBIDDEN,
            f"You are signed in and hold no app role here: ask for {READ_ALL}, or {READ_ONE} with a tenant's id.",
        )
    return Caller(
        everything=READ_ALL in roles,
        tenants=tenants,
        may_scan=SCAN in roles,
        may_answer=ANSWER in roles,
        name=_name(claims),
        person=True,
    )


def _name(claims: Claims) -> str:
    """Return who signed in, as user name and object id; empty where it is software, which has no user name."""
    user, object_id = min(_values(claims, _NAME_CLAIMS), default=""), min(_values(claims, _ID_CLAIMS), default="")
    if not user.strip() or not object_id.strip() or "app" in _values(claims, ("idtyp",)):
        return ""
    return f"{user[:_LONGEST_NAME].strip()} ({object_id[:_LONGEST_ID].strip()})"


def _values(claims: Claims, types: tuple[str, ...]) -> frozenset[str]:
    return frozenset(value for kind, value in claims if kind in types)


def _claims(header: str) -> Claims:
    """Return the claims of a principal of Microsoft Entra; another provider's are not ours to believe."""
    try:
        principal = json.loads(base64.b64decode(header[:_LONGEST], validate=True))
        provider = principal["auth_typ"]
        claims = tuple((str(claim["typ"]), str(claim["val"])) for claim in principal["claims"])
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise _unauthorized("The sign-in cannot be read: sign in again.") from error
    if provider != "aad":
        raise _unauthorized("The sign-in is not one of Microsoft Entra: sign in there.")
    return claims


def _unauthorized(detail: str) -> RefusedError:
    return RefusedError(HTTPStatus.UNAUTHORIZED, detail, headers={"WWW-Authenticate": "Bearer"})
