"""GRP002 to GRP004: one way out, the default group, and groups that nobody uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.making import TENANT, application, connector, evidence, group, holds, snapshot, unread, without
from tests.policies.judging import said, verdicts

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


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        pytest.param(holds(at("A", HERE), at("B", HERE), apps=APPS), INFO, id="one address"),
        pytest.param(holds(at("A", HERE), at("B", HERE), at("C", HERE), apps=APPS), INFO, id="three behind one"),
        pytest.param(holds(at("A", HERE), at("B", THERE), apps=APPS), PASS, id="two addresses"),
        pytest.param(holds(at("A", HERE), at("B", HERE), at("C", THERE), apps=APPS), PASS, id="three behind two"),
        pytest.param(
            holds(at("A", HERE), at("B", HERE), at("C", THERE, "inactive"), apps=APPS),
            INFO,
            id="the other address is inactive",
        ),
        pytest.param(holds(at("A", HERE), at("B", None), apps=APPS), NOT_APPLICABLE, id="an address unknown"),
        pytest.param(holds(at("A", ""), at("B", ""), apps=APPS), NOT_APPLICABLE, id="addresses empty"),
        pytest.param(
            holds(at("A", HERE), at("B", HERE), at("C", None, "inactive"), apps=APPS),
            INFO,
            id="an inactive one's address unknown",
        ),
        pytest.param(holds(at("A", HERE), apps=APPS), NOT_APPLICABLE, id="one connector"),
        pytest.param(holds(at("A", HERE), at("B", HERE, "inactive"), apps=APPS), NOT_APPLICABLE, id="one active"),
        pytest.param(
            holds(connector("A", key="a"), connector("a", key="b"), apps=APPS), NOT_APPLICABLE, id="one machine"
        ),
        pytest.param(holds(apps=APPS), NOT_APPLICABLE, id="no connectors"),
        pytest.param(holds(at("A", HERE), at("B", HERE)), NOT_APPLICABLE, id="idle"),
        pytest.param(holds(at("A", HERE), at("B", HERE), apps=unread()), NOT_ASSESSED, id="applications unread"),
        pytest.param(holds(members=unread(), apps=APPS), NOT_ASSESSED, id="connectors unread"),
    ],
)
def test_one_way_out(held: Held, expected: str) -> None:
    """A serving group whose active machines all leave through one known address is told, as a hint."""
    assert said("GRP002", snapshot({PARIS: held})) == {"id-Paris": expected}


def test_one_way_out_names_the_address() -> None:
    """The evidence holds the address that all share."""
    seen = snapshot({PARIS: holds(at("A", HERE), at("B", HERE), apps=APPS)})

    assert verdicts("GRP002", evidence(seen))["id-Paris"].evidence == {"external_ip": HERE}


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        pytest.param({LANDING: holds(apps=APPS), PARIS: holds()}, {"id-Default": MEDIUM}, id="serves"),
        pytest.param({LANDING: holds(apps=APPS)}, {"id-Default": INFO}, id="serves and is the only group"),
        pytest.param({LANDING: holds(), PARIS: holds(apps=APPS)}, {"id-Default": PASS}, id="serves none"),
        pytest.param({LANDING: holds()}, {"id-Default": PASS}, id="serves none and is the only group"),
        pytest.param(
            {LANDING: holds(apps=unread()), PARIS: holds()}, {"id-Default": NOT_ASSESSED}, id="applications unread"
        ),
        pytest.param(
            {LANDING: holds(members=unread(), apps=APPS), PARIS: holds()},
            {"id-Default": MEDIUM},
            id="connectors unread, which do not matter",
        ),
        pytest.param({PARIS: holds(apps=APPS)}, {TENANT: NOT_APPLICABLE}, id="there is no default group"),
    ],
)
def test_default_group(groups: Mapping[ConnectorGroup, Held], expected: dict[str, str]) -> None:
    """The default group should carry nothing; where it is the only group that is worth knowing and no more."""
    assert said("GRP003", snapshot(groups)) == expected


def test_default_group_names_its_applications() -> None:
    """The evidence holds the ids of the applications, in order and each once."""
    seen = snapshot({LANDING: holds(apps=(*reversed(APPS), *APPS))})

    assert verdicts("GRP003", evidence(seen))["id-Default"].evidence == {"applications": ["id-Expenses", "id-Travel"]}


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        pytest.param(holds(), INFO, id="empty"),
        pytest.param(holds(connector()), PASS, id="connectors"),
        pytest.param(holds(connector(status="inactive")), PASS, id="an inactive connector"),
        pytest.param(holds(apps=APPS), PASS, id="applications"),
        pytest.param(holds(connector(), apps=APPS), PASS, id="both"),
        pytest.param(holds(apps=unread()), NOT_ASSESSED, id="applications unread"),
        pytest.param(holds(connector(), apps=unread()), PASS, id="connectors, applications unread"),
        pytest.param(holds(members=unread()), NOT_ASSESSED, id="connectors unread"),
        pytest.param(holds(members=unread(), apps=APPS), PASS, id="applications, connectors unread"),
    ],
)
def test_unused_group(held: Held, expected: str) -> None:
    """A group without connectors and applications is told; the default one cannot be deleted and is not."""
    seen = snapshot({PARIS: held, LANDING: holds()})

    assert said("GRP004", seen) == {"id-Paris": expected}


def test_unused_group_where_there_is_only_the_default_one() -> None:
    """A tenant with no group of its own has nothing to judge."""
    assert said("GRP004", snapshot({LANDING: holds()})) == {TENANT: NOT_APPLICABLE}


@pytest.mark.parametrize("rule", ["GRP002", "GRP003", "GRP004"])
def test_groups_unread(rule: str) -> None:
    """Without the list of groups each rule says so of the tenant."""
    seen = without(snapshot({PARIS: holds(), LANDING: holds(apps=APPS)}), "connector_groups")

    assert said(rule, seen) == {TENANT: NOT_ASSESSED}
