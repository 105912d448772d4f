"""Every path from a principal to a granting role, against tables made by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from inventory.models import RoleId
from inventory.roles import is_application_administrator
from policies.registration.paths import UNKNOWN_GROUP, Kind, Path, Via, paths
from tests.making import unread
from tests.people import grant, group_grant, path_group, role, user
from tests.policies.registration.directory import ADMIN, CUSTOM, FUTURE, PRINT, partly, plain, team, tenant
from tests.policies.rules.tenants import doubled

if TYPE_CHECKING:
    from inventory.models import Principal, RoleGrant
    from inventory.snapshot import PathGroup, Snapshot

ANN, BOB = user("Ann"), user("Bob")
ADMINS, CREW, CREW2, STAFF = team("Admins"), team("Crew"), team("Crew2"), team("Staff", assignable=False)
SPRING, SUMMER, AUTUMN = (datetime(2026, month, 1, tzinfo=UTC) for month in (3, 6, 9))


def ways(seen: Snapshot, who: Principal = ANN) -> list[str]:
    """Return somebody's paths in words, such as `eligible Crew:permanent Admins:eligible`."""
    return [
        " ".join((path.kind, *(f"{step.group.removeprefix('id-')}:{step.membership}" for step in path.via)))
        for path in paths(seen).get(who.id, ())
    ]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("Assigned", "assigned"), ("activated", "activated"), ("Activated", "activated"), (None, "active")],
)
def test_direct(kind: str | None, expected: str) -> None:
    """An active assignment is assigned or activated, and where the list does not tell, active."""
    assert ways(tenant(active=[grant(ANN, ADMIN, kind)])) == [expected]


def test_eligible_and_activated() -> None:
    """Somebody who has activated an eligible role has two paths."""
    seen = tenant(active=[grant(ANN, ADMIN, "Activated")], eligible=[grant(ANN, ADMIN, None)])

    assert ways(seen) == ["activated", "eligible"]


def test_plain_assignments_without_a_licence() -> None:
    """Without a licence for PIM there is nothing to activate, so that plain assignments are assigned."""
    seen = tenant(active=[grant(ANN, ADMIN)])

    assert (ways(plain(seen)), ways(plain(seen, licensed=False))) == (["active"], ["assigned"])


@pytest.mark.parametrize(
    ("scope", "app_scope", "expected"),
    [
        ("/", None, "/"),
        (None, None, "/"),
        ("/administrativeUnits/1", None, "/administrativeUnits/1"),
        (None, "/1", "/1"),
    ],
)
def test_scope(scope: str | None, app_scope: str | None, expected: str) -> None:
    """A grant reaches its scope; one without any is taken as reaching the whole tenant."""
    given = grant(ANN, ADMIN, scope=scope).model_copy(update={"app_scope_id": app_scope})
    (path,) = paths(tenant(active=[given]))[ANN.id]

    assert (path.scope, path.tenant_wide) == (expected, expected == "/")


def test_roles() -> None:
    """A role with an unknown action on connectors leads to an uncertain path, Universal Print's to none."""
    seen = tenant(active=[grant(ANN, what) for what in (ADMIN, CUSTOM, FUTURE, PRINT)])
    found = {
        path.role_id: (path.certain, path.built_in, path.application_administrator) for path in paths(seen)[ANN.id]
    }

    assert found == {
        ADMIN.id: (True, True, True),
        CUSTOM.id: (True, False, False),
        FUTURE.id: (False, False, False),
    }


def test_disabled_role() -> None:
    """A role that was taken out of new assignments keeps those it has."""
    old = role("Old", enabled=False, built_in=False)

    assert ways(tenant(roles=[old], active=[grant(ANN, old)])) == ["assigned"]


def test_application_administrator_by_template() -> None:
    """Application Administrator is known by id or template id, and no custom role by the template id it chose."""
    moved = ADMIN.model_copy(update={"id": RoleId("moved"), "template_id": ADMIN.id.upper()})

    assert is_application_administrator(moved)
    assert not is_application_administrator(moved.model_copy(update={"is_built_in": False}))


def in_admins(group: PathGroup, *more: PathGroup) -> Snapshot:
    """Return a tenant in which Admins hold a role."""
    return tenant(active=[grant(ADMINS, ADMIN)], groups=[group, *more])


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ({"members": [ANN]}, ["assigned Admins:permanent"]),
        ({"assignments": [group_grant(ANN, ADMINS)]}, ["assigned Admins:permanent"]),
        ({"members": [ANN], "assignments": [group_grant(ANN, ADMINS)]}, ["assigned Admins:permanent"]),
        (
            {"members": [ANN], "assignments": [group_grant(ANN, ADMINS, kind="Activated")]},
            ["assigned Admins:activated"],
        ),
        ({"members": [ANN], "assignments": unread()}, ["assigned Admins:active"]),
        ({"members": [ANN], "assignments": unread(status="not_licensed")}, ["assigned Admins:permanent"]),
        ({"eligibilities": [group_grant(ANN, ADMINS, kind=None)]}, ["assigned Admins:eligible"]),
        ({"owners": [ANN]}, []),
        ({"assignments": [group_grant(ANN, ADMINS, "Owner")]}, []),
        ({"eligibilities": [group_grant(ANN, ADMINS, "owner", kind=None)]}, []),
        ({"members": [ADMINS]}, []),
    ],
)
def test_memberships(inside: dict[str, list[Principal]], expected: list[str]) -> None:
    """A member is permanent, activated or eligible by what PIM says; an owner is no member, a group not its own."""
    assert ways(in_admins(path_group(ADMINS, **inside))) == expected  # type: ignore[arg-type]  # one list each


def test_activated_membership_is_listed_three_times() -> None:
    """Who has activated an eligible membership stands in three lists and has two paths."""
    lists = path_group(
        ADMINS,
        members=[ANN],
        assignments=[group_grant(ANN, ADMINS, kind="activated")],
        eligibilities=[group_grant(ANN, ADMINS, kind=None)],
    )

    assert ways(in_admins(lists)) == ["assigned Admins:activated", "assigned Admins:eligible"]


def test_list_that_broke_off() -> None:
    """Of a PIM list that broke off, what it told stands, and of the other members it is not known."""
    lists = path_group(ADMINS, members=[ANN, BOB], assignments=[group_grant(ANN, ADMINS)])
    seen = partly(in_admins(lists), "groups/id-Admins/assignments", lists.assignments.records)

    assert (ways(seen), ways(seen, BOB)) == (["assigned Admins:permanent"], ["assigned Admins:active"])


def feeds(feeder: Principal, *into: Principal) -> list[PathGroup]:
    """Return the lists of groups of which another one is an eligible member."""
    return [path_group(one, eligibilities=[group_grant(feeder, one, kind=None)]) for one in into]


def test_feeder_group() -> None:
    """Members of a feeder group have a path through both groups, the nearest first; the feeder group has its own."""
    seen = in_admins(*feeds(CREW, ADMINS), path_group(CREW, members=[ANN]))

    assert ways(seen) == ["assigned Crew:permanent Admins:eligible"]
    assert ways(seen, CREW) == ["assigned Admins:eligible"]
    assert ways(seen, ADMINS) == ["assigned"]


def test_nested_feeder_groups() -> None:
    """What is nested in a feeder group is followed, however it is joined."""
    nested = path_group(STAFF, members=[CREW2]), path_group(CREW2, eligibilities=[group_grant(ANN, CREW2, kind=None)])
    seen = in_admins(*feeds(STAFF, ADMINS), *nested)

    assert ways(seen) == ["assigned Crew2:eligible Staff:permanent Admins:eligible"]


def test_two_feeder_groups() -> None:
    """Two feeder groups are two paths, and so is a group that feeds two that hold roles."""
    both = path_group(ADMINS, eligibilities=[group_grant(one, ADMINS, kind=None) for one in (CREW, CREW2)])
    seen = in_admins(both, path_group(CREW, members=[ANN]), path_group(CREW2, members=[ANN]))
    fed = tenant(
        active=[grant(ADMINS, ADMIN), grant(CREW2, CUSTOM)],
        groups=[*feeds(CREW, ADMINS, CREW2), path_group(CREW, members=[ANN])],
    )

    assert ways(seen) == ["assigned Crew:permanent Admins:eligible", "assigned Crew2:permanent Admins:eligible"]
    assert ways(fed) == ["assigned Crew:permanent Admins:eligible", "assigned Crew:permanent Crew2:eligible"]


def test_cycles_end() -> None:
    """Groups that feed each other are gone through once each."""
    ring = [*feeds(CREW, ADMINS), *feeds(STAFF, CREW), *feeds(ADMINS, STAFF)]
    ring[1] = ring[1].model_copy(update={"members": path_group(CREW, members=[ANN]).members})

    assert ways(in_admins(*ring)) == ["assigned Crew:permanent Admins:eligible"]


def test_grant_in_several_lists_is_one_path() -> None:
    """The same grant, however often it is listed, is one path."""
    seen = doubled(in_admins(path_group(ADMINS, members=[ANN], assignments=[group_grant(ANN, ADMINS)])))

    assert ways(seen) == ["assigned Admins:permanent"]


def by_group(who: Principal, kind: str | None) -> RoleGrant:
    """Return the row in which PIM lists somebody who holds a role through a group."""
    return grant(who, ADMIN, kind).model_copy(update={"member_type": "Group"})


def test_rows_of_members_are_explained_by_the_group() -> None:
    """Whom PIM lists a second time, as holding the role by membership, gets no further path."""
    active = in_admins(path_group(ADMINS, members=[ANN]))
    active = active.model_copy(
        update={"role_assignments": tenant(active=[grant(ADMINS, ADMIN), by_group(ANN, "Assigned")]).role_assignments}
    )
    eligible = tenant(
        eligible=[grant(ADMINS, ADMIN, None), by_group(ANN, None)], groups=[path_group(ADMINS, members=[ANN])]
    )

    assert (ways(active), ways(eligible)) == (["assigned Admins:permanent"], ["eligible Admins:permanent"])


@pytest.mark.parametrize("member_type", ["Group", "group", "Inherited"])
def test_rows_of_members_whose_group_was_not_read(member_type: str) -> None:
    """Whom no group that was read explains has a path through an unknown group, standing or not nobody knows."""
    row = by_group(ANN, "Assigned").model_copy(update={"member_type": member_type})
    seen = tenant(active=[grant(ADMINS, ADMIN), row], groups=[path_group(ADMINS, members=unread())])
    (path,) = paths(seen)[ANN.id]

    assert (path.via, path.standing) == ((Via(UNKNOWN_GROUP, "active"),), None)


def test_rows_of_members_that_only_another_path_seems_to_explain() -> None:
    """An eligible path of one's own, an eligible membership or a narrower role explain no active row by membership."""
    eligible = path_group(ADMINS, eligibilities=[group_grant(ANN, ADMINS, kind=None)])
    seen = tenant(
        active=[grant(ADMINS, ADMIN), grant(CREW, ADMIN, scope="/apps/1"), by_group(ANN, "Assigned")],
        eligible=[grant(ANN, ADMIN, None)],
        groups=[eligible, path_group(CREW, members=[ANN])],
    )

    assert ways(seen) == [
        "assigned Admins:eligible",
        "assigned unknown:active",
        "eligible",
        "assigned Crew:permanent",
    ]


def test_member_who_has_activated_the_groups_role() -> None:
    """That a group is eligible does not explain that a member is active."""
    seen = tenant(
        active=[by_group(ANN, "Activated")],
        eligible=[grant(ADMINS, ADMIN, None)],
        groups=[path_group(ADMINS, members=[ANN])],
    )

    assert ways(seen) == ["activated unknown:active", "eligible Admins:permanent"]


def test_dates() -> None:
    """A path begins when the latest of its parts does, and ends with the first."""
    held = grant(ADMINS, ADMIN).model_copy(update={"start_date_time": SPRING, "end_date_time": AUTUMN})
    joined = group_grant(ANN, ADMINS).model_copy(update={"start_date_time": SUMMER})
    seen = tenant(active=[held], groups=[path_group(ADMINS, members=[BOB], assignments=[joined])])
    (ann,), (bob,) = paths(seen)[ANN.id], paths(seen)[BOB.id]

    assert ((ann.start, ann.end), (bob.start, bob.end)) == ((SUMMER, AUTUMN), (SPRING, AUTUMN))


@pytest.mark.parametrize(
    ("kind", "membership", "expected"),
    [
        ("assigned", None, True),
        ("activated", None, False),
        ("eligible", None, False),
        ("active", None, None),
        ("assigned", "permanent", True),
        ("assigned", "activated", False),
        ("assigned", "eligible", False),
        ("assigned", "active", None),
        ("eligible", "permanent", False),
        ("eligible", "active", False),
        ("active", "permanent", None),
        ("active", "eligible", False),
    ],
)
def test_standing(kind: Kind, membership: str | None, *, expected: bool | None) -> None:
    """A path stands when every part does, with or without an end; one part to activate is enough for no."""
    via = () if membership is None else (Via(ADMINS.id, membership),)  # type: ignore[arg-type]  # a word of the table
    path = Path(role="x", role_id="x", built_in=True, kind=kind, scope="/", certain=True, via=via, end=AUTUMN)

    assert path.standing is expected
