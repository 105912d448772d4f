"""A name or an id leads to one thing, or to a complaint that helps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from common.errors import SubjectError
from common.text import UNSEEN
from connectorwatch.diagnosis.evidence import case_of
from connectorwatch.diagnosis.subjects import application_case, connector_case, group_case
from policies.memory import Memory
from tests.findings.reports.sample import HOSTILE
from tests.inventory.snapshots import looks
from tests.making import application, blind, connector, evidence, group, holds, id_of, snapshot, tagged, unread

if TYPE_CHECKING:
    from policies.evidence import Evidence

PARIS, LONDON = group("Paris"), group("London")
PAY, CRM = application("Payroll"), application("CRM")


def tenant() -> Evidence:
    """Return a tenant of two groups, each with two connectors and an application of its own."""
    return evidence(
        snapshot(
            {
                PARIS: holds(connector("par01.contoso.com"), connector("TWIN", key="t1"), apps=(PAY,)),
                LONDON: holds(connector("LON01"), connector("twin", key="t2", status="inactive"), apps=(CRM, PAY)),
            }
        )
    )


@pytest.mark.parametrize("wanted", ["Payroll", " payroll ", id_of("Payroll"), f"app-{id_of('Payroll')}".upper()])
def test_application(wanted: str) -> None:
    """An application is found by name without case, by object id and by application id, with all its groups."""
    case = application_case(tenant(), wanted)

    assert (case.kind, case.id, case.name) == ("application", PAY.id, "Payroll")
    assert case.groups == (PARIS, LONDON)


@pytest.mark.parametrize("wanted", ["par01", "PAR01.CONTOSO.COM", id_of("par01.contoso.com")])
def test_connector(wanted: str) -> None:
    """A connector is found by its machine's full name, by its first label, and by id, with its group."""
    case = connector_case(tenant(), wanted)

    assert (case.name, case.groups) == ("par01.contoso.com", (PARIS,))


def test_group() -> None:
    """A group is found by name."""
    assert group_case(tenant(), "paris").groups == (PARIS,)


def test_several_of_one_name() -> None:
    """Several things of one name are listed with what tells them apart, and their ids."""
    with pytest.raises(SubjectError) as caught:
        connector_case(tenant(), "Twin")

    assert str(caught.value) == (
        "2 connectors are called Twin: name one of them by its id. They are TWIN (active, 1.5.4522.0, id t1); "
        "twin (inactive, 1.5.4522.0, id t2)."
    )


def test_many_of_one_name() -> None:
    """Of many things of one name the first ten are listed."""
    members = [connector("X", key=f"x{number}") for number in range(12)]

    with pytest.raises(SubjectError, match=r"^12 connectors .* and 2 more\.$"):
        connector_case(evidence(snapshot({PARIS: holds(*members)})), "x")


def test_near_names() -> None:
    """A mistaken name is answered with the names that come near or hold the word."""
    with pytest.raises(
        SubjectError, match=r"^No application is called 'Payrol' or .* Near it: Payroll \(Paris, London, id "
    ):
        application_case(tenant(), "Payrol")
    with pytest.raises(SubjectError, match=r"Near it: Paris \(eur, id id-Paris\)\.$"):
        group_case(tenant(), "ari")


def test_no_such_name() -> None:
    """A name that is near nothing says what there is and where else to look; one in an unread list may stand there."""
    with pytest.raises(
        SubjectError,
        match=r"check the name\. Known are Payroll .*; CRM .*\. An application that no connector",
    ):
        application_case(tenant(), "zzzzzz")
    with pytest.raises(SubjectError, match="Not all lists were read, so it may stand in another: Graph said denied"):
        application_case(evidence(snapshot({PARIS: holds(apps=unread())})), "zzzzzz")


def test_nothing_read() -> None:
    """Where the lists were not read, that is said instead of there being none."""
    nothing = evidence(blind())

    with pytest.raises(SubjectError, match="The connectors were not read: Graph said denied"):
        connector_case(nothing, "x")
    with pytest.raises(SubjectError, match="The connector groups were not read: Graph said denied"):
        group_case(nothing, "x")
    with pytest.raises(SubjectError, match="Not all lists were read"):
        application_case(nothing, "x")


def test_application_of_private_access_in_no_group() -> None:
    """An application of Private Access that no group carries is found by its service principal."""
    lone = application("Quick Access")
    case = application_case(
        evidence(snapshot({PARIS: holds(apps=(PAY,))}, private_access=(tagged(lone), tagged(PAY)))), "quick access"
    )

    assert (case.name, case.groups) == ("Quick Access", ())


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_in_complaints(name: str) -> None:
    """Hostile names in a complaint are on one line and visible."""
    seen = evidence(snapshot({PARIS: holds(connector(name, key="a"), connector(name, key="b"))}))

    with pytest.raises(SubjectError) as caught:
        connector_case(seen, name)

    assert UNSEEN.findall(str(caught.value)) == []


def test_empty_and_odd_names() -> None:
    """An empty name is no name of anything, also where things have no name."""
    nameless = evidence(snapshot({group(None, key="g"): holds(connector(None, key="a"))}))

    for wanted in ("", "  ", "\0"):
        with pytest.raises(SubjectError, match="No connector is called"):
            connector_case(nameless, wanted)
    assert connector_case(nameless, "a").name == "a"


def test_gone() -> None:
    """A connector, an application and a group that are gone are found in the memory, the newest of several."""
    before = snapshot(
        {PARIS: holds(connector("OLD", key="o1"), connector("old", key="o2"), apps=(PAY,)), LONDON: holds()}
    )
    after = snapshot({LONDON: holds(connector("LON01"))})
    seen = evidence(after, memory=Memory(inventory=looks(before, after)))

    assert case_of(seen, "connector", "OLD").last_seen is not None
    assert case_of(seen, "application", "payroll").id == PAY.id
    assert case_of(seen, "group", PARIS.id).name == "Paris"
    with pytest.raises(SubjectError):
        case_of(seen, "group", "nowhere")


def test_agent_of_another_service() -> None:
    """An agent that belongs to another service is no connector, and the complaint says so."""
    seen = snapshot({PARIS: holds()}).model_copy(update={"other_connectors": (connector("SYNC01"),)})

    with pytest.raises(SubjectError, match="belongs to another service, such as Entra Connect"):
        connector_case(evidence(seen), "sync01")
