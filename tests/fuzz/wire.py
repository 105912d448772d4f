"""The same damage on real sockets, and damage that only sockets know; beside them, somebody who hopes for a token."""

from __future__ import annotations

import gzip
import random
from typing import TYPE_CHECKING, Self

from inventory.answer import Answer
from simulator import TENANTS, load_tenant
from simulator.calls import Call
from simulator.graph import Graph
from tests.fuzz.mutations import broken
from tests.fuzz.oracle import Delivered
from tests.inventory.wires import TOKEN, Listener

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

LIMIT = 1 << 20
"""The largest answer that the client is to take."""


class Thief(Listener):
    """Another host, which notes everybody who comes."""

    def __init__(self) -> None:
        super().__init__()
        self.visits: list[bytes] = []

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Note what is said."""
        del writer
        self.visits.append(await reader.read(4096))


class Wire(Listener):
    """The simulated Graph on a socket; some of its answers are damaged, as JSON, as HTTP or as a stream of bytes."""

    def __init__(self, tenant: str, seed: int, share: float, evil: str) -> None:
        super().__init__()
        loaded = load_tenant(TENANTS / f"{tenant}.yaml")
        self._graph = Graph(loaded, loaded.faults)
        self._graph.token = TOKEN
        self._chance = random.Random(seed)  # noqa: S311 - has to be repeatable, keeps no secret
        self._share = share
        self._evil = evil
        self.damaged = 0

    async def __aenter__(self) -> Self:
        """Start listening."""
        await super().__aenter__()
        self._graph.root = self.root
        self.delivered = Delivered(self.root)
        return self

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer requests until one answer is damaged as HTTP."""
        while await self._one(reader, writer):
            await writer.drain()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; return whether the connection lives on."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, target, _ = head[0].split(" ")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:-2])}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        token = headers.get("authorization", "").removeprefix("Bearer ")
        whole = self._graph.answer(Call.parse(method, target, headers=headers, token=token, body=body), 0.0)
        named = {name.lower(): value for name, value in whole.headers.items()} | {"content-type": whole.content_type}
        answer = Answer(whole.status, named, whole.body)
        hurt, below = self._chance.random() < self._share, self._chance.random() < 0.4
        self.damaged += hurt
        if hurt and not below:
            answer = broken(self._chance, answer, f"{self.root}{target}", self._evil)
        self.delivered.note(f"{self.root}{target}", body or None, answer)
        writer.write(self._bytes(answer) if hurt and below else as_http(answer))
        return not (hurt and below)

    def _bytes(self, answer: Answer) -> bytes:
        """Return an answer that is damaged as HTTP."""
        body, plain = answer.body, as_http(answer)
        cut = self._chance.randrange(len(plain))
        ways: tuple[Callable[[], bytes], ...] = (
            lambda: b"",
            lambda: plain[:cut],
            lambda: b"\x00" * 50,
            lambda: b"HTTP/1.1 2OO OK\r\n\r\n" + body,
            lambda: b"HTTP/3 200\r\n\r\n" + body,
            lambda: plain.replace(b"HTTP/1.1 ", b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 ", 1),
            lambda: as_http(answer, "x-odd: caf\xe9 \xff"),
            lambda: as_http(answer, "x-long: " + "a" * 200_000),
            lambda: as_http(answer, "no colon here"),
            lambda: as_http(answer, " folded"),
            lambda: as_http(answer, "content-length: 5"),
            lambda: as_http(answer, "content-encoding: br"),
            lambda: as_http(answer, "content-encoding: gzip"),
            lambda: as_http(answer, "content-encoding: gzip", gzip.compress(body)[:-6]),
            lambda: as_http(answer, "content-encoding: gzip", gzip.compress(body) + b"more"),
            lambda: as_http(answer, "content-encoding: gzip", gzip.compress(b" " * 8 * LIMIT)),
            lambda: as_http(answer, body=b" " * 2 * LIMIT),
            lambda: _chunked(answer, b"zz\r\nnot a size\r\n"),
            lambda: _chunked(answer, b"%x\r\n" % len(body) + body),
            lambda: as_http(Answer(307, {"location": f"http://{self._evil}/v1.0/users"})),
            lambda: as_http(Answer(302, {"location": "//" + self._evil})),
            lambda: as_http(Answer(101, {"upgrade": "h2c"})),
            lambda: as_http(Answer(999, answer.headers, body)),
        )
        return self._chance.choice(ways)()


def as_http(answer: Answer, line: str = "", body: bytes | None = None) -> bytes:
    """Return an answer as it goes over the wire, with another header line and another body if wanted."""
    content = answer.body if body is None else body
    named = (f"{name}: {_plain(value)}" for name, value in answer.headers.items())
    head = [f"HTTP/1.1 {answer.status} So", *named, f"content-length: {len(content)}", *([line] if line else [])]
    return "\r\n".join([*head, "", ""]).encode("latin-1", "replace") + content


def _plain(value: str) -> str:
    """Return a header's value without what would end it."""
    return "".join(letter for letter in value if letter.isprintable())


def _chunked(answer: Answer, chunks: bytes) -> bytes:
    """Return an answer in chunks that are wrong, or that end too early."""
    head = f"HTTP/1.1 {answer.status} So\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
    return head.encode() + chunks
