"""Announcements: what waits in an outbox, for which route, and what became of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import Field

from common.moments import Moment
from findings.document import Change
from findings.state.parts import StoredPart
from policies.vocabulary import Severity

_FIRST_WAIT, _LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=4)


class FindingChange(StoredPart):
    """One finding that moved in a scan, and how."""

    key: str
    rule: str
    change: Change
    severity: Severity


class NotAssessed(StoredPart):
    """A rule not assessed for some subjects, and assessed for all in the scan before."""

    rule: str
    subjects: int = Field(ge=1)


class OutboxEntry(StoredPart):
    """One announcement, and how far it has come.

    A route has a subscription each for changes, service alerts and the digest.

    Attributes:
        id: Of a scan `SCAN-changes`, whatever the kind, so that the same scan never makes a second one; of a digest
            its own, such as `digest-2026-W47`.
        scan: The scan that caused it.
        at: The moment that the scan speaks for.
        kind: What is announced: `changes`, `scan` (that a scan was made which has nothing else to tell, for whoever
            records every scan) or `digest`; a text, so that old readers keep a newer kind.
        first: Whether this was the tenant's first scan, so that everything is new.
        changes: The findings that moved, by key.
        not_assessed: The rules that can no longer be assessed, by id.
        inventory: Number of inventory changes; an entry may hold nothing else.
        delivered: When each subscription received it.
        dropped: Why it was dropped, by subscription.
        attempts: Delivery attempts by subscription.
        waits: Until when a subscription that was tried is not tried again, as a delivery may be under way.
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
        """Return whether it was delivered to a subscription, or dropped."""
        return subscription in self.delivered or subscription in self.dropped

    def is_free(self, subscription: str, now: datetime) -> bool:
        """Return whether a subscription is due now."""
        waits = self.waits.get(subscription)
        return not self.is_done(subscription) and (waits is None or waits <= now)

    def tried(self, subscription: str, now: datetime) -> OutboxEntry:
        """Return the entry claimed for delivery: other processes wait meanwhile, longer after each attempt."""
        attempts = self.attempts.get(subscription, 0) + 1
        return self.model_copy(
            update={
                "attempts": {**self.attempts, subscription: attempts},
                "waits": {**self.waits, subscription: now + _wait(attempts)},
            }
        )

    def deferred(self, subscription: str, until: datetime) -> OutboxEntry:
        """Return the entry deferred as the receiver requested, if that is later than its own wait."""
        return self.model_copy(
            update={"waits": {**self.waits, subscription: max(until, self.waits.get(subscription, until))}}
        )

    def delivered_to(self, subscription: str, now: datetime) -> OutboxEntry:
        """Return the entry marked as delivered."""
        return self.model_copy(
            update={"delivered": {**self.delivered, subscription: now}, "waits": _without(self.waits, subscription)}
        )

    def dropped_by(self, subscription: str, why: str) -> OutboxEntry:
        """Return the entry marked as dropped: refused for good."""
        return self.model_copy(
            update={"dropped": {**self.dropped, subscription: why}, "waits": _without(self.waits, subscription)}
        )


class Receipt(StoredPart):
    """How an announcement ended for a subscription.

    Attributes:
        entry: Which announcement.
        lane: The subscription, under its stored key.
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
        not_assessed: The rules not assessed in the newest scan, by id.
        receipts: How the newest announcements ended, oldest first.
        digest: The id of the newest digest; in the service's own state only.
    """

    announced: tuple[str, ...] = ()
    not_assessed: tuple[str, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    digest: str | None = None


def _wait(attempts: int) -> timedelta:
    """Return the wait before the next attempt: a minute, then twice as long each time."""
    return min(_FIRST_WAIT * (1 << min(attempts - 1, 10)), _LONGEST_WAIT)


def _without(moments: dict[str, datetime], subscription: str) -> dict[str, datetime]:
    return {other: moment for other, moment in moments.items() if other != subscription}
