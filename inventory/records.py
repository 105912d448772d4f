"""The records of a list as read, and beside them those that could not be: one odd record costs itself, not the list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Generic, Self, TypeVar

from pydantic import BaseModel, ConfigDict, FailFast

from common.errors import NotReadError, ReadError, SectionStatus
from common.text import counted
from inventory.models import Record

if TYPE_CHECKING:
    from collections.abc import Iterable

R = TypeVar("R", bound=Record)

ODD_RECORDS = "odd_records"
"""The code of a list that was read and holds records that could not be."""
_NAMED = 5


class UnreadableRecord(BaseModel):
    """A record of a list that is not of its type: a field is null or of another kind, or its text is no Unicode.

    Attributes:
        number: Its place in the list, from 1.
        id: Its id, where it has one that may stand in addresses.
        name: What the record calls itself; a stranger's text. Of an audit event it is the activity.
        reason: Which field, and what is wrong with it.
    """

    model_config = ConfigDict(defer_build=True, frozen=True)

    number: int
    id: str | None = None
    name: str | None = None
    reason: str

    @property
    def name_key(self) -> str:
        """The name for comparing with that of a machine, which has no case on Windows."""
        return (self.name or "").strip().casefold()

    @property
    def label(self) -> str:
        """What to call it in a sentence: its id, or its place in the list."""
        return self.id or f"number {self.number}"


class Records(tuple[R, ...]):  # noqa: SLOT001 - a slot of its own is not allowed to a tuple
    """The records of a list that could be read, in its order; `unreadable` are the others."""

    unreadable: tuple[UnreadableRecord, ...]

    def __new__(cls, records: Iterable[R] = (), unreadable: Iterable[UnreadableRecord] = ()) -> Records[R]:
        """Return the records with what could not be read beside them."""
        made = super().__new__(cls, records)
        made.unreadable = tuple(unreadable)
        return made


def reason_of(unreadable: tuple[UnreadableRecord, ...]) -> str:
    """Return in one sentence which records could not be read, and why; of many the first few."""
    shown = "; ".join(f"{record.label}, {record.reason}" for record in unreadable[:_NAMED])
    more = f"; and {len(unreadable) - _NAMED} more" if len(unreadable) > _NAMED else ""
    return f"{counted(len(unreadable), 'record')} of the list could not be read: {shown}{more}"


def once(records: Records[Any]) -> Records[Any]:
    """Leave out what is listed twice; a list that moves while its pages are read can repeat a record."""
    by_id = {record.id: record for record in records}
    odd = {record.id or record.number: record for record in records.unreadable if record.id not in by_id}
    return Records(by_id.values(), odd.values())


NOT_ASKED = "not asked for, because "
"""How the reason of a list begins that was never asked for, since another one could not be read."""

T_co = TypeVar("T_co", bound=Record, covariant=True)


class Section(BaseModel, Generic[T_co]):
    """A list read in full, or not read and why.

    `unreadable` are records of a list that was read which are not of its type: each is a subject of its own that is not
    assessed, and what rests on the list's being whole is not assessed either.
    `not_licensed` means that the tenant cannot have such things: known to be empty, not unknown.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="ignore")

    name: str
    status: SectionStatus
    records: Annotated[tuple[T_co, ...], FailFast()] = ()
    code: str | None = None
    reason: str | None = None
    permission: str | None = None
    advice: str | None = None
    request_id: str | None = None
    source: str | None = None
    """Which of several possible Graph lists was read, where that changes what the records can say."""
    unreadable: tuple[UnreadableRecord, ...] = ()

    @classmethod
    def read(cls, name: str, records: tuple[T_co, ...], source: str | None = None) -> Self:
        """Return a section that was read, with the records beside `records` that could not be."""
        unreadable = records.unreadable if isinstance(records, Records) else ()
        if not unreadable:
            return cls(name=name, status="read", records=records, source=source)
        return cls(
            name=name,
            status="read",
            records=tuple(records),
            source=source,
            code=ODD_RECORDS,
            reason=reason_of(unreadable),
            advice="Scan again; if it stays, report which field Graph sends otherwise than expected.",
            unreadable=unreadable,
        )

    @classmethod
    def unread(cls, name: str, error: ReadError, partial: tuple[T_co, ...] = ()) -> Self:
        """Return a section that could not be read in full, with the error as its reason.

        `partial` is what was read before it failed: it proves what is there, never that nothing else is.
        """
        return cls(
            name=name,
            status=error.status,
            records=partial,
            code=error.code or None,
            reason=error.reason,
            permission=error.permission,
            advice=error.advice,
            request_id=error.request_id,
        )

    @classmethod
    def waiting_for(cls, name: str, other: Section[Record]) -> Self:
        """Return a section that was never asked for, since another one that says what to ask could not be read."""
        return cls(
            name=name,
            status=other.status,
            code=other.code,
            reason=f"{NOT_ASKED}{other.name} could not be read: {other.reason}",
            permission=other.permission,
            advice=other.advice,
        )

    @property
    def listed(self) -> bool:
        """Whether the list was read, or is known to be empty; some of its records may be unreadable."""
        return self.status in ("read", "not_licensed")

    @property
    def known(self) -> bool:
        """Whether the records are all there is: the list is `listed`, and no record of it is unreadable."""
        return self.listed and not self.unreadable

    @property
    def readable(self) -> tuple[T_co, ...]:
        """The records of a list that was read, as far as they could be; whoever uses them speaks of `unreadable` too.

        Raises:
            NotReadError: The list was not read.
        """
        if not self.listed:
            raise NotReadError(self.name, self.reason or self.status)
        return self.records

    @property
    def all_named(self) -> bool:
        """Whether the list was read and every record of it has an id that could be read."""
        return self.listed and all(record.id is not None for record in self.unreadable)

    @property
    def odd_ids(self) -> frozenset[str]:
        """The ids of the records that are there and could not be read."""
        return frozenset(record.id for record in self.unreadable if record.id is not None)

    @property
    def items(self) -> tuple[T_co, ...]:
        """All records.

        Raises:
            NotReadError: The section was not read; "could not read" must never look like "there is none".
        """
        if not self.known:
            raise NotReadError(self.name, self.reason or self.status)
        return self.records
