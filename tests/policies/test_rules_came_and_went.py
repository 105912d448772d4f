"""CON005: a registration in the audit log whose connector no look ever showed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from inventory.audit.models import AuditDetail, AuditEvent, ModifiedProperty
from tests.making import TENANT, connector, group, holds, snapshot, unread, without
from tests.people import registered, user
from tests.policies.snapshots import on, said_of, seen_on, verdicts_of

if TYPE_CHECKING:
    from inventory.models import Connector
    from inventory.snapshot import Snapshot

PARIS = group("Paris")
PAR01, PAR02 = connector("PAR01"), connector("PAR02")
EVE = user("Eve")
HIGH, PASS, OPEN, NONE = "fail high", "pass", "not_assessed", "not_applicable"


def holding(*connectors: Connector, audit: Any = ()) -> Snapshot:  # noqa: ANN401 - a list, read or not
    """Return a tenant with these connectors and this audit log."""
    return snapshot({PARIS: holds(*connectors)}, audit=audit)


def event(days: float, *targets: tuple[str | None, str | None]) -> AuditEvent:
    """Return a registration by Eve."""
    return registered(on(days), *targets, by=EVE, key="e")


def event_at(known: AuditEvent, days: float) -> AuditEvent:
    """Return the same event at another time."""
    return AuditEvent(**{**dict(known), "activity_date_time": on(days)})


def said(*looks: Snapshot) -> str:
    """Return what is said of the event at the last of several looks, a day apart."""
    return said_of("CON005", seen_on(*looks)).get("event:e", "not told")


def test_a_connector_that_no_look_showed() -> None:
    """It was registered after the first look, another look came after it, and nothing of it was ever there."""
    rogue = event(0.5, ("gone", "LAPTOP-7731"))
    verdict = verdicts_of("CON005", seen_on(holding(PAR01), holding(PAR01, audit=[rogue])))["event:e"]

    assert verdict.severity == "high"
    assert verdict.subject.model_dump() == {"type": "connector", "id": "event:e", "name": "LAPTOP-7731"}
    assert verdict.evidence == {"registered_at": on(0.5).isoformat(), "registered_by": "eve@contoso.example"}
    assert verdict.message == "registered on 2026-11-20 18:00 UTC by eve@contoso.example; never present in any scan"
    assert said(holding(PAR01), holding(PAR01, audit=[rogue]), holding(PAR01, audit=[rogue])) == HIGH


def test_a_connector_that_was_seen() -> None:
    """By its id, by a machine name that came with or after it, also when it is gone by now."""
    for target in ((PAR02.id, None), (None, "par02"), ("other", "PAR02")):
        known = event(0.5, target)
        assert said(holding(PAR01), holding(PAR01, PAR02, audit=[known])) == PASS
        assert said(holding(PAR01), holding(PAR01, PAR02), holding(PAR01, audit=[known])) == PASS


def test_probably_seen() -> None:
    """An event that names nothing known, with a connector that appeared just then, is probably its registration."""
    assert said(holding(PAR01), holding(PAR01, PAR02, audit=[event(0.5)])) == PASS
    assert said(holding(PAR01), holding(PAR01, PAR02, audit=[event(0.5, ("odd-id", None))])) == PASS


def test_nothing_to_match_it_by() -> None:
    """An event that names nothing, while nothing new was seen, proves nothing either way."""
    assert said(holding(PAR01), holding(PAR01, audit=[event(0.5)])) == OPEN


def test_the_name_of_a_connector_that_was_there_before() -> None:
    """It may have been renewed, or somebody chose its name: nobody can tell, unless it was gone by then."""
    known = event(1.5, (None, "PAR02"))
    both, one = holding(PAR01, PAR02), holding(PAR01)

    assert said(both, both, holding(PAR01, PAR02, audit=[known])) == OPEN
    assert said(both, one, holding(PAR01, audit=[known])) == HIGH


@pytest.mark.parametrize("chosen", [{"name": PAR01.id}, {"detail": PAR01.id}, {"detail": f'{{"id": "{PAR01.id}"}}'}])
def test_the_id_of_a_connector_that_was_there_before(chosen: dict[str, str]) -> None:
    """A text of the event that is an older connector's id clears nothing, since whoever registers chooses texts."""
    named = event(0.5, ("gone", chosen.get("name", "LAPTOP-7731")))
    details = (AuditDetail(key="User-Agent", value=chosen.get("detail")),)
    target = named.target_resources[0].model_copy(
        update={"modified_properties": (ModifiedProperty(display_name="Name", new_value=f'"{chosen.get("name")}"'),)}
    )
    rogue = AuditEvent(**{**dict(named), "additional_details": details, "target_resources": (target,)})

    assert said(holding(PAR01), holding(PAR01, audit=[rogue])) == OPEN
    assert said(holding(PAR01, PAR02), holding(PAR02), holding(PAR02, audit=[event_at(rogue, 1.5)])) == HIGH


def test_the_id_of_a_connector_that_came_later() -> None:
    """A text that is the id of a connector first seen after the event names what was registered, whoever else did."""
    sure = registered(on(0.6), (PAR02.id, "PAR02"), by=EVE, key="sure")
    details = (AuditDetail(key="ConnectorId", value=PAR02.id),)
    texts = AuditEvent(**{**dict(event(0.5, ("gone", "LAPTOP-7731"))), "additional_details": details})

    assert said(holding(PAR01), holding(PAR01, PAR02, audit=[sure, texts])) == PASS
    both = holding(PAR01, PAR02)
    assert said(holding(PAR01), both, both, holding(PAR01, PAR02, audit=[texts])) == PASS
    assert said(holding(PAR01), both, holding(PAR01, audit=[texts])) == PASS


def test_a_connector_that_the_directory_names() -> None:
    """An older connector that is the target itself, by its id, was renewed: that is the directory's own word."""
    assert said(holding(PAR01), holding(PAR01, audit=[event(0.5, (PAR01.id, "PAR01"))])) == PASS


def test_a_machine_name_that_another_event_explains() -> None:
    """A connector that one event names by id is not what another event of the same machine name registered."""
    sure = registered(on(0.6), (PAR02.id, "PAR02"), by=EVE, key="sure")
    rogue = event(0.5, ("gone", "PAR02"))

    assert said(holding(PAR01), holding(PAR01, PAR02, audit=[sure, rogue])) == HIGH


def test_a_connector_that_came_much_later() -> None:
    """A namesake that appears days after another look was registered by another event: this one stays unseen."""
    rogue = event(0.5, ("gone", "PAR02"))
    one = holding(PAR01, audit=[rogue])

    assert said(holding(PAR01), one) == HIGH
    assert said(holding(PAR01), one, one, holding(PAR01, PAR02, audit=[rogue])) == HIGH


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        pytest.param(-61, HIGH, id="more than an hour before the look that lacked it"),
        pytest.param(-60, PASS, id="an hour before it, when that may not have shown it yet"),
        pytest.param(-30, PASS, id="half an hour before it"),
        pytest.param(30, PASS, id="after it"),
        pytest.param(24 * 60, PASS, id="at the moment of the look that showed it"),
    ],
)
def test_when_a_namesake_may_have_been_registered(minutes: float, expected: str) -> None:
    """A connector of the same name counts if only the look that first showed it, or one within an hour, could know."""
    known = event(1 + minutes / 1440, ("other", "PAR02"))
    one = holding(PAR01)

    assert said(one, one, holding(PAR01, PAR02), holding(PAR01, PAR02, audit=[known])) == expected


def test_words_and_facts_where_nothing_is_wrong() -> None:
    """Of a connector that was seen the moment of its registration is told; of a fresh one that it is too early."""
    seen = verdicts_of("CON005", seen_on(holding(PAR01), holding(PAR01, PAR02, audit=[event(0.5, (PAR02.id, None))])))
    fresh = verdicts_of("CON005", seen_on(holding(PAR01), holding(PAR01, audit=[event(0.99, ("gone", None))])))

    assert seen["event:e"].message == "a scan showed the connector that was registered then"
    assert seen["event:e"].evidence == {"registered_at": on(0.5).isoformat()}
    assert fresh["event:e"].message == "registered within the last hour; the list may not show it yet"


def test_too_early_and_too_late() -> None:
    """Before the first look nobody could have seen it; within the last hour the list may not show it yet."""
    assert said(holding(PAR01), holding(PAR01, audit=[event(-0.5, ("gone", None))])) == "not told"
    assert said(holding(PAR01, audit=[event(-0.5, ("gone", None))])) == "not told"
    assert said(holding(PAR01), holding(PAR01, audit=[event(0.99, ("gone", None))])) == NONE
    assert said(holding(PAR01), holding(PAR01, audit=[event(23 / 24, ("gone", None))])) == HIGH
    assert said_of("CON005", seen_on(holding(PAR01))) == {TENANT: NONE}


def test_an_agent_of_another_kind() -> None:
    """Agents for synchronisation register at the same place: an id clears them, and a name that is chosen does not."""
    sync = connector("SYNC01", key="sync")

    def seen(key: str | None, name: str) -> Snapshot:
        return holding(PAR01, audit=[event(0.5, (key, name))]).model_copy(update={"other_connectors": (sync,)})

    assert said(holding(PAR01), seen("sync", "SYNC01")) == PASS
    assert said(holding(PAR01), seen(None, "SYNC01")) == OPEN
    assert said(holding(PAR01), seen("gone", "SYNC01")) == OPEN
    assert said(holding(PAR01), seen("gone", "sync")) == HIGH  # a machine that is called like an id names no agent


def test_unread_lists() -> None:
    """Without the audit log, or without the connectors, nobody can say; an unlicensed log was not read either."""
    rogue = holding(PAR01, audit=[event(0.5, ("gone", None))])
    assert said_of("CON005", seen_on(holding(PAR01), without(rogue, "connectors"))) == {TENANT: OPEN}
    assert said_of("CON005", seen_on(holding(PAR01), holding(PAR01, audit=unread()))) == {TENANT: OPEN}
    unlicensed = holding(PAR01, audit=unread(status="not_licensed"))
    assert said_of("CON005", seen_on(holding(PAR01), unlicensed)) == {TENANT: OPEN}
    assert said_of("CON005", seen_on(holding(PAR01, audit=unread()))) == {TENANT: OPEN}


def test_an_event_that_names_nobody() -> None:
    """The log may leave out who it was; the connector was not seen all the same."""
    bare = event(0.5, ("gone", None)).model_copy(update={"initiated_by": None})
    told = verdicts_of("CON005", seen_on(holding(PAR01), holding(PAR01, audit=[bare])))["event:e"]

    assert told.message == (
        "registered on 2026-11-20 18:00 UTC by somebody whom the log does not name; never present in any scan"
    )
    assert told.subject.name == "gone"
