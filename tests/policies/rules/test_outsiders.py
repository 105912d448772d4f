"""REG003 and REG004: nobody from outside, and nothing but people, holds a role that can register connectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from inventory.models import PrincipalId
from tests.making import TENANT, snapshot, unread
from tests.people import grant, other, role, user
from tests.policies.judging import said

if TYPE_CHECKING:
    from inventory.models import Principal

ADMIN = role()
PASS, NOT_APPLICABLE, NOT_ASSESSED, HIGH = "pass", "not_applicable", "not_assessed", "fail high"


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        pytest.param(user("X"), PASS, id="member at home"),
        pytest.param(user("X", kind=None), PASS, id="no userType counts as member"),
        pytest.param(user("X", kind="guest"), HIGH, id="internal guest"),
        pytest.param(user("X", upn="x_fabrikam.example#ext#@contoso.example"), HIGH, id="external by user name"),
        pytest.param(user("X", issuer="fabrikam.example"), HIGH, id="external by identity"),
        pytest.param(user("X", kind="Guest", enabled=None), HIGH, id="guest, other attributes unread"),
        pytest.param(user("X", enabled=None), NOT_ASSESSED, id="attributes unread"),
        pytest.param(other("X", kind="user"), NOT_ASSESSED, id="nothing read but the kind"),
    ],
)
def test_outsiders(who: Principal, expected: str) -> None:
    """External accounts and guests fail, and nobody passes whose home was not read."""
    seen = snapshot(roles=[ADMIN], assignments=[grant(who, ADMIN)], principals=[who])

    assert said("REG003", seen) == {"id-X": expected}


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        pytest.param(user("X"), PASS, id="person"),
        pytest.param(user("X", enabled=None), PASS, id="person, attributes unread"),
        pytest.param(other("X"), HIGH, id="service principal"),
        pytest.param(other("X", kind="agentIdentity"), HIGH, id="agent"),
        pytest.param(other("X", kind="somethingNew"), NOT_ASSESSED, id="a kind nobody knows"),
    ],
)
def test_people_only(who: Principal, expected: str) -> None:
    """Software fails, a person passes, and a kind that nobody knows is not judged."""
    seen = snapshot(roles=[ADMIN], assignments=[grant(who, ADMIN)], principals=[who])

    assert said("REG004", seen) == {"id-X": expected}


@pytest.mark.parametrize("rule", ["REG003", "REG004"])
def test_somebody_the_directory_does_not_return(rule: str) -> None:
    """A holder who was deleted or is hidden is a subject of whom nothing is known."""
    seen = snapshot(roles=[ADMIN], assignments=[grant(user("X"), ADMIN)])
    gone = seen.model_copy(update={"missing_principals": (PrincipalId("id-X"),)})

    assert said(rule, gone) == {"id-X": NOT_ASSESSED}


@pytest.mark.parametrize("rule", ["REG003", "REG004"])
def test_nobody_holds_a_role_for_the_whole_tenant(rule: str) -> None:
    """A narrower scope lets nobody register, and neither does a role without the action."""
    reader = role("Reader", actions=("microsoft.directory/connectors/standard/read",))
    grants = [grant(other("X"), ADMIN, scope="/administrativeUnits/1"), grant(other("Y"), reader)]
    seen = snapshot(roles=[ADMIN, reader], assignments=grants, principals=[other("X"), other("Y")])

    assert said(rule, seen) == {TENANT: NOT_APPLICABLE}


@pytest.mark.parametrize("section", ["roles", "assignments", "eligibilities", "principals"])
def test_proven_failures_stay_where_something_is_unread(section: str) -> None:
    """A failure that was proven is told, and the rule says that there may be others."""
    robot = other("Robot")
    lists = {"assignments": [grant(robot, ADMIN)], "eligibilities": [grant(robot, ADMIN, None)]}
    seen = snapshot(**({"roles": [ADMIN], "principals": [robot]} | lists | {section: unread()}))  # type: ignore[arg-type]  # lists by name
    found = said("REG004", seen)

    assert found.pop(TENANT) == NOT_ASSESSED
    assert (
        found
        == {
            "roles": {},
            "assignments": {"id-Robot": HIGH},
            "eligibilities": {"id-Robot": HIGH},
            "principals": {"id-Robot": NOT_ASSESSED},
        }[section]
    )
