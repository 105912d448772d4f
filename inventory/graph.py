"""Read lists from Graph, in full or not at all: pages, batches, and what counts as empty.

Paging: follow `@odata.nextLink` as it is (Graph "paging", 2026-05).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from common.errors import FailedError, ReadError
from inventory.answer import Answer, error_of, says_empty
from inventory.batch import BATCH_SIZE, batch_body
from inventory.decode import MOST_ODD, decode_record, decode_records
from inventory.gate import Patience
from inventory.models import Record
from inventory.records import Records, UnreadableRecord
from inventory.sender import PASSING_FAULTS, UNAUTHORIZED, HttpCall, Sender
from inventory.throttle_headers import REFUSED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inventory.request import GraphRequest

R = TypeVar("R", bound=Record)
V = TypeVar("V")

Finish = Callable[["GraphRequest", Answer, Patience], Awaitable[V]]
"""Makes of the first answer to an ask what was wanted, within what is left of the patience."""

BATCH_REFUSED = frozenset({400, 404, 405, 501})
"""What a Graph, or a proxy before it, answers that takes no batches."""
NOT_SETTLED = REFUSED | PASSING_FAULTS | {UNAUTHORIZED}
"""What a batch's member may answer that is not its last word."""


@dataclass(frozen=True)
class Limits:
    """What one list may cost before it counts as not read.

    Attributes:
        pages: The most pages of one list.
        items: The most records of one list.
        patience: Seconds to wait for Graph's sake, for one list.
        tries: Attempts at one request.
    """

    pages: int = 1000
    items: int = 200_000
    patience: float = 300.0
    tries: int = 8


class GraphClient:
    """Reads Graph's lists, whole or not at all.

    Args:
        exchange: How requests are sent.
        limits: What one list may cost.
    """

    def __init__(self, exchange: Sender, limits: Limits | None = None) -> None:
        self._exchange = exchange
        self._limits = limits or Limits()
        self._batches = True

    @property
    def exchange(self) -> Sender:
        """How requests are sent, and what it took so far."""
        return self._exchange

    async def read_list(self, ask: GraphRequest, model: type[R]) -> Records[R]:
        """Return all records of a list, and beside them those that cannot be read.

        Raises:
            ReadError: It could not be read in full; a page that fails in the middle makes the whole list unread.
        """
        patience = self._patience()
        return await self._pages(model, ask, await self._single(ask, patience), patience)

    async def read_many(self, asks: Sequence[GraphRequest], model: type[R]) -> list[Records[R] | ReadError]:
        """Return for each list its records or why it could not be read, asking for 20 lists in one request.

        All must be of one version and one service. One that fails leaves the others as they are.
        """

        async def all_of(ask: GraphRequest, answer: Answer, patience: Patience) -> Records[R]:
            return await self._pages(model, ask, answer, patience)

        return await self._of_each(asks, all_of)

    async def read_each(self, asks: Sequence[GraphRequest], model: type[R]) -> list[R | ReadError]:
        """Return for each single thing its record or why it could not be read; asked for as `read_many` does."""

        async def the_one(ask: GraphRequest, answer: Answer, _: Patience) -> R:
            if not answer.ok:
                raise error_of(answer, ask)
            return decode_record(answer, model)

        return await self._of_each(asks, the_one)

    def _patience(self) -> Patience:
        return Patience(self._limits.patience, self._limits.tries)

    async def _of_each(self, asks: Sequence[GraphRequest], finish: Finish[V]) -> list[V | ReadError]:
        parts = [asks[start : start + BATCH_SIZE] for start in range(0, len(asks), BATCH_SIZE)]
        done = await asyncio.gather(*(self._of_part(part, finish) for part in parts))
        return [outcome for part in done for outcome in part]

    async def _of_part(self, asks: Sequence[GraphRequest], finish: Finish[V]) -> list[V | ReadError]:
        """Finish up to 20 asks. Each has a patience of its own, which begins with what their batch has waited."""
        patience = self._patience()

        async def outcome(ask: GraphRequest, answer: Answer | ReadError | None) -> V | ReadError:
            if isinstance(answer, ReadError):
                return answer
            own_patience = replace(patience)
            try:
                return await finish(ask, answer or await self._single(ask, own_patience), own_patience)
            except ReadError as error:
                return error

        answers = await self._batch(asks, patience) if len(asks) > 1 and self._batches else {}
        return await asyncio.gather(*(outcome(ask, answers.get(number)) for number, ask in enumerate(asks)))

    async def _single(self, ask: GraphRequest, patience: Patience) -> Answer:
        url = f"{self._exchange.root}{ask.absolute}"
        return await self._exchange.send(HttpCall(url, ask.service, ask.body, headers=ask.headers), patience)

    async def _pages(self, model: type[R], ask: GraphRequest, answer: Answer, patience: Patience) -> Records[R]:
        """Return all records from the first page's answer on."""
        if says_empty(answer, ask):
            return Records()
        if not answer.ok:
            raise error_of(answer, ask)
        records: list[R] = []
        odd: list[UnreadableRecord] = []
        seen: set[str] = set()
        while True:
            page, next_link = decode_records(answer, model, len(records) + len(odd))
            records += page
            odd += page.unreadable
            if len(odd) > MOST_ODD:
                raise _too_odd(odd)
            if next_link is None:
                return Records(records, odd)
            link = self._exchange.on_graph(next_link)
            if link in seen or len(seen) + 1 >= self._limits.pages or len(records) > self._limits.items:
                raise FailedError(
                    f"the list does not end: {len(seen) + 1} pages with {len(records)} records were read",
                    code="endless",
                    advice="Raise CONNECTORWATCH_PAGE_LIMIT or CONNECTORWATCH_ITEM_LIMIT if the list is that long.",
                )
            seen.add(link)
            answer = await self._exchange.send(HttpCall(link, ask.service, headers=ask.headers), patience)
            if not answer.ok:
                raise _broken_off(error_of(answer, ask), len(seen) + 1)

    async def _batch(self, asks: Sequence[GraphRequest], patience: Patience) -> dict[int, Answer | ReadError]:
        """Ask in one request, and again for the members that were refused.

        Returns:
            The outcomes by number. Missing are those that each have to be asked for alone: all of them where Graph
            takes no batches, else those that the answer leaves out or twice, and those with a fault that may pass.
        """
        done: dict[int, Answer | ReadError] = {}
        waiting = dict(enumerate(asks))
        refusals: set[int] = set()
        for pauses in range(patience.tries):
            try:
                members = (await self._send_batch(waiting, pauses, patience)).members
            except ReadError as error:
                return done | dict.fromkeys(waiting, error)
            received = {number: members[str(number)] for number in waiting if str(number) in members}
            done |= {number: answer for number, answer in received.items() if answer.status not in NOT_SETTLED}
            refusals = {answer.status for answer in received.values()} & REFUSED
            waiting = {number: waiting[number] for number, answer in received.items() if answer.status in REFUSED}
            if not waiting:
                return done
            self._exchange.counts.retried += len(waiting)
        return done | dict.fromkeys(waiting, patience.gave_up(*refusals))

    async def _send_batch(self, asks: dict[int, GraphRequest], pauses: int, patience: Patience) -> Answer:
        """Return a batch's answer; one without members where the asks have to be asked for alone."""
        first = next(iter(asks.values()))
        url = f"{self._exchange.root}/{first.version}/$batch"
        request = HttpCall(url, first.service, batch_body(asks), batch=True, pauses=pauses)
        try:
            answer = await self._exchange.send(request, patience)
        except FailedError as error:
            if error.code == "too_large":
                return Answer(status=0)
            raise
        if answer.status in BATCH_REFUSED:
            self._batches = False
        elif not answer.ok:
            # Only a list itself can say that it is not there, or that the tenant has no licence for it.
            refusal = error_of(answer, replace(first, premium=False))
            refusal.code = f"http_{answer.status}"
            raise refusal
        return answer


def _too_odd(odd: Sequence[UnreadableRecord]) -> FailedError:
    return FailedError(
        f"more than {MOST_ODD} records of the list could not be read, the first: {odd[0].label}, {odd[0].reason}",
        code="malformed",
        advice="Scan again; if it stays, report it.",
    )


def _broken_off(error: ReadError, page: int) -> FailedError:
    """What a page in the middle says must not be taken for what it would mean of the whole list."""
    return FailedError(
        f"page {page} of the list could not be read: {error.reason}",
        code="broken_off",
        permission=error.permission,
        advice=error.advice,
        request_id=error.request_id,
    )
