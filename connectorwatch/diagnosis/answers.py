"""What a pasted error means: cause, steps in order, commands, links. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict

from common.cells import cut
from connectorwatch.diagnosis.advice import Advice, Page, advice, disputes, is_old, pages
from connectorwatch.diagnosis.recognise import Hit, known_event, recognise, whose
from connectorwatch.knowledge.loading import topic

if TYPE_CHECKING:
    from connectorwatch.knowledge.model import Cloud

CHECKLIST = ("services", "admin-events", "test-ports", "allowlist", "who-issued", "winhttp-proxy", "open-url")
"""What helps whatever is wrong: from the service outwards, then inwards."""

_FOREIGN = (
    "Event {number} of the channel {channel} is not the connector's: ids mean something only within their channel, and "
    "{number} there is for whoever writes to it."
)
_GENERIC = " In the log Application, 1000 is what Windows writes when any program crashes."
_ASK_US = re.compile(r"[^.]*`connectorwatch diagnose`\.\s*")
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
    """All that a paste tells: the errors in their order, or why nothing was recognised and what helps anyway."""

    model_config = ConfigDict(frozen=True)

    recognised: tuple[Answer, ...] = ()
    unknown: str | None = None
    checklist: tuple[Advice, ...] = ()
    pages: tuple[Page, ...] = ()

    @property
    def symptoms(self) -> frozenset[str]:
        """What the errors say about an application, such as `connector-timeout`."""
        return frozenset(answer.id for answer in self.recognised)


def answer_text(text: str, version: str | None = None, cloud: Cloud = "global") -> Answers:
    """Return what a text tells; `version` is the connector's, for the names in commands."""
    hits = recognise(text)
    if not hits:
        return _nothing("Nothing in this text is an error of a connector that is known here.", version, cloud)
    return Answers(recognised=tuple(_answer(hit, version, cloud) for hit in hits))


def answer_event(number: int, channel: str, version: str | None = None, cloud: Cloud = "global") -> Answers:
    """Return what an event id means in a channel; outside a connector's Admin channel it means nothing."""
    kind, error = whose(channel), known_event(number)
    if kind == "admin" and error is not None:
        return Answers(recognised=(_answer(Hit(error), version, cloud),))
    sentence = _FOREIGN if kind == "foreign" else _OTHER
    generic = _GENERIC if kind == "foreign" and number == _CRASH else ""
    return _nothing(sentence.format(number=number, channel=cut(channel)) + generic, version, cloud)


_CRASH = 1000


def _nothing(why: str, version: str | None, cloud: Cloud) -> Answers:
    steps = topic("flowchart").entries
    return Answers(
        unknown=why,
        checklist=tuple(map(_without_us, advice(CHECKLIST, old=is_old(version), cloud=cloud))),
        pages=pages(*steps[:1]),
    )


def _without_us(one: Advice) -> Advice:
    """Return advice without the sentence that sends to this very command."""
    return one.model_copy(update={"answer": _ASK_US.sub("", one.answer)})


def _answer(hit: Hit, version: str | None, cloud: Cloud) -> Answer:
    error, found = hit.error, dict(hit.values)
    return Answer(
        id=error.id,
        title=error.title,
        event=error.event,
        seen=error.seen,
        count=hit.count,
        found=found,
        causes=error.causes,
        steps=error.steps,
        commands=advice(error.commands, old=is_old(version), cloud=cloud, values=_fillings(found)),
        disputed=disputes(error),
        pages=pages(error),
    )


def _fillings(found: dict[str, tuple[str, ...]]) -> dict[str, str]:
    """Return what an error says that its commands can use."""
    values = {"spn": found["spn"][0].partition("@")[0]} if "spn" in found else {}
    if "aadsts" in found:
        values["code"] = found["aadsts"][0].removeprefix("AADSTS")
    if "url" in found:
        values["url"] = found["url"][0]
        try:
            values["host"] = urlsplit(found["url"][0]).hostname or ""
        except ValueError:  # brackets that are no address
            values["host"] = ""
    return values
