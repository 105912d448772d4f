"""Paths in any directory, against a slow and obvious resolver; and in directories made to tie a scan down."""

from __future__ import annotations

import time
from itertools import permutations, product
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.errors import NotReadError
from findings.build import build_document
from policies.evaluate import evaluate
from policies.registration.holders import Completeness, holders, unread
from policies.registration.paths import MOST_STEPS, paths
from tests.examples import examples
from tests.making import evidence
from tests.people import grant, group_grant, path_group, user
from tests.policies.registration.directory import ADMIN, FUTURE, LOST, REG, ROLES, directories, spoken, team, tenant
from tests.policies.rules.tenants import backwards, doubled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inventory.models import PrincipalId, RoleGrant
    from inventory.snapshot import PathGroup, Snapshot

always = settings(deadline=None, derandomize=True, max_examples=examples(30))


class Way(NamedTuple):
    """A path as the slow resolver tells it."""

    role: str
    scope: str
    kind: str
    via: tuple[tuple[str, str], ...]


def grants(seen: Snapshot) -> Iterator[tuple[RoleGrant, str]]:
    """List the grants of roles that count, each with how the role is held."""
    counting = {role.id for role in ROLES[:4]}
    words = {"Assigned": "assigned", "Activated": "activated", None: "active"}
    for one in seen.role_assignments.records:
        if one.role_definition_id in counting:
            yield one, words[one.assignment_type]
    for one in seen.role_eligibilities.records:
        if one.role_definition_id in counting:
            yield one, "eligible"


def joined(who: PrincipalId, group: PathGroup) -> set[str]:
    """Return all ways in which somebody belongs to a group."""
    active = [one for one in group.assignments.records if one.principal_id == who and not one.is_owner]
    eligible = [one for one in group.eligibilities.records if one.principal_id == who and not one.is_owner]
    found = {"activated" if one.assignment_type == "activated" else "permanent" for one in active}
    if not active and who in {one.id for one in group.members.records}:
        found.add("permanent")
    return found | {"eligible" for _ in eligible}


def slow(seen: Snapshot) -> dict[str, set[Way]]:
    """Return everybody's paths by trying each row of distinct groups for everybody."""
    groups = {group.group_id: group for group in seen.path_groups}
    everybody = [one.id for one in (*seen.principals.records, LOST)]
    chains = [chain for length in range(len(groups) + 1) for chain in permutations(groups, length)]
    found: dict[str, set[Way]] = {}
    for who, chain, (given_, kind) in product(everybody, chains, list(grants(seen))):
        row = (who, *chain)
        if len(set(row)) < len(row) or row[-1] != given_.principal_id:
            continue
        steps = [joined(row[number], groups[row[number + 1]]) for number in range(len(chain))]
        for memberships in product(*steps):
            via = tuple(zip(chain, memberships, strict=True))
            way = Way(given_.role_definition_id, given_.directory_scope_id or "/", kind, via)
            found.setdefault(who, set()).add(way)
    return found


def quick(seen: Snapshot) -> dict[str, set[Way]]:
    """Return everybody's paths as the product finds them."""
    return {
        who: {
            Way(path.role_id, path.scope, path.kind, tuple((step.group, step.membership) for step in path.via))
            for path in own
        }
        for who, own in paths(seen).items()
    }


@always
@given(directories())
def test_same_as_the_slow_resolver(seen: Snapshot) -> None:
    """In any directory the paths are those that trying everything finds."""
    assert quick(seen) == slow(seen)


@always
@given(directories())
def test_order_and_repetition_say_nothing(seen: Snapshot) -> None:
    """Lists may come in any order and repeat themselves: the paths are the same, in the same order."""
    said = {str(paths(change(seen))) for change in (lambda s: s, backwards, doubled)}

    assert len(said) == 1


def clique(size: int) -> Snapshot:
    """Return a directory with groups that are all in each other, one of which holds a role."""
    teams = [team(f"Team {number}", assignable=False) for number in range(size)]
    lists = [path_group(one, members=[user(), *teams]) for one in teams]
    return tenant(user(), *teams, active=[grant(teams[0], ADMIN)], groups=lists, roles=[ADMIN])


def ring(size: int) -> Snapshot:
    """Return a directory with a chain of groups, each in the one before it."""
    teams = [team(f"Team {number:04}", assignable=False) for number in range(size)]
    lists = [path_group(one, members=[inside]) for one, inside in zip(teams, [*teams[1:], user()], strict=True)]
    return tenant(user(), *teams, active=[grant(teams[0], ADMIN)], groups=lists, roles=[ADMIN])


@pytest.mark.parametrize("tangled", [clique(12), ring(2000)], ids=["clique", "chain"])
def test_groups_nested_beyond_reading(tangled: Snapshot) -> None:
    """Groups that are nested in more ways than anybody could follow are told as that, by every rule, and only once."""
    policy = {"expected_registrars": ["x@contoso.example"]}
    judged = evidence(tangled, policy=policy)

    with pytest.raises(NotReadError, match=f"more than {MOST_STEPS} ways in"):
        paths(tangled)
    before = time.process_time()
    said = spoken(judged)
    assert time.process_time() - before < 5.0
    assert {key.partition("/")[0] for key, word in said.items() if word == "not_assessed"} == {
        rule.id for rule in REG if rule.id != "REG009"
    }
    assert build_document(judged, evaluate(judged, REG), None).registrars == ()


def test_deep_but_not_wide() -> None:
    """A chain of a hundred groups is followed to its end."""
    (path,) = paths(ring(100))[user().id]

    assert len(path.via) == 100


def crowd(groups: int, members: int, alone: int) -> Snapshot:
    """Return a directory with role groups of that many members each, and people who hold the role themselves."""
    teams = [team(f"Team {number}") for number in range(groups)]
    people = [user(f"User {number}") for number in range(groups * members + alone)]
    lists = [
        path_group(
            one,
            members=people[number * members : (number + 1) * members],
            assignments=[group_grant(who, one) for who in people[number * members : (number + 1) * members]],
        )
        for number, one in enumerate(teams)
    ]
    held = [grant(one, ADMIN) for one in (*teams, *people[groups * members :])]
    return tenant(*teams, *people, active=held, groups=lists)


@pytest.mark.parametrize("size", [(20, 200, 0), (0, 0, 1000)], ids=["20 groups of 200", "1,000 holders"])
def test_many_paths_take_little_time(size: tuple[int, int, int]) -> None:
    """Thousands of paths are found in a fraction of a second, and so is whether all lists were read."""
    seen = crowd(*size)
    before = time.process_time()
    known = holders(seen)
    gaps = [unread(seen, known, extent) for extent in Completeness]

    assert time.process_time() - before < 1.0
    assert (len(known), gaps) == (len(seen.principals.records), [None, None, None])


@given(st.data())
@settings(deadline=None, derandomize=True, max_examples=examples(20))
def test_uncertain_roles_never_let_anybody_register_for_sure(data: st.DataObject) -> None:
    """Who holds nothing but a role with unknown actions on connectors never has a certain path."""
    seen = data.draw(directories())
    only = seen.model_copy(update={"role_definitions": tenant(roles=[FUTURE]).role_definitions})

    assert not any(path.certain for own in paths(only).values() for path in own)
