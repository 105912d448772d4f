"""Registrations that no scan showed, kept beyond the 30 days for which Microsoft keeps the audit log. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from inventory.audit.attribution import SLACK, is_nameless, names_id, names_machine, registrations, targets_id

_KEPT_ANSWERED = timedelta(days=365)
"""How long an answered registration is kept: a later answer that it was wrong opens its finding again."""

if TYPE_CHECKING:
    from inventory.audit.models import AuditEvent
    from inventory.history_records import ConnectorRecord
    from policies.evidence import Evidence
    from policies.memory import Memory


def known_registrations(evidence: Evidence) -> tuple[AuditEvent, ...]:
    """Return the registrations since connectors were first read: those in the audit log, and the remembered ones."""
    first = evidence.memory.inventory.first_read
    logged = registrations(evidence.snapshot.audit.records)
    recent = {event.id: event for event in logged if first is not None and event.activity_date_time > first}
    return tuple((evidence.memory.known_events.unseen | recent).values())


def with_registrations(memory: Memory, evidence: Evidence) -> Memory:
    """Return the memory with the registrations that this scan found in the audit log, and whether one was shown yet.

    A registration is remembered until a scan shows it, or for a year after somebody answered; see docs/answers.md.

    Args:
        memory: What is remembered after the scan; of a scan that could not read the connectors, nothing is added.
        evidence: What the scan was judged by.
    """
    if not evidence.snapshot.connectors.known:
        return memory
    events = memory.known_events
    unseen, seen = dict(events.unseen), set(events.seen)
    for event in known_registrations(evidence):
        shown = was_seen(evidence, event)
        if shown:
            unseen.pop(event.id, None)
            seen.add(event.id)
        elif shown is False and not is_nameless(event) and event.id not in seen:
            unseen[event.id] = event
    unseen = {key: event for key, event in unseen.items() if not _is_settled(evidence, event)}
    if evidence.snapshot.audit.status == "read":
        seen &= {event.id for event in evidence.snapshot.audit.readable}
    return memory.model_copy(
        update={"events": events.model_copy(update={"unseen": dict(sorted(unseen.items())), "seen": frozenset(seen)})}
    )


def key_of(event: AuditEvent) -> str:
    """Return the key of the finding about a registration that no scan showed."""
    return f"CON005/event:{event.id}"


def _is_settled(evidence: Evidence, event: AuditEvent) -> bool:
    """Return whether a registration was answered so long ago that nobody will take the answer back."""
    answers = evidence.answers_to(key_of(event))
    return (
        bool(answers)
        and answers[-1].covers(event.activity_date_time, None)
        and answers[-1].at < evidence.snapshot.taken_at - _KEPT_ANSWERED
    )


def was_seen(evidence: Evidence, event: AuditEvent) -> bool | None:
    """Return whether a scan showed what an event registered; None where it may be about what was there before.

    Whoever registers a connector chooses its name, and may call it by the id of one that is there: texts of an event
    prove nothing about what was there before it, be it an older connector or an agent of another kind.
    """
    if event.id in evidence.memory.known_events.seen:
        return True
    agents = evidence.snapshot.other_connectors
    if any(targets_id(event, agent.id) for agent in agents):
        return True
    if any(targets_id(event, connector_id) for connector_id in evidence.snapshot.connectors.odd_ids):
        return True
    lives = evidence.lives.connectors
    if any(_is_it(event, known_id, life) for known_id, life in lives.items()):
        return True
    # Any connector whose record could not be read may be the one.
    _ = evidence.snapshot.connectors.items
    older = (entry for entry in lives.items() if entry[1].first_seen < event.activity_date_time <= entry[1].last_seen)
    renewed = any(names_id(event, known_id) or names_machine(event, life.name_key) for known_id, life in older)
    # Agents of another kind register at the same place; since when they are there is not remembered.
    agent = any(names_id(event, agent.id) or names_machine(event, agent.name_key) for agent in agents)
    return None if renewed or agent else False


def _is_it(event: AuditEvent, connector_id: str, life: ConnectorRecord) -> bool:
    """Whether a connector is the one that an event registered: by id, as its origin, or by name if it came later."""
    if targets_id(event, connector_id) or any(attribution.event == event.id for attribution in life.attribution):
        return True
    if names_id(event, connector_id) and event.activity_date_time <= life.first_seen:
        return True
    if any(attribution.matched == "id" for attribution in life.attribution) or not names_machine(event, life.name_key):
        return False
    # Only the first look after the event can have shown it: whatever came later was registered by another event.
    before = life.seen_before is None or life.seen_before - SLACK <= event.activity_date_time
    return before and event.activity_date_time <= life.first_seen
