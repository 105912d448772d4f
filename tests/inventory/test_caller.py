"""Whose token a request carried, by its claims."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import to_json

from inventory.caller import Caller, caller_of


def _token(claims: object) -> str:
    parts = (base64.urlsafe_b64encode(to_json(part)).decode().rstrip("=") for part in ({"alg": "none"}, claims))
    return f"{'.'.join(parts)}."


@pytest.mark.parametrize(
    ("claims", "caller"),
    [
        ({"scp": "A.Read.All B.Read.All"}, Caller(person=True, permissions=frozenset({"A.Read.All", "B.Read.All"}))),
        ({"roles": ["A.Read.All", 7]}, Caller(person=False, permissions=frozenset({"A.Read.All"}))),
        ({"roles": []}, Caller(person=False, permissions=frozenset())),
        ({"scp": "", "roles": None}, None),
        ({"scp": 7}, None),
        ({}, None),
    ],
)
def test_claims_say_who_signed_in(claims: dict[str, object], caller: Caller | None) -> None:
    """Delegated permissions are a person's, application roles an application's; without either nothing is known."""
    assert caller_of(_token(claims)) == caller


@given(st.text())
def test_a_token_that_is_no_jwt_is_nobodys(token: str) -> None:
    """Whatever is no token says nothing, and stops nothing."""
    assert caller_of(token) is None


@pytest.mark.parametrize(
    ("held", "opens"), [("X.Read.All", True), ("X.ReadWrite.All", True), ("X.Read", False), ("Y.Read.All", False)]
)
def test_what_writes_also_reads(held: str, *, opens: bool) -> None:
    """A list is opened by its permission and by the one of the same name that also writes."""
    assert Caller(person=True, permissions=frozenset({held})).opens("X.Read.All") is opens
