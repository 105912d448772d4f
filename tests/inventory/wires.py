"""Real HTTP for tests: credentials, the simulator on its socket with a client before it, and servers of a few bytes."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Self, cast

from azure.core.credentials import AccessToken

from common.clock import Clock
from inventory.collect import collect
from inventory.gate import Gate
from inventory.graph import GraphClient, Limits
from inventory.sender import Sender
from inventory.transport import MEBIBYTE, SdkTransport
from inventory.transport_port import Outgoing
from simulator import TENANTS, Fault, FaultKind, Simulator, Tenant, load_tenant

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Sequence

    from inventory.answer import Answer
    from inventory.snapshot import Section, Snapshot
    from simulator import Throttle


TOKEN = "t0ken-that-stays-at-home"
MOMENT = datetime(2026, 11, 20, 6, tzinfo=UTC)
"""When every look in tests is taken."""


CONNECTORS = "/onPremisesPublishingProfiles/applicationProxy/connectors"


@cache
def bundled(name: str = "contoso") -> Tenant:
    """Return a bundled tenant; they are frozen, so the tests share them."""
    return load_tenant(TENANTS / f"{name}.yaml")


async def look(tenant: str = "contoso", *faults: Fault, limits: Limits | None = None) -> tuple[Snapshot, Simulator]:
    """Look at a bundled tenant over real HTTP."""
    async with simulated(bundled(tenant), faults=faults, limits=limits) as (graph, sim):
        return await collect(graph, "tenant", lambda: MOMENT), sim


def fault(kind: FaultKind, path: str = CONNECTORS, **more: Any) -> Fault:  # noqa: ANN401 - a fault's fields
    """Return a fault, of the list of connectors unless told otherwise."""
    return Fault(path=path, kind=kind, **more)


def not_read(snapshot: Snapshot) -> dict[str, str | None]:
    """Return the names of the sections that were not read, with their codes."""
    sections: tuple[Section[Any], ...] = snapshot.sections
    return {section.name: section.code for section in sections if not section.known}


class Credential:
    """A credential that hands out its tokens in turn, and the last one for ever."""

    def __init__(self, *tokens: str, seconds: float = 3600.0, error: Exception | None = None) -> None:
        self._tokens = list(tokens)
        self._seconds = seconds
        self._error = error
        self.asked: list[str | None] = []
        """The claims of every time it was asked."""

    async def get_token(
        self,
        *scopes: str,
        claims: str | None = None,
        tenant_id: str | None = None,
        enable_cae: bool = False,
        **kwargs: object,
    ) -> AccessToken:
        """Return the next token."""
        del scopes, tenant_id, enable_cae, kwargs
        self.asked.append(claims)
        if self._error is not None:
            raise self._error
        token = self._tokens[0] if len(self._tokens) == 1 else self._tokens.pop(0)
        return AccessToken(token, int(time.time() + self._seconds))

    async def close(self) -> None:
        """Nothing to close."""

    async def __aenter__(self) -> Self:
        """Nothing to open."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing to close."""


class Hurry:
    """A clock that jumps: real sockets cannot wait in virtual time, and tests should not wait at all."""

    def __init__(self) -> None:
        self.at = 0.0

    def now(self) -> float:
        """Return the seconds slept so far."""
        return self.at

    async def sleep(self, seconds: float) -> None:
        """Jump, and let others run."""
        self.at += seconds
        await asyncio.sleep(0)

    @property
    def clock(self) -> Clock:
        """The clock for a gate."""
        return Clock(self.now, self.sleep)


@asynccontextmanager
async def simulated(
    tenant: Tenant,
    *,
    faults: Sequence[Fault] = (),
    throttle: Throttle | None = None,
    latency: float | None = None,
    limits: Limits | None = None,
    clock: Clock | None = None,
) -> AsyncIterator[tuple[GraphClient, Simulator]]:
    """Run a simulator and hand out a client for it; the credential has the renewed token after the first one."""
    async with Simulator(tenant, faults=faults, throttle=throttle, latency=latency) as sim:
        transport = SdkTransport(Credential(sim.token, sim.renewed_token), sim.root, answer_limit=2 * MEBIBYTE)
        try:
            yield GraphClient(Sender(transport, sim.root, Gate(clock=clock or Hurry().clock)), limits), sim
        finally:
            await transport.close()


@asynccontextmanager
async def transport_to(
    root: str, credential: Credential | None = None, *, limit: int = MEBIBYTE, seconds: float = 5.0
) -> AsyncIterator[SdkTransport]:
    """Hand out a transport to a server, with a token unless another credential is given."""
    transport = SdkTransport(credential or Credential(TOKEN), root, answer_limit=limit, timeout=seconds)
    try:
        yield transport
    finally:
        await transport.close()


async def get(transport: SdkTransport, url: str, claims: str | None = None) -> Answer:
    """Ask for an address, with a claims challenge to answer if there is one."""
    return await transport.send(Outgoing(url, headers={"client-request-id": "11-22"}, claims=claims))


class Listener:
    """A server on loopback while its context is open; what it says is up to its heirs."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self._context = context
        self._talks: set[asyncio.Task[object]] = set()

    async def __aenter__(self) -> Self:
        """Start listening."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._context)
        self.host = f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        self.root = f"{'http' if self._context is None else 'https'}://{self.host}"
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop listening, and break off what is still being said."""
        self._server.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._talks.add(cast("asyncio.Task[object]", asyncio.current_task()))
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await self.talk(reader, writer)
            await writer.drain()
        writer.close()
        with suppress(ConnectionError, asyncio.CancelledError):
            await writer.wait_closed()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talk to one client; the connection is closed afterwards."""


class Says(Listener):
    """A server that says the same to everybody, `pause` seconds before each part."""

    def __init__(self, *parts: bytes, pause: float = 0.0, context: ssl.SSLContext | None = None) -> None:
        super().__init__(context)
        self._parts = parts
        self._pause = pause
        self.heard: list[bytes] = []
        self.said = 0
        """How many bytes went out."""

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Listen to one request, and say what there is to say."""
        self.heard.append(await reader.readuntil(b"\r\n\r\n"))
        for part in self._parts:
            await asyncio.sleep(self._pause)
            writer.write(part)
            await writer.drain()
            self.said += len(part)


def http(body: bytes = b"", status: int = 200, **headers: str) -> bytes:
    """Return an answer as it goes over the wire; headers are given with underscores for hyphens."""
    named = {"content-type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
    named.setdefault("content-length", str(len(body)))
    lines = [f"HTTP/1.1 {status} So", *(f"{name}: {value}" for name, value in named.items() if value), "", ""]
    return "\r\n".join(lines).encode("latin-1") + body
