"""A network that passes every request on and keeps the shape of what came back, never its contents."""

from __future__ import annotations

import statistics
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydantic_core import from_json

from common.errors import FailedError
from connectorwatch.recording.document import Exchange, Milliseconds
from connectorwatch.recording.overlaps import Overlaps
from connectorwatch.recording.shapes import Shapes
from connectorwatch.recording.templates import Template, template_of
from connectorwatch.recording.vocabulary import listed, vocabulary
from inventory.answer import fault_of
from inventory.batch import with_members

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from inventory.answer import Answer
    from inventory.transport_port import Outgoing, Transport

_MOST_TIMES = 10_000


@dataclass
class _Row:
    """What is known of one kind of request so far."""

    requests: int = 0
    next_pages: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    error_codes: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    headers: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    unreadable: int = 0
    shapes: Shapes = field(default_factory=Shapes)
    seconds: list[float] = field(default_factory=list)

    def asked(self, template: Template) -> None:
        self.requests += 1
        self.next_pages += template.next_page


class RecordingTransport:
    """Records what passes through it.

    Args:
        transport: The network.
        root: The Graph root.
        clock: Seconds that only grow.
    """

    def __init__(self, transport: Transport, root: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._transport, self._root, self._clock = transport, root, clock
        self._rows: dict[tuple[str, bool], _Row] = defaultdict(_Row)
        self._overlaps = Overlaps()

    async def send(self, outgoing: Outgoing) -> Answer:
        """See Transport.send. A request that was held back did not happen and is not recorded."""
        template = template_of(outgoing.method, outgoing.url.removeprefix(self._root))
        began = self._clock()
        try:
            answer = await self._transport.send(outgoing)
        except FailedError as error:
            row = self._rows[template.text, False]
            row.asked(template)
            row.faults[listed(error.code, vocabulary().faults)] += 1
            raise
        row = self._rows[template.text, False]
        if len(row.seconds) < _MOST_TIMES:
            row.seconds.append(self._clock() - began)
        self._note(template, answer, batched=False)
        if template.text.endswith("/$batch"):
            for inside, member in _members(outgoing, answer):
                self._note(inside, member, batched=True)
        return answer

    def _note(self, template: Template, answer: Answer, *, batched: bool) -> None:
        row = self._rows[template.text, batched]
        row.asked(template)
        row.statuses[str(answer.status)] += 1
        for name, values in vocabulary().headers.items():
            if name in answer.headers:
                row.headers[name][listed(_plain(answer.headers[name]), values)] += 1
        if not answer.ok:
            codes = fault_of(answer.body).codes or ("",)
            row.error_codes.update(listed(code, vocabulary().error_codes) if code else "none" for code in codes)
        if template.text.endswith("/$batch") and answer.ok:
            return  # its members are recorded one by one
        try:
            body = from_json(answer.body)
        except ValueError:
            row.unreadable += bool(answer.body)
            return
        if answer.ok:  # of an error the codes say everything; the rest varies from one to the next
            row.shapes.add(body, lambda place, text: self._overlaps.note(template.text, place, text))

    def exchanges(self) -> tuple[Exchange, ...]:
        """Return everything that was recorded, in the order of the requests' names."""
        return tuple(
            Exchange(
                request=request,
                batched=batched,
                requests=row.requests,
                next_pages=row.next_pages,
                statuses=dict(row.statuses),
                error_codes=dict(row.error_codes),
                faults=dict(row.faults),
                headers={name: dict(values) for name, values in row.headers.items()},
                unreadable=row.unreadable,
                properties=row.shapes.result(),
                milliseconds=_milliseconds(row.seconds),
            )
            for (request, batched), row in sorted(self._rows.items())
        )

    @property
    def overlaps(self) -> Overlaps:
        """Which places held the same ids."""
        return self._overlaps


def _plain(value: str) -> str:
    """Return a header's value without parameters, as `application/json` of `application/json; charset=utf-8`."""
    return value.partition(";")[0].strip()


def _members(outgoing: Outgoing, answer: Answer) -> Iterator[tuple[Template, Answer]]:
    """Yield each answered member of a batch; one without an answer, or answered twice, is left out."""
    version = outgoing.url.rsplit("/", 2)[-2]
    requests = from_json(outgoing.body or b"{}")["requests"]
    members = with_members(answer).members
    for request in requests:
        member = members.get(request["id"])
        if member is not None:
            yield template_of(request["method"], f"/{version}{request['url']}"), member


def _milliseconds(seconds: list[float]) -> Milliseconds | None:
    if not seconds:
        return None
    least, median, most = (round(1000 * value) for value in (min(seconds), statistics.median(seconds), max(seconds)))
    return Milliseconds(least=least, median=median, most=most)
