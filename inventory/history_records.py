"""What is kept of connectors, groups and applications over time: the shapes, as they lie in the state document."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, FailFast, Field

from common.moments import Moment
from inventory.audit.attribution import Attribution
from inventory.models import GroupId

What = Literal["connector", "group", "application", "principal"]
Kind = Literal["new", "gone", "back", "updated", "moved", "renamed"]


class HistoryRecord(BaseModel):
    """What all parts of the memory share; fields of a newer minor version survive a rewrite."""

    model_config = ConfigDict(frozen=True, extra="allow")


class VersionChange(HistoryRecord):
    """What something was from a moment on; None where it had none."""

    at: Moment
    value: str | None


class ConnectorRecord(HistoryRecord):
    """One connector over time.

    Attributes:
        first_seen: The first look that showed it.
        from_start: Whether that was the tenant's first full look, so that it may be of any age.
        seen_before: The last full look before that, which did not show it; None with `from_start`.
        last_seen: The newest look that showed it.
        last_active: The newest look that showed it active; None if none did.
        inactive_since: The first look of the present row of looks that showed it inactive.
        active_again: The newest look that showed it active after one that showed it inactive, or not at all.
        gone_at: The first full look that did not show it any more.
        versions: Its versions, changes only.
        groups: The ids of its groups, changes only.
        replaces: The connector that was on the same machine before, by machine name: told, never trusted.
        replaced_by: The newer connector on the same machine.
        external_ip: The address it was last seen to come from.
        homeless_since: The first of the present row of looks at which it stood in no group's list.
        attribution: The audit events that tell who registered it, of the surest kind that was ever found.
    """

    name: str
    first_seen: Moment
    from_start: bool = False
    seen_before: Moment | None = None
    last_seen: Moment
    last_active: Moment | None = None
    inactive_since: Moment | None = None
    active_again: Moment | None = Field(default=None, exclude_if=lambda moment: moment is None)
    gone_at: Moment | None = None
    versions: tuple[VersionChange, ...] = ()
    groups: tuple[VersionChange, ...] = ()
    replaces: str | None = None
    replaced_by: str | None = None
    external_ip: str | None = None
    homeless_since: Moment | None = None
    attribution: tuple[Attribution, ...] = ()

    @property
    def name_key(self) -> str:
        """The machine name for comparing: names have no case on Windows."""
        return self.name.strip().casefold()

    def is_same_machine(self, other: ConnectorRecord) -> bool:
        """Whether both were surely on one machine: of the same full name, or of the same name at one address."""
        if self.name_key != other.name_key:
            return False
        return "." in self.name_key or (self.external_ip is not None and self.external_ip == other.external_ip)


class ObjectRecord(HistoryRecord):
    """A connector group, or an application and the id of the group that carries it, over time.

    `filled_at` is when a group's list of applications was last read; before the first time nothing in it is new.
    """

    name: str
    first_seen: Moment
    last_seen: Moment
    gone_at: Moment | None = None
    group: GroupId | None = None
    filled_at: Moment | None = None


class UnconfirmedAgent(HistoryRecord):
    """An agent of which nobody knew whether it is a connector, and since when it was there."""

    first_seen: Moment
    from_start: bool = False
    seen_before: Moment | None = None


class InventoryChange(HistoryRecord):
    """One thing that moved: what, how, and between which values: versions, or names of groups or of itself.

    A principal is `new`, `gone` or `back` as one who can register connectors.
    """

    at: Moment
    what: What
    kind: Kind
    id: str
    name: str
    before: str | None = None
    after: str | None = None


class InventoryMemory(HistoryRecord):
    """What is remembered of a tenant's inventory.

    Attributes:
        first_read: The first look at which the connectors were read; memory reaches back to it and no further.
        last_read: The newest one.
        groups_read: The newest look at which the list of groups was read.
        connectors: By id.
        maybe: Agents that may be connectors, by id, while a group that could tell was not read.
        groups: By id.
        applications: By id.
        changes: What moved, newest last.
    """

    first_read: Moment | None = None
    last_read: Moment | None = None
    groups_read: Moment | None = None
    connectors: dict[str, ConnectorRecord] = Field(default_factory=dict)
    maybe: dict[str, UnconfirmedAgent] = Field(default_factory=dict)
    groups: dict[str, ObjectRecord] = Field(default_factory=dict)
    applications: dict[str, ObjectRecord] = Field(default_factory=dict)
    changes: Annotated[tuple[InventoryChange, ...], FailFast()] = ()
