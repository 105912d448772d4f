"""What is to be announced: part of the state document, so that a change and its announcement are written as one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from pydantic import Field

from findings.document import Change
from findings.kept import Kept, Moment
from policies.vocabulary import Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from findings.state import State
    from policies.rule import Verdict

S = TypeVar("S", bound="State")

ANNOUNCED_KEPT = 50
"""How many ids of delivered entries are remembered, so that none is ever added again."""
RECEIPTS_KEPT = 50
"""How many receipts are remembered."""
MOST_ATTEMPTS = 14
"""How often an announcement is tried before it is given up: about a day, see `_wait`."""
_FIRST_WAIT, _LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=4)


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

    It is told over lanes: a route's changes, its news of the service, its digest (`connectorwatch.lanes`).

    Attributes:
        id: Of a scan `SCAN-changes`, whatever the kind, so that the same scan never makes a second one; of a digest
            its own, such as `digest-2026-W47`.
        scan: The scan that caused it.
        at: The moment that the scan speaks for.
        kind: What is announced: `changes`, `scan` (that a scan was made which has nothing else to tell, for whoever
            records every scan) or `digest`; a text, so that old readers keep a newer kind.
        first: Whether this was the tenant's first scan, so that everything is new.
        changes: The findings that moved, by key.
        not_assessed: The rules that could not look any more, by id.
        inventory: How many things moved in the inventory; an entry may tell of nothing else.
        delivered: When each lane had it.
        dropped: Why it was given up, by lane.
        attempts: How often each lane was tried.
        waits: Until when a lane that was tried is left alone, in case it is being tried at this moment.
    """

    id: str
    scan: str
    at: Moment
    kind: str = "changes"
    first: bool = False
    changes: tuple[FindingChange, ...] = ()
    not_assessed: tuple[NotAssessed, ...] = ()
    inventory: int = Field(default=0, ge=0)
    delivered: dict[str, Moment] = Field(default_factory=dict)
    dropped: dict[str, str] = Field(default_factory=dict)
    attempts: dict[str, int] = Field(default_factory=dict)
    waits: dict[str, Moment] = Field(default_factory=dict)

    def is_done(self, lane: str) -> bool:
        """Return whether a lane had it, or it was given up."""
        return lane in self.delivered or lane in self.dropped

    def is_free(self, lane: str, now: datetime) -> bool:
        """Return whether a lane is to be tried now."""
        waits = self.waits.get(lane)
        return not self.is_done(lane) and (waits is None or waits <= now)

    def tried(self, lane: str, now: datetime) -> OutboxEntry:
        """Return the entry while a lane is being tried: others leave it alone meanwhile, and for longer each time."""
        attempts = self.attempts.get(lane, 0) + 1
        return self.model_copy(
            update={
                "attempts": {**self.attempts, lane: attempts},
                "waits": {**self.waits, lane: now + _wait(attempts)},
            }
        )

    def put_off(self, lane: str, until: datetime) -> OutboxEntry:
        """Return the entry after a lane asked for silence, which may be longer than it waits anyway."""
        return self.model_copy(update={"waits": {**self.waits, lane: max(until, self.waits.get(lane, until))}})

    def had_by(self, lane: str, now: datetime) -> OutboxEntry:
        """Return the entry after a lane had it."""
        return self.model_copy(update={"delivered": {**self.delivered, lane: now}, "waits": _without(self.waits, lane)})

    def given_up(self, lane: str, why: str) -> OutboxEntry:
        """Return the entry after a lane refused it for good."""
        return self.model_copy(update={"dropped": {**self.dropped, lane: why}, "waits": _without(self.waits, lane)})


class Receipt(Kept):
    """How an announcement ended for a lane.

    Attributes:
        entry: Which announcement.
        lane: Over which lane.
        at: When.
        result: `accepted` (a flow took it; whether it shows the card is not known), `delivered`, `nothing` (the route
            wants to hear none of it), `dropped`.
        why: Of one that was dropped.
    """

    entry: str
    lane: str
    at: Moment
    result: str
    why: str = ""


class Told(Kept):
    """What must be remembered so that nothing is announced twice.

    Attributes:
        announced: Ids of the newest delivered entries, oldest first.
        not_assessed: The rules that could not look in the newest scan, by id.
        receipts: How the newest announcements ended, oldest first.
        digest: The id of the newest digest; in the service's own state only.
    """

    announced: tuple[str, ...] = ()
    not_assessed: tuple[str, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    digest: str | None = None


def _wait(attempts: int) -> timedelta:
    """Return for how long a lane is left alone after it was tried: a minute, then twice as long each time."""
    return min(_FIRST_WAIT * (1 << min(attempts - 1, 10)), _LONGEST_WAIT)


def _without(moments: dict[str, datetime], lane: str) -> dict[str, datetime]:
    return {other: moment for other, moment in moments.items() if other != lane}


def with_entry(state: State, verdicts: Sequence[Verdict], inventory: int = 0, *, every: bool = False) -> State:
    """Return the state just after a scan was applied with what that scan has to announce, which may be nothing.

    Args:
        state: The state; its newest scan is the one that the verdicts are of.
        verdicts: What the rules said.
        inventory: How many things the scan found moved in the inventory.
        every: Whether a scan that found nothing has an entry, too, since somebody records every scan.
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
        inventory=inventory,
    )
    known = entry.id in state.told.announced or any(other.id == entry.id for other in state.outbox)
    if not (entry.changes or entry.not_assessed or entry.inventory):
        entry = entry.model_copy(update={"kind": "scan"})
    silent = known or (entry.kind == "scan" and not every)
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


def with_digest(state: S, digest: str, now: datetime, *, again: bool = False) -> S:
    """Return the service's own state with a digest to send; the very same one if that was announced already.

    Args:
        state: The service's own state.
        digest: The digest's id.
        now: The moment it is asked for.
        again: Whether it comes besides this week's own, which may be asked for later.
    """
    if state.told.digest == digest or any(entry.id == digest for entry in state.outbox):
        return state
    entry = OutboxEntry(id=digest, scan=digest, at=now, kind="digest")
    told = state.told if again else state.told.model_copy(update={"digest": digest})
    return state.model_copy(update={"outbox": (*state.outbox, entry), "told": told})


def with_receipt(state: State, receipt: Receipt) -> State:
    """Return the state with one more receipt."""
    receipts = (*state.told.receipts, receipt)[-RECEIPTS_KEPT:]
    return state.model_copy(update={"told": state.told.model_copy(update={"receipts": receipts})})


def without_done(state: State, concerned: Callable[[OutboxEntry], Collection[str] | None]) -> State:
    """Return the state without the entries that all lanes are done with; their ids are remembered.

    Args:
        state: The state.
        concerned: Returns the lanes that an entry is for, or None where that is not known and it is to be kept.
    """
    done = [entry.id for entry in state.outbox if _is_done(entry, concerned(entry))]
    if not done:
        return state
    announced = (*state.told.announced, *done)[-ANNOUNCED_KEPT:]
    return state.model_copy(
        update={
            "outbox": tuple(entry for entry in state.outbox if entry.id not in done),
            "told": state.told.model_copy(update={"announced": announced}),
        }
    )


def _is_done(entry: OutboxEntry, lanes: Collection[str] | None) -> bool:
    return lanes is not None and all(map(entry.is_done, lanes))
