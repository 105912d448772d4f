"""What the policy's entries name: people, by themselves or as members of a group, and roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policies.policy_file.model import Policy
from policies.registration.expected import approves, expected_by, is_named
from tests.making import unread as not_read
from tests.people import group_grant, other, path_group, user
from tests.policies.registration.directory import bare, partly, team, tenant

if TYPE_CHECKING:
    from inventory.models import Principal
    from inventory.snapshot import Snapshot

ANN, ADMINS = user("Ann"), team("Admins")


def expected_of(who: Principal, *entries: str, seen: Snapshot | None = None, known: bool = True) -> bool | None:
    """Return whether a policy with these entries expects somebody."""
    policy = Policy(expected_registrars=entries, break_glass=("glass@contoso.example",))
    return expected_by(policy, seen or tenant(who)).includes(who if known else None, who.id)


def test_expected_by_name() -> None:
    """A person is expected by user name or id, in any case, and as an emergency account."""
    assert expected_of(ANN, "ANN@Contoso.example") is True
    assert expected_of(ANN, "ID-ANN") is True
    assert expected_of(user("Glass")) is True
    assert expected_of(ANN, "Ann", "ann@contoso") is False


def test_expected_where_the_name_was_not_read() -> None:
    """Where the user name was not read, an entry with one leaves it open; software has none that could match."""
    assert expected_of(bare(ANN), "x@contoso.example") is None
    assert expected_of(ANN, "x@contoso.example", known=False) is None
    assert expected_of(bare(ANN), "id-ann") is True
    assert expected_of(other(), "x@contoso.example") is False


def in_group(**lists: object) -> Snapshot:
    """Return a tenant with the group Admins and its lists."""
    return tenant(ANN, ADMINS, groups=[path_group(ADMINS, **lists)])  # type: ignore[arg-type]  # each test gives lists


def test_expected_as_a_member() -> None:
    """A group's id names its members: the direct, the assigned, the eligible; not its owners."""
    member, owner = group_grant(ANN, ADMINS, kind=None), group_grant(ANN, ADMINS, access="owner", kind=None)

    assert expected_of(ANN, "ID-Admins", seen=in_group(members=[ANN])) is True
    assert expected_of(ANN, "id-Admins", seen=in_group(assignments=[member])) is True
    assert expected_of(ANN, "id-Admins", seen=in_group(eligibilities=[member])) is True
    assert expected_of(ANN, "id-Admins", seen=in_group(eligibilities=[owner], owners=[ANN])) is False
    assert expected_of(ANN, "id-Other", seen=in_group(members=[ANN])) is False


def test_expected_through_a_feeder_group() -> None:
    """Whoever comes in through a group that feeds the named one is not meant by it."""
    crew = team("Crew")
    feeding = [
        path_group(ADMINS, eligibilities=[group_grant(crew, ADMINS, kind=None)]),
        path_group(crew, members=[ANN]),
    ]

    assert expected_of(ANN, "id-Admins", seen=tenant(ANN, ADMINS, crew, groups=feeding)) is False


@pytest.mark.parametrize("part", ["members", "eligibilities"])
def test_expected_where_the_group_was_not_read(part: str) -> None:
    """Where the named group's lists were not read in full it is open, unless what was read names the person."""
    assert expected_of(ANN, "id-Admins", seen=in_group(**{part: not_read()})) is None
    assert expected_of(ANN, "id-Admins", seen=partly(in_group(), f"groups/id-Admins/{part}")) is None
    assert expected_of(ANN, "id-Admins", seen=partly(in_group(), "groups/id-Admins/members", [ANN])) is True


def test_expected_where_principals_were_not_read() -> None:
    """Where principals were not read, an id may be that of a group; one that is known to be none is not."""
    assert expected_of(ANN, "id-Admins", seen=partly(tenant(), "principals")) is None
    assert expected_of(ANN, "id-Bob", seen=partly(tenant(), "principals", [user("Bob")])) is False
    assert expected_of(ANN, "id-Admins", seen=partly(in_group(), "principals", [ADMINS])) is False


GUID = "3f1c2b7a-5d0e-4c7b-9a55-0c6f1e2d3b4a"


@pytest.mark.parametrize(
    ("entry", "own_id", "name", "expected"),
    [
        (GUID.upper(), GUID, "x", True),
        ("Operators", GUID, "Operators", True),
        ("operators", GUID, "Operators", False),
        (GUID, "other", GUID, False),
        ("Operators", GUID, None, False),
    ],
)
def test_named(entry: str, own_id: str, name: str | None, *, expected: bool) -> None:
    """A thing is named by id without case or by exact name; a name that has an id's form borrows nothing."""
    assert is_named(entry, own_id, name) is expected
    assert approves(Policy(approved_custom_roles=("x", entry)), own_id, name) is (expected or name == "x")
