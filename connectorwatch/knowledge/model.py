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


class Pattern(Part):
    """A regular expression for what letters alone cannot tell, such as a table, a log line or a code.

    Attributes:
        has: Literals in lower case; the expression is tried only around one of them.
        find: The expression. Names of `{{...}}` stand for hosts, services and programs of the knowledge; a named group
            is shown with the error.
        over_lines: Whether it spans several lines; otherwise it sees one line at a time.
    """

    has: Annotated[tuple[Text, ...], Field(min_length=1)]
    find: Text
    over_lines: bool = False


class WindowsEvent(Part):
    """Events that Windows itself writes about the connector's services or programs.

    Attributes:
        source: The event's provider.
        ids: Its ids.
        about: Which of the names in `services` the event mentions.
        text: A regular expression that the event matches as well.
    """

    source: Text
    ids: Annotated[tuple[int, ...], Field(min_length=1)]
    about: Literal["connector", "updater", "either"] = "either"
    text: Text | None = None


class ErrorEntry(Entry):
    """An error that a connector, its installer, its server, a tool or a user's browser shows.

    Attributes:
        title: What it is called.
        seen: Where it appears.
        event: Its id in the connector's Admin channel.
        messages: The wordings that are published.
        match: Any of these recognises the error; the parts of one follow each other within a few lines.
        patterns: Any of these recognises the error as well.
        codes: Eight hexadecimal digits that recognise it, with and without `0x`.
        windows: Events of Windows that recognise it.
        unless: Errors that say the same more precisely.
        instead_of: Errors that are left out wherever this one is recognised, anywhere in the text.
        common: Other programs say the same, so it counts only outside the records of their logs.
        context: It counts only near something that names a connector, its hosts or its services.
        cloud_host: Where a host stands in quotes behind it, it counts only if that is one that connectors need.
        causes: Why it happens.
        steps: What to do, in order.
        commands: What to run.
    """

    title: Words
    seen: Words
    event: int | None = None
    messages: tuple[Text, ...] = ()
    match: tuple[Annotated[tuple[Text, ...], Field(min_length=1)], ...] = ()
    patterns: tuple[Pattern, ...] = ()
    codes: tuple[Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}$")], ...] = ()
    windows: tuple[WindowsEvent, ...] = ()
    unless: tuple[Key, ...] = ()
    instead_of: tuple[Key, ...] = ()
    common: bool = False
    context: bool = False
    cloud_host: bool = False
    causes: Annotated[tuple[Words, ...], Field(min_length=1)]
    steps: Annotated[tuple[Words, ...], Field(min_length=1)]
    commands: tuple[Key, ...] = ()


class Command(Entry):
    """A command to run.

    Attributes:
        lines: With today's names, for the public cloud.
        before: With the names of before 1.5.3829.0, where they differ.
        usgov: With today's names, for the US government cloud, where they differ.
        usgov_before: With both.
    """

    title: Words
    where: Words
    lines: Annotated[tuple[Text, ...], Field(min_length=1)]
    before: tuple[Text, ...] = ()
    usgov: tuple[Text, ...] = ()
    usgov_before: tuple[Text, ...] = ()
    answer: Words


class HostEntry(Entry):
    """Hosts that a firewall has to let out, all for one purpose.

    `path` is all that is fetched of the host. `later`: listed for registration, and a source wants it afterwards too.
    `also_to_register` are those of the hosts that are needed always and before that to register.
    `widely_used` are those of the hosts that many programs use, so that their names in a log say nothing.
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
    also_to_register: tuple[Text, ...] = ()
    widely_used: tuple[Text, ...] = ()


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


class FieldName(Entry):
    """A field of an event record, as Windows and its tools call it in several languages.

    Attributes:
        field: What it holds: the log, the provider, the id, or another field with which a record may begin.
        names: Its names in lower case.
    """

    field: Literal["log", "source", "id", "other"]
    names: Annotated[tuple[Text, ...], Field(min_length=1)]


class Neighbour(Entry):
    """Another product whose events and messages resemble the connector's.

    Attributes:
        title: Its name.
        channels: Its event channels and providers, or how their names begin.
        words: What names it in a text, in lower case.
        says: What it is, and where to go on.
        named: Whether to name it to somebody who pastes its text; a program whose lines are just ordinary is not.
    """

    title: Words
    channels: tuple[Text, ...] = ()
    words: Annotated[tuple[Text, ...], Field(min_length=1)]
    says: Words
    named: bool = True


class RegistryValue(Part):
    """A value that Windows' registry should have."""

    key: Text
    before: Text | None = None
    value: Text
    expect: int


class Fact(Entry):
    """A fact, in one to three sentences."""

    title: Words
    says: Words
    before: Text | None = None
    registry: tuple[RegistryValue, ...] = ()


class Question(Fact):
    """A question with its answer; `see` says where connectorwatch itself tells more."""

    commands: tuple[Key, ...] = ()
    see: Words | None = None


class FlowStep(Entry):
    """One of the ten steps.

    Attributes:
        step: Its number.
        title: What is checked, for an application of application proxy.
        private_title: What is checked instead for an application of Private Access; None where it is the same.
        asks: Who can answer it.
        commands: What to run.
        private_commands: What to run instead for Private Access.
    """

    step: Annotated[int, Field(ge=1, le=10)]
    title: Words
    private_title: Words | None = None
    asks: Literal["graph", "server", "application"]
    commands: tuple[Key, ...] = ()
    private_commands: tuple[Key, ...] | None = None


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
