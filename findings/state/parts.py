"""The smaller parts of the state document: events of a finding's life, facts that moved, one scan in numbers."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from common.moments import Moment
from findings.document import Change, MovedFact
from findings.result_parts import TrendPoint
from policies.vocabulary import Ending, Severity

ResolvedBy = Literal["fixed", "not_applicable", "subject_gone", "rule_disabled"]
Cause = Literal["policy"]


class StoredPart(BaseModel):
    """What all parts of the document share: frozen, and fields of a newer minor version survive a rewrite."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="allow", serialize_by_alias=True)


class SetAside(StoredPart):
    """A scan that is remembered and whose reports could not be written.

    Attributes:
        scan: Its id.
        why: The kind of error and where it was raised; nothing from the tenant.
        version: The version of connectorwatch that could not.
    """

    scan: str
    why: str
    version: str


class StoredFact(MovedFact):
    """One fact that moved, as it is kept."""

    model_config = ConfigDict(defer_build=True, extra="allow")


class StoredPoint(TrendPoint):
    """One scan in numbers, as it is kept."""

    model_config = ConfigDict(defer_build=True, extra="allow")

    at: Moment


def _nothing(value: object) -> bool:
    """Return whether a field of an event is empty and thus not written: there are thousands of events."""
    return not value


def _unknown(value: object) -> bool:
    """Return whether a value is not known; False, 0 and [] are values."""
    return value is None


class EventFact(StoredPart):
    """One fact that moved, in a finding's timeline: `what` as in `MovedFact`, and its values unless they are `long`."""

    what: str
    before: JsonValue = Field(default=None, exclude_if=_unknown)
    after: JsonValue = Field(default=None, exclude_if=_unknown)
    long: bool = Field(default=False, exclude_if=_nothing)


class Event(StoredPart):
    """One step of a finding's life.

    Attributes:
        at: The moment of the scan that made the step.
        scan: Its id.
        change: What happened; `unassessed` is the first scan in which the rule was not assessed.
        until: Of `unassessed`: the scan that had an answer again, or settled the finding otherwise.
        severity: Of `new` and `reopened`: how bad it was.
        waived: Of `new` and `reopened`: whether a waiver covered it.
        moved: Of `changed` and `reopened`: the facts that moved since it was last seen failing.
        resolved_by: Of `resolved`: by what.
        ending: Of `resolved`: why it ended, more exactly than `resolved_by`; not in old documents.
        cause: `policy` where the policy before would not have made this step.
    """

    at: Moment
    scan: str
    change: Change | Literal["unassessed"]
    until: Moment | None = Field(default=None, exclude_if=_nothing)
    severity: Severity | None = Field(default=None, exclude_if=_nothing)
    waived: bool = Field(default=False, exclude_if=_nothing)
    moved: tuple[EventFact, ...] = Field(default=(), exclude_if=_nothing)
    resolved_by: ResolvedBy | None = Field(default=None, exclude_if=_nothing)
    ending: Ending | None = Field(default=None, exclude_if=_nothing)
    cause: Cause | None = Field(default=None, exclude_if=_nothing)
