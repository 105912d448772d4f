"""Nobody gets in by a header that anybody can send, and nobody sees more than their roles say."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectorwatch.web.callers import READ_ALL, READ_ONE, SCAN, believed, caller_of
from connectorwatch.web.messages import HttpRequest, RefusedError
from tests.connectorwatch.web.sites import EVERYTHING, MINE, OTHER, UNKNOWN, principal, told
from tests.examples import examples

if TYPE_CHECKING:
    from tests.connectorwatch.web.sites import World

ONE = principal(READ_ONE + MINE)


def test_a_forged_principal_is_refused_where_the_platform_does_not_vouch_for_it(here: World) -> None:
    """Without App Service authentication the header is anybody's word, and people's routes let nobody in."""
    answer = here.service(trusted=False).answer("tenants", HttpRequest("/", headers=EVERYTHING), keyed=False)

    assert (answer.status, b"Mine" in answer.content) == (401, False)


def test_a_forged_principal_changes_nothing_for_a_machine(here: World) -> None:
    """Where the platform does not vouch for it, a key alone decides."""
    answer = here.service(trusted=False).answer("tenants", HttpRequest("/", headers=ONE), keyed=True)

    assert len(json.loads(answer.content)["tenants"]) == 3


@pytest.mark.parametrize(
    ("said", "is_on"), [("True", True), ("true", True), ("", False), ("False", False), ("1", False), ("yes", False)]
)
def test_only_the_platform_says_that_sign_in_is_on(said: str, is_on: bool) -> None:  # noqa: FBT001 - parametrised
    """WEBSITE_AUTH_ENABLED must be True; anything else is off."""
    assert (believed({"WEBSITE_AUTH_ENABLED": said}), believed({})) == (is_on, False)


def test_nobody_is_asked_to_sign_in(here: World) -> None:
    """Without a key and without a sign-in the answer is 401, with the challenge that HTTP wants there."""
    answer = here.ask("tenants", keyed=False)

    assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


def test_a_name_alone_is_no_sign_in(here: World) -> None:
    """The headers that only name somebody are not looked at."""
    names = {"x-ms-client-principal-name": "admin@contoso.example", "x-ms-client-principal-id": MINE}

    assert here.ask("tenants", names, keyed=False).status == 401


@pytest.mark.parametrize("claim", ["roles", "http://schemas.microsoft.com/ws/2008/06/identity/claims/role"])
def test_who_may_read_everything_sees_every_tenant(here: World, claim: str) -> None:
    """The role for all tenants counts under both names that the platform gives to the claim."""
    answer = here.ask("tenants", principal(READ_ALL, claim=claim), keyed=False)

    assert len(json.loads(answer.content)["tenants"]) == 3


def test_who_may_read_one_tenant_sees_that_one(here: World) -> None:
    """Lists, page and table hold the tenants of one's roles and no other, whatever case the id is written in."""
    headers = principal(READ_ONE + MINE.upper())
    listed = json.loads(here.ask("tenants", headers, keyed=False).content)["tenants"]
    shown = [here.ask(name, headers, keyed=False).content for name in ("page", "fleet_csv")]

    assert ([entry["id"] for entry in listed], [OTHER.encode() in content for content in shown]) == (
        [MINE],
        [False, False],
    )


@pytest.mark.parametrize(
    "name", ["findings", "registrars", "connectors", "groups", "applications", "artefact", "start_scan"]
)
def test_another_tenant_looks_like_an_unknown_one(here: World, name: str) -> None:
    """Whether a tenant is watched here is no business of who may not read it."""
    rest = {"scan": "latest", "file": "findings.json"} if name == "artefact" else {}
    theirs, unknown = (here.ask(name, ONE, keyed=False, tenant=tenant, route=rest) for tenant in (OTHER, UNKNOWN))

    assert (theirs.status, theirs) == (404, unknown)


def test_a_sign_in_is_narrower_than_a_key(here: World) -> None:
    """Where both come, the roles decide."""
    assert here.ask("findings", ONE, keyed=True, tenant=OTHER).status == 404


def test_who_holds_no_role_is_told_which_to_ask_for(here: World) -> None:
    """Signed in without a role is 403 everywhere, so it tells nothing about tenants."""
    answer = here.ask("tenants", principal("Other.Role", SCAN), keyed=False)

    assert (answer.status, READ_ALL in answer.content.decode()) == (403, True)


def test_another_identity_provider_is_not_believed(here: World) -> None:
    """Claims of a provider that is not Microsoft Entra may say anything."""
    assert here.ask("tenants", principal(READ_ALL, provider="github"), keyed=False).status == 401


def test_a_claim_of_another_type_is_no_role(here: World) -> None:
    """A name that reads like a role is a name."""
    assert here.ask("tenants", principal(READ_ALL, claim="name"), keyed=False).status == 403


@pytest.mark.parametrize("text", ["", "null", "[]", "{}", '{"auth_typ":"aad","claims":[1]}', "[" * 9000])
def test_a_principal_that_cannot_be_read_is_nobody(text: str) -> None:
    """Whatever is not what the platform writes lets nobody in."""
    header = base64.b64encode(text.encode()).decode() or "%"
    request = HttpRequest("/", headers={"x-ms-client-principal": header})

    with pytest.raises(RefusedError) as refused:
        caller_of(request, keyed=True, trusted=True)
    assert refused.value.status == 401


@settings(max_examples=examples(200))
@given(st.text() | st.binary().map(lambda content: base64.b64encode(content).decode()))
def test_no_text_at_all_lets_somebody_in(text: str) -> None:
    """No header that is not a principal becomes a caller, and none makes a trace."""
    with pytest.raises(RefusedError):
        caller_of(HttpRequest("/", headers={"x-ms-client-principal": text}), keyed=False, trusted=True)


def test_refusals_are_problem_documents(here: World) -> None:
    """Type, title, status and detail as RFC 9457 has them, sandboxed and never stored."""
    answer = here.ask("findings", tenant=UNKNOWN)

    assert (answer.content_type, told(answer)["status"], told(answer)["title"], told(answer)["type"]) == (
        "application/problem+json",
        404,
        "Not Found",
        "about:blank",
    )
    assert answer.all_headers["Cache-Control"] == "no-store"
