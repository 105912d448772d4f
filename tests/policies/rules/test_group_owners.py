"""REG010: who can let themselves, or others, into a group that lets its members register connectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policies.evaluate import evaluate
from tests.making import evidence
from tests.people import grant, group_grant, other, path_group, user
from tests.policies.registration.directory import ADMIN, FUTURE, REG, bare, judged, partly, team, tenant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inventory.models import Principal
    from inventory.snapshot import PathGroup, Snapshot

ANN, BOB = user("Ann"), user("Bob")
ADMINS, CREW, CROWD = team("Admins"), team("Crew"), team("Crowd", assignable=False)
OLGA, ROBOT = user("Olga"), other("Robot")


def gates(*groups: PathGroup, people: Sequence[Principal] = (), **policy: object) -> dict[str, str]:
    """Return what REG010 says where Admins hold a role, feeder groups are in them, and Ann is eligible herself."""
    return judged("REG010", owned(*groups, people=people), policy)


def owned(*groups: PathGroup, people: Sequence[Principal] = ()) -> Snapshot:
    """Return the tenant that `gates` judges."""
    known = [ANN, OLGA, ROBOT, ADMINS, CREW, CROWD, *people]
    held = [grant(ADMINS, ADMIN)]
    return tenant(*known, active=held, eligible=[grant(ANN, ADMIN, None)], groups=groups)


def by_pim(who: Principal, kind: str | None) -> dict[str, list[object]]:
    """Return somebody as an owner of Admins by PIM for Groups, eligible where `kind` is None."""
    return {"assignments" if kind else "eligibilities": [group_grant(who, ADMINS, "owner", kind)]}


@pytest.mark.parametrize(
    ("lists", "expected"),
    [
        pytest.param({"owners": [OLGA]}, {"Olga": "fail medium"}, id="active"),
        pytest.param(by_pim(OLGA, "assigned"), {"Olga": "fail medium"}, id="assigned by PIM"),
        pytest.param(by_pim(OLGA, "activated"), {"Olga": "fail medium"}, id="activated"),
        pytest.param(by_pim(OLGA, None), {"Olga": "fail medium"}, id="eligible"),
        pytest.param({"owners": [OLGA], **by_pim(OLGA, None)}, {"Olga": "fail medium"}, id="listed twice"),
        pytest.param({"owners": [ROBOT]}, {"Robot": "fail medium"}, id="service principal"),
        pytest.param({"owners": [CREW]}, {"Crew": "fail medium"}, id="group"),
        pytest.param({"owners": [ANN]}, {"Ann": "fail medium"}, id="registrar"),
        pytest.param({"owners": [OLGA], "members": [OLGA]}, {"Olga": "fail medium"}, id="registrar by this group"),
        pytest.param({"owners": [user("Lost")]}, {"id-Lost": "fail medium"}, id="deleted"),
        pytest.param({"members": [OLGA]}, {"Contoso": "not_applicable"}, id="nobody"),
    ],
)
def test_owners(lists: dict[str, list[Principal]], expected: dict[str, str]) -> None:
    """Whoever owns a group on a path, now or when they like, fails, also one who can register: others can be let in."""
    assert gates(path_group(ADMINS, **lists)) == expected  # type: ignore[arg-type]  # lists of two kinds


def test_expected_owners() -> None:
    """An owner whom the policy expects may be one, whoever it is."""
    lists = path_group(ADMINS, owners=[OLGA, ROBOT, CREW])
    named = ["OLGA@contoso.example", ROBOT.id, CREW.id]

    assert gates(lists, expected_registrars=named) == {"Olga": "pass", "Robot": "pass", "Crew": "pass"}
    assert gates(lists, break_glass=["olga@contoso.example"])["Olga"] == "pass"


def test_owner_who_cannot_register_as_things_are() -> None:
    """An owner who holds the role, and is disabled or whose attributes were not read, is an owner all the same."""
    dan, una = user("Dan", enabled=False), bare(user("Una"))
    lists = path_group(ADMINS, owners=[dan, una], members=[dan, una])

    assert gates(lists, people=[dan, una]) == {"Dan": "fail medium", "id-Una": "fail medium"}


def test_owner_whose_name_was_not_read() -> None:
    """An owner whose user name was not read may be one whom the policy names."""
    una = bare(user("Una"))
    lists = path_group(ADMINS, owners=[una])

    assert gates(lists, people=[una]) == {"id-Una": "fail medium"}
    assert gates(lists, people=[una], expected_registrars=["x@contoso.example"]) == {"id-Una": "not_assessed"}


def feeding(feeder: Principal, *more: PathGroup, **lists: list[Principal]) -> tuple[PathGroup, ...]:
    """Return Admins with a group that feeds them."""
    fed = path_group(ADMINS, eligibilities=[group_grant(feeder, ADMINS, kind=None)])
    return (fed, path_group(feeder, **lists), *more)  # type: ignore[arg-type]  # members and owners


def test_feeder_groups() -> None:
    """Owners of a feeder group are gatekeepers too; one that is not role-assignable fails itself."""
    assert gates(*feeding(CREW, owners=[OLGA])) == {"Olga": "fail medium"}
    assert gates(*feeding(CREW, members=[BOB])) == {"Contoso": "not_applicable"}
    assert gates(*feeding(CROWD, owners=[ANN])) == {"Ann": "fail medium", "Crowd": "fail medium"}


def test_feeder_group_that_owns_another() -> None:
    """A group that anybody's administrator can fill, and that owns one on a path, is told of once."""
    nested = path_group(CREW, owners=[CROWD])

    assert gates(*feeding(CROWD, nested, members=[CREW])) == {"Crowd": "fail medium"}


def test_feeder_group_as_type_and_id() -> None:
    """Of a feeder group whose attributes were not read it is not said that it is guarded."""
    dim = bare(team("Dim"))
    lists = path_group(CREW, owners=[dim])

    assert gates(*feeding(dim), people=[dim]) == {"id-Dim": "not_assessed"}
    assert gates(*feeding(dim, lists, members=[CREW]), people=[dim]) == {"id-Dim": "fail medium"}
    assert gates(*feeding(dim, lists, members=[CREW]), people=[dim], expected_registrars=[dim.id]) == {
        "id-Dim": "not_assessed"
    }


def test_group_that_holds_a_role_itself() -> None:
    """A group that holds a role is role-assignable, or it could not, also where only its type and id were read."""
    dim = bare(ADMINS)

    assert judged("REG010", tenant(dim, active=[grant(dim, ADMIN)], groups=[path_group(dim)])) == {
        "Contoso": "not_applicable"
    }


def test_groups_that_lead_nowhere() -> None:
    """Owners of a group at a narrower scope, or that only the policy names, decide about nobody's registration."""
    lists = path_group(ADMINS, owners=[OLGA])
    narrow = tenant(OLGA, ADMINS, active=[grant(ADMINS, ADMIN, scope="/x")], groups=[lists])
    named = tenant(OLGA, ADMINS, groups=[lists])

    assert judged("REG010", narrow) == judged("REG010", named) == {"Contoso": "not_applicable"}


def test_groups_that_lead_to_unknown_actions() -> None:
    """Owners of a group whose role has an unknown action on connectors are told of, and not judged."""
    seen = tenant(OLGA, ADMINS, active=[grant(ADMINS, FUTURE)], groups=[path_group(ADMINS, owners=[OLGA])])

    assert judged("REG010", seen) == {"Olga": "not_assessed"}


def test_all_groups_are_told() -> None:
    """An owner of several groups on a path is told of once, with all of them in order."""
    both = tenant(
        *(OLGA, ADMINS, CREW),
        active=[grant(CREW, ADMIN), grant(ADMINS, ADMIN)],
        groups=[path_group(CREW, owners=[OLGA]), path_group(ADMINS, owners=[OLGA])],
    )
    (verdict,) = evaluate(evidence(both), [rule for rule in REG if rule.id == "REG010"])

    assert verdict.evidence == {"groups": ["id-Admins", "id-Crew"]}


OWNER = {"Olga": "fail medium"}
OPEN = {"Contoso": "not_assessed"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("groups/id-Admins/owners", OWNER | OPEN),
        ("groups/id-Admins/assignments", OWNER | OPEN),
        ("groups/id-Admins/eligibilities", OWNER | OPEN),
        ("groups/id-Admins/members", OWNER | OPEN),
        ("role_eligibilities", OWNER | OPEN),
        ("role_assignments", OWNER | OPEN),
        ("role_definitions", OWNER | OPEN),
        ("principals", OWNER | OPEN),
        ("organization", OWNER),
    ],
)
def test_gatekeepers_where_a_list_was_not_read(name: str, expected: dict[str, str]) -> None:
    """An owner fails whatever else was not read; whether there are more of them is open."""
    seen = owned(path_group(ADMINS, owners=[OLGA]))
    registrar = partly(owned(path_group(ADMINS, owners=[ANN])), name)

    assert judged("REG010", partly(seen, name)) == expected
    assert judged("REG010", registrar)["Ann"] == "fail medium"


@pytest.mark.parametrize("name", ["role_eligibilities", "groups/id-Admins/eligibilities", "organization"])
def test_owners_who_could_not_register_whatever_was_not_read(name: str) -> None:
    """An owner who is no person, or disabled, is no registrar by a list that was not read either."""
    dan = user("Dan", enabled=False)
    seen = owned(path_group(ADMINS, owners=[ROBOT, dan]), people=[dan])

    assert {"Robot": "fail medium", "Dan": "fail medium"}.items() <= judged("REG010", partly(seen, name)).items()
