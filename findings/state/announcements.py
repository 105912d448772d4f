"""Announcements: what waits in an outbox, for which route, and what became of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import Field

from findings.document import Change
from findings.state.parts import Moment, StoredPart
from policies.vocabulary import Severity

_FIRST_WAIT, _LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=4)


class FindingChange(StoredPart):
    """One finding that moved in a scan, and how."""

    key: str
    rule: str
    change: Change
    severity: Severity


class NotAssessed(StoredPart):
    """A rule that could not look at some subjects, and that could look at all in the scan before."""

    rule: str
    subjects: int = Field(ge=1)


class OutboxEntry(StoredPart):
    """One announcement, and how far it has come.

    Each route's subscription to it is one lane: its changes, its service alerts, its digest.

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

    def is_done(self, subscription: str) -> bool:
        """Return whether a lane had it, or it was given up."""
        return subscription in self.delivered or subscription in self.dropped

    def is_free(self, subscription: str, now: datetime) -> bool:
        """Return whether a lane is to be tried now."""
        waits = self.waits.get(subscription)
        return not self.is_done(subscription) and (waits is None or waits <= now)

    def tried(self, subscription: str, now: datetime) -> OutboxEntry:
        """Return the entry while a lane is being tried: others leave it alone meanwhile, and for longer each time."""
        attempts = self.attempts.get(subscription, 0) + 1
        return self.model_copy(
            update={
                "attempts": {**self.attempts, subscription: attempts},
                "waits": {**self.waits, subscription: now + _wait(attempts)},
            }
        )

    def deferred(self, subscription: str, until: datetime) -> OutboxEntry:
        """Return the entry after a lane asked for silence, which may be longer than it waits anyway."""
        return self.model_copy(
            update={"waits": {**self.waits, subscription: max(until, self.waits.get(subscription, until))}}
        )

    def delivered_to(self, subscription: str, now: datetime) -> OutboxEntry:
        """Return the entry after a lane had it."""
        return self.model_copy(
            update={"delivered": {**self.delivered, subscription: now}, "waits": _without(self.waits, subscription)}
        )

    def dropped_by(self, subscription: str, why: str) -> OutboxEntry:
        """Return the entry after a lane refused it for good."""
        return self.model_copy(
            update={"dropped": {**self.dropped, subscription: why}, "waits": _without(self.waits, subscription)}
        )


class Receipt(StoredPart):
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


class AnnouncementMemory(StoredPart):
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


def _without(moments: dict[str, datetime], subscription: str) -> dict[str, datetime]:
    return {other: moment for other, moment in moments.items() if other != subscription}
