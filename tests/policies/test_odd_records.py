"""What rules say where a record of a list cannot be read: its own verdicts are not assessed, and named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from inventory.audit.models import AuditEvent
from inventory.models import ConnectorGroup
from inventory.records import Records
from inventory.snapshot import Section
from tests.inventory.test_odd_records import odd, partly
from tests.making import connector, group, holds, snapshot
from tests.people import registered, user
from tests.policies.snapshots import on, said_of, seen_on

if TYPE_CHECKING:
    from inventory.records import UnreadableRecord
    from inventory.snapshot import Snapshot

PARIS, ROME = group("Paris"), group("Rome")
PAR01, PAR02 = connector("PAR01"), connector("PAR02")
OPEN = "not_assessed"


def without(*records: UnreadableRecord, audit: tuple[AuditEvent, ...] = ()) -> Snapshot:
    """Return a tenant with PAR01 and connectors that could not be read."""
    seen = snapshot({PARIS: holds(PAR01)}, connectors=partly(PAR01, unreadable=records))
    return seen.model_copy(update={"audit": Section[AuditEvent].read("audit", audit)} if audit else {})


@pytest.mark.parametrize("record", [odd("c9", "OTHER"), odd("c9", "par01"), odd("c9")])
def test_a_connector_of_the_same_name_may_be_the_odd_one(record: UnreadableRecord) -> None:
    """Whatever an odd record calls itself, it is not said that no other connector has the same machine name."""
    assert said_of("CON004", seen_on(without(record))) == {PAR01.id: OPEN, "c9": OPEN}


def test_nothing_vanished_that_may_be_the_odd_one() -> None:
    """A connector with an odd record is still there; one record without an id leaves all of them open."""
    whole = snapshot({PARIS: holds(PAR01, PAR02)})

    assert set(said_of("CON002", seen_on(whole, without(odd(PAR02.id)))).values()) == {"not_applicable"}
    assert set(said_of("CON002", seen_on(whole, without(odd()))).values()) == {OPEN}


@pytest.mark.parametrize(
    ("record", "expected"), [(odd("c9"), "pass"), (odd("c8"), OPEN), (odd(None, "LAPTOP-7"), OPEN)]
)
def test_a_registration_may_be_that_of_the_odd_connector(record: UnreadableRecord, expected: str) -> None:
    """The connector that an event names by id was seen; where another could not be read, it may be the one."""
    event = registered(on(0.5), ("c9", "LAPTOP-7"), by=user("Eve"), key="e")
    first, second = snapshot({PARIS: holds(PAR01)}), without(record, audit=(event,))

    assert said_of("CON005", seen_on(first, second))["event:e"] == expected


def test_an_odd_audit_event_leaves_registrations_open() -> None:
    """It may be a registration, so that the log does not say that there was none, nor by whom one was made."""
    audit = Section[AuditEvent].read("audit", Records((), (odd("e1", "Register connector"),)))
    whole = snapshot({PARIS: holds(PAR01)})
    seen = seen_on(whole, snapshot({PARIS: holds(PAR01, PAR02)}).model_copy(update={"audit": audit}))

    assert set(said_of("CON005", seen).values()) == {OPEN}
    assert said_of("CON003", seen)[PAR02.id] == "fail medium"


def test_an_odd_group_with_a_planned_capacity() -> None:
    """A group of which the policy expects something is named although its record cannot be read."""
    planned = {"cores": 4, "memory_gb": 8, "requests_per_second": 100}
    groups = Section[ConnectorGroup].read("connector_groups", Records((PARIS,), (odd("g9", "Rome"), odd("g8", "Oslo"))))
    seen = snapshot({PARIS: holds(PAR01)}).model_copy(update={"groups": groups})

    assert said_of("CAP001", seen_on(seen), {"groups": {"Rome": {"capacity": planned}}}) == {"g9": OPEN}
