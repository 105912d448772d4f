"""GRP002 to GRP004: one way out, the default group, and groups that nobody uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.making import TENANT, application, connector, evidence, group, holds, snapshot, unread, without
from tests.policies.judging import said, verdicts
from tests.policies.rules.cases import cases

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inventory.models import Connector, ConnectorGroup
    from tests.making import Held

PARIS, LANDING = group("Paris"), group("Default", default=True)
APPS = (application("Expenses"), application("Travel"))
HERE, THERE = "203.0.113.1", "198.51.100.1"

PASS, NOT_APPLICABLE, NOT_ASSESSED = "pass", "not_applicable", "not_assessed"
MEDIUM, INFO = "fail medium", "fail info"


def at(name: str, ip: str | None, status: str = "active") -> Connector:
    """Return a connector behind an address."""
    return connector(name, ip=ip, status=status)


@cases(
    {
        "one address": (holds(at("A", HERE), at("B", HERE), apps=APPS), INFO),
        "three behind one": (holds(at("A", HERE), at("B", HERE), at("C", HERE), apps=APPS), INFO),
        "two addresses": (holds(at("A", HERE), at("B", THERE), apps=APPS), PASS),
        "three behind two": (holds(at("A", HERE), at("B", HERE), at("C", THERE), apps=APPS), PASS),
        "the other address is inactive": (
            holds(at("A", HERE), at("B", HERE), at("C", THERE, "inactive"), apps=APPS),
            INFO,
        ),
        "an address unknown": (holds(at("A", HERE), at("B", None), apps=APPS), NOT_APPLICABLE),
        "addresses empty": (holds(at("A", ""), at("B", ""), apps=APPS), NOT_APPLICABLE),
        "an inactive one without address": (
            holds(at("A", HERE), at("B", HERE), at("C", None, "inactive"), apps=APPS),
            INFO,
        ),
        "one connector": (holds(at("A", HERE), apps=APPS), NOT_APPLICABLE),
        "one active": (holds(at("A", HERE), at("B", HERE, "inactive"), apps=APPS), NOT_APPLICABLE),
        "one machine": (holds(connector("A", key="a"), connector("a", key="b"), apps=APPS), NOT_APPLICABLE),
        "no connectors": (holds(apps=APPS), NOT_APPLICABLE),
        "idle": (holds(at("A", HERE), at("B", HERE)), NOT_APPLICABLE),
        "applications unread": (holds(at("A", HERE), at("B", HERE), apps=unread()), NOT_ASSESSED),
        "connectors unread": (holds(members=unread(), apps=APPS), NOT_ASSESSED),
    }
)
def test_one_way_out(given: Held, expected: str) -> None:
    """A serving group whose active machines all leave through one known address is told, as a hint."""
    assert said("GRP002", snapshot({PARIS: given})) == {"id-Paris": expected}


def test_one_way_out_names_the_address() -> None:
    """The evidence holds the address that all share."""
    seen = snapshot({PARIS: holds(at("A", HERE), at("B", HERE), apps=APPS)})

    assert verdicts("GRP002", evidence(seen))["id-Paris"].evidence == {"external_ip": HERE}


@cases(
    {
        "serves": ({LANDING: holds(apps=APPS), PARIS: holds()}, {"id-Default": MEDIUM}),
        "serves and is the only group": ({LANDING: holds(apps=APPS)}, {"id-Default": INFO}),
        "serves none": ({LANDING: holds(), PARIS: holds(apps=APPS)}, {"id-Default": PASS}),
        "serves none and is the only group": ({LANDING: holds()}, {"id-Default": PASS}),
        "applications unread": ({LANDING: holds(apps=unread()), PARIS: holds()}, {"id-Default": NOT_ASSESSED}),
        "connectors unread, which do not matter": (
            {LANDING: holds(members=unread(), apps=APPS), PARIS: holds()},
            {"id-Default": MEDIUM},
        ),
        "there is no default group": ({PARIS: holds(apps=APPS)}, {TENANT: NOT_APPLICABLE}),
    }
)
def test_default_group(given: Mapping[ConnectorGroup, Held], expected: dict[str, str]) -> None:
    """The default group should carry nothing; where it is the only group that is worth knowing and no more."""
    assert said("GRP003", snapshot(given)) == expected


def test_default_group_names_its_applications() -> None:
    """The evidence holds the ids of the applications, in order and each once."""
    seen = snapshot({LANDING: holds(apps=(*reversed(APPS), *APPS))})

    assert verdicts("GRP003", evidence(seen))["id-Default"].evidence == {"applications": ["id-Expenses", "id-Travel"]}


@cases(
    {
        "empty": (holds(), INFO),
        "connectors": (holds(connector()), PASS),
        "an inactive connector": (holds(connector(status="inactive")), PASS),
        "applications": (holds(apps=APPS), PASS),
        "both": (holds(connector(), apps=APPS), PASS),
        "applications unread": (holds(apps=unread()), NOT_ASSESSED),
        "connectors, applications unread": (holds(connector(), apps=unread()), PASS),
        "connectors unread": (holds(members=unread()), NOT_ASSESSED),
        "applications, connectors unread": (holds(members=unread(), apps=APPS), PASS),
    }
)
def test_unused_group(given: Held, expected: str) -> None:
    """A group without connectors and applications is told; the default one cannot be deleted and is not."""
    seen = snapshot({PARIS: given, LANDING: holds()})

    assert said("GRP004", seen) == {"id-Paris": expected}


def test_unused_group_where_there_is_only_the_default_one() -> None:
    """A tenant with no group of its own has nothing to judge."""
    assert said("GRP004", snapshot({LANDING: holds()})) == {TENANT: NOT_APPLICABLE}


@pytest.mark.parametrize("rule", ["GRP002", "GRP003", "GRP004"])
def test_groups_unread(rule: str) -> None:
    """Without the list of groups each rule says so of the tenant."""
    seen = without(snapshot({PARIS: holds(), LANDING: holds(apps=APPS)}), "connector_groups")

    assert said(rule, seen) == {TENANT: NOT_ASSESSED}
