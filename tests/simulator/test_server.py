"""The simulator on the wire: tokens, headers, records, threads."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
import time
import urllib.request

import pytest

from simulator import Simulator, large_tenant
from tests.simulator.helpers import ROLES, Asker, asking, bundled


def _claims(token: str) -> dict[str, object]:
    part = token.split(".")[1]
    claims: dict[str, object] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return claims


def test_token() -> None:
    """The tokens name the tenant and what is granted, and differ."""
    tenant = bundled("contoso")
    sim = Simulator(tenant, permissions=["Directory.Read.All"])
    claims = _claims(sim.token)
    assert (claims["tid"], claims["roles"]) == (tenant.tenant.id, ["Directory.Read.All"])
    assert sim.token != sim.renewed_token
    assert "AuditLog.Read.All" in str(_claims(Simulator(tenant).token)["roles"])


def test_delegated_token() -> None:
    """A user's token carries scopes."""
    tenant = bundled("contoso")
    tenant = tenant.model_copy(update={"settings": tenant.settings.model_copy(update={"delegated": True})})
    claims = _claims(Simulator(tenant).token)
    assert ("roles" in claims, "Directory.Read.All" in str(claims["scp"]).split()) == (False, True)


@pytest.mark.parametrize("token", [None, "", "nonsense"])
async def test_other_tokens(contoso: Asker, token: str | None) -> None:
    """Anything but its own tokens is refused."""
    contoso.token = token
    reply = await contoso.get("/v1.0/users")
    assert (reply.status, reply.code) == (401, "InvalidAuthenticationToken")
    assert reply.headers["WWW-Authenticate"].startswith("Bearer ")


async def test_headers_of_an_answer(contoso: Asker) -> None:
    """An answer names its request, echoes the caller's id and carries the date."""
    reply = await contoso.get("/v1.0/users", {"client-request-id": "mine"})
    assert reply.headers["client-request-id"] == "mine"
    assert {"request-id", "Date", "x-ms-ags-diagnostic"} <= set(reply.headers)
    assert reply.headers["Content-Type"].startswith("application/json;odata.metadata=minimal")
    assert (await contoso.get("/v1.0/users")).headers["client-request-id"] != "mine"


async def test_errors_spell_their_inner_error_two_ways(contoso: Asker) -> None:
    """The inner error is spelled one way or the other, and names the request."""
    spellings = set()
    for _ in range(20):
        reply = await contoso.get("/v1.0/users/none", {"client-request-id": "mine"})
        error = reply.json["error"]
        spelling = next(name for name in error if name.lower() == "innererror")
        spellings.add(spelling)
        assert error[spelling]["client-request-id"] == "mine"
        assert error[spelling]["request-id"] == reply.headers["request-id"]
    assert spellings == {"innerError", "innererror"}


async def test_records(contoso: Asker) -> None:
    """Requests are recorded with what is worth asserting on, and never with the token."""
    before = time.monotonic()
    await contoso.get("/beta/users?$top=1", {"ConsistencyLevel": "eventual", "Cookie": "c"})
    contoso.token = None
    await contoso.get("/v1.0/users")
    first, second = contoso.sim.requests
    assert (first.method, first.version, first.path, first.query, first.status) == (
        "GET",
        "beta",
        "/users",
        {"$top": "1"},
        200,
    )
    assert (first.authorized, second.authorized, second.status, contoso.sim.http_requests) == (True, False, 401, 2)
    assert first.headers["consistencylevel"] == "eventual"
    assert {"authorization", "cookie"}.isdisjoint(first.headers)
    assert before < first.at < time.monotonic()


async def test_answers_do_not_depend_on_the_clock(contoso: Asker) -> None:
    """The same question has the same answer."""
    async with asking() as other:
        mine, theirs = await contoso.get("/v1.0/users"), await other.get("/v1.0/users")
        assert mine.body.replace(contoso.sim.root.encode(), b"") == theirs.body.replace(other.sim.root.encode(), b"")
    assert (await contoso.get("/v1.0/users")).body == mine.body


async def test_latency() -> None:
    """Each request takes the time it was given, side by side with others."""
    async with asking(latency=0.1) as ask:
        before = time.monotonic()
        await asyncio.gather(*(ask.get("/v1.0/users") for _ in range(5)))
        assert 0.1 <= time.monotonic() - before < 0.4
    tenant = bundled("contoso").model_copy(update={"latency_ms": 100})
    async with asking(tenant) as ask:
        before = time.monotonic()
        await ask.get("/v1.0/users")
        assert time.monotonic() - before >= 0.1


def _ask(sim: Simulator, path: str) -> int:
    request = urllib.request.Request(sim.root + path, headers={"Authorization": f"Bearer {sim.token}"})  # noqa: S310 - loopback
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - loopback
        return int(answer.status)


def test_in_a_thread() -> None:
    """A thread of its own serves callers that are not asynchronous."""
    with Simulator(bundled("clean")).in_thread() as sim:
        assert _ask(sim, "/v1.0/organization") == 200
        assert sim.http_requests == 1


def test_on_a_port() -> None:
    """The port can be chosen; one that is taken is an error of the caller's."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    with Simulator(bundled("clean"), port=port).in_thread() as sim:
        assert sim.root == f"http://127.0.0.1:{port}"
        with pytest.raises(OSError, match="address already in use"), Simulator(bundled("clean"), port=port).in_thread():
            pass


async def test_never_started() -> None:
    """Closing what was never opened does nothing."""
    await Simulator(bundled("clean")).__aexit__(None, None, None)


async def test_large_tenant() -> None:
    """A large tenant has the size it was asked for, and pages of a hundred and five hundred."""
    tenant = large_tenant(role_groups=3, members_per_group=4)
    async with asking(tenant) as ask:
        first = await ask.get("/beta/onPremisesPublishingProfiles/applicationProxy/connectors")
        assert len(first.rows) == 100
        assert len((await ask.get(f"{ROLES}/roleAssignments")).rows) == 500
        assert len(await ask.all(f"{ROLES}/roleDefinitions")) == 105
        rows = await ask.all(f"{ROLES}/roleAssignments?$top=999")
        assert len(rows) == 10_008
        group = tenant.guid("group", "role-group-2")
        assert len((await ask.get(f"/v1.0/groups/{group}/members")).rows) == 4
    assert sum(len(one.connectors) for one in tenant.connector_groups.values()) == 500
    assert sum(len(one.applications) for one in tenant.connector_groups.values()) == 300


async def test_large_tenant_is_fast() -> None:
    """Filtered by role, ten thousand assignments are answered at once."""
    query = "$expand=principal&$filter=roleDefinitionId eq '9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3'"
    async with asking(large_tenant()) as ask:
        before = time.perf_counter()
        reply = await ask.get(f"{ROLES}/roleAssignments?{query}")
        assert time.perf_counter() - before < 0.3
        assert len(reply.rows) == 3
