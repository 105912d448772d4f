"""Networks for tests: answers by hand, the simulated Graph without its wire, and time that passes by itself."""

from __future__ import annotations

import asyncio
import functools
import selectors
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import TYPE_CHECKING, ParamSpec

from pydantic_core import from_json, to_json

from common.clock import Clock
from common.errors import FailedError, ReadError
from inventory.answer import Answer
from inventory.gate import Gate
from inventory.graph import GraphClient, Limits
from inventory.sender import Sender
from simulator.calls import Announcement, Call
from simulator.graph import Graph

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from inventory.transport_port import Outgoing, Transport
    from simulator import Fault, Tenant, Throttle

P = ParamSpec("P")

ROOT = "https://graph.microsoft.com"
JSON = {"content-type": "application/json;odata.metadata=minimal;charset=utf-8"}


class _Selector(selectors.SelectSelector):
    """Reports no waiting: the time to wait is put to the clock instead."""

    passed = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return at once. Raises RuntimeError where a real loop would wait for ever."""
        ready = super().select(0)
        if timeout is None and not ready:
            raise RuntimeError("nothing will ever happen again")
        self.passed += timeout or 0.0
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock starts at 0 and jumps to the next timer; for tests without sockets."""

    def __init__(self) -> None:
        self._jumping = _Selector()
        super().__init__(self._jumping)

    def time(self) -> float:
        """Return the seconds that have passed in this loop's world."""
        return self._jumping.passed


def in_virtual_time(test: Callable[P, Awaitable[None]]) -> Callable[P, None]:
    """Make of an asynchronous test one in which minutes take no time."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        async def story() -> None:
            await test(*args, **kwargs)

        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            runner.run(story())

    return run


def now() -> float:
    """Return the time of the running loop."""
    return asyncio.get_running_loop().time()


def client(transport: Transport, *, root: str = ROOT, most: int = 6, limits: Limits | None = None) -> GraphClient:
    """Return a client over a network, with the running loop's time."""
    return GraphClient(Sender(transport, root, Gate(most, Clock(now))), limits)


def reply(content: object = None, status: int = 200, **headers: str) -> Answer:
    """Return an answer in JSON; headers are given with underscores for hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, JSON | named, content if isinstance(content, bytes) else to_json(content))


def page(*records: object, link: str | None = None) -> Answer:
    """Return one page of a list."""
    return reply({"value": list(records)} | ({} if link is None else {"@odata.nextLink": link}))


def refusal(status: int, code: str = "", message: str = "No.", **headers: str) -> Answer:
    """Return an answer that carries an error."""
    return reply({"error": {"code": code, "message": message}}, status, **headers)


@dataclass(frozen=True)
class Sent:
    """One request as the network saw it."""

    method: str
    url: str
    body: bytes | None
    headers: Mapping[str, str]
    claims: str | None
    at: float


@dataclass
class ByHand:
    """A network that answers as a function says; an error that the function returns is raised."""

    answer: Callable[[Sent], Answer | Exception]
    latency: float = 0.0
    sent: list[Sent] = field(default_factory=list)

    async def send(self, outgoing: Outgoing) -> Answer:
        """Note the request and answer it."""
        one = Sent(outgoing.method, outgoing.url, outgoing.body, outgoing.headers, outgoing.claims, now())
        self.sent.append(one)
        await asyncio.sleep(self.latency)
        answer = self.answer(one)
        if isinstance(answer, Exception):
            raise answer
        return answer


def in_turn(*answers: Answer | Exception) -> ByHand:
    """Return a network that gives these answers one after the other, whatever it is asked."""
    waiting = iter(answers)
    return ByHand(lambda _: next(waiting))


def batched(one: Callable[[str], Answer]) -> Callable[[Sent], Answer]:
    """Answer batches and single requests alike, by the address below the version."""

    def answer(sent: Sent) -> Answer:
        if not sent.url.endswith("/$batch"):
            return one("/" + sent.url.removeprefix(f"{ROOT}/").partition("/")[2])
        requests = from_json(sent.body or b"{}")["requests"]
        return reply({"responses": [member(request["id"], one(request["url"])) for request in requests]})

    return answer


def member(number: str, answer: Answer) -> dict[str, object]:
    """Return an answer as a member of a batch."""
    body = from_json(answer.body) if answer.body else None
    return {"id": number, "status": answer.status, "headers": dict(answer.headers), "body": body}


def serving(table: Mapping[str, Answer]) -> ByHand:
    """Return a network that answers by path, or by path and query, below the version; what is not named is empty."""
    return ByHand(batched(lambda relative: table.get(relative) or table.get(relative.partition("?")[0]) or page()))


def thing(number: object) -> dict[str, object]:
    """Return a record that is whole as a connector."""
    return {"id": f"c{number}", "status": "active"}


def ids(outcome: object) -> list[str] | str:
    """Return the ids of the records that were read, or the code of why they were not."""
    if isinstance(outcome, ReadError):
        return outcome.code
    assert isinstance(outcome, tuple)
    return [record.id for record in outcome]


class Simulated:
    """The simulated Graph without its wire, in the time of the running loop."""

    def __init__(
        self, tenant: Tenant, *, faults: Sequence[Fault] = (), throttle: Throttle | None = None, latency: float = 0.05
    ) -> None:
        self.graph = Graph(tenant, (*faults, *tenant.faults), throttle or tenant.throttle, now)
        self.graph.root = ROOT
        self.latency = latency
        self.announced: list[tuple[float, Announcement]] = []
        self.sent: list[tuple[str, str]] = []

    async def send(self, outgoing: Outgoing) -> Answer:
        """Answer as the simulator does, after its latency."""
        self.sent.append((outgoing.method, outgoing.url))
        token = self.graph.renewed_token if outgoing.claims else self.graph.token
        target, body = outgoing.url.removeprefix(ROOT), outgoing.body or b""
        call = Call.parse(outgoing.method, target, headers=outgoing.headers, token=token, body=body)
        answer = self.graph.answer(call, now())
        await asyncio.sleep(self.latency)
        # In virtual time the wall clock goes on between the announcement and the answer, and must not count.
        made = answer.announcements[0].made if answer.announcements else None
        own = {"content-type": answer.content_type, "date": formatdate(made, usegmt=True)}
        for announcement in answer.announcements:
            self.graph.gates.open(announcement, None)
            self.announced.append((now(), announcement))
        if answer.transport is not None:
            raise FailedError("no whole answer", code="unreachable")
        lowered = {name.lower(): value for name, value in answer.headers.items()}
        return Answer(answer.status, lowered | own, answer.body)
