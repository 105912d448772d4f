"""What the doctor says of a token from what it says of itself, which may be anything."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import jwt
import pytest

from connectorwatch.doctor.remedies import Signer
from connectorwatch.doctor.tokens import identity_of, token_checks
from connectorwatch.settings import Settings

if TYPE_CHECKING:
    from connectorwatch.doctor.document import Check, Identity
    from connectorwatch.settings import CredentialKind

NOW = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
APP = {"tid": "t", "appid": "app", "oid": "oid", "exp": NOW.timestamp() + 3600}


def token(**claims: object) -> str:
    """Return a token with these claims."""
    return jwt.encode(claims, "a key that is long enough to be one, 32 bytes")


def said_of(identity: Identity, credential: CredentialKind = "token") -> list[Check]:
    """Return what is said of a token."""
    return token_checks(Signer.of(identity, Settings(credential=credential)), NOW)


def test_an_applications_token() -> None:
    """Roles make it an application's; its ids and permissions are told, the token never."""
    identity = identity_of(token(**APP, roles=["B.Read.All", "A.Read.All"]))

    assert (identity.kind, identity.application, identity.object_id) == ("app-only", "app", "oid")
    assert identity.permissions == ("A.Read.All", "B.Read.All")
    assert "app-only" in said_of(identity)[0].message


def test_a_persons_token() -> None:
    """Scopes make it a person's, who is told by name."""
    identity = identity_of(token(**APP, scp="B.Read.All A.Read.All", upn="ada@contoso.com"))

    assert (identity.kind, identity.name) == ("delegated", "ada@contoso.com")
    assert "ada@contoso.com of application app" in said_of(identity, "cli")[0].message


@pytest.mark.parametrize("text", ["", "opaque", "a.b.c", "eyJhbGciOiJub25lIn0.W10."])
def test_an_opaque_token_is_said_to_be_one(text: str) -> None:
    """What is no JSON web token is no error."""
    (check,) = said_of(identity_of(text))

    assert (check.state, "opaque" in check.message) == ("note", True)


@pytest.mark.parametrize("claims", [{"exp": "soon"}, {"exp": 1e40}, {"exp": None}, {"tid": 5, "roles": "no list"}])
def test_strange_claims_are_left_out(claims: dict[str, object]) -> None:
    """A token that says something odd is told without it."""
    identity = identity_of(jwt_of(claims))

    assert (identity.expires_at, identity.tenant, identity.permissions) == (None, None, ())
    assert said_of(identity)


def jwt_of(claims: dict[str, object]) -> str:
    """Return a token with claims that no library would sign."""
    return ".".join(
        (*(jwt.utils.base64url_encode(json.dumps(one).encode()).decode() for one in ({"alg": "none"}, claims)), "")
    )


@pytest.mark.parametrize(("seconds", "state"), [(3600, "ok"), (60, "note"), (-60, "missing")])
@pytest.mark.parametrize("chosen", ["token", "cli"])
def test_expiry(seconds: int, state: str, chosen: CredentialKind) -> None:
    """A token that ends soon is a note, and one that has ended is missing."""
    identity = identity_of(token(exp=int(NOW.timestamp()) + seconds, roles=[]))
    check = said_of(identity, chosen)[-1]

    assert (check.name, check.state) == ("expiry", state)
    assert bool(check.mend) == (state != "ok")
