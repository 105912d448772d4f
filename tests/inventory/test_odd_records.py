"""What is remembered where a record of a list cannot be read: nothing is gone that is still there."""

from __future__ import annotations

from typing import Any

import pytest

from common.errors import NotReadError
from inventory.models import Connector, ConnectorGroup, Record
from inventory.records import ODD_RECORDS, Records, UnreadableRecord, once
from inventory.snapshot import Section
from tests.inventory.snapshots import DAY, at, looks, moves, on
from tests.making import application, connector, group, holds, snapshot

PARIS, ROME = group("Paris"), group("Rome")
PAR01, PAR02 = connector("PAR01"), connector("PAR02")


def odd(identity: str | None = None, name: str | None = None, number: int = 1) -> UnreadableRecord:
    """Return a record that could not be read."""
    return UnreadableRecord(number=number, id=identity, name=name, reason="field status: no text")


def partly(*records: Record, unreadable: tuple[UnreadableRecord, ...]) -> Section[Any]:
    """Return a list that was read with these records that could not be."""
    return Section[Any].read("list", Records(records, unreadable))


def test_a_section_with_an_odd_record() -> None:
    """It was read, names the record, and is not whole: whoever concludes from an absence is refused."""
    section = partly(PAR01, unreadable=(odd("c2"),))

    assert (section.status, section.code, section.listed, section.known) == ("read", ODD_RECORDS, True, False)
    assert (section.readable, section.all_named, sorted(section.odd_ids)) == ((PAR01,), True, ["c2"])
    with pytest.raises(NotReadError, match="c2, field status"):
        _ = section.items


def test_many_odd_records_are_told_in_short() -> None:
    """The reason names the first few by id or place, and counts the others."""
    section = partly(unreadable=tuple(odd(number=number) for number in range(1, 9)))

    assert section.reason is not None
    assert section.reason.startswith("8 records of the list could not be read: number 1, field status")
    assert section.reason.endswith("; and 3 more")
    assert not section.all_named


def test_an_unread_list_has_no_readable_records() -> None:
    """A list that was not read is no list with odd records."""
    section = partly(PAR01, unreadable=()).model_copy(update={"status": "denied", "reason": "No."})

    with pytest.raises(NotReadError):
        _ = section.readable


def test_a_section_of_an_older_scan_has_no_odd_records() -> None:
    """Stored evidence of older versions reads as it did."""
    section = Section[Connector].model_validate({"name": "connectors", "status": "read", "records": []})

    assert (section.known, section.unreadable) == (True, ())


def test_a_record_that_was_read_elsewhere_in_the_list_is_not_odd() -> None:
    """What a list repeats is there once, and readable where one of its records is."""
    records = once(Records((PAR01, PAR01), (odd(PAR01.id), odd("c9"), odd("c9"), odd(number=7))))

    assert (list(records), [record.label for record in records.unreadable]) == ([PAR01], ["c9", "number 7"])


def test_an_odd_connector_is_not_gone() -> None:
    """It keeps its history while its record cannot be read, and goes on when it can."""
    whole = snapshot({PARIS: holds(PAR01, PAR02)})
    partial = snapshot({PARIS: holds(PAR01)}, connectors=partly(PAR01, unreadable=(odd(PAR02.id, "PAR02"),)))
    memory = looks(whole, partial, whole)

    assert moves(memory) == []
    assert (memory.connectors[PAR02.id].gone_at, memory.connectors[PAR02.id].first_seen) == (None, on(0))


def test_a_connector_that_was_odd_at_first_was_there() -> None:
    """One that could not be read at the first scan is no new one when it can."""
    partial = snapshot({PARIS: holds(PAR01)}, connectors=partly(PAR01, unreadable=(odd(PAR02.id, "PAR02"),)))
    memory = looks(partial, snapshot({PARIS: holds(PAR01, PAR02)}))

    assert (memory.connectors[PAR02.id].from_start, moves(memory)) == (True, [])


def test_an_odd_record_without_an_id_leaves_nothing_gone() -> None:
    """It may be any of the connectors, so none can be said gone, and the scan is none that read them all."""
    whole = snapshot({PARIS: holds(PAR01, PAR02)})
    memory = looks(whole, snapshot({PARIS: holds(PAR01)}, connectors=partly(PAR01, unreadable=(odd(),))))

    assert {key: record.gone_at for key, record in memory.connectors.items()} == {PAR01.id: None, PAR02.id: None}
    assert (memory.connectors[PAR01.id].last_seen, memory.last_read) == (on(1), on(0))


def test_an_odd_group_without_an_id_leaves_nothing_gone() -> None:
    """It may be any of the groups."""
    groups = Section[ConnectorGroup].read("connector_groups", Records((PARIS,), (odd(),)))
    partial = snapshot({PARIS: holds(PAR01)}).model_copy(update={"groups": groups})
    memory = looks(snapshot({PARIS: holds(PAR01), ROME: holds()}), partial)

    assert ({record.gone_at for record in memory.groups.values()}, memory.groups_read) == ({None}, on(0))


def test_odd_groups_and_applications_are_not_gone() -> None:
    """A group, or an application, that cannot be read keeps its history; so does what an odd group may carry."""
    crm, mail = application("CRM"), application("Mail")
    whole = snapshot({PARIS: holds(PAR01, apps=(crm, mail)), ROME: holds()})
    odd_application = snapshot({PARIS: holds(PAR01, apps=partly(crm, unreadable=(odd(mail.id),))), ROME: holds()})
    odd_group = at(snapshot({PARIS: holds(PAR01, apps=(crm,))}), 2)
    groups = Section[ConnectorGroup].read("connector_groups", Records((PARIS,), (odd(ROME.id, "Rome"),)))
    memory = looks(whole, odd_application, odd_group.model_copy(update={"groups": groups}))

    assert moves(memory) == []
    assert {record.gone_at for record in (*memory.groups.values(), *memory.applications.values())} == {None}
    assert at(whole, 1).taken_at - whole.taken_at == DAY
