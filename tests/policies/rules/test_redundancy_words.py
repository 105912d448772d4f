"""What GRP001 and GRP002 say, and which facts they keep, where nothing is critical."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.making import application, connector, evidence, group, holds, snapshot, unread
from tests.policies.judging import verdicts
from tests.policies.snapshots import seen_on, verdicts_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inventory.models import ConnectorGroup
    from tests.making import Held

PARIS, LYON, LANDING = group("Paris"), group("Lyon"), group("Default", default=True)
ONE, TWO = connector("PAR01"), connector("PAR02")
SERVED = [application()]
ALONE = {"active_machines": 1, "needed": 2, "connectors": 1}


@pytest.mark.parametrize(
    ("which", "held", "message", "facts"),
    [
        pytest.param(
            LANDING, holds(ONE), "the default group carries no application", ALONE, id="default group without a purpose"
        ),
        pytest.param(
            PARIS,
            holds(),
            "the group carries nothing and holds nothing (see GRP004)",
            ALONE | {"active_machines": 0, "connectors": 0},
            id="empty group",
        ),
        pytest.param(
            LANDING,
            holds(ONE, apps=unread("applications")),
            "what the group carries could not be read, so nobody can say whether it needs connectors",
            {},
            id="default group of an unknown purpose",
        ),
        pytest.param(
            PARIS,
            holds(connector("OFF", status="inactive"), apps=SERVED),
            "no connector is active, so Expenses cannot be reached",
            ALONE | {"active_machines": 0, "applications": [SERVED[0].id]},
            id="outage",
        ),
    ],
)
def test_words_and_facts(which: ConnectorGroup, held: Held, message: str, facts: Mapping[str, object]) -> None:
    """The message gives the reason, and the evidence the numbers that were compared."""
    verdict = verdicts("GRP001", evidence(snapshot({which: held})))[which.id]

    assert (verdict.message, verdict.evidence) == (message, facts)


def test_a_group_for_something_else() -> None:
    """A group that the policy gives another purpose is told with that purpose."""
    parking = {"groups": {"Paris": {"purpose": "parking"}}}
    verdict = verdicts("GRP001", evidence(snapshot({PARIS: holds(ONE)}), policy=parking))[PARIS.id]

    assert verdict.message == "the policy says that this group is for parking"
    assert verdict.evidence == {"purpose": "parking"}


def test_a_connector_on_its_way_that_had_moved_before() -> None:
    """Where a connector stood last counts, however many groups it was in before; the numbers are told with it."""
    first = snapshot({PARIS: holds(ONE, apps=SERVED), LYON: holds(TWO)})
    moved = snapshot({PARIS: holds(ONE, TWO, apps=SERVED), LYON: holds()})
    between = snapshot({PARIS: holds(ONE, apps=SERVED), LYON: holds()}, connectors=[ONE, TWO])

    verdict = verdicts_of("GRP001", seen_on(first, moved, between))[PARIS.id]

    assert verdict.message == "a connector was moved between groups while they were read; scan again"
    assert verdict.evidence == ALONE


def test_several_ways_out() -> None:
    """Where connectors leave through several addresses, these are told."""
    other = connector("PAR02", ip="198.51.100.1")
    verdict = verdicts("GRP002", evidence(snapshot({PARIS: holds(ONE, other, apps=SERVED)})))[PARIS.id]

    assert verdict.message == "active connectors leave through 2 external addresses"
    assert verdict.evidence == {"external_ips": ["198.51.100.1", ONE.external_ip]}
