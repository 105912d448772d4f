"""The simulator over real HTTP, on loopback."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Self, cast

from aiohttp import web

from simulator.calls import Call, Transport
from simulator.graph import Graph

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import TracebackType

    from simulator.calls import Answer
    from simulator.faults import Fault, Throttle
    from simulator.journal import RequestRecord
    from simulator.tenant import Tenant
    from simulator.world import World

_MISSING = 512
"""How many bytes a cut answer announces and never sends."""
_LARGEST_REQUEST = 4 << 20


class Simulator:
    """One tenant's Graph, listening on loopback while the context is open."""

    def __init__(
        self,
        tenant: Tenant,
        *,
        faults: Sequence[Fault] = (),
        latency: float | None = None,
        throttle: Throttle | None = None,
        permissions: Sequence[str] | None = None,
        port: int = 0,
    ) -> None:
        """Take the tenant and what this run adds: more faults, and other settings than the tenant's own.

        Args:
            tenant: What Graph knows.
            faults: Further faults; they strike before the tenant's own.
            latency: Seconds each HTTP request takes; the tenant's `latency_ms` when absent.
            throttle: Throttling instead of the tenant's own.
            permissions: Application permissions granted instead of the tenant's own.
            port: The port to listen on; any free one when 0.
        """
        if permissions is not None:
            settings = tenant.settings.model_copy(update={"permissions": tuple(permissions)})
            tenant = tenant.model_copy(update={"settings": settings})
        self.tenant = tenant
        self._latency = tenant.latency_ms / 1000 if latency is None else latency
        self._port = port
        self._graph = Graph(tenant, (*faults, *tenant.faults), throttle or tenant.throttle)
        self._runner: web.AppRunner | None = None
        self._closing = asyncio.Event()
        self.http_requests = 0
        """How many HTTP requests came; a batch is one."""

    @property
    def root(self) -> str:
        """The root of the simulated Graph, to which clients add a version and a path."""
        return self._graph.root

    @property
    def token(self) -> str:
        """The accepted bearer token; for a service principal that signs in, one that holds its granted permissions."""
        return self._graph.token

    @property
    def administrator_token(self) -> str:
        """The token of somebody who may grant permissions, unless the tenant's settings say otherwise."""
        return self._graph.callers.administrator_token

    @property
    def world(self) -> World:
        """The tenant's objects as they are now, for tests that change them without Graph."""
        return self._graph.world

    @property
    def renewed_token(self) -> str:
        """A second token, which also satisfies a claims challenge."""
        return self._graph.renewed_token

    @property
    def requests(self) -> list[RequestRecord]:
        """Every request and batch member in the order they were answered."""
        return self._graph.requests

    @property
    def early(self) -> list[RequestRecord]:
        """The requests and members that came before an announced Retry-After was over."""
        return self._graph.early

    @property
    def mails(self) -> list[bytes]:
        """The mails that were sent through Graph, as MIME."""
        return self._graph.mails

    async def __aenter__(self) -> Self:
        """Start listening."""
        app = web.Application(client_max_size=_LARGEST_REQUEST)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        try:
            await site.start()
        except OSError:
            await self._runner.cleanup()
            raise
        self._graph.root = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening, and let go of what still hangs."""
        self._closing.set()
        if self._runner is not None:
            await self._runner.cleanup()

    @contextmanager
    def in_thread(self) -> Iterator[Self]:
        """Run in a thread with a loop of its own, for callers that are not asynchronous."""
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, name="simulator", daemon=True)
        thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self.__aenter__(), loop).result()
            try:
                yield self
            finally:
                asyncio.run_coroutine_threadsafe(self.__aexit__(None, None, None), loop).result()
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        at = time.monotonic()
        self.http_requests += 1
        call = Call.parse(
            request.method,
            request.raw_path,
            headers=request.headers,
            token=_bearer(request.headers.get("Authorization")),
            body=await request.read(),
        )
        call = replace(call, connection=cast("asyncio.Transport", request.transport).get_extra_info("peername"))
        answer = self._graph.answer(call, at)
        if self._latency:
            await asyncio.sleep(self._latency)
        for announcement in answer.announcements:
            self._graph.gates.open(announcement, call.connection)
        return await self._send(request, answer)

    async def _send(self, request: web.Request, answer: Answer) -> web.StreamResponse:
        headers = {**answer.headers, "Content-Type": answer.content_type}
        transport = cast("asyncio.Transport", request.transport)
        if answer.transport is None:
            return web.Response(status=answer.status, headers=headers, body=answer.body)
        if answer.transport is Transport.CUT:
            headers["Content-Length"] = str(len(answer.body) + _MISSING)
            response = web.StreamResponse(status=answer.status, headers=headers)
            await response.prepare(request)
            await response.write(answer.body)
            transport.close()
            return response
        if answer.transport is Transport.HANG:
            await self._hang(answer.seconds)
        return _reset(transport)

    async def _hang(self, seconds: float) -> None:
        """Say nothing until the time is up or the simulator closes."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._closing.wait(), seconds)


def _reset(transport: asyncio.Transport) -> web.StreamResponse:
    """End the connection with a TCP reset, unless the client has; the response is for aiohttp and reaches nobody."""
    if not transport.is_closing():
        linger = struct.pack("ii", 1, 0)
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        transport.abort()
    return web.Response()


def _bearer(value: str | None) -> str | None:
    scheme, _, token = (value or "").partition(" ")
    return token if scheme.lower() == "bearer" and token else None
