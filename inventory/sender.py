"""One request to Graph until it is answered: politely, a bounded number of times, and only ever to Graph's own host."""

from __future__ import annotations

import base64
import random
import re
import uuid
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import structlog

from common import http_client
from common.clock import OUT_OF_TIME, ClockCheck
from common.errors import FailedError, HeldBackError
from common.telemetry import THROTTLED, measure, request_measured
from inventory.batch import with_members
from inventory.throttle_headers import REFUSED, date_of, share_used, wait_of
from inventory.transport_port import Outgoing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inventory.answer import Answer
    from inventory.gate import Gate, Patience
    from inventory.request import GraphService
    from inventory.transport_port import Transport

log = structlog.get_logger(__name__)

UNAUTHORIZED = 401
PASSING_FAULTS = frozenset({408, 500, 502, 504})
PASSING_TRIES = 3
"""How often a fault that may pass by itself is met before it is believed."""
NO_TOKEN = "no_token"  # noqa: S105 - the code of an error, no secret
FINAL = frozenset({NO_TOKEN, "too_large", "encoding", OUT_OF_TIME})
"""Faults of ours or of the answer's nature, which asking again does not mend."""
LONGEST_LINK = 16_384
"""Graph's own links are some hundred letters; one that grew with every page would fill memory before pages run out."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
_CLAIMS = re.compile(r'claims="([A-Za-z0-9+/=_-]+)"')


@dataclass
class RequestCounts:
    """What asking took, as it grows."""

    requests: int = 0
    batched: int = 0
    retried: int = 0
    throttled: int = 0
    bytes: int = 0


@dataclass(frozen=True)
class HttpCall:
    """One request.

    Attributes:
        url: Absolute, on the root.
        service: Whose limits it counts against.
        body: JSON; makes it a POST. Only for reads, which can be repeated.
        batch: Whether it holds other requests, each of which is answered for itself.
        pauses: How many pauses came before this request, so that the next one is longer.
        headers: Headers besides those of every request.
    """

    url: str
    service: GraphService
    body: bytes | None = None
    batch: bool = False
    pauses: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Sender:
    """Sends requests and retries what may pass.

    Attributes:
        transport: The network.
        root: The Graph root, such as `https://graph.microsoft.com`; nothing is ever sent elsewhere.
        gate: The politeness that all requests of a scan share.
        chance: Where the jitter of pauses comes from.
        counts: What it took so far.
        clocks: How this machine's clock compares with Graph's.
    """

    transport: Transport
    root: str
    gate: Gate
    chance: random.Random = field(default_factory=random.Random)
    counts: RequestCounts = field(default_factory=RequestCounts)

    def __post_init__(self) -> None:
        """Begin to compare clocks."""
        self.clocks = ClockCheck(self.gate.clock)

    def on_graph(self, link: str) -> str:
        """Return a link of Graph's own as it is.

        Raises:
            FailedError: It does not begin with the root and a slash, which alone fixes scheme, host and port and leaves
                no room for a user name; or it is no address at all, or endlessly long. An attack or a fault: never
                followed, never sent a token.
        """
        if not (len(link) <= LONGEST_LINK and link.startswith(f"{self.root}/") and _is_address(link)):
            raise FailedError(
                "Graph's answer names a next page that is not on Graph's own host; it was not followed",
                code="foreign_link",
                advice="Something between here and Graph changes its answers: check the proxy.",
            )
        return link

    async def send(self, request: HttpCall, patience: Patience) -> Answer:
        """Send a request until it is answered with something that will not pass by itself.

        Raises:
            FailedError: No whole answer came, or a redirect, or the scan's deadline.
            ThrottledError: Graph kept refusing.
        """
        async with self.gate.deadline.bounding():
            return await self._until_settled(request, patience)

    async def _until_settled(self, request: HttpCall, patience: Patience) -> Answer:
        claims: str | None = None
        refusals, faults, renewed = 0, 0, False
        while True:
            try:
                answer = await self._once(request, patience, claims, self._pause(refusals + request.pauses))
            except FailedError as error:
                faults += 1
                if error.code in FINAL or faults == PASSING_TRIES:
                    raise
                await self._rest(faults)
            else:
                if answer.status in REFUSED:
                    refusals += 1
                    if refusals == patience.tries:
                        raise patience.gave_up(answer.status)
                elif answer.status in PASSING_FAULTS and faults + 1 < PASSING_TRIES:
                    faults += 1
                    await self._rest(faults)
                elif answer.status == UNAUTHORIZED and not renewed:
                    claims, renewed = _claims_of(answer), True
                else:
                    return _no_redirect(answer)
            self.counts.retried += 1

    async def _rest(self, faults: int) -> None:
        """Wait before asking again for what failed, longer each time; a fault is no refusal, so others go on."""
        pause = self._pause(faults - 1)
        self.gate.deadline.check(pause)
        await self.gate.clock.sleep(pause)

    async def _once(self, request: HttpCall, patience: Patience, claims: str | None, pause: float) -> Answer:
        while True:
            async with self.gate.passing(request.service, patience):
                self.counts.requests += 1
                try:
                    return await self._pass(request, claims, pause)
                except HeldBackError:
                    # A refusal of another request came in while this one got its token and its connection.
                    self.counts.requests -= 1

    async def _pass(self, request: HttpCall, claims: str | None, pause: float) -> Answer:
        """Send a request that holds a place, and take note of what its answer says before the place is given back."""
        own_id, began = str(uuid.uuid4()), self.gate.clock.now()
        may_go = partial(self.gate.is_open, request.service)
        answer = await self._measured(
            Outgoing(request.url, request.body, {**request.headers, "client-request-id": own_id}, claims, may_go)
        )
        self.clocks.heard(date_of(answer))
        answer = with_members(answer) if request.batch else answer
        wait = wait_of(answer, pause)
        if wait is None:
            self.gate.answered(share_used(answer))
        else:
            self.gate.refused(request.service, wait, {part.status for part in (answer, *answer.members.values())})
        self.counts.bytes += len(answer.body)
        self.counts.batched += len(answer.members)
        refused = sum(part.status in REFUSED for part in (answer, *answer.members.values()))
        self.counts.throttled += refused
        if refused:
            measure(THROTTLED, refused, {"connectorwatch.graph.service": request.service.value})
        log.debug(
            "graph request",
            path=request.url.removeprefix(self.root).partition("?")[0],
            status=answer.status,
            request_id=answer.request_id,
            client_request_id=own_id,
            seconds=round(self.gate.clock.now() - began, 3),
        )
        return answer

    async def _measured(self, outgoing: Outgoing) -> Answer:
        """Send, and measure how long that took; a request that never left is not measured."""
        began = self.gate.clock.now()
        try:
            answer = await self.transport.send(outgoing)
        except FailedError as error:
            if error.code != NO_TOKEN:
                took = self.gate.clock.now() - began
                request_measured(self.root, outgoing.method, took, error=error.code or type(error).__name__)
            raise
        request_measured(self.root, outgoing.method, self.gate.clock.now() - began, status=answer.status)
        return answer

    def _pause(self, before: int) -> float:
        """Return the seconds of the next pause after so many: twice as long each time, with jitter."""
        return float(min(LONGEST_PAUSE, FIRST_PAUSE * 2**before) * self.chance.uniform(0.5, 1.0))


def _is_address(link: str) -> bool:
    try:
        http_client.URL(link)
    except http_client.InvalidURL:
        return False
    return True


def _claims_of(answer: Answer) -> str | None:
    """Return the claims of a continuous access evaluation challenge, in plain base64 as the signer wants them."""
    challenge = _CLAIMS.search(answer.headers.get("www-authenticate", ""))
    if challenge is None:
        return None
    text = challenge.group(1).rstrip("=").replace("+", "-").replace("/", "_")
    try:
        claims = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except ValueError:
        return None
    return base64.b64encode(claims.encode()).decode("ascii")


def _no_redirect(answer: Answer) -> Answer:
    if 300 <= answer.status < 400:  # noqa: PLR2004 - the HTTP redirect class
        raise FailedError(
            f"Graph answered with a redirect ({answer.status}), which was not followed",
            code="redirect",
            advice="Something between here and Graph answered in its place: check the proxy.",
            request_id=answer.request_id,
        )
    return answer
