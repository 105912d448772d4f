"""What is to be announced: part of the state document, so that a change and its announcement are written as one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pydantic import Field

from findings.document import Change
from findings.kept import Kept, Moment
from policies.model import Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from findings.state import State
    from policies.model import Verdict

ANNOUNCED_KEPT = 50
"""How many ids of delivered entries are remembered, so that none is ever added again."""
CLAIMED_FOR = timedelta(minutes=10)
"""For how long who tries to deliver an entry has it for himself; longer than any channel tries."""


class FindingChange(Kept):
    """One finding that moved in a scan, and how."""

    key: str
    rule: str
    change: Change
    severity: Severity


class NotAssessed(Kept):
    """A rule that could not look at some subjects, and that could look at all in the scan before."""

    rule: str
    subjects: int = Field(ge=1)


class OutboxEntry(Kept):
    """One announcement, and how far it has come.

    Attributes:
        id: The scan's id and the kind: the same scan never makes a second one.
        scan: The scan that caused it.
        at: The moment that the scan speaks for.
        kind: What is announced. Only `changes` so far; a text, so that old readers keep a newer kind.
        first: Whether this was the tenant's first scan, so that everything is new.
        changes: The findings that moved, by key.
        not_assessed: The rules that could not look any more, by id.
        delivered: When each route had it.
        claimed: Since when somebody has been trying, by route.
        attempts: How often each route was tried.
    """

    id: str
    scan: str
    at: Moment
    kind: str = "changes"
    first: bool = False
    changes: tuple[FindingChange, ...] = ()
    not_assessed: tuple[NotAssessed, ...] = ()
    delivered: dict[str, Moment] = Field(default_factory=dict)
    claimed: dict[str, Moment] = Field(default_factory=dict)
    attempts: dict[str, int] = Field(default_factory=dict)

    def is_free(self, route: str, now: datetime) -> bool:
        """Return whether a route has not had it and nobody else is trying."""
        claimed = self.claimed.get(route)
        return route not in self.delivered and (claimed is None or claimed + CLAIMED_FOR <= now)

    def tried(self, route: str, now: datetime) -> OutboxEntry:
        """Return the entry while a route is being tried, which counts from now on."""
        attempts = self.attempts.get(route, 0) + 1
        return self.model_copy(
            update={"claimed": {**self.claimed, route: now}, "attempts": {**self.attempts, route: attempts}}
        )

    def tried_in_vain(self, route: str) -> OutboxEntry:
        """Return the entry after a route failed: it may be tried again at once."""
        return self.model_copy(update={"claimed": _without(self.claimed, route)})

    def had_by(self, route: str, now: datetime) -> OutboxEntry:
        """Return the entry after a route had it."""
        return self.model_copy(
            update={"delivered": {**self.delivered, route: now}, "claimed": _without(self.claimed, route)}
        )


class Told(Kept):
    """What must be remembered so that nothing is announced twice.

    Attributes:
        announced: Ids of the newest delivered entries, oldest first.
        not_assessed: The rules that could not look in the newest scan, by id.
    """

    announced: tuple[str, ...] = ()
    not_assessed: tuple[str, ...] = ()


def _without(moments: dict[str, datetime], route: str) -> dict[str, datetime]:
    return {other: moment for other, moment in moments.items() if other != route}


def with_entry(state: State, verdicts: Sequence[Verdict]) -> State:
    """Return the state just after a scan was applied with what that scan has to announce, which may be nothing.

    Args:
        state: The state; its newest scan is the one that the verdicts are of.
        verdicts: What the rules said.
    """
    scan = state.scans[-1]
    unseen: dict[str, int] = {}
    for verdict in verdicts:
        if verdict.outcome is Outcome.NOT_ASSESSED:
            unseen[verdict.rule] = unseen.get(verdict.rule, 0) + 1
    entry = OutboxEntry(
        id=f"{scan.id}-changes",
        scan=scan.id,
        at=scan.taken_at,
        first=len(state.scans) == 1,
        changes=tuple(
            FindingChange(key=key, rule=found.rule, change=found.change, severity=found.severity)
            for key, found in sorted(state.findings.items())
            if found.change is not None and found.change_scan == scan.id
        ),
        not_assessed=tuple(
            NotAssessed(rule=rule, subjects=count)
            for rule, count in sorted(unseen.items())
            if rule not in state.told.not_assessed
        ),
    )
    known = entry.id in state.told.announced or any(other.id == entry.id for other in state.outbox)
    silent = known or not (entry.changes or entry.not_assessed)
    return state.model_copy(
        update={
            "outbox": state.outbox if silent else (*state.outbox, entry),
            "told": state.told.model_copy(update={"not_assessed": tuple(sorted(unseen))}),
        }
    )


def replaced(state: State, changed: OutboxEntry) -> State:
    """Return the state with a changed entry in place of the one with its id."""
    entries = tuple(changed if entry.id == changed.id else entry for entry in state.outbox)
    return state.model_copy(update={"outbox": entries})


def without_delivered(state: State, routes: Collection[str]) -> State:
    """Return the state without the entries that all routes have had; their ids are remembered."""
    done = [entry.id for entry in state.outbox if entry.delivered.keys() >= set(routes)]
    if not done:
        return state
    announced = (*state.told.announced, *done)[-ANNOUNCED_KEPT:]
    return state.model_copy(
        update={
            "outbox": tuple(entry for entry in state.outbox if entry.id not in done),
            "told": state.told.model_copy(update={"announced": announced}),
        }
    )
