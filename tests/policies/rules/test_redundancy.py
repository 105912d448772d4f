"""GRP001: does a group that carries applications have enough active machines, and when are two connectors one?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from inventory.models import ConnectorGroup
from policies.machines import active_machines
from tests.making import (
    UNREAD,
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
from tests.policies.judging import said, verdicts
from tests.policies.snapshots import said_of, seen_on

if TYPE_CHECKING:
    from collections.abc import Mapping

    from common.errors import SectionStatus
    from inventory.models import Connector
    from tests.making import Held

PARIS, LYON, LANDING = group("Paris"), group("Lyon"), group("Default", default=True)
ONE, TWO, OFF = connector("PAR01"), connector("PAR02"), connector("PAR03", status="inactive")
APPS = (application("Expenses"), application("Travel"))
UNKNOWN = unread("applications")

PASS, NOT_APPLICABLE, NOT_ASSESSED = "pass", "not_applicable", "not_assessed"
CRITICAL, HIGH, LOW = "fail critical", "fail high", "fail low"


@pytest.mark.parametrize(
    ("one", "held", "expected"),
    [
        pytest.param(PARIS, holds(ONE, TWO, apps=APPS), PASS, id="serving, enough"),
        pytest.param(PARIS, holds(ONE, TWO, OFF, apps=APPS), PASS, id="serving, enough and one off"),
        pytest.param(PARIS, holds(ONE, apps=APPS), HIGH, id="serving, one"),
        pytest.param(PARIS, holds(ONE, OFF, apps=APPS), HIGH, id="serving, one active and one off"),
        pytest.param(PARIS, holds(OFF, apps=APPS), CRITICAL, id="serving, none active"),
        pytest.param(PARIS, holds(apps=APPS), CRITICAL, id="serving, no connectors"),
        pytest.param(PARIS, holds(ONE, TWO), PASS, id="idle, enough"),
        pytest.param(PARIS, holds(ONE), LOW, id="idle, one"),
        pytest.param(PARIS, holds(OFF), LOW, id="idle, none active"),
        pytest.param(PARIS, holds(), NOT_APPLICABLE, id="idle and empty"),
        pytest.param(LANDING, holds(ONE, TWO, apps=APPS), PASS, id="default, serving, enough"),
        pytest.param(LANDING, holds(ONE, apps=APPS), HIGH, id="default, serving, one"),
        pytest.param(LANDING, holds(OFF, apps=APPS), CRITICAL, id="default, serving, none active"),
        pytest.param(LANDING, holds(ONE), NOT_APPLICABLE, id="default, idle, one"),
        pytest.param(LANDING, holds(ONE, TWO), NOT_APPLICABLE, id="default, idle, enough"),
        pytest.param(LANDING, holds(), NOT_APPLICABLE, id="default, idle and empty"),
        pytest.param(PARIS, holds(ONE, TWO, apps=UNKNOWN), PASS, id="applications unread, enough"),
        pytest.param(PARIS, holds(ONE, apps=UNKNOWN), HIGH, id="applications unread, one"),
        pytest.param(PARIS, holds(OFF, apps=UNKNOWN), HIGH, id="applications unread, none active"),
        pytest.param(PARIS, holds(apps=UNKNOWN), NOT_ASSESSED, id="applications unread, empty"),
        pytest.param(LANDING, holds(ONE, TWO, apps=UNKNOWN), PASS, id="applications unread, default, enough"),
        pytest.param(LANDING, holds(ONE, apps=UNKNOWN), NOT_ASSESSED, id="applications unread, default, one"),
        pytest.param(LANDING, holds(apps=UNKNOWN), NOT_ASSESSED, id="applications unread, default, empty"),
        pytest.param(PARIS, holds(members=unread(), apps=APPS), NOT_ASSESSED, id="connectors unread, serving"),
        pytest.param(PARIS, holds(members=unread()), NOT_ASSESSED, id="connectors unread, idle"),
        pytest.param(PARIS, holds(members=unread(), apps=UNKNOWN), NOT_ASSESSED, id="both unread"),
        pytest.param(group("Osaka", region="japan"), holds(ONE, apps=APPS), HIGH, id="a region in no schema"),
        pytest.param(group(None), holds(ONE, apps=APPS), HIGH, id="a group without a name"),
    ],
)
def test_each_situation(one: ConnectorGroup, held: Held, expected: str) -> None:
    """Serving groups need two active machines, idle ones are only hinted at, and an unread list is never a pass."""
    assert said("GRP001", snapshot({one: held})) == {one.id: expected}


@pytest.mark.parametrize("status", UNREAD)
def test_groups_unread(status: SectionStatus) -> None:
    """Without the list of groups the rule says so of the tenant, whatever the reason was."""
    seen = without(snapshot({PARIS: holds(ONE, apps=APPS)}), "connector_groups", status)

    assert list(said("GRP001", seen).values()) == [NOT_ASSESSED]


def test_one_group_unread_costs_that_group_only() -> None:
    """The other groups are judged as ever."""
    seen = snapshot({PARIS: holds(members=unread(), apps=APPS), group("Lyon"): holds(ONE, apps=APPS)})

    assert said("GRP001", seen) == {"id-Paris": NOT_ASSESSED, "id-Lyon": HIGH}


LONE = "203.0.113.1"


@pytest.mark.parametrize(
    ("connectors", "machines"),
    [
        pytest.param(
            [
                connector("par01.contoso.example", key="a", ip=LONE),
                connector("par01.contoso.example", key="b", ip="203.0.113.2"),
            ],
            1,
            id="full name, two addresses",
        ),
        pytest.param(
            [connector("par01.contoso.example", key="a", ip=None), connector("PAR01.Contoso.Example", key="b")],
            1,
            id="full name, other case, no address",
        ),
        pytest.param(
            [connector("PAR01", key="a", ip=LONE), connector("par01", key="b", ip=LONE)],
            1,
            id="short name, other case, one address",
        ),
        pytest.param(
            [connector("PAR01", key="a", ip=LONE), connector("PAR01", key="b", ip="203.0.113.2")],
            2,
            id="short name, two addresses",
        ),
        pytest.param(
            [connector("PAR01", key="a", ip=LONE), connector("PAR01", key="b", ip=None)],
            2,
            id="short name, one address unknown",
        ),
        pytest.param(
            [connector("PAR01", key="a", ip=None), connector("PAR01", key="b", ip=None)],
            1,
            id="short name, both addresses unknown",
        ),
        pytest.param([connector("PAR01", ip=LONE), connector("PAR02", ip=LONE)], 2, id="two names, one address"),
        pytest.param(
            [connector("PAR01", ip=LONE), connector("par01.contoso.example", ip=LONE)], 2, id="short and full name"
        ),
        pytest.param([connector(None, key="a", ip=LONE), connector(None, key="b", ip=LONE)], 2, id="no names"),
        pytest.param([connector(" ", key="a", ip=LONE), connector("", key="b", ip=LONE)], 2, id="empty names"),
        pytest.param([connector(None, key="a"), connector(None, key="a")], 1, id="no name, listed twice"),
        pytest.param(
            [
                connector("PAR01", key="a", ip=LONE),
                connector("PAR01", key="b", ip=LONE),
                connector("PAR01", key="c", ip="203.0.113.2"),
            ],
            2,
            id="three connectors on two machines",
        ),
        pytest.param(
            [connector("PAR01", key="a"), connector("PAR01", key="b", status="inactive")], 1, id="the other is inactive"
        ),
        pytest.param([connector(status="inactive"), connector("PAR02", status="removed?")], 0, id="none is active"),
    ],
)
def test_distinct_machines(connectors: list[Connector], machines: int) -> None:
    """Active connectors are one machine by full name, or by short name behind one address; never without a name."""
    assert len(active_machines(connectors)) == machines


def test_two_connectors_on_one_machine_are_no_redundancy() -> None:
    """The rule counts machines, and its evidence says so."""
    twins = (connector("PAR01", key="a"), connector("par01", key="b"))
    verdict = verdicts("GRP001", evidence(snapshot({PARIS: holds(*twins, apps=APPS)})))["id-Paris"]

    assert verdict.severity == "high"
    assert verdict.evidence == {
        "active_machines": 1,
        "needed": 2,
        "connectors": 2,
        "applications": ["id-Expenses", "id-Travel"],
    }


NAMES = ["id-Expenses", "id-Travel"]


@pytest.mark.parametrize(
    ("held", "partial", "named"),
    [
        pytest.param(holds(ONE, apps=UNKNOWN), True, None, id="applications unread, one active"),
        pytest.param(holds(OFF, apps=UNKNOWN), True, None, id="applications unread, none active"),
        pytest.param(holds(ONE, apps=APPS), False, NAMES, id="serving, one active"),
        pytest.param(holds(OFF, apps=APPS), False, NAMES, id="serving, none active"),
        pytest.param(holds(ONE), False, None, id="idle, one active"),
        pytest.param(holds(ONE, TWO, apps=UNKNOWN), False, None, id="applications unread, enough active"),
    ],
)
def test_only_a_failure_with_unread_applications_is_partial(
    held: Held, *, partial: bool, named: list[str] | None
) -> None:
    """Where a group's applications could not be read its failure is marked as partial and names none."""
    verdict = verdicts("GRP001", evidence(snapshot({PARIS: held})))[PARIS.id]

    assert (verdict.partial, verdict.evidence.get("applications")) == (partial, named)


@pytest.mark.parametrize(("status", "expected"), [("Active", PASS), ("ACTIVE", PASS), ("activeish", HIGH), ("", HIGH)])
def test_status_words(status: str, expected: str) -> None:
    """Active is written in any case, and a word nobody knows is not active."""
    seen = snapshot({PARIS: holds(ONE, connector("PAR02", status=status), apps=APPS)})

    assert said("GRP001", seen) == {"id-Paris": expected}


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ({"min_active_connectors": 1}, PASS),
        ({"min_active_connectors": 3}, HIGH),
        ({"groups": {"Paris": {"min_active_connectors": 1}}}, PASS),
        ({"groups": {"id-Paris": {"min_active_connectors": 1}}}, PASS),
        ({"min_active_connectors": 1, "groups": {"Paris": {"min_active_connectors": 2}}}, HIGH),
        ({"groups": {"Lyon": {"min_active_connectors": 1}}}, HIGH),
        ({"groups": {"Paris": {"purpose": "maintenance"}}}, NOT_APPLICABLE),
        ({"groups": {"Paris": {"purpose": "parking"}}}, NOT_APPLICABLE),
        ({"groups": {"Paris": {"purpose": "serving"}}}, HIGH),
    ],
)
def test_policy(policy: Mapping[str, object], expected: str) -> None:
    """The policy sets how many machines are needed, for all or for one group, and what a group is for."""
    assert said("GRP001", snapshot({PARIS: holds(ONE, apps=APPS)}), policy) == {"id-Paris": expected}


def test_a_group_for_maintenance_may_even_be_unread() -> None:
    """What is not asked of a group need not be seen."""
    seen = snapshot({PARIS: holds(members=unread(), apps=UNKNOWN)})

    assert said("GRP001", seen, {"groups": {"Paris": {"purpose": "maintenance"}}}) == {"id-Paris": NOT_APPLICABLE}


def test_a_connector_in_two_lists_lets_neither_group_pass() -> None:
    """A connector that was moved while lists were read stands in one of both groups, and nobody knows in which."""
    lyon = group("Lyon")
    seen = snapshot({PARIS: holds(ONE, TWO, apps=APPS), lyon: holds(TWO, connector("LYO01"), apps=APPS)})

    assert said("GRP001", seen) == {PARIS.id: NOT_ASSESSED, lyon.id: NOT_ASSESSED}


def test_a_connector_in_two_lists_does_not_hide_a_failure() -> None:
    """Where even with the moved connector too few are active, the group fails; where enough stay, it passes."""
    lyon = group("Lyon")
    seen = snapshot({PARIS: holds(TWO, apps=APPS), lyon: holds(ONE, TWO, connector("LYO01"), apps=APPS)})

    assert said("GRP001", seen) == {PARIS.id: HIGH, lyon.id: PASS}


def test_a_connector_listed_twice_counts_once() -> None:
    """A list that repeats a record makes no second machine and no moved connector."""
    seen = snapshot({PARIS: holds(ONE, ONE, TWO, apps=APPS), group("Lyon"): holds(OFF, OFF, apps=APPS[:1] * 2)})
    spoken = verdicts("GRP001", evidence(seen))

    assert {key: verdict.outcome for key, verdict in spoken.items()} == {"id-Paris": "pass", "id-Lyon": "fail"}
    assert spoken["id-Lyon"].evidence == {
        "active_machines": 0,
        "needed": 2,
        "connectors": 1,
        "applications": [id_of("Expenses")],
    }


def test_groups_of_other_types_are_no_subjects() -> None:
    """Groups that came in the same list and are not of ours are never judged."""
    sync = ConnectorGroup.model_validate({"id": "s", "connectorGroupType": "syncFabric", "isDefault": False})
    seen = snapshot({PARIS: holds(ONE, TWO, apps=APPS)}).model_copy(update={"other_groups": (sync,)})

    assert said("GRP001", seen) == {"id-Paris": PASS}


def test_a_connector_caught_on_its_way_is_not_lost() -> None:
    """One that stands in no group's list for the first time was moved between two requests: nobody can say yet."""
    one, two = connector("PAR01"), connector("PAR02")
    both = snapshot({PARIS: holds(one, two, apps=[application()]), LYON: holds()})
    between = snapshot({PARIS: holds(one, apps=[application()]), LYON: holds()}, connectors=[one, two])

    assert said_of("GRP001", seen_on(both, between))[PARIS.id] == "not_assessed"
    assert said_of("GRP001", seen_on(both, between, between))[PARIS.id] == "fail high"
    assert said_of("GRP001", seen_on(between))[PARIS.id] == "fail high"
    hidden = without(between, "connectors")
    assert said_of("GRP001", seen_on(both, hidden))[PARIS.id] == "fail high"
