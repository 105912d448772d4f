"""Whose token a request carried: an application's or a person's, and which permissions it holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jwt


@dataclass(frozen=True)
class Caller:
    """What a token's claims say of whoever signed in; nothing is verified, since Graph does that.

    Attributes:
        person: Whether somebody signed in, so that their directory roles count beside the permissions.
        permissions: Delegated permissions of a person (`scp`), else an application's (`roles`).
    """

    person: bool
    permissions: frozenset[str]

    def opens(self, *permissions: str) -> bool:
        """Whether the token holds one of these permissions, or the one of the same name that also writes."""
        writing = (permission.replace(".Read.", ".ReadWrite.") for permission in permissions)
        return not self.permissions.isdisjoint((*permissions, *writing))


def caller_of(token: str) -> Caller | None:
    """Return whose token it is; None for one that is opaque or does not say."""
    try:
        claims: dict[str, Any] = jwt.decode(
            token, options={"verify_signature": False, "verify_exp": False, "verify_aud": False}
        )
    except jwt.InvalidTokenError:
        return None
    scopes, roles = claims.get("scp"), claims.get("roles")
    if isinstance(scopes, str) and scopes:
        return Caller(person=True, permissions=frozenset(scopes.split()))
    if isinstance(roles, list):
        return Caller(person=False, permissions=frozenset(role for role in roles if isinstance(role, str)))
    return None
