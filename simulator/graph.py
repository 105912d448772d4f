"""The simulated Graph without the network: a call in, an answer out."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from simulator import permissions
from simulator.batch import answer_batch
from simulator.breakage import Faults, broken
from simulator.callers import Callers
from simulator.calls import Announcement, Answer, Service
from simulator.dice import Dice
from simulator.endpoints import MOST_IDS
from simulator.errors import GraphError, bad_request, no_licence, not_allowed, throttled, unauthorized
from simulator.faults import FaultKind
from simulator.journal import Gates, RequestRecord
from simulator.queries import answer_body, count_text
from simulator.results import Accepted, Listing, Written
from simulator.routes import find
from simulator.world import World

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulator.calls import Call
    from simulator.faults import Fault, Throttle
    from simulator.routes import Match
    from simulator.tenant import Tenant

_AUDIT_REQUESTS, _AUDIT_SECONDS = 5, 10.0
_SMALL_PAGE = 20
_REMEMBERED = 4096


class Graph:
    """One tenant's Graph: permissions, faults, and the record of all requests."""

    def __init__(
        self,
        tenant: Tenant,
        faults: tuple[Fault, ...] = (),
        throttle: Throttle | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Make the tenant's objects and start with an empty record; `now` is the clock that `answer` is told."""
        self.root = ""
        """Known once the server listens; links are made from it."""
        self.throttle = throttle
        self._world = World(tenant)
        self._callers = Callers(tenant, self._world)
        self.gates = Gates(now)
        self.requests: list[RequestRecord] = []
        self.early: list[RequestRecord] = []
        self.dice = Dice(tenant.settings.seed)
        self._chance = Dice(throttle.seed if throttle else 0)
        self._tenant = tenant
        self._faults = Faults(faults)
        self._expired = False
        self._audit_times: deque[float] = deque(maxlen=_AUDIT_REQUESTS)
        # Answers depend on nothing but the request, so each is made once.
        self._made: dict[tuple[str | None, str, str, str, bool], Answer] = {}

    @property
    def token(self) -> str:
        """The bearer token of the caller."""
        return self._callers.token()

    @token.setter
    def token(self, token: str) -> None:
        self._callers.first_token = token

    @property
    def renewed_token(self) -> str:
        """A second token, which also satisfies a claims challenge."""
        return self._callers.renewed_token

    @property
    def world(self) -> World:
        """The tenant's objects as they are now."""
        return self._world

    @property
    def callers(self) -> Callers:
        """The callers that may sign in, and their tokens."""
        return self._callers

    @property
    def mails(self) -> list[bytes]:
        """The mails that were accepted, as MIME."""
        return self._world.mails

    def answer(self, call: Call, at: float) -> Answer:
        """Answer a call and record it; `at` is its moment on the monotonic clock, in seconds."""
        early = self.gates.is_early(call, at)
        try:
            self._authenticate(call)
            self._wait(call, at)
            self._draw(call, at)
            fault = self._faults.pick(call, renewed=call.token == self._callers.renewed_token)
            self._expired = self._expired or (fault is not None and fault.kind is FaultKind.EXPIRED)
            serve = partial(self._reply, call, fault, at)
            answer = serve() if fault is None else broken(fault, call, serve, self.root)
        except GraphError as error:
            answer = self.refusal(call, error)
        self.note(call, answer, at, early=early)
        return answer

    def _reply(self, call: Call, fault: Fault | None, at: float) -> Answer:
        if call.segments != ("$batch",) or call.batched:
            return self.serve(call)
        if call.method != "POST":
            raise not_allowed()
        return answer_batch(call, fault, lambda member: self.answer(member, at), self.dice)

    def note(self, call: Call, answer: Answer, at: float, *, early: bool = False) -> None:
        """Record a call and its answer."""
        record = RequestRecord.of(call, answer.status, at)
        self.requests.append(record)
        if early:
            self.early.append(record)

    def refusal(self, call: Call, error: GraphError) -> Answer:
        """Return the answer that carries an error."""
        request_id = self.dice.guid()
        inner = {
            "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
            "request-id": request_id,
            "client-request-id": call.headers.get("client-request-id", request_id),
        }
        # Both spellings occur in Microsoft's own documents (https://learn.microsoft.com/graph/errors, 2026-05).
        spelling = "innererror" if self.dice.hits(0.25) else "innerError"
        announced = (error.announcement,) if error.announcement else ()
        headers = {**self._headers(call, request_id), **error.headers}
        return Answer(error.status, error.body(inner, spelling), headers, announcements=announced)

    def _headers(self, call: Call, request_id: str) -> dict[str, str]:
        headers = {
            "request-id": request_id,
            "client-request-id": call.headers.get("client-request-id", request_id),
            "x-ms-ags-diagnostic": '{"ServerInfo":{"DataCenter":"Loopback","Slice":"E","Ring":"5"}}',
            "Cache-Control": "no-cache",
        }
        if self.throttle is not None and self.throttle.limit_percentage is not None:
            headers["x-ms-throttle-limit-percentage"] = str(self.throttle.limit_percentage)
        return headers

    def _authenticate(self, call: Call) -> None:
        if call.token is None:
            raise unauthorized("Access token is empty.")
        if not self._callers.knows(call.token):
            dotted = call.token.count(".") == 2  # noqa: PLR2004 - header, claims, signature
            raise unauthorized(
                "Access token validation failure."
                if dotted
                else "IDX14100: JWT is not well formed, there are no dots (.)."
            )
        if self._expired and call.token == self._callers.first_token:
            raise unauthorized("Lifetime validation failed, the token is expired.")

    def _wait(self, call: Call, at: float) -> None:
        """Refuse a call that comes before an announced wait is over."""
        closed = self.gates.closed(call.service, at)
        if closed is not None:
            raise throttled(closed, closed.service, closed.status)

    def _draw(self, call: Call, at: float) -> None:
        """Refuse a seeded share of calls, and audit reads beyond their real limit."""
        throttle, service = self.throttle, call.service
        if throttle is None or service is None or service not in throttle.services:
            return
        if service is Service.AUDIT and throttle.audit_limit:
            # 5 requests in 10 seconds (https://learn.microsoft.com/graph/throttling-limits, 2026).
            if len(self._audit_times) == _AUDIT_REQUESTS and at < self._audit_times[0] + _AUDIT_SECONDS:
                rest = self._audit_times[0] + _AUDIT_SECONDS - at
                raise throttled(Announcement(service, rest, 429, as_date=False), service)
            self._audit_times.append(at)
        if self._chance.hits(throttle.ratio):
            announced = None
            if throttle.retry_after is not None:
                announced = Announcement(service, throttle.retry_after, throttle.status, throttle.as_date)
            raise throttled(announced, service, throttle.status)

    def serve(self, call: Call) -> Answer:
        """Return the real answer.

        Raises:
            GraphError: Graph would refuse.
        """
        key = (call.token, call.version, call.raw_path, call.raw_query, call.eventual)
        made = self._made.get(key) if call.method == "GET" else None
        if made is None:
            made = self._make(call)
            if call.method == "GET" and len(self._made) < _REMEMBERED:
                self._made[key] = made
        return replace(made, headers={**self._headers(call, self.dice.guid()), **made.headers})

    def _make(self, call: Call) -> Answer:
        match = find(call)
        route = match.route
        self._world.settings = self._callers.settings(call.token)
        if route.administrators:
            administrator = self._callers.is_administrator(call.token)
            permissions.check_administrator(self._tenant.settings, administrator=administrator)
        permissions.check(self._world.settings, route.permissions, route.shape)
        if route.premium and "P2" not in self._tenant.tenant.licenses:
            raise no_licence()
        result = match.result(self._world, call)
        if isinstance(result, Accepted):
            return Answer(202, b"", {}, "text/plain")
        headers = {"OData-Version": "4.0"}
        if call.service is Service.DIRECTORY:
            headers["x-ms-resource-unit"] = str(_cost(match, call))
        if isinstance(result, Written):
            self._made.clear()
            if result.made is None:
                return Answer(204, b"", headers)
            return Answer(201, answer_body(result.made, call, self.root, 1), headers)
        if match.counting:
            if not isinstance(result, Listing):
                raise bad_request("$count can be applied only to collections.")
            return Answer(200, count_text(result, call), headers, "text/plain")
        size = self._tenant.settings.page_size.of(call.service or Service.DIRECTORY)
        if match.route.method == "POST":
            # getByIds takes 1,000 ids and answers them all at once: a next page could only be asked for by GET.
            size = MOST_IDS
        return Answer(200, answer_body(result, call, self.root, size), headers)


def _cost(match: Match, call: Call) -> int:
    """Return the resource units of a read (https://learn.microsoft.com/graph/throttling-limits, 2026)."""
    cost = match.route.cost
    if match.route.method == "POST":
        return 2 if "$select" in call.query else cost
    top = call.query.get("$top", "")
    cost += ("$expand" in call.query) - ("$select" in call.query) - (top.isdecimal() and int(top) < _SMALL_PAGE)
    return max(cost, 1)
