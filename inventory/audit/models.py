"""Records of the directory audit log, as far as connectorwatch needs them. Source: Graph v1.0 `directoryAudit`."""

from __future__ import annotations

from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Annotated

from pydantic import BeforeValidator, Field
from pydantic_core import from_json

from common.moments import Moment
from inventory.models import Record, nothing_for_null

if TYPE_CHECKING:
    from collections.abc import Iterator

NO_ID = "00000000-0000-0000-0000-000000000000"
"""What stands in the log where nobody and nothing is meant."""
EventId = Annotated[str, Field(pattern=r"^[!-~](?:[ -~]{0,198}[!-~])?$")]
"""What an event's id may hold, such as `Directory_5f6c…_MH4KN_26146829`: it becomes part of a finding's key, which has
to fit into an answer and on a line."""
_GROUP_PROPERTY = "connectorgroup"
_MOST_VALUES, _DEEPEST = 200, 6


def known_id(text: str | None) -> str | None:
    """Return an id; None for an empty or an all-zero one, which names nobody."""
    return text if text and text.strip() and text.strip() != NO_ID else None


class AuditUser(Record):
    """Who did something, as the audit log names people."""

    id: str | None = None
    display_name: str | None = None
    user_principal_name: str | None = None


class AuditApp(Record):
    """Which software did something, as the audit log names it."""

    display_name: str | None = None
    service_principal_id: str | None = None


class AuditInitiator(Record):
    """Who or what did something."""

    user: AuditUser | None = None
    app: AuditApp | None = None


class ModifiedProperty(Record):
    """What a property of a target was and is; both values are JSON written into a string."""

    display_name: str | None = None
    old_value: str | None = None
    new_value: str | None = None

    @property
    def is_connector_group(self) -> bool:
        """Whether it says in which connector group the target is; how it is spelt is not documented."""
        return _GROUP_PROPERTY in (self.display_name or "").replace(" ", "").casefold()


class AuditDetail(Record):
    """A further detail of an event."""

    key: str | None = None
    value: str | None = None


class AuditTarget(Record):
    """What something was done to, and how it was changed."""

    id: str | None = None
    display_name: str | None = None
    type: str | None = None
    modified_properties: Annotated[
        tuple[ModifiedProperty, ...], BeforeValidator(nothing_for_null), Field(strict=False)
    ] = ()


class AuditEvent(Record):
    """One line of the directory audit log. Source: Graph v1.0 `directoryAudit`."""

    id: EventId
    activity_date_time: Moment
    activity_display_name: str
    result: str | None = None
    logged_by_service: str | None = None
    initiated_by: AuditInitiator | None = None
    target_resources: Annotated[tuple[AuditTarget, ...], BeforeValidator(nothing_for_null), Field(strict=False)] = ()
    additional_details: Annotated[tuple[AuditDetail, ...], BeforeValidator(nothing_for_null), Field(strict=False)] = ()

    @cached_property
    def values(self) -> frozenset[str]:
        """Every text in the changed properties and further details, without case; bounded.

        A connector's id stands in a changed property, as JSON in a string (Microsoft's security operations guide,
        2026: the new value, at "Add a Connector to Connector Group"); that details name it, too, is a guess.
        """
        changed = [change for target in self.target_resources for change in target.modified_properties]
        texts = [text for change in changed for text in (change.old_value, change.new_value)]
        texts += [detail.value for detail in self.additional_details]
        words = (word for text in texts[:_MOST_VALUES] if text for word in _words(text))
        return frozenset(word.strip().casefold() for word in islice(words, _MOST_VALUES))

    @property
    def moved_groups(self) -> tuple[ModifiedProperty, ...]:
        """The changes of a connector group among what was modified."""
        changed = (change for target in self.target_resources for change in target.modified_properties)
        return tuple(change for change in changed if change.is_connector_group)


def plain_value(text: str | None) -> str:
    """Return the text of a value that is JSON in a string, and the value itself where it is no such text."""
    return next(iter(_words(text or "")), "")


def _words(text: str) -> Iterator[str]:
    """Yield every text in a value that is JSON in a string, and the value itself where it is none."""
    try:
        content = from_json(text)
    except ValueError:
        yield text
        return
    yield from _texts(content, _DEEPEST)


def _texts(content: object, depth: int) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    inner = content.values() if isinstance(content, dict) else content if isinstance(content, list) else ()
    for part in inner if depth else ():
        yield from _texts(part, depth - 1)
