"""Hold a recording against what the simulated Graph answers, and name each thing that is different."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from connectorwatch.recording.vocabulary import OTHER, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from connectorwatch.recording.document import Counts, Exchange, PropertyShape, Recording


@dataclass(frozen=True, order=True)
class Difference:
    """One thing that a tenant does and the simulated Graph does not, or the other way round.

    Attributes:
        request: The kind of request.
        what: What is different.
    """

    request: str
    what: str


@dataclass
class _Expected:
    """What simulated tenants answer to one kind of request, all taken together."""

    statuses: set[str] = field(default_factory=set)
    codes: set[str] = field(default_factory=set)
    headers: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    unreadable: bool = False
    types: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    words: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, exchange: Exchange) -> None:
        self.statuses |= exchange.statuses.keys()
        self.codes |= exchange.error_codes.keys()
        self.unreadable |= exchange.unreadable > 0
        for name, values in exchange.headers.items():
            self.headers[name] |= values.keys()
        for place, shape in exchange.properties.items():
            self.types[place].update(shape.types)
            self.words[place] |= shape.words.keys()


def differences(recording: Recording, simulated: Iterable[Recording]) -> tuple[Difference, ...]:
    """Return every difference, in order; how long requests took and how much a tenant holds are none.

    Args:
        recording: What a tenant answered.
        simulated: Recordings of simulated tenants; what any of them answers is expected.
    """
    expected: dict[str, _Expected] = defaultdict(_Expected)
    for simulation in simulated:
        for exchange in simulation.exchanges:
            expected[exchange.request].add(exchange)
    differing = set[Difference]()
    for exchange in recording.exchanges:
        if exchange.request in expected:
            messages = _of_exchange(exchange, expected[exchange.request])
        else:
            messages = iter(
                (f"this request is not among those of a scan whose reads all succeed ({_answers(exchange)})",)
            )
        differing |= {Difference(exchange.request, what) for what in messages}
    return tuple(sorted(differing))


def _answers(exchange: Exchange) -> str:
    return "answered " + ", ".join(sorted(exchange.statuses)) if exchange.statuses else "not answered"


def _of_exchange(exchange: Exchange, expected: _Expected) -> Iterator[str]:
    for status in sorted(exchange.statuses.keys() - expected.statuses):
        yield f"status {status}, {exchange.statuses[status]} of {exchange.requests} times"
    for code in sorted(exchange.error_codes.keys() - expected.codes):
        yield f"error code {code}"
    for fault in sorted(exchange.faults):
        yield f"no whole answer ({fault}), {exchange.faults[fault]} of {exchange.requests} times"
    if exchange.unreadable and not expected.unreadable:
        yield f"{exchange.unreadable} answers are not JSON"
    yield from _headers(exchange.headers, expected)
    for place, shape in exchange.properties.items():
        yield from _at(place, shape, expected)
    yield from _missing(exchange, expected)


def _headers(headers: dict[str, Counts], expected: _Expected) -> Iterator[str]:
    for name, values in sorted(headers.items()):
        if name not in expected.headers:
            yield f"header {name}"
            continue
        for value in sorted(values.keys() - expected.headers[name]):
            yield f"header {name} has the value {value}"


def _at(place: str, shape: PropertyShape, expected: _Expected) -> Iterator[str]:
    parent = _parent(place)
    if place not in expected.types:
        # Below something that is new, or that no simulated tenant has any of, each property would be one more line.
        if parent is None or "object" in expected.types.get(parent, ()):
            times = sum(shape.types.values())
            yield f"{times} properties of unknown names at {parent}" if place.endswith(UNKNOWN) else f"property {place}"
        return
    if place.endswith(UNKNOWN):
        return
    for kind in sorted(shape.types.keys() - expected.types[place].keys()):
        yield f"{place} is {kind}, {shape.types[kind]} of {sum(shape.types.values())} times"
    if OTHER in shape.words and OTHER not in expected.words[place]:
        yield f"{place} has a value that is not in the list of Microsoft's words, {shape.words[OTHER]} times"


def _missing(exchange: Exchange, expected: _Expected) -> Iterator[str]:
    """Name each property that every simulated object has and some recorded object lacks."""
    for place, types in sorted(expected.types.items()):
        parent = _parent(place)
        if parent is None or sum(types.values()) < expected.types[parent]["object"]:
            continue
        holder = exchange.properties.get(parent)
        objects = holder.types.get("object", 0) if holder else 0
        recorded = exchange.properties.get(place)
        lacking = objects - (sum(recorded.types.values()) if recorded else 0)
        if lacking > 0:
            yield f"{place} is missing, {lacking} of {objects} times"


def _parent(place: str) -> str | None:
    """Return the place of the object that a property belongs to; None for what is no property."""
    if not place or place.endswith("[]"):
        return None
    return place.rpartition(".")[0]
