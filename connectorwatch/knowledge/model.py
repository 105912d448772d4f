"""The shapes of the knowledge: what an entry of each topic holds. Strict and frozen."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Words = Annotated[str, StringConstraints(min_length=1, max_length=600)]
Text = Annotated[str, StringConstraints(min_length=1)]
Cloud = Literal["global", "usgov"]
Need = Literal["always", "registration"]


class Part(BaseModel):
    """What all shapes share: frozen, and strict about types and keys."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Source(Part):
    """A page that something was learnt from.

    `page` is the date the page gives itself, None where it gives none; `checked` is the day it was last compared.
    """

    title: Words
    url: Annotated[str, StringConstraints(pattern=r"^https://[a-z.]+/[^\s]+$")]
    page: date | None = None
    checked: date

    @property
    def dates(self) -> str:
        """Both dates in words, such as `page of 2026-03-13, checked 2026-11-20`."""
        page = f"page of {self.page}" if self.page else "page without a date"
        return f"{page}, checked {self.checked}"


class SourceFile(Part):
    """All sources by their keys."""

    sources: Annotated[dict[str, Source], Field(min_length=1)]


class Claim(Part):
    """What one source says of a matter on which sources disagree."""

    says: Words
    source: str


class Entry(Part):
    """One thing known. `sources` are keys of sources.yaml; `disputed` holds at least two claims or none."""

    id: Key
    sources: Annotated[tuple[str, ...], Field(min_length=1)]
    disputed: tuple[Claim, ...] = ()

    @property
    def label(self) -> str:
        """What to call the entry in a list."""
        return str(getattr(self, "title", self.id))


class ErrorEntry(Entry):
    """An error that a connector, its installer or a user's browser shows.

    `messages` are the wordings Microsoft has used. Any line of `match` recognises the error: its parts follow each
    other within a few lines. `event` is the id in the connector's Admin channel. `unless` names errors that say the
    same more precisely. `common`: other programs say the same, so it counts only outside the records of their logs.
    """

    title: Words
    seen: Words
    event: int | None = None
    messages: tuple[Text, ...] = ()
    match: tuple[Annotated[tuple[Text, ...], Field(min_length=1)], ...] = ()
    unless: tuple[Key, ...] = ()
    common: bool = False
    causes: Annotated[tuple[Words, ...], Field(min_length=1)]
    steps: Annotated[tuple[Words, ...], Field(min_length=1)]
    commands: tuple[Key, ...] = ()


class Command(Entry):
    """Something to run: `lines` with today's names, `before` with those of before 1.5.3829.0, where they differ."""

    title: Words
    where: Words
    lines: Annotated[tuple[Text, ...], Field(min_length=1)]
    before: tuple[Text, ...] = ()
    usgov: tuple[Text, ...] = ()
    answer: Words


class HostEntry(Entry):
    """Hosts that a firewall has to let out, all for one purpose.

    `path` is all that is fetched of the host. `later`: listed for registration, and a source wants it afterwards too.
    """

    clouds: Annotated[tuple[Cloud, ...], Field(min_length=1)]
    hosts: Annotated[tuple[Text, ...], Field(min_length=1)]
    path: Text | None = None
    ports: Annotated[tuple[int, ...], Field(min_length=1)]
    need: Need
    later: bool = False
    optional: bool = False
    purpose: Words
    remark: Words | None = None


class ServiceEntry(Entry):
    """A Windows service of the connector; its short name never changed."""

    name: Text
    does: Words
    account: Text
    display: Text
    display_before: Text
    program: Text
    program_before: Text

    @property
    def label(self) -> str:
        """The short name."""
        return self.name


class ChannelEntry(Entry):
    """An event channel, by today's name and that of before 1.5.3829.0."""

    channel: Text
    before: Text
    on: bool
    holds: Words
    remark: Words | None = None

    @property
    def label(self) -> str:
        """Today's name."""
        return self.channel


class RegistryValue(Part):
    """A value that Windows' registry should have."""

    key: Text
    before: Text | None = None
    value: Text
    expect: int


class Fact(Entry):
    """Something to know, in a sentence or three."""

    title: Words
    says: Words
    before: Text | None = None
    registry: tuple[RegistryValue, ...] = ()


class Question(Fact):
    """A question with its answer; `see` says where connectorwatch itself tells more."""

    commands: tuple[Key, ...] = ()
    see: Words | None = None


class FlowStep(Entry):
    """One of the ten steps; `asks` says who can answer it."""

    step: Annotated[int, Field(ge=1, le=10)]
    title: Words
    asks: Literal["graph", "server", "application"]
    commands: tuple[Key, ...] = ()


E = TypeVar("E", bound=Entry)


class Topic(Part, Generic[E]):
    """A file of knowledge."""

    about: Words
    entries: Annotated[tuple[E, ...], Field(min_length=1)]

    def entry(self, key: str) -> E:
        """Return the entry with this id.

        Raises:
            KeyError: There is none.
        """
        return {entry.id: entry for entry in self.entries}[key]
