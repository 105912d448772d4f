"""Who registered a connector: by id before name before time, and never more than the audit log tells."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from inventory.audit.attribution import Attribution, attributed, is_nameless
from inventory.audit.models import AuditApp, AuditDetail, AuditInitiator, AuditTarget, AuditUser
from tests.making import NOW, connector
from tests.people import registered, user

if TYPE_CHECKING:
    from inventory.audit.models import AuditEvent

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
ANN, BOB = user("Ann"), user("Bob")
PAR, LON = connector("PAR01"), connector("LON01")
NOON = NOW - DAY / 2


def told(*events: AuditEvent) -> list[tuple[str, str]]:
    """Return by whom and by what match PAR01 was registered between yesterday and now."""
    found = attributed(PAR, NOW - DAY, NOW, events, [PAR, LON])
    return [(one.upn or one.app or "nobody", one.matched) for one in found]


def test_an_event_that_names_the_connector() -> None:
    """The connector's id tells it surely, the machine's name does, without case, where no event has the id."""
    by_id = registered(NOON, (PAR.id, None), by=ANN)
    by_name = registered(NOON + MINUTE, (None, " par01 "), by=BOB)

    assert told(by_name, by_id) == [("ann@contoso.example", "id")]
    assert told(by_name) == [("bob@contoso.example", "name")]


NO_ID = "00000000-0000-0000-0000-000000000000"


def changing(event: AuditEvent, *values: str | None, details: tuple[str, ...] = ()) -> AuditEvent:
    """Return an event whose target was changed to these values, with further details."""
    changes = [{"displayName": "ConnectorId", "oldValue": None, "newValue": value} for value in values]
    target = AuditTarget.model_validate({"modifiedProperties": changes}, strict=False)
    more = tuple(AuditDetail(key="other", value=detail) for detail in details)
    return event.model_copy(update={"target_resources": (target,), "additional_details": more})


@pytest.mark.parametrize(
    ("value", "match"),
    [
        (f'"{PAR.id}"', "id"),
        (f'["{PAR.id.upper()}"]', "id"),
        (f'[{{"ConnectorId": "{PAR.id}", "x": [1, null]}}]', "id"),
        (PAR.id, "id"),
        ('"PAR01"', "name"),
        (f'"{LON.id}"', None),
        ('"' + "x" * 100_000 + '"', "time"),
        ("[" * 5_000, "time"),
        (None, "time"),
    ],
)
def test_a_connector_among_what_was_changed(value: str | None, match: str | None) -> None:
    """Ids and names stand as JSON in a string, however deep, in changed properties or further details."""
    expected = [] if match is None else [("ann@contoso.example", match)]

    assert told(changing(registered(NOON, by=ANN), value)) == expected
    assert told(changing(registered(NOON, by=ANN), None, details=(value or "",))) == expected


def test_an_all_zero_id_is_nobody() -> None:
    """As initiator it names nobody, as target nothing: the time alone matches, and it is not known who it was."""
    nobody = AuditInitiator(user=AuditUser(id=NO_ID), app=AuditApp(service_principal_id=NO_ID))
    event = registered(NOON, (NO_ID, None)).model_copy(update={"initiated_by": nobody})
    (attribution,) = attributed(PAR, NOW - DAY, NOW, [event], [PAR, LON])

    assert (attribution.by, attribution.app, attribution.matched, is_nameless(event)) == (None, None, "time", True)


def test_several_events_of_one_kind_are_all_told() -> None:
    """Where two people registered the same machine name, neither can be left out; the older comes first."""
    second = registered(NOON + MINUTE, (None, "PAR01"), by=ANN)
    first = registered(NOON, (None, "PAR01"), by=BOB)

    assert told(second, first) == [("bob@contoso.example", "name"), ("ann@contoso.example", "name")]


def test_by_time_alone() -> None:
    """An event that names no connector we know may be this one's; one that names another connector is not."""
    assert told(registered(NOON, by=ANN)) == [("ann@contoso.example", "time")]
    assert told(registered(NOON, ("something-else", None), by=ANN)) == [("ann@contoso.example", "time")]
    assert told(registered(NOON, (LON.id, None), by=ANN)) == []
    assert told(registered(NOON, (None, "lon01"), by=ANN)) == []


@pytest.mark.parametrize(
    ("at", "counts"),
    [
        (NOW - DAY - timedelta(minutes=59), True),
        (NOW - DAY - timedelta(minutes=61), False),
        (NOW, True),
        (NOW + MINUTE, False),
    ],
)
def test_only_events_between_the_two_scans_count(at: object, counts: object) -> None:
    """An hour before the look that did not show it yet is allowed for; nothing after the look that did."""
    event = registered(NOON, (PAR.id, "PAR01"), by=ANN).model_copy(update={"activity_date_time": at})

    assert bool(told(event)) is counts


def test_what_is_no_registration() -> None:
    """Failed registrations and other activities tell nothing; the activity's name has no case."""
    assert told(registered(NOON, (PAR.id, None), by=ANN, result="failure")) == []
    assert told(registered(NOON, (PAR.id, None), by=ANN, activity="Update connector group")) == []
    assert told(registered(NOON, (PAR.id, None), by=ANN, activity="REGISTER Connector"))


def test_software_and_nobody() -> None:
    """Software is told as software; an event that names nobody is still an event."""
    assert told(registered(NOON, (PAR.id, None), app="Provisioner")) == [("Provisioner", "id")]
    assert told(registered(NOON, (PAR.id, None))) == [("nobody", "id")]
    bare = registered(NOON, (PAR.id, None), key="e").model_copy(update={"initiated_by": None})

    assert attributed(PAR, NOW - DAY, NOW, [bare], []) == (Attribution(event="e", at=NOON, matched="id"),)


def test_a_connector_without_a_name_matches_no_name() -> None:
    """Empty names on both sides are no match by name."""
    nameless = connector(None, key="c")
    event = registered(NOON, ("x", ""), by=ANN)

    assert [one.matched for one in attributed(nameless, NOW - DAY, NOW, [event], [nameless])] == ["time"]
    assert is_nameless(registered(NOON, ("", " ")))
    assert not is_nameless(event)
