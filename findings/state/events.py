"""The stored steps of a finding: only the newest are kept, so that the document does not grow for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.json_bytes import canonical
from findings.state.parts import EventFact

if TYPE_CHECKING:
    from datetime import datetime

    from findings.document import MovedFact
    from findings.state.parts import Event

EVENTS_KEPT = 40
"""How many steps of one finding's life are kept, newest last. When it was first seen is kept besides, for ever."""
SPELLS_KEPT = 4
"""How many spells without an answer are kept among them: nights on which nothing could be read must not push out
what happened."""
LONG = 100
"""The most bytes of JSON that a moved fact's value may take in a step; a longer one is left out."""


def appended(events: tuple[Event, ...], event: Event) -> tuple[Event, ...]:
    """Return the story with one more step, without those that are too old to be kept."""
    return (*events, event)[-EVENTS_KEPT:]


def unassessed(events: tuple[Event, ...], event: Event) -> tuple[Event, ...]:
    """Return the story with one more spell without an answer, and only the newest of such spells."""
    spells = [step for step in events if step.change == "unassessed"]
    dropped = spells[: len(spells) - SPELLS_KEPT + 1] if len(spells) >= SPELLS_KEPT else []
    return appended(tuple(kept for kept in events if not any(kept is spell for spell in dropped)), event)


def closed(events: tuple[Event, ...], at: datetime) -> tuple[Event, ...]:
    """Return the story with its spell without an answer ended, if it is in one."""
    if events and events[-1].change == "unassessed" and events[-1].until is None:
        return (*events[:-1], events[-1].model_copy(update={"until": at}))
    return events


def brief(fact: MovedFact) -> EventFact:
    """Return a moved fact as the story keeps it: without its values where they are long."""
    if len(canonical([fact.before, fact.after])) > LONG:
        return EventFact(what=fact.what, long=True)
    return EventFact(what=fact.what, before=fact.before, after=fact.after)
