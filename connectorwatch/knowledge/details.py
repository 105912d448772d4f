"""What an entry says, as lines for a list."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from connectorwatch.knowledge.model import (
    ChannelEntry,
    Command,
    ErrorEntry,
    Fact,
    FieldName,
    FlowStep,
    HostEntry,
    Neighbour,
    Question,
    ServiceEntry,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from connectorwatch.knowledge.model import Entry

_BLANKS = {"url": "INTERNAL-URL"}
_PLACEHOLDER = re.compile(r"\{(url|host|port|spn|code|machine)\}")


def blank(line: str) -> str:
    """Return a command's line with words in capitals where values are to be filled in."""
    return _PLACEHOLDER.sub(lambda match: _BLANKS.get(match[1], match[1].upper()), line)


def details(entry: Entry) -> tuple[str, ...]:
    """Return what an entry says, a line a sentence or fact; what sources disagree about last."""
    facts = [line for kind, lines in _LINES.items() if isinstance(entry, kind) for line in lines(entry)]
    return (*facts, *(f"Disputed: {claim.says}" for claim in entry.disputed))


def _error(entry: ErrorEntry) -> Iterator[str]:
    yield f"Seen in: {entry.seen}"
    if entry.event is not None:
        yield f"Event: {entry.event}"
    yield from (f"Why: {cause}" for cause in entry.causes)
    yield from (f"{number}. {step}" for number, step in enumerate(entry.steps, 1))


def _command(entry: Command) -> Iterator[str]:
    yield f"Where: {entry.where}"
    yield from map(blank, entry.lines)
    yield entry.answer


def _host(entry: HostEntry) -> Iterator[str]:
    yield f"{', '.join(entry.hosts)} on {' and '.join(map(str, entry.ports))}"
    yield f"For: {entry.purpose} ({entry.need}; cloud {' and '.join(entry.clouds)})"
    if entry.remark:
        yield entry.remark


def _service(entry: ServiceEntry) -> Iterator[str]:
    yield f"{entry.display} (before 1.5.3829.0: {entry.display_before})"
    yield f"{entry.does}, as {entry.account}"


def _channel(entry: ChannelEntry) -> Iterator[str]:
    yield f"Before 1.5.3829.0: {entry.before}"
    yield f"Holds {entry.holds}; {'on' if entry.on else 'off'} by itself"
    if entry.remark:
        yield entry.remark


def _fact(entry: Fact) -> Iterator[str]:
    yield entry.says
    if entry.before:
        yield f"Before 1.5.3829.0: {entry.before}"
    yield from (f"{value.key}: {value.value} = {value.expect}" for value in entry.registry)


def _question(entry: Question) -> Iterator[str]:
    if entry.see:
        yield entry.see


def _step(entry: FlowStep) -> Iterator[str]:
    yield f"Step {entry.step}; asks {entry.asks}"
    if entry.private_title:
        yield f"For Private Access: {entry.private_title}"


def _field(entry: FieldName) -> Iterator[str]:
    yield f"{entry.field}: {', '.join(entry.names)}"


def _neighbour(entry: Neighbour) -> Iterator[str]:
    yield entry.says


_LINES: dict[type[Entry], Callable[[Any], Iterator[str]]] = {
    ErrorEntry: _error,
    Command: _command,
    HostEntry: _host,
    ServiceEntry: _service,
    ChannelEntry: _channel,
    Fact: _fact,
    Question: _question,
    FlowStep: _step,
    FieldName: _field,
    Neighbour: _neighbour,
}
"""By kind of entry; a question is a fact as well, and says what facts say first."""
