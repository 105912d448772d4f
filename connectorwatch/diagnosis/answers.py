"""What a pasted error means: cause, steps in order, commands, links. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict

from common.cells import cut
from connectorwatch.diagnosis.advice import Advice, Page, advice, disputes, is_old, pages
from connectorwatch.diagnosis.recognise import Hit, known_event, other_product, read, whose
from connectorwatch.knowledge.loading import topic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectorwatch.diagnosis.recognise import Reading
    from connectorwatch.knowledge.model import Cloud, Neighbour

CHECKLIST = ("services", "admin-events", "test-ports", "allowlist", "who-issued", "winhttp-proxy", "open-url")
"""What helps whatever is wrong: from the service outwards, then inwards."""

_FOREIGN = (
    "Event {number} of the channel {channel} is not the connector's: ids mean something only within their channel, and "
    "{number} there is for whoever writes to it."
)
_GENERIC = " In the log Application, 1000 is what Windows writes when any program crashes."
_ASK_US = re.compile(r"[^.]*`connectorwatch diagnose`\.\s*")
_NEIGHBOUR = "This comes from {name}, which is another product. {says}"
_LOOSE = (
    "Event {number} stands here without its channel, and an id means something only within one. If it is of the "
    "connector's Admin channel, ask with `connectorwatch diagnose --event {number} --channel "
    "Microsoft-AadApplicationProxy-Connector/Admin`; the command that prints events shows ProviderName and LogName too."
)
_OTHER = "No meaning of event {number} in {channel} is known: Microsoft publishes no complete list of ids."


class Answer(BaseModel):
    """One recognised error and what to do. `found` holds what varies in it, by kind."""

    model_config = ConfigDict(frozen=True)

    id: str
    title: str
    event: int | None
    seen: str
    count: int
    found: dict[str, tuple[str, ...]]
    causes: tuple[str, ...]
    steps: tuple[str, ...]
    commands: tuple[Advice, ...]
    disputed: tuple[str, ...]
    pages: tuple[Page, ...]


class Answers(BaseModel):
    """The meaning of a paste.

    Attributes:
        recognised: The known errors, in their order.
        notes: What is to be known beside them: parts of other products, events without a channel.
        unknown: Why nothing was recognised.
        checklist: What helps anyway.
        pages: Where that is written.
    """

    model_config = ConfigDict(frozen=True)

    recognised: tuple[Answer, ...] = ()
    notes: tuple[str, ...] = ()
    unknown: str | None = None
    checklist: tuple[Advice, ...] = ()
    pages: tuple[Page, ...] = ()

    @property
    def symptoms(self) -> frozenset[str]:
        """What the errors say about an application, such as `connector-timeout`."""
        return frozenset(answer.id for answer in self.recognised)


def answer_text(text: str, version: str | None = None, cloud: Cloud = "global") -> Answers:
    """Return what a text tells; `version` is the connector's, for the names in commands."""
    reading = read(text)
    notes = tuple(_notes(reading))
    if not reading.hits:
        why = notes[0] if notes else "Nothing in this text is an error of a connector that is known here."
        return _nothing(why, version, cloud, notes[1:])
    return Answers(recognised=tuple(_answer(hit, version, cloud) for hit in reading.hits), notes=notes)


def _notes(reading: Reading) -> Iterator[str]:
    """Yield what else there is to say about a text: an event without its channel first, since it can be asked again."""
    for number in reading.loose:
        yield _LOOSE.format(number=number)
    for neighbour in reading.neighbours:
        yield _of_neighbour(neighbour)


def _of_neighbour(neighbour: Neighbour) -> str:
    return _NEIGHBOUR.format(name=neighbour.title, says=neighbour.says)


def answer_event(number: int, channel: str, version: str | None = None, cloud: Cloud = "global") -> Answers:
    """Return what an event id means in a channel; outside a connector's Admin channel it means nothing."""
    kind, error = whose(channel), known_event(number)
    if kind == "admin" and error is not None:
        return Answers(recognised=(_answer(Hit(error), version, cloud),))
    neighbour = other_product(channel) if kind == "foreign" else None
    if neighbour is not None and neighbour.named:
        return _nothing(_of_neighbour(neighbour), version, cloud)
    sentence = _FOREIGN if kind == "foreign" else _OTHER
    generic = _GENERIC if kind == "foreign" and number == _CRASH else ""
    return _nothing(sentence.format(number=number, channel=cut(channel)) + generic, version, cloud)


_CRASH = 1000


def _nothing(why: str, version: str | None, cloud: Cloud, notes: tuple[str, ...] = ()) -> Answers:
    steps = topic("flowchart").entries
    return Answers(
        notes=notes,
        unknown=why,
        checklist=tuple(map(_without_us, advice(CHECKLIST, old=is_old(version), cloud=cloud))),
        pages=pages(*steps[:1]),
    )


def _without_us(command: Advice) -> Advice:
    """Return advice without the sentence that sends to this very command."""
    return command.model_copy(update={"answer": _ASK_US.sub("", command.answer)})


def _answer(hit: Hit, version: str | None, cloud: Cloud) -> Answer:
    error, values = hit.error, dict(hit.values)
    return Answer(
        id=error.id,
        title=error.title,
        event=error.event,
        seen=error.seen,
        count=hit.count,
        found=values,
        causes=error.causes,
        steps=error.steps,
        commands=advice(error.commands, old=is_old(version), cloud=cloud, values=_fillings(values)),
        disputed=disputes(error),
        pages=pages(error),
    )


def _fillings(details: dict[str, tuple[str, ...]]) -> dict[str, str]:
    """Return what an error says that its commands can use."""
    values = {"spn": details["spn"][0].partition("@")[0]} if "spn" in details else {}
    if "aadsts" in details:
        values["code"] = details["aadsts"][0].removeprefix("AADSTS")
    if "url" in details:
        values["url"] = details["url"][0]
        try:
            values["host"] = urlsplit(details["url"][0]).hostname or ""
        except ValueError:  # brackets that are no address
            values["host"] = ""
    if "host" in details:
        values["host"] = details["host"][0]
    return values
