"""Whether a registration is one that the policy plans. Each entry clears one connector, and that is remembered. Pure.

A machine's name proves nothing, since whoever registers a connector chooses it. So an entry that cleared one connector
clears no other, and of several that appear at once and could use it, it clears none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from inventory.audit.attribution import names_machine
from policies.registration.expected import is_named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inventory.audit.models import AuditEvent
    from policies.evidence import Evidence
    from policies.memory import Memory
    from policies.policy_file.connectors import ExpectedConnector


def is_planned(evidence: Evidence, connector: str) -> bool:
    """Return whether a new connector was cleared by a plan before, or is the only one that an entry can mean."""
    return connector in evidence.memory.known_events.planned or _entry_for(evidence, connector) is not None


def plans_registration(evidence: Evidence, event: AuditEvent) -> bool:
    """Return whether an entry that no connector has used names the machine of a registration that no scan showed."""
    if _mark_of(event) in evidence.memory.known_events.planned:
        return True
    return any(names_machine(event, entry.name_key) for entry in _free(evidence))


def with_planned(memory: Memory, evidence: Evidence, registrations: tuple[AuditEvent, ...]) -> Memory:
    """Return the memory with the entries that this scan used, by the connectors and registrations that used them.

    Args:
        memory: What is remembered after the scan, its inventory included.
        evidence: What the scan was judged by.
        registrations: The registrations that no scan showed.
    """
    events, known = memory.known_events, memory.inventory.connectors
    pending = {_mark_of(event): event for event in registrations}
    kept = {
        connector_id: mark
        for connector_id, mark in events.planned.items()
        if connector_id in known or connector_id in pending
    }
    new = {
        connector_id: entry.mark
        for connector_id in known
        if connector_id not in kept and (entry := _entry_for(evidence, connector_id))
    }
    cleared = {
        connector_id: ""
        for connector_id, event in pending.items()
        if connector_id not in kept and plans_registration(evidence, event)
    }
    return memory.model_copy(update={"events": events.model_copy(update={"planned": kept | new | cleared})})


def _mark_of(event: AuditEvent) -> str:
    return f"event:{event.id}"


def _free(evidence: Evidence) -> Iterator[ExpectedConnector]:
    """Yield the entries that no connector has used."""
    used = set(evidence.memory.known_events.planned.values())
    yield from (entry for entry in evidence.policy.expected_connectors if entry.mark not in used)


def _entry_for(evidence: Evidence, connector: str) -> ExpectedConnector | None:
    """Return the entry that clears a connector in this scan; None where there is none, or too few for all of them."""
    life = evidence.lives.connectors.get(connector)
    entries = [entry for entry in _free(evidence) if life and life.name_key and entry.name_key == life.name_key]
    claimants = _claimants(evidence, life.name_key) if life and entries else ()
    if connector not in claimants or len(claimants) > len(entries):
        return None
    return next((entry for entry in entries if _stands_in(evidence, connector, entry.group)), None)


def _claimants(evidence: Evidence, key: str) -> list[str]:
    """Return the newest connectors on a machine of this name that are there and that no plan has cleared.

    Several only where one scan was the first to show them all.
    """
    events = evidence.memory.known_events
    new = {
        connector_id: life.first_seen
        for connector_id, life in evidence.lives.connectors.items()
        if life.name_key == key
        and not life.from_start
        and life.gone_at is None
        and connector_id not in events.planned.keys() | events.settled
    }
    newest = max(new.values(), default=None)
    return [connector_id for connector_id, first_seen in new.items() if first_seen == newest]


def _stands_in(evidence: Evidence, connector: str, group: str | None) -> bool:
    """Return whether a connector stands in a group, given by id or name, as far as that was ever read."""
    steps = evidence.lives.connectors[connector].groups
    if group is None:
        return True
    held = steps[-1].value if steps else None
    known = evidence.lives.groups.get(held) if held else None
    return held is not None and is_named(group, held, known.name if known else None)
