"""What is remembered of one finding: part of the state document."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field, JsonValue, model_validator

from common.moments import Moment
from findings.document import Change
from findings.state.parts import Cause, Event, ResolvedBy, StoredFact, StoredPart
from policies.policy_file.answers import Answer
from policies.vocabulary import Ending, Outcome, Severity, Subject


class StoredSubject(Subject):
    """What a finding is about; keeps fields it does not know.

    A connector known only by its registration (CON005) had the tenant's type in earlier versions; it is read as what it
    is, under the same key.
    """

    model_config = ConfigDict(extra="allow")

    @model_validator(mode="before")
    @classmethod
    def _registration(cls, stored: object) -> object:
        if isinstance(stored, dict) and stored.get("type") == "tenant" and str(stored.get("id")).startswith("event:"):
            return {**stored, "type": "connector"}
        return stored


class StoredAnswer(Answer):
    """An answer to a finding; keeps fields it does not know."""

    model_config = ConfigDict(extra="allow")


class FindingState(StoredPart):
    """What is remembered of one failure: what it is, and its life so far.

    Attributes:
        evidence: The facts that are compared from scan to scan.
        outcome: The outcome when the failure was last seen.
        change: The newest change, made by the scan `change_scan`; in every other scan nothing changed.
        moved: What moved with that change, if it was `changed` or `reopened`.
        cause: `policy` where the policy before would not have made that change.
        first_seen: When it was found first; never moves again.
        last_seen: When it was found last.
        ending: Why it ended, more exactly than `resolved_by`; not in old documents, nor while it is open.
        correction: `time` while its newest change undoes that it was once closed only because days had passed.
        assessed_at: When its rule last had an answer about it, whichever it was.
        stale: Whether its rule was not assessed since, so that nothing changed.
        answers: What somebody answered to it, the newest last; only about an event.
        events: Its timeline, newest last; bounded (`findings.state.lifecycle`), empty in old documents.
    """

    key: str
    rule: str
    subject: StoredSubject
    severity: Severity
    message: str
    evidence: dict[str, JsonValue]
    outcome: Literal[Outcome.FAIL, Outcome.WAIVED]
    state: Literal["open", "resolved"]
    change: Change | None = None
    change_scan: str | None = None
    moved: tuple[StoredFact, ...] = ()
    cause: Cause | None = None
    first_seen: Moment
    last_seen: Moment
    resolved_at: Moment | None = None
    resolved_by: ResolvedBy | None = None
    ending: Ending | None = Field(default=None, exclude_if=lambda ending: ending is None)
    correction: Literal["time"] | None = Field(default=None, exclude_if=lambda correction: correction is None)
    assessed_at: Moment
    stale: bool = False
    answers: tuple[StoredAnswer, ...] = Field(default=(), exclude_if=lambda answers: not answers)
    events: tuple[Event, ...] = ()
