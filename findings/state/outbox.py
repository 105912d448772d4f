"""What is to be announced: part of the state document, so that a change and its announcement are written as one."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from findings.state.announcements import FindingChange, NotAssessed, OutboxEntry, Receipt
from policies.vocabulary import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime

    from findings.state.document import State
    from policies.rule import Verdict

S = TypeVar("S", bound="State")

ANNOUNCED_KEPT = 50
"""How many ids of delivered entries are remembered, so that none is ever added again."""
RECEIPTS_KEPT = 50
"""How many receipts are remembered."""
MOST_ATTEMPTS = 14
"""How often an announcement is tried before it is given up: about a day, see `_wait`."""


def with_entry(state: State, verdicts: Sequence[Verdict], inventory: int = 0, *, every: bool = False) -> State:
    """Return the state just after a scan was applied with what that scan has to announce, which may be nothing.

    Args:
        state: The state; its newest scan is the one that the verdicts are of.
        verdicts: The verdicts.
        inventory: Number of inventory changes in the scan.
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
            FindingChange(key=key, rule=record.rule, change=record.change, severity=record.severity)
            for key, record in sorted(state.findings.items())
            if record.change is not None and record.change_scan == scan.id
        ),
        not_assessed=tuple(
            NotAssessed(rule=rule, subjects=count)
            for rule, count in sorted(unseen.items())
            if rule not in state.announcement_memory.not_assessed
        ),
        inventory=inventory,
    )
    known = entry.id in state.announcement_memory.announced or any(other.id == entry.id for other in state.outbox)
    if not (entry.changes or entry.not_assessed or entry.inventory):
        entry = entry.model_copy(update={"kind": "scan"})
    silent = known or (entry.kind == "scan" and not every)
    return state.model_copy(
        update={
            "outbox": state.outbox if silent else (*state.outbox, entry),
            "announcement_memory": state.announcement_memory.model_copy(update={"not_assessed": tuple(sorted(unseen))}),
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
    if state.announcement_memory.digest == digest or any(entry.id == digest for entry in state.outbox):
        return state
    entry = OutboxEntry(id=digest, scan=digest, at=now, kind="digest")
    memory = state.announcement_memory if again else state.announcement_memory.model_copy(update={"digest": digest})
    return state.model_copy(update={"outbox": (*state.outbox, entry), "announcement_memory": memory})


def with_receipt(state: State, receipt: Receipt) -> State:
    """Return the state with one more receipt."""
    receipts = (*state.announcement_memory.receipts, receipt)[-RECEIPTS_KEPT:]
    return state.model_copy(
        update={"announcement_memory": state.announcement_memory.model_copy(update={"receipts": receipts})}
    )


def without_done(state: State, concerned: Callable[[OutboxEntry], Collection[str] | None]) -> State:
    """Return the state without the entries that every subscription is done with; their ids are remembered.

    Args:
        state: The state.
        concerned: Returns the subscriptions that an entry is for, or None where that is not known and it is to be kept.
    """
    done = [entry.id for entry in state.outbox if _is_done(entry, concerned(entry))]
    if not done:
        return state
    announced = (*state.announcement_memory.announced, *done)[-ANNOUNCED_KEPT:]
    return state.model_copy(
        update={
            "outbox": tuple(entry for entry in state.outbox if entry.id not in done),
            "announcement_memory": state.announcement_memory.model_copy(update={"announced": announced}),
        }
    )


def _is_done(entry: OutboxEntry, subscriptions: Collection[str] | None) -> bool:
    return subscriptions is not None and all(map(entry.is_done, subscriptions))
