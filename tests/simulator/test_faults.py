"""What can be made to go wrong."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import aiohttp
import pytest
from pydantic import ValidationError

from simulator import Fault
from simulator.calls import Call
from tests.simulator.helpers import PROXY, Asker, asking, bundled

USERS = "/v1.0/users"


def _fault(kind: str, **more: object) -> Fault:
    return Fault.model_validate({"path": "/users", "kind": kind} | more)


async def _struck(kind: str, **more: object) -> Any:  # noqa: ANN401 - a reply, read in many ways
    async with asking(faults=[_fault(kind, **more)]) as ask:
        return await ask.get(USERS)


@pytest.mark.parametrize(
    ("shape", "code", "message"),
    [
        ("directory_role", "NotAdminRoleNoEnoughCustomPermission_UnauthorizedAccess", "Unauthorized Access."),
        ("scope", "Authorization_RequestDenied", "Insufficient privileges to complete the operation."),
        ("pim", "UnknownError", "PermissionScopeNotGranted"),
    ],
)
async def test_denied(shape: str, code: str, message: str) -> None:
    """A refusal has one of three shapes."""
    reply = await _struck("denied", shape=shape)
    assert (reply.status, reply.code) == (403, code)
    assert message in reply.message


async def test_unauthorized() -> None:
    """A 401 can come although the token is good."""
    reply = await _struck("unauthorized")
    assert (reply.status, reply.code) == (401, "InvalidAuthenticationToken")


async def test_claims_challenge() -> None:
    """A claims challenge is satisfied by the renewed token."""
    async with asking(faults=[_fault("claims")]) as ask:
        reply = await ask.get(USERS)
        challenge = reply.headers["WWW-Authenticate"]
        assert (reply.status, 'error="insufficient_claims"' in challenge) == (401, True)
        assert "access_token" in json.loads(base64.b64decode(challenge.partition('claims="')[2].rstrip('"')))
        ask.token = ask.sim.renewed_token
        assert (await ask.get(USERS)).status == 200


async def test_expired_token() -> None:
    """From then on, only the renewed token is good, wherever it is used."""
    async with asking(faults=[_fault("expired", after=1)]) as ask:
        statuses = [(await ask.get(path)).status for path in ("/v1.0/groups", USERS, USERS, "/v1.0/groups")]
        assert statuses == [200, 200, 401, 401]
        ask.token = ask.sim.renewed_token
        assert ((await ask.get(USERS)).status, (await ask.get("/v1.0/groups")).status) == (200, 200)


async def test_licence() -> None:
    """A missing licence is a 400."""
    assert (await _struck("license")).code == "AadPremiumLicenseRequired"


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"status": 500}, 500, "InternalServerError"),
        ({"status": 418}, 418, "UnknownError"),
        (
            {"status": 409, "code": "Directory_ConcurrencyViolation", "message": "Again."},
            409,
            "Directory_ConcurrencyViolation",
        ),
        ({}, 500, "InternalServerError"),
    ],
)
async def test_status(more: dict[str, object], status: int, code: str) -> None:
    """Any status can be had, with a code and a message."""
    reply = await _struck("status", **more)
    assert (reply.status, reply.code) == (status, code)
    assert reply.message == more.get("message", "The service says no.")


async def test_empty_code() -> None:
    """An error can have an empty code."""
    reply = await _struck("error_code_empty", status=403)
    assert (reply.status, reply.code) == (403, "")


async def test_double_wrapped() -> None:
    """An error can come in two envelopes."""
    assert (await _struck("double_wrapped_error")).json["error"]["error"]["code"] == "InvalidFilter"


async def test_html() -> None:
    """A proxy's page can come in place of JSON."""
    reply = await _struck("html")
    assert (reply.status, reply.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert b"<html>" in reply.body


@pytest.mark.parametrize("kind", ["cut_json", "garbage", "empty"])
async def test_unreadable_bodies(kind: str) -> None:
    """A complete answer can hold what is no JSON."""
    reply = await _struck(kind)
    assert reply.status == 200
    with pytest.raises(ValueError, match=r".+"):
        json.loads(reply.body)


async def test_cut() -> None:
    """An answer can end before its announced length."""
    with pytest.raises(aiohttp.ClientPayloadError):
        await _struck("cut")


async def test_reset() -> None:
    """A connection can be reset without an answer."""
    with pytest.raises(aiohttp.ClientError):
        await _struck("reset")


async def test_hang() -> None:
    """An answer can fail to come, for as long as the fault says or the client waits."""
    with pytest.raises(aiohttp.ClientError):
        await _struck("hang", seconds=0.05)
    async with asking(faults=[_fault("hang")]) as ask:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(ask.get(USERS), 0.05)
        assert ask.sim.requests[0].status == 0


async def test_redirect() -> None:
    """An answer can point elsewhere."""
    reply = await _struck("redirect", to="https://elsewhere.example/")
    assert (reply.status, reply.headers["Location"]) == (302, "https://elsewhere.example/")


@pytest.mark.parametrize("body", ['{"value":[1]}', b'{"value":[1]}'])
async def test_body(body: str | bytes) -> None:
    """Any body can be planted, as text or bytes."""
    reply = await _struck("body", body=body, status=201, content_type="application/json")
    assert (reply.status, reply.rows, reply.headers["Content-Type"]) == (201, [1], "application/json")


async def test_content_type() -> None:
    """The real answer can come under another type."""
    reply = await _struck("content_type", content_type="text/plain")
    assert (reply.headers["Content-Type"], len(reply.rows)) == ("text/plain", 5)


async def test_gzip_bomb() -> None:
    """A small answer can inflate to a large one."""
    reply = await _struck("gzip_bomb", size=2)
    assert int(reply.headers["Content-Length"]) < 20_000
    assert len(reply.body) > 2 << 20


async def test_big() -> None:
    """An answer can be very large."""
    assert len((await _struck("big", size=2)).body) > 2 << 20


async def test_endless_pages() -> None:
    """Pages can go on for ever, each link another, long after the rows have run out."""
    async with asking(faults=[_fault("endless_pages")]) as ask:
        link, links, rows = USERS, set(), 0
        for _ in range(12):
            reply = await ask.get(link)
            link = reply.json["@odata.nextLink"]
            links.add(link)
            rows += len(reply.rows)
        assert (len(links), rows) == (12, 28)


async def test_looping_pages() -> None:
    """A page can link to itself."""
    async with asking(faults=[_fault("looping_pages")]) as ask:
        reply = await ask.get(f"{USERS}?$top=2")
        assert reply.json["@odata.nextLink"] == f"{ask.sim.root}{USERS}?$top=2"
        assert (await ask.get(USERS)).json["@odata.nextLink"] == ask.sim.root + USERS


async def test_foreign_next_link() -> None:
    """A page can link to another host."""
    reply = await _struck("foreign_next_link", url="https://evil.example/v1.0/users?$skiptoken=x")
    assert reply.json["@odata.nextLink"] == "https://evil.example/v1.0/users?$skiptoken=x"


async def test_failing_page() -> None:
    """A list can fail on a later page."""
    async with asking(faults=[_fault("fail_page", page=2, status=503)]) as ask:
        first = await ask.get(USERS)
        assert (first.status, (await ask.get(first.json["@odata.nextLink"])).status) == (200, 503)


async def test_how_often_and_when() -> None:
    """A fault can let some requests pass first, and strike a number of times."""
    async with asking(faults=[_fault("status", after=1, times=2)]) as ask:
        assert [(await ask.get(USERS)).status for _ in range(5)] == [200, 500, 500, 200, 200]


async def test_first_fault_that_strikes() -> None:
    """When one fault is used up, the next has its turn."""
    faults = [_fault("status", status=500, times=1), _fault("status", status=502)]
    async with asking(faults=faults) as ask:
        assert [(await ask.get(USERS)).status for _ in range(3)] == [500, 502, 502]


async def test_faults_of_the_tenant_file(contoso: Asker) -> None:
    """Faults may stand in the tenant file; a run adds its own before them."""
    tenant = bundled("contoso").model_copy(update={"faults": (_fault("status", status=502),)})
    async with asking(tenant, faults=[_fault("status", status=501, times=1)]) as ask:
        assert [(await ask.get(USERS)).status for _ in range(2)] == [501, 502]
    assert (await contoso.get(USERS)).status == 200


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("/a/*/c", "/a/b/c", True),
        ("/a/*/c", "/a/b/b/c", False),
        ("/a/**", "/a/b/c", True),
        ("/a/b*", "/a/bcd", True),
        ("/a.b", "/axb", False),
    ],
)
def test_patterns(pattern: str, path: str, *, matches: bool) -> None:
    """One star is within a segment, two go over any number."""
    call = Call.parse("GET", f"/beta{path}", headers={}, token=None)
    assert Fault.model_validate({"path": pattern, "kind": "denied"}).matches(call) is matches


@pytest.mark.parametrize(
    ("more", "matches"), [({"version": "v1.0"}, False), ({"version": "beta"}, True), ({"method": "POST"}, False)]
)
def test_version_and_method(more: dict[str, object], *, matches: bool) -> None:
    """A fault can be meant for one version or method."""
    call = Call.parse("GET", "/beta/users", headers={}, token=None)
    assert _fault("denied", **more).matches(call) is matches


@pytest.mark.parametrize("kind", ["redirect", "body", "content_type", "foreign_next_link", "fail_page"])
def test_faults_that_need_more(kind: str) -> None:
    """A fault without what its kind needs is refused."""
    with pytest.raises(ValidationError, match="needs"):
        _fault(kind)


async def test_faults_strike_one_group(contoso: Asker) -> None:
    """A pattern can name the members of every group, and no more."""
    guid = bundled("contoso").guid("connector_group", "paris")
    fault = Fault.model_validate(
        {"path": "/onPremisesPublishingProfiles/applicationProxy/connectorGroups/*/members", "kind": "denied"}
    )
    async with asking(faults=[fault]) as ask:
        assert (await ask.get(f"{PROXY}/connectorGroups/{guid}/members")).status == 403
        assert (await ask.get(f"{PROXY}/connectorGroups/{guid}/applications")).status == 200
    assert (await contoso.get(f"{PROXY}/connectorGroups/{guid}/members")).status == 200
