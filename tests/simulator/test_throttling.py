"""Throttling, and the record of who did not wait."""

from __future__ import annotations

import asyncio
from email.utils import parsedate_to_datetime

import pytest

from simulator import Fault, FaultKind, Throttle
from tests.simulator.helpers import Asker, asking, bundled


def _once(**more: object) -> Fault:
    return Fault.model_validate({"path": "/users", "kind": "throttled", "times": 1, "retry_after": 1} | more)


async def _shares(ask: Asker, requests: int) -> list[int]:
    return [(await ask.get("/v1.0/organization")).status for _ in range(requests)]


async def test_a_seeded_share_is_refused() -> None:
    """The same seed refuses the same requests, about as many as the ratio says."""
    runs = []
    for _ in range(2):
        async with asking(throttle=Throttle(ratio=0.3, retry_after=None, seed=7)) as ask:
            runs.append(await _shares(ask, 40))
    assert runs[0] == runs[1]
    assert 4 <= runs[0].count(429) <= 20


async def test_refusal_without_a_wait() -> None:
    """Without a Retry-After nothing is announced and nobody is early."""
    async with asking(throttle=Throttle(ratio=1, retry_after=None, status=503)) as ask:
        reply = await ask.get("/v1.0/organization")
        assert (reply.status, reply.code, "Retry-After" in reply.headers) == (503, "serviceNotAvailable", False)
        await ask.get("/v1.0/organization")
        assert ask.sim.early == []


async def test_other_services_go_on() -> None:
    """Only the services named are throttled."""
    throttle = Throttle.model_validate({"ratio": 1, "services": ["roles"]})
    async with asking(throttle=throttle) as ask:
        assert (await ask.get("/v1.0/organization")).status == 200
        assert (await ask.get("/v1.0/roleManagement/directory/roleDefinitions")).status == 429


async def test_shape_of_a_429() -> None:
    """A 429 carries what the documentation shows."""
    async with asking(faults=[_once()]) as ask:
        reply = await ask.get("/v1.0/users")
        inner = reply.json["error"].get("innerError") or reply.json["error"]["innererror"]
        assert (reply.status, reply.code, inner["code"]) == (429, "TooManyRequests", "429")
        assert reply.headers["Retry-After"] == "1"
        assert reply.headers["x-ms-throttle-information"] == "CPULimitExceeded"


async def test_those_who_do_not_wait_are_recorded() -> None:
    """While a wait runs, everything for that service is refused and recorded as early; others are not."""
    async with asking(faults=[_once()]) as ask:
        await ask.get("/v1.0/users")
        assert (await ask.get("/v1.0/groups")).status == 429
        assert (await ask.get("/v1.0/roleManagement/directory/roleDefinitions")).status == 200
        assert by_path(ask) == ["/groups"]
        await ask.batch("/organization")
        assert by_path(ask) == ["/groups", "/organization"]
        await asyncio.sleep(1.1)
        assert (await ask.get("/v1.0/users")).status == 200
        assert len(ask.sim.early) == 2


def by_path(ask: Asker) -> list[str]:
    """Return the paths of those who were early."""
    return [record.path for record in ask.sim.early]


@pytest.mark.parametrize("latency", [0, 0.05])
async def test_those_on_their_way_are_not_early(latency: float) -> None:
    """A request that was on its way when the wait was announced is nobody's fault."""
    async with asking(faults=[_once()], latency=latency) as ask:
        await asyncio.gather(ask.get("/v1.0/users"), *(ask.get("/v1.0/groups") for _ in range(4)))
        assert ask.sim.early == []
        await asyncio.sleep(0.05)
        await asyncio.gather(*(ask.get("/v1.0/groups") for _ in range(6)))
        assert len(ask.sim.early) == 6


async def test_wait_announced_as_a_date() -> None:
    """A Retry-After may be a date."""
    async with asking(faults=[_once(retry_after_date=True)]) as ask:
        reply = await ask.get("/v1.0/users")
        announced = parsedate_to_datetime(reply.headers["Retry-After"])
        now = parsedate_to_datetime(reply.headers["Date"])
        assert 0 <= (announced - now).total_seconds() <= 2
        again = await ask.get("/v1.0/users")
        assert (again.status, len(ask.sim.early)) == (429, 1)
        parsedate_to_datetime(again.headers["Retry-After"])


async def test_audit_limit() -> None:
    """Audit events are to be had five times in ten seconds."""
    async with asking(throttle=Throttle(ratio=0, audit_limit=True)) as ask:
        replies = [await ask.get("/v1.0/auditLogs/directoryAudits?$top=1") for _ in range(6)]
        assert [reply.status for reply in replies] == [200] * 5 + [429]
        assert replies[5].headers["Retry-After"] == "10"


async def test_limit_percentage() -> None:
    """Answers tell how near the limit is, when told to."""
    async with asking(throttle=Throttle(ratio=0, limit_percentage=0.9)) as ask:
        assert (await ask.get("/v1.0/users")).headers["x-ms-throttle-limit-percentage"] == "0.9"


async def test_throttling_from_the_tenant_file() -> None:
    """Throttling may stand in the tenant file."""
    tenant = bundled("contoso").model_copy(update={"throttle": Throttle(ratio=1)})
    async with asking(tenant) as ask:
        assert (await ask.get("/v1.0/users")).status == 429


@pytest.mark.parametrize(
    ("path", "cost"),
    [
        ("/v1.0/users", "2"),
        ("/v1.0/users?$select=id", "1"),
        ("/v1.0/users?$top=19", "1"),
        ("/v1.0/users?$top=20", "2"),
        ("/v1.0/organization?$select=id&$top=1", "1"),
    ],
)
async def test_resource_units(contoso: Asker, path: str, cost: str) -> None:
    """The directory tells what a request has cost."""
    assert (await contoso.get(path)).headers["x-ms-resource-unit"] == cost


@pytest.mark.parametrize(("query", "cost"), [("", "5"), ("?$select=id", "2")])
async def test_resource_units_of_ids(contoso: Asker, query: str, cost: str) -> None:
    """Finding objects by their ids is cheaper with `$select`."""
    reply = await contoso.send("POST", f"/v1.0/directoryObjects/getByIds{query}", body={"ids": []})
    assert reply.headers["x-ms-resource-unit"] == cost


async def test_status_with_a_wait() -> None:
    """Any refusal may announce a wait, and then holds the service to it."""
    fault = Fault(path="/users", kind=FaultKind.STATUS, status=503, retry_after=1, times=1)
    async with asking(faults=[fault]) as ask:
        assert (await ask.get("/v1.0/users")).headers["Retry-After"] == "1"
        assert (await ask.get("/v1.0/organization")).status == 503
