"""Checks of a token's claims. The signature is not verified, and a token may be opaque."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import jwt

from common.text import counted
from connectorwatch.doctor.document import Check, Identity
from connectorwatch.doctor.remedies import Signer, for_token
from connectorwatch.platform.credentials import LONGEST_CLAIM

SOON = 300
"""Seconds before its end at which a token is not used any more (inventory/transport.py)."""


def identity_of(token: str) -> Identity:
    """Return whose token it is; one that is no JWT, or not one of Entra's, is opaque."""
    try:
        claims = jwt.decode(token, options={"verify_signature": False, "verify_exp": False, "verify_aud": False})
    except jwt.InvalidTokenError:
        return Identity(kind="opaque")
    scopes, roles = _text(claims, "scp"), claims.get("roles")
    granted = scopes.split() if scopes else [role[:LONGEST_CLAIM] for role in _list(roles) if isinstance(role, str)]
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
    return value[: LONGEST_CLAIM if key != "scp" else None] if isinstance(value, str) and value else None


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _moment(value: object) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(str(value)), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def token_checks(signer: Signer, now: datetime) -> list[Check]:
    """Return the checks of a token; `now` is the local time."""
    identity, chosen = signer.identity, signer.credential
    if identity.kind == "opaque":
        return [
            Check(
                area="credential",
                name="token",
                state="note",
                message=f"opaque, by the credential {chosen}: it does not say whose it is, nor what it may do",
            )
        ]
    who = identity.name or identity.object_id or "somebody unnamed"
    by = f" of application {identity.application}" if identity.application else ""
    kind = "an application's own (app-only)" if identity.kind == "app-only" else "a person's (delegated)"
    checks = [
        Check(area="credential", name="token", state="ok", message=f"{kind}, by the credential {chosen}: {who}{by}"),
        Check(area="credential", name="permissions", state="ok", message=_permissions(identity)),
    ]
    if identity.expires_at is not None:
        checks.append(_expiry(identity.expires_at, signer, now))
    return checks


def _permissions(identity: Identity) -> str:
    named = ", ".join(identity.permissions)
    many = counted(len(identity.permissions), "permission")
    return f"{many} in the token{f': {named}' if named else ''}"


def _expiry(end: datetime, signer: Signer, now: datetime) -> Check:
    left = (end - now).total_seconds()
    when = f"{end:%Y-%m-%d %H:%M} UTC"
    if left > SOON:
        return Check(area="credential", name="expiry", state="ok", message=f"the token holds until {when}")
    over = left <= 0
    message = f"the token {'has expired' if over else 'is about to expire'} ({when})"
    return Check(
        area="credential", name="expiry", state="missing" if over else "note", message=message, mend=for_token(signer)
    )
