"""The inventory's entries say what was read, what is remembered and what the rules found, and null where unknown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from findings.build import build_document
from findings.inventory.entries import Judgement
from inventory.audit.attribution import Attribution
from inventory.history_records import ConnectorRecord, InventoryMemory, VersionChange
from inventory.memory import remember_inventory
from policies.evaluate import evaluate
from policies.memory import Memory
from policies.rules import RULES
from tests.making import (
    AUTOMATIC,
    NOW,
    application,
    connector,
    evidence,
    group,
    holds,
    id_of,
    snapshot,
    unread,
    without,
)

if TYPE_CHECKING:
    from findings.document import FindingsDocument
    from inventory.snapshot import Snapshot

PARIS, LYON = group("Paris"), group("Lyon", default=True, region=None)
ONE, TWO = connector("PAR01"), connector("PAR02", version=None, status="inactive")
MAIL, WIKI = application("Mail"), application("Wiki", kind=None)
SEEN = {PARIS: holds(ONE, TWO, apps=(MAIL, WIKI)), LYON: holds()}
BEFORE = NOW - timedelta(days=3)


def made(seen: Snapshot, memory: InventoryMemory | None = None, *, judged: bool = False) -> FindingsDocument:
    """Return the result of a scan, with the verdicts of all rules where they matter."""
    known = evidence(seen, memory=Memory(inventory=memory or InventoryMemory()))
    return build_document(known, evaluate(known, RULES) if judged else (), None)


def test_a_connector_says_where_it_stands_and_what_it_carries() -> None:
    """Its group, the number of applications there, its version and whether it is active come from this scan."""
    first, second = made(snapshot(SEEN)).connectors or ()

    assert (first.name, first.active, first.status, first.version) == ("PAR01", True, "active", AUTOMATIC)
    assert (first.group_ids, first.group_names, first.applications) == ((PARIS.id,), ("Paris",), 2)
    assert (second.active, second.version, second.certain) == (False, None, True)
    assert (second.inactive_since, second.last_active, second.from_start) == (NOW, None, True)


def test_what_is_remembered_is_told_with_its_dates() -> None:
    """First seen, earlier versions and who registered it come from earlier scans and the audit log."""
    registered = Attribution(event="e", at=BEFORE, by="id-ada", upn="ada@contoso.com", matched="id")
    record = ConnectorRecord(
        name="PAR01",
        first_seen=BEFORE,
        last_seen=BEFORE,
        last_active=BEFORE,
        versions=(VersionChange(at=BEFORE, value="1.5.0.0"),),
        attribution=(registered,),
    )
    memory = InventoryMemory(first_read=BEFORE, last_read=BEFORE, connectors={ONE.id: record})

    entry = (made(snapshot(SEEN), memory).connectors or ())[0]

    assert (entry.first_seen, entry.from_start, entry.last_active, entry.inactive_since) == (BEFORE, False, NOW, None)
    assert [(step.at, step.version) for step in entry.versions] == [(BEFORE, "1.5.0.0"), (NOW, AUTOMATIC)]
    assert [(event.upn, event.matched) for event in entry.registrations] == [("ada@contoso.com", "id")]


def test_groups_count_what_they_hold() -> None:
    """Connectors, active ones, versions and applications; an empty group has none, which is not unknown."""
    lyon, paris = made(snapshot(SEEN)).groups or ()

    assert (paris.connectors, paris.active, paris.applications) == (2, 1, 2)
    assert (paris.versions, paris.region, paris.default) == ((AUTOMATIC, "unknown"), "eur", False)
    assert (lyon.connectors, lyon.active, lyon.versions, lyon.applications) == (0, 0, (), 0)
    assert (lyon.region, lyon.default, lyon.first_seen) == (None, True, NOW)


def test_applications_say_which_group_carries_them() -> None:
    """The group's id and name stand beside how the application is published; what Graph left out is null."""
    mail, wiki = made(snapshot(SEEN)).applications or ()

    assert (mail.name, mail.group_id, mail.group_name, mail.kind) == ("Mail", PARIS.id, "Paris", "application proxy")
    assert (wiki.kind, wiki.external_url, wiki.sign_in, wiki.first_seen) == (None, None, None, NOW)


@pytest.mark.parametrize("part", ["connectors", "groups", "applications"])
def test_a_list_that_was_not_read_is_null_and_not_empty(part: str) -> None:
    """Nobody can take a refused list for a tenant without connectors, groups or applications."""
    section = "connectors" if part == "connectors" else "connector_groups"

    assert getattr(made(without(snapshot(SEEN), section)), part) is None
    assert getattr(made(snapshot()), part) == ()


def test_members_that_were_not_read_leave_counts_unknown() -> None:
    """Then neither the group's numbers nor the connector's group are known; its applications still are."""
    seen = snapshot({PARIS: holds(members=unread(), apps=(MAIL,))}, connectors=(ONE,))

    document = made(seen)

    (entry,), (one,) = document.connectors or (), document.groups or ()
    assert (entry.group_ids, entry.group_names, entry.applications) == (None, None, None)
    assert (one.connectors, one.active, one.versions, one.applications) == (None, None, None, 1)


def test_applications_that_were_not_read_leave_counts_unknown() -> None:
    """What the group and its connectors carry is not known, and the applications of other groups are listed."""
    document = made(snapshot({PARIS: holds(ONE, apps=unread()), LYON: holds(apps=(WIKI,))}))

    assert [entry.applications for entry in document.connectors or ()] == [None]
    assert {entry.name: entry.applications for entry in document.groups or ()} == {"Paris": None, "Lyon": 1}
    assert [entry.name for entry in document.applications or ()] == ["Wiki"]


def test_a_connector_in_no_group_carries_nothing() -> None:
    """Where every group's list was read, standing in none is known, and so is that nothing depends on it."""
    lonely = made(snapshot({LYON: holds()}, connectors=(ONE,))).connectors or ()

    assert [(entry.group_ids, entry.applications) for entry in lonely] == [((), 0)]


def test_an_agent_that_may_be_no_connector_is_marked() -> None:
    """While another service's group was not read, an agent in no group of ours is not certain, nor remembered."""
    seen = snapshot({LYON: holds()}, connectors=(ONE,)).model_copy(update={"others_unread": unread("others")})

    (entry,) = made(seen).connectors or ()

    assert (entry.certain, entry.first_seen, entry.from_start, entry.versions) == (False, None, None, ())
    assert remember_inventory(InventoryMemory(), seen).connectors == {}


def test_rules_stand_beside_what_they_are_about() -> None:
    """Failing rules are named at their subject, each once, in order."""
    document = made(snapshot({PARIS: holds(TWO)}), judged=True)
    failing = {(verdict.subject.type, verdict.rule) for verdict in document.verdicts if verdict.outcome.value == "fail"}

    (entry,), (one,) = document.connectors or (), document.groups or ()
    assert entry.rules.failing == tuple(sorted(rule for kind, rule in failing if kind == "connector"))
    assert one.rules.failing == tuple(sorted(rule for kind, rule in failing if kind == "group"))
    assert "CON001" in entry.rules.failing
    assert Judgement() == (made(snapshot({PARIS: holds(TWO)})).connectors or ())[0].rules


def test_entries_come_in_the_order_of_their_names() -> None:
    """Case does not matter, and ids decide between equal names."""
    twins = (connector("b", key="2"), connector("B", key="1"), connector("a"), connector(None, key="0"))

    entries = made(snapshot({PARIS: holds(*twins)})).connectors or ()

    assert [entry.id for entry in entries] == ["0", id_of("a"), "1", "2"]


def test_moments_are_in_utc() -> None:
    """What is remembered is told with its zone."""
    entry = (made(snapshot(SEEN, at=datetime(2026, 11, 20, 6, tzinfo=UTC))).connectors or ())[0]

    assert entry.first_seen is not None
    assert entry.first_seen.utcoffset() == timedelta(0)
