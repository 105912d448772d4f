"""A small HTTP client for asking the simulator, and the tenants it is asked about."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import aiohttp

from simulator import TENANTS, Simulator, Tenant, load_tenant

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from simulator import Fault, Throttle

PROXY = "/beta/onPremisesPublishingProfiles/applicationProxy"
ROLES = "/v1.0/roleManagement/directory"
PIM_GROUPS = "/v1.0/identityGovernance/privilegedAccess/group"
EVENTUAL = {"ConsistencyLevel": "eventual"}


@cache
def bundled(name: str) -> Tenant:
    """Return a bundled tenant; they are frozen, so the tests share them."""
    return load_tenant(TENANTS / f"{name}.yaml")


@dataclass(frozen=True)
class Reply:
    """An answer as it came off the wire."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401 - any JSON
        """The body, decoded."""
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The error code."""
        return str(self.json["error"]["code"])

    @property
    def message(self) -> str:
        """The error message."""
        return str(self.json["error"]["message"])

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows of a page."""
        return list(self.json["value"])

    def column(self, name: str) -> list[Any]:
        """Return one property of every row."""
        return [row.get(name) for row in self.rows]


class Asker:
    """A client that carries the simulator's token."""

    def __init__(self, sim: Simulator, session: aiohttp.ClientSession) -> None:
        """Take the simulator and a session."""
        self.sim = sim
        self.token: str | None = sim.token
        self._session = session

    async def send(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, body: object = None
    ) -> Reply:
        """Send a request; the path may be a whole link."""
        url = path if path.startswith("http") else self.sim.root + path
        signed = dict(headers or {})
        if self.token is not None:
            signed["Authorization"] = f"Bearer {self.token}"
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        async with self._session.request(method, url, headers=signed, data=data, allow_redirects=False) as response:
            return Reply(response.status, dict(response.headers), await response.read())

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> Reply:
        """Get a path."""
        return await self.send("GET", path, headers=headers)

    async def all(self, path: str, headers: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
        """Get every page of a list."""
        rows: list[dict[str, Any]] = []
        link: str | None = path
        while link is not None:
            reply = await self.get(link, headers)
            assert reply.status == 200, reply.body
            rows += reply.rows
            link = reply.json.get("@odata.nextLink")
        return rows

    async def batch(self, *urls: str, version: str = "beta", headers: Mapping[str, str] | None = None) -> Reply:
        """Post a batch of GETs, their ids counting from 0."""
        requests: list[dict[str, object]] = [
            {"id": str(index), "method": "GET", "url": url} | ({"headers": headers} if headers else {})
            for index, url in enumerate(urls)
        ]
        return await self.send("POST", f"/{version}/$batch", body={"requests": requests})


def by_id(reply: Reply) -> dict[str, Any]:
    """Return the answers of a batch by the ids of their requests."""
    return {one["id"]: one for one in reply.json["responses"]}


@asynccontextmanager
async def asking(
    tenant: Tenant | str = "contoso",
    *,
    faults: Sequence[Fault] = (),
    latency: float | None = None,
    throttle: Throttle | None = None,
    permissions: Sequence[str] | None = None,
) -> AsyncIterator[Asker]:
    """Run a simulator and hand out a client for it."""
    tenant = bundled(tenant) if isinstance(tenant, str) else tenant
    running = Simulator(tenant, faults=faults, latency=latency, throttle=throttle, permissions=permissions)
    async with running as sim, aiohttp.ClientSession() as session:
        yield Asker(sim, session)
