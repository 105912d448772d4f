"""A proxy in front of the emulator that breaks what it is told to break; on loopback, in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from aiohttp import ClientSession, web
from yarl import URL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.azurite import Azurite

STATUSES = {"412": 412, "429": 429, "500": 500, "503": 503}
FAULTS = (*STATUSES, "reset", "lost", "lost 500", "half")
"""What can go wrong with a request.

The first answer without asking the emulator. `reset` ends the connection without asking. The others ask, and then end
the connection, answer 500, or end it in the middle of the answer.
"""


@dataclass
class Proxy:
    """A running proxy.

    Attributes:
        breaks: Asked for each request with its number, from 0: the name of a fault, or None to let it pass.
        blob_port: Where blobs are asked for.
        table_port: Where tables are.
        seen: Method and path of each request.
    """

    breaks: Callable[[int], str | None] = lambda _: None
    blob_port: int = 0
    table_port: int = 0
    seen: list[str] = field(default_factory=list)

    def start_over(self, breaks: Callable[[int], str | None]) -> None:
        """Count from 0 again, and break other requests."""
        self.seen.clear()
        self.breaks = breaks

    async def answer(self, port: int, session: ClientSession, request: web.BaseRequest) -> web.StreamResponse:
        """Answer a request as the emulator at a port does, unless it is to be broken."""
        number = len(self.seen)
        self.seen.append(f"{request.method} {request.path_qs}")
        fault = self.breaks(number)
        body = await request.read()
        if fault in STATUSES:
            return web.Response(status=STATUSES[fault], headers={"Retry-After": "0"} if fault == "429" else {})
        if fault == "reset":
            return _end(request)
        url = URL(f"http://127.0.0.1:{port}{request.raw_path}", encoded=True)
        async with session.request(request.method, url, headers=request.headers, data=body or None) as answer:
            content = await answer.read()
        if fault == "lost":
            return _end(request)
        if fault == "lost 500":
            return web.Response(status=500)
        headers = {k: v for k, v in answer.headers.items() if k.lower() not in ("transfer-encoding", "content-length")}
        if fault != "half" or not content:
            if request.method == "HEAD":
                headers["Content-Length"] = answer.headers.get("Content-Length", "0")
            return web.Response(status=answer.status, headers=headers, body=content)
        response = web.StreamResponse(status=answer.status, headers=headers)
        response.content_length = len(content)
        await response.prepare(request)
        await response.write(content[: len(content) // 2])
        return _end(request)


def _end(request: web.BaseRequest) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


@contextmanager
def in_front_of(azurite: Azurite) -> Iterator[Proxy]:
    """Yield a proxy in front of an emulator."""
    proxy, loop, ready, done = Proxy(), asyncio.new_event_loop(), threading.Event(), asyncio.Event()

    async def serve() -> None:
        async with ClientSession(auto_decompress=False, skip_auto_headers=["Content-Type"]) as session:
            runners = []
            for port in (azurite.blob_port, azurite.table_port):
                server = web.Server(partial(proxy.answer, port, session))
                runner = web.ServerRunner(server)
                await runner.setup()
                site = web.TCPSite(runner, "127.0.0.1", 0)
                await site.start()
                runners.append(runner)
            proxy.blob_port, proxy.table_port = (runner.addresses[0][1] for runner in runners)
            ready.set()
            await done.wait()
            for runner in runners:
                await runner.cleanup()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    try:
        assert ready.wait(10)
        yield proxy
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join(10)
        loop.close()
