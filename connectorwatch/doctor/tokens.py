"""What a token says of itself. Nothing is verified: the signature is Graph's to check, and a token may say nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import jwt

from connectorwatch.doctor.document import Check, Identity
from connectorwatch.doctor.mending import for_token
from connectorwatch.settings import GRAPH_ROOTS
from findings.reports.text import counted

if TYPE_CHECKING:
    from connectorwatch.settings import Cloud

LONGEST = 200
"""Letters of any one thing that a token says."""
_GRAPH_ID = "00000003-0000-0000-c000-000000000000"
"""Microsoft Graph's own application id, the other way to write it as an audience."""
SOON = 300
"""Seconds before its end at which a token is not used any more (inventory/transport.py)."""


def identity_of(token: str) -> Identity:
    """Return whose token it is; one that is no JWT, or not one of Entra's, is opaque."""
    try:
        claims = jwt.decode(token, options={"verify_signature": False, "verify_exp": False, "verify_aud": False})
    except jwt.InvalidTokenError:
        return Identity(kind="opaque")
    scopes, roles = _text(claims, "scp"), claims.get("roles")
    granted = scopes.split() if scopes else [one[:LONGEST] for one in _list(roles) if isinstance(one, str)]
    name = next((text for key in _NAMES if (text := _text(claims, key))), None)
    return Identity(
        kind="delegated" if scopes else "app-only",
        tenant=_text(claims, "tid"),
        application=_text(claims, "appid") or _text(claims, "azp"),
        audience=_text(claims, "aud"),
        name=name,
        object_id=_text(claims, "oid"),
        permissions=tuple(sorted(granted)),
        expires_at=_moment(claims.get("exp")),
    )


_NAMES = ("upn", "preferred_username", "unique_name", "app_displayname")


def _text(claims: dict[str, Any], key: str) -> str | None:
    value = claims.get(key)
    return value[: LONGEST if key != "scp" else None] if isinstance(value, str) and value else None


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _moment(value: object) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(str(value)), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def token_checks(identity: Identity, chosen: str, now: datetime) -> list[Check]:
    """Return what is to be said of a token.

    Args:
        identity: Whose it is.
        chosen: The setting CONNECTORWATCH_CREDENTIAL.
        now: The time here.
    """
    if identity.kind == "opaque":
        return [
            Check(
                area="credential",
                name="token",
                state="note",
                said=f"opaque, by the credential {chosen}: it does not say whose it is, nor what it may do",
            )
        ]
    who = identity.name or identity.object_id or "somebody unnamed"
    by = f" of application {identity.application}" if identity.application else ""
    kind = "an application's own (app-only)" if identity.kind == "app-only" else "a person's (delegated)"
    checks = [
        Check(area="credential", name="token", state="ok", said=f"{kind}, by the credential {chosen}: {who}{by}"),
        Check(area="credential", name="permissions", state="ok", said=_permissions(identity)),
    ]
    if identity.expires_at is not None:
        checks.append(_expiry(identity.expires_at, chosen, now))
    return checks


def audience_checks(identity: Identity, cloud: Cloud, chosen: str) -> list[Check]:
    """Return what is to be said of a token that is for another service than Graph, which refuses it."""
    named = identity.audience
    if named is None or named.rstrip("/").lower() in (GRAPH_ROOTS[cloud], _GRAPH_ID):
        return []
    said = f"the token is for {named}, and not for Microsoft Graph ({GRAPH_ROOTS[cloud]})"
    return [Check(area="credential", name="audience", state="missing", said=said, stops=True, mend=for_token(chosen))]


def _permissions(identity: Identity) -> str:
    named = ", ".join(identity.permissions)
    many = counted(len(identity.permissions), "permission")
    return f"{many} in the token{f': {named}' if named else ''}"


def _expiry(end: datetime, chosen: str, now: datetime) -> Check:
    left = (end - now).total_seconds()
    when = f"{end:%Y-%m-%d %H:%M} UTC"
    if left > SOON:
        return Check(area="credential", name="expiry", state="ok", said=f"the token holds until {when}")
    over = left <= 0
    said = f"the token {'has expired' if over else 'is about to expire'} ({when})"
    return Check(
        area="credential", name="expiry", state="missing" if over else "note", said=said, mend=for_token(chosen)
    )
