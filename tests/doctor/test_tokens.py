"""What the doctor says of a token from what it says of itself, which may be anything."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import jwt
import pytest

from connectorwatch.doctor.tokens import audience_checks, identity_of, token_checks

if TYPE_CHECKING:
    from connectorwatch.settings import Cloud

NOW = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
APP = {"tid": "t", "appid": "app", "oid": "oid", "exp": NOW.timestamp() + 3600}


def token(**claims: object) -> str:
    """Return a token with these claims."""
    return jwt.encode(claims, "a key that is long enough to be one, 32 bytes")


def test_an_applications_token() -> None:
    """Roles make it an application's; its ids and permissions are told, the token never."""
    identity = identity_of(token(**APP, roles=["B.Read.All", "A.Read.All"]))

    assert (identity.kind, identity.application, identity.object_id) == ("app-only", "app", "oid")
    assert identity.permissions == ("A.Read.All", "B.Read.All")
    assert "app-only" in token_checks(identity, "token", NOW)[0].said


def test_a_persons_token() -> None:
    """Scopes make it a person's, who is told by name."""
    identity = identity_of(token(**APP, scp="B.Read.All A.Read.All", upn="ada@contoso.com"))

    assert (identity.kind, identity.name) == ("delegated", "ada@contoso.com")
    assert "ada@contoso.com of application app" in token_checks(identity, "cli", NOW)[0].said


@pytest.mark.parametrize(
    ("audience", "cloud", "right"),
    [
        ("https://graph.microsoft.com", "global", True),
        ("https://graph.microsoft.com/", "global", True),
        ("00000003-0000-0000-c000-000000000000", "china", True),
        (None, "global", True),
        ("https://graph.microsoft.com", "usgov", False),
        ("https://management.azure.com/", "global", False),
        ("https://graph.microsoft.com.evil.example", "global", False),
    ],
)
def test_a_token_for_another_service_is_told_as_one(audience: str | None, cloud: Cloud, right: bool) -> None:  # noqa: FBT001 - expected
    """Graph would say only that it does not take it; the token itself says for whom it is."""
    found = audience_checks(identity_of(token(**APP, aud=audience)), cloud, "token")

    assert [(check.state, check.stops) for check in found] == ([] if right else [("missing", True)])
    assert all(str(audience) in check.said and "ms-graph" in check.mend[0] for check in found)


@pytest.mark.parametrize("text", ["", "opaque", "a.b.c", "eyJhbGciOiJub25lIn0.W10."])
def test_an_opaque_token_is_said_to_be_one(text: str) -> None:
    """What is no JSON web token is no error."""
    (check,) = token_checks(identity_of(text), "token", NOW)

    assert (check.state, "opaque" in check.said) == ("note", True)


@pytest.mark.parametrize("claims", [{"exp": "soon"}, {"exp": 1e40}, {"exp": None}, {"tid": 5, "roles": "no list"}])
def test_strange_claims_are_left_out(claims: dict[str, object]) -> None:
    """A token that says something odd is told without it."""
    identity = identity_of(jwt_of(claims))

    assert (identity.expires_at, identity.tenant, identity.permissions) == (None, None, ())
    assert token_checks(identity, "token", NOW)


def jwt_of(claims: dict[str, object]) -> str:
    """Return a token with claims that no library would sign."""
    return ".".join(
        (*(jwt.utils.base64url_encode(json.dumps(one).encode()).decode() for one in ({"alg": "none"}, claims)), "")
    )


@pytest.mark.parametrize(("seconds", "state"), [(3600, "ok"), (60, "note"), (-60, "missing")])
@pytest.mark.parametrize("chosen", ["token", "cli"])
def test_expiry(seconds: int, state: str, chosen: str) -> None:
    """A token that ends soon is a note, and one that has ended is missing."""
    identity = identity_of(token(exp=int(NOW.timestamp()) + seconds, roles=[]))
    check = token_checks(identity, chosen, NOW)[-1]

    assert (check.name, check.state) == ("expiry", state)
    assert bool(check.mend) == (state != "ok")
