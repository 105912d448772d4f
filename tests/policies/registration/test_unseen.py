"""Which registrations are kept beyond the audit log."""

from __future__ import annotations

from tests.making import connector, group, holds, snapshot
from tests.people import registered, user
from tests.policies.snapshots import after, on

PARIS, EVE = group("Paris"), user("Eve")
FIRST = snapshot({PARIS: holds(connector("PAR01"))})
GHOST, NAMELESS = registered(on(0.5), (None, "GHOST"), by=EVE), registered(on(0.6), by=EVE)


def test_what_is_kept() -> None:
    """A registration that names what no scan showed is kept; one that names nothing proves nothing and is not."""
    memory = after({0: FIRST, 1: FIRST.model_copy(update={"audit": snapshot(audit=[GHOST, NAMELESS]).audit})})

    assert list(memory.known_events.unseen) == [GHOST.id]


def test_a_scan_that_saw_no_connectors_keeps_nothing() -> None:
    """Where the connectors were not read, nobody knows what was shown, so that nothing is added."""
    blind = FIRST.model_copy(
        update={"connectors": FIRST.connectors.model_copy(update={"status": "failed", "records": ()})}
    )
    both = after({0: FIRST, 1: blind.model_copy(update={"audit": snapshot(audit=[GHOST]).audit})})

    assert both.known_events.unseen == {}
