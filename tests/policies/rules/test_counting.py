"""Rules that count connectors or applications: what is known decides where it suffices, and nothing else does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.machines import active_machines, machines_at_least
from tests.inventory.test_odd_records import odd, partly
from tests.making import TENANT, Held, application, connector, evidence, group, holds, snapshot, unread
from tests.policies.judging import said, verdicts

if TYPE_CHECKING:
    from inventory.models import Connector
    from inventory.snapshot import Section

PARIS, LANDING = group("Paris"), group("Default", default=True)
ONE, TWO, OFF = connector("PAR01"), connector("PAR02", ip="203.0.113.8"), connector("PAR03", status="inactive")
OLD = connector("PAR04", version="1.5.1975.0")
WEB, PRIVATE = application("Expenses"), application("Tunnel", kind="nonwebapp")
OPEN, PASS, NOT = "not_assessed", "pass", "not_applicable"
PLAN = {"groups": {"Paris": {"capacity": {"cores": 4, "memory_gb": 8, "requests_per_second": 2000}}}}


def members(*known: Connector, more: int = 1) -> Section[Connector]:
    """Return a group's connectors, of which some could not be read."""
    return partly(*known, unreadable=tuple(odd(f"x{number}") for number in range(more)))


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        pytest.param(holds(members=members(ONE, TWO), apps=[WEB]), PASS, id="the others suffice"),
        pytest.param(holds(members=members(ONE, TWO, more=9), apps=[WEB]), PASS, id="the others suffice, many odd"),
        pytest.param(holds(members=members(ONE), apps=[WEB]), OPEN, id="the odd one may be the second"),
        pytest.param(holds(members=members(OFF), apps=[WEB]), "fail high", id="it cannot be two"),
        pytest.param(holds(members=members(more=1), apps=[WEB]), "fail high", id="the odd one alone"),
        pytest.param(holds(members=members(more=2), apps=[WEB]), OPEN, id="the odd ones may be two"),
        pytest.param(holds(members=members(more=1)), "fail low", id="nothing depends on it"),
        pytest.param(holds(members=members(OLD, TWO), apps=[PRIVATE]), OPEN, id="one too old, the odd one may do"),
        pytest.param(holds(members=members(OLD), apps=[PRIVATE]), "fail high", id="too old, and one odd"),
        pytest.param(holds(members=members(ONE, TWO), apps=[PRIVATE]), PASS, id="capable ones suffice"),
        pytest.param(holds(members=members(ONE, TWO), apps=unread()), PASS, id="whatever it carries"),
        pytest.param(holds(members=members(more=1), apps=unread()), "fail high", id="it holds something"),
        pytest.param(holds(OFF, apps=partly(WEB, unreadable=(odd("a9"),))), "fail critical", id="carries one at least"),
        pytest.param(holds(ONE, apps=partly(unreadable=(odd("a9"),))), "fail high", id="what it carries is odd"),
        pytest.param(holds(ONE, OLD, apps=partly(WEB, unreadable=(odd("a9"),))), OPEN, id="the odd one may be private"),
        pytest.param(holds(connector(None, key="a"), connector(None, key="b"), apps=[WEB]), OPEN, id="nameless"),
        pytest.param(holds(connector(None, key="a"), ONE, TWO, apps=[WEB]), PASS, id="nameless beside two"),
    ],
)
def test_enough_active_machines(held: Held, expected: str) -> None:
    """GRP001 passes where known connectors suffice, fails where all together cannot, and is open between."""
    assert said("GRP001", snapshot({PARIS: held})) == {PARIS.id: expected}


def test_the_default_group_that_carries_something_odd_needs_connectors() -> None:
    """An application whose record could not be read is carried all the same."""
    held = holds(ONE, apps=partly(unreadable=(odd("a9"),)))

    assert said("GRP001", snapshot({LANDING: held})) == {LANDING.id: "fail high"}
    assert said("GRP003", snapshot({LANDING: held, PARIS: holds()})) == {LANDING.id: "fail medium"}


def test_words() -> None:
    """The message and the evidence say how many records could not be read."""
    verdict = verdicts("GRP001", evidence(snapshot({PARIS: holds(members=members(ONE), apps=[WEB])})))[PARIS.id]

    assert verdict.message == (
        "1 active machine, and 1 connector whose record could not be read, 2 needed: which of them are active could "
        "not be read"
    )
    assert verdict.evidence == {"active_machines": 1, "needed": 2, "connectors": 2, "unreadable": 1}


@pytest.mark.parametrize(
    ("held", "rule", "expected"),
    [
        pytest.param(holds(members=members(ONE, TWO), apps=[WEB]), "GRP002", PASS, id="two addresses are two"),
        pytest.param(holds(members=members(ONE), apps=[WEB]), "GRP002", OPEN, id="the odd one may leave elsewhere"),
        pytest.param(
            holds(ONE, TWO, connector("PAR05", ip=None), apps=[WEB]), "GRP002", PASS, id="one address unknown"
        ),
        pytest.param(holds(ONE, connector("PAR05", ip=None), apps=[WEB]), "GRP002", NOT, id="the other one unknown"),
        pytest.param(holds(members=members(more=1)), "GRP004", PASS, id="it holds something"),
        pytest.param(holds(apps=partly(unreadable=(odd("a9"),))), "GRP004", PASS, id="it carries something"),
        pytest.param(holds(members=members(ONE, TWO, OLD), apps=[WEB]), "GRP005", PASS, id="enough to spare"),
        pytest.param(holds(members=members(ONE, TWO), apps=[WEB]), "GRP005", OPEN, id="the odd one may be spare"),
        pytest.param(holds(members=members(ONE), apps=[WEB]), "GRP005", "fail info", id="it cannot be three"),
        pytest.param(holds(members=members(ONE, TWO), apps=[WEB]), "CAP001", PASS, id="known ones carry it"),
        pytest.param(holds(members=members(ONE), apps=[WEB]), "CAP001", OPEN, id="the odd one may carry it"),
        pytest.param(holds(members=members(more=1), apps=[WEB]), "CAP001", "fail info", id="one cannot be lost"),
    ],
)
def test_other_counts(held: Held, rule: str, expected: str) -> None:
    """Each other rule that counts takes what is known as the least, and what is there as the most."""
    policy = {**PLAN, "rules": {"GRP005": {"enabled": True}}}

    assert said(rule, snapshot({PARIS: held}), policy) == {PARIS.id: expected}


ANY = st.builds(
    connector,
    st.sampled_from([None, "PAR01", "PAR02", "par01.contoso.example"]),
    key=st.integers(0, 9).map(str),
    status=st.sampled_from(["active", "inactive"]),
    ip=st.sampled_from([None, "203.0.113.7", "203.0.113.8"]),
    version=st.sampled_from(["1.5.1975.0", "1.5.4522.0", None]),
)
COUNTING = ("GRP001", "GRP002", "GRP004", "GRP005", "CAP001")


@given(
    held=st.lists(ANY, max_size=5, unique_by=lambda one: one.id),
    apps=st.lists(st.sampled_from([WEB, PRIVATE]), max_size=2, unique=True),
    hidden=st.integers(0, 5),
)
def test_what_is_revealed_contradicts_nothing(held: list[Connector], apps: list[object], hidden: int) -> None:
    """Whatever connectors prove to be whose records could not be read, a pass stays a pass and a failure a failure."""
    policy = {**PLAN, "rules": {"GRP005": {"enabled": True}}}
    known, odd_ones = held[hidden:], tuple(odd(one.id) for one in held[:hidden])
    carried: list[object] = apps
    before = snapshot({PARIS: Held(partly(*known, unreadable=odd_ones), carried)})  # type: ignore[arg-type]  # hypothesis
    after = snapshot({PARIS: Held(held, carried)})  # type: ignore[arg-type]  # lists of applications, as objects
    for rule in COUNTING:
        told, truth = said(rule, before, policy)[PARIS.id], said(rule, after, policy)[PARIS.id]

        assert told.startswith(OPEN) or told.partition(" ")[0] == truth.partition(" ")[0], rule


@given(st.lists(ANY, max_size=6))
def test_at_least_is_never_more_than_at_most(held: list[Connector]) -> None:
    """The machines that are surely there are at most those that may be, and some where any connector is active."""
    most, least = len(active_machines(held)), machines_at_least(held)

    assert least <= most
    assert (least > 0) == (most > 0)


@pytest.mark.parametrize(
    ("held", "least"),
    [
        ([connector("PAR01", key="a", ip=None), connector("PAR01", key="b")], 1),
        ([connector("PAR01", key="a", ip=None), connector("PAR02", key="b")], 2),
        ([connector(None, key="a"), connector("PAR02", key="b")], 1),
        ([connector("PAR01", status="inactive")], 0),
    ],
)
def test_machines_at_least(held: list[Connector], least: int) -> None:
    """A connector without a name or an address may run on the machine of another one."""
    assert machines_at_least(held) == least


def test_no_groups() -> None:
    """Where the tenant has no groups there is nothing to count."""
    assert said("GRP001", snapshot()) == {TENANT: NOT}
