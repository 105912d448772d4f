"""A webhook on loopback that behaves like a Teams Workflow, as well and as badly as it is told."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
FLOW = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
SIGNATURE = "planted-signature-9Zc41Qd8"
PATH = f"/workflows/{FLOW}/triggers/manual/paths/invoke?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sig={SIGNATURE}"


def status(code: int, body: str = "", **headers: str) -> Answer:
    """Answer with a status, a body and headers (`Retry_After` for `Retry-After`)."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    async def answer(request: web.Request) -> web.StreamResponse:
        del request
        return web.Response(status=code, text=body, headers=named)

    return answer


def error(code: int, name: str) -> Answer:
    """Answer as Workflows do when they refuse; the message echoes what nobody may show."""
    return status(code, f'{{"error": {{"code": "{name}", "message": "bad request to {PATH}"}}}}')


def slow(seconds: float) -> Answer:
    """Take some time."""

    async def answer(request: web.Request) -> web.StreamResponse:
        del request
        await asyncio.sleep(seconds)
        return web.Response(status=202)

    return answer


async def reset(request: web.Request) -> web.StreamResponse:
    """Break the connection off instead of answering."""
    cast("asyncio.Transport", request.transport).abort()
    await asyncio.sleep(0)
    return web.Response()


async def half(request: web.Request) -> web.StreamResponse:
    """Begin an answer and break off."""
    response = web.StreamResponse(status=202, headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b"{")
    cast("asyncio.Transport", request.transport).abort()
    return response


async def endless(request: web.Request) -> web.StreamResponse:
    """Answer with far more than anybody wants to read."""
    response = web.StreamResponse(status=202)
    await response.prepare(request)
    for _ in range(64):
        await response.write(b" " * 65536)
    return response


@dataclass(frozen=True)
class Heard:
    """One request: when it came, its headers in lower case, and its body."""

    at: float
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Workflow:
    """A server that answers as it is told, one answer a request, and 202 from then on."""

    answers: list[Answer] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        """Its address, with a signature in it."""
        return f"http://127.0.0.1:{self.port}{PATH}"

    @contextmanager
    def running(self) -> Iterator[Workflow]:
        """Serve on an unused port, in a thread of its own."""
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, daemon=True)
        thread.start()
        runner = asyncio.run_coroutine_threadsafe(self._start(), loop).result()
        try:
            yield self
        finally:
            asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result()
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()

    async def _start(self) -> web.AppRunner:
        app = web.Application()
        app.router.add_route("*", "/{rest:.*}", self._answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.port = cast("Any", site)._server.sockets[0].getsockname()[1]  # noqa: SLF001 - aiohttp tells it nowhere else
        return runner

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.heard.append(Heard(time.monotonic(), request.raw_path, headers, await request.read()))
        answer = self.answers.pop(0) if self.answers else status(202)
        return await answer(request)
