"""REG005: who can register connectors at any moment, without activating anything."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from policies.evaluate import evaluate
from tests.making import NOW, evidence, unread
from tests.people import grant, group_grant, path_group, user
from tests.policies.registration.directory import ADMIN, FUTURE, GLOBAL, REG, bare, judged, partly, plain, team, tenant

if TYPE_CHECKING:
    from inventory.models import Principal
    from inventory.snapshot import Snapshot

ANN, ADMINS, CREW = user("Ann"), team("Admins"), team("Crew")
STANDING = "fail medium"


def said(seen: Snapshot, *break_glass: str) -> dict[str, str]:
    """Return what REG005 says of everybody."""
    return judged("REG005", seen, {"break_glass": break_glass})


@pytest.mark.parametrize(
    ("active", "eligible", "expected"),
    [
        (["Assigned"], False, STANDING),
        (["Activated"], True, "pass"),
        ([], True, "pass"),
        (["Assigned", "Activated"], True, STANDING),
        ([None], True, "not_assessed"),
    ],
)
def test_standing(active: list[str | None], expected: str, *, eligible: bool) -> None:
    """Assigned is standing, activated and eligible are not, and plain assignments do not tell."""
    grants = [grant(ANN, ADMIN, kind) for kind in active]
    seen = tenant(ANN, active=grants, eligible=[grant(ANN, ADMIN, None)] if eligible else [])

    assert said(seen) == {"Ann": expected}


@pytest.mark.parametrize(
    ("kind", "membership", "expected"),
    [
        ("Assigned", "assigned", STANDING),
        ("Assigned", "activated", "pass"),
        ("Assigned", None, "pass"),
        ("Activated", "assigned", "pass"),
    ],
)
def test_standing_through_a_group(kind: str, membership: str | None, expected: str) -> None:
    """A path through a group stands where both the role and the membership do."""
    joined = group_grant(ANN, ADMINS, kind=membership)
    lists = path_group(ADMINS, assignments=[joined] if membership else [], eligibilities=[] if membership else [joined])
    seen = tenant(ANN, ADMINS, active=[grant(ADMINS, ADMIN, kind)], groups=[lists])

    assert said(seen) == {"Ann": expected}


def test_standing_by_another_role() -> None:
    """One standing path is enough, by whatever role; one by a role with unknown actions leaves it open."""
    eligible = [grant(ANN, ADMIN, None)]

    assert said(tenant(ANN, active=[grant(ANN, GLOBAL)], eligible=eligible)) == {"Ann": STANDING}
    assert said(tenant(ANN, active=[grant(ANN, FUTURE)], eligible=eligible)) == {"Ann": "not_assessed"}


def test_end_date() -> None:
    """What is assigned until a day stands until that day."""
    until = grant(ANN, ADMIN).model_copy(update={"end_date_time": NOW + timedelta(days=1)})

    assert said(tenant(ANN, active=[until])) == {"Ann": STANDING}


def test_narrow_paths_do_not_count() -> None:
    """Who stands at a narrower scope only, and is eligible for the whole tenant, has to activate."""
    narrow = grant(ANN, ADMIN, scope="/administrativeUnits/1")

    assert said(tenant(ANN, active=[narrow], eligible=[grant(ANN, ADMIN, None)])) == {"Ann": "pass"}


@pytest.mark.parametrize("entry", ["ANN@contoso.example", "ID-Ann"])
def test_emergency_accounts(entry: str) -> None:
    """An emergency account has to stand, so the rule does not apply to it."""
    assert said(tenant(ANN, active=[grant(ANN, ADMIN)]), entry) == {"Ann": "not_applicable"}


def test_emergency_accounts_that_may_be() -> None:
    """Of somebody whose user name was not read it is not said that they are no emergency account."""
    una = bare(user("Una"))

    for kind in ("Assigned", "Activated"):
        seen = tenant(una, active=[grant(una, ADMIN, kind)])
        assert said(seen, "x@contoso.example") == {"id-Una": "not_assessed"}
        assert said(seen, "id-other") == {"id-Una": STANDING if kind == "Assigned" else "pass"}


def test_without_a_licence() -> None:
    """Without PIM nobody can do otherwise, so the rule does not apply to the tenant."""
    seen = tenant(ANN, active=[grant(ANN, ADMIN)])

    assert said(plain(seen, licensed=False)) == {"Contoso": "not_applicable"}


def test_plain_assignments() -> None:
    """Where PIM was refused plain assignments leave it open who stands, and not who is known to be eligible only."""
    seen = tenant(ANN, user("Bob"), active=[grant(ANN, ADMIN)], eligible=[grant(user("Bob"), ADMIN, None)])

    assert said(plain(seen)) == {"Ann": "not_assessed", "Bob": "pass"}


MEMBER = path_group(ADMINS, members=[ANN], assignments=[group_grant(ANN, ADMINS)])
JOINED = tenant(ANN, ADMINS, active=[grant(ADMINS, ADMIN)], eligible=[grant(ANN, GLOBAL, None)], groups=[MEMBER])


@pytest.mark.parametrize(
    ("name", "ann", "everybody"),
    [
        ("role_assignments", "not_assessed", False),
        ("groups/id-Admins/assignments", "not_assessed", True),
        ("groups/id-Admins/members", STANDING, False),
        ("role_eligibilities", STANDING, False),
        ("groups/id-Admins/eligibilities", STANDING, False),
        ("principals", STANDING, False),
        ("organization", STANDING, True),
        ("groups/id-Admins/owners", STANDING, True),
    ],
)
def test_standing_where_a_list_was_not_read(name: str, ann: str, *, everybody: bool) -> None:
    """What is proven to stand does, whatever else was not read; where its own list was not, it is open."""
    seen = partly(JOINED, name, [] if ann == "not_assessed" else None)

    assert said(seen) == {"Ann": ann} | ({} if everybody else {"Contoso": "not_assessed"})


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("role_definitions", "not_assessed"),
        ("role_assignments", "not_assessed"),
        ("principals", "not_assessed"),
        ("groups/id-Crew/members", "not_assessed"),
        ("role_eligibilities", "pass"),
        ("groups/id-Crew/eligibilities", "pass"),
        ("groups/id-Crew/assignments", "pass"),
        ("organization", "pass"),
    ],
)
def test_having_to_activate_where_a_list_was_not_read(name: str, expected: str) -> None:
    """Nobody passes who may stand by an active list that was not read; an eligible path more would change nothing."""
    seen = tenant(
        ANN,
        CREW,
        active=[grant(CREW, ADMIN)],
        eligible=[grant(ANN, ADMIN, None)],
        groups=[path_group(CREW)],
    )

    assert said(seen) == {"Ann": "pass"}
    assert said(partly(seen, name))["Ann"] == expected


def test_member_of_a_group_that_was_not_read() -> None:
    """Who holds a role by a membership that no group's list explains may stand or not."""
    row = grant(ANN, ADMIN).model_copy(update={"member_type": "Group"})
    seen = tenant(ANN, ADMINS, active=[grant(ADMINS, ADMIN), row], groups=[path_group(ADMINS, members=unread())])

    assert said(seen) == {"Ann": "not_assessed", "Contoso": "not_assessed"}


@pytest.mark.parametrize(
    ("account", "ending"),
    [
        (ANN, "without activating it"),
        (user("Dan", enabled=False), "without activating it; cannot register one now: the account is disabled"),
        (
            user("Eve", issuer="fabrikam.example"),
            "without activating it",
        ),
        (bare(user("Una")), "without activating it"),
    ],
)
def test_words_of_who_cannot_register_now(account: Principal, ending: str) -> None:
    """Somebody who holds the role and cannot register as things are is told so; what is not known is not said."""
    seen = evidence(tenant(account, active=[grant(account, ADMIN)]))
    (verdict,) = evaluate(seen, [rule for rule in REG if rule.id == "REG005"])

    assert verdict.message == f"holds a role that can register connectors, {ending}"
