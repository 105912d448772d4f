"""POL003: names in the policy that match nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policies.evaluate import evaluate
from tests.making import evidence, group, holds, snapshot, unread
from tests.people import other, role, user
from tests.policies.registration.directory import ADMIN, CUSTOM, REG, bare, judged, partly, team, tenant

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inventory.snapshot import Snapshot

GUID, OTHER_GUID = "3f1c2b7a-5d0e-4c7b-9a55-0c6f1e2d3b4a", "3f1c2b7a-5d0e-4c7b-9a55-0c6f1e2d3b4b"
ANN, BOB, ROBOT, ADMINS = user("Ann", key=GUID), user("Bob"), other("Robot"), team("Admins")
WHOLE = tenant(ANN, BOB, ROBOT, ADMINS)
PASS, LOW, OPEN = "pass", "fail low", "not_assessed"


def said(seen: Snapshot, policy: Mapping[str, object]) -> dict[str, str]:
    """Return what POL003 says of each entry."""
    return judged("POL003", seen, policy)


def of(setting: str, entry: str, seen: Snapshot = WHOLE) -> str:
    """Return what POL003 says of one entry of a setting."""
    (verdict,) = said(seen, {setting: {entry: {}} if setting == "groups" else [entry]}).values()
    return verdict


@pytest.mark.parametrize("setting", ["expected_registrars", "break_glass"])
@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("ann@contoso.example", PASS),
        ("ANN@Contoso.Example", PASS),
        (GUID.upper(), PASS),
        ("id-Bob", PASS),
        ("id-robot", PASS),
        ("ann@contoso.exampl", LOW),
        ("Ann", LOW),
        (OTHER_GUID, LOW),
    ],
)
def test_people(setting: str, entry: str, expected: str) -> None:
    """A person is named by user name or id, in any case; a display name, or a typing error, names nobody."""
    assert of(setting, entry) == expected


def test_groups_of_people() -> None:
    """A group's id names registrars; as an emergency account it spares nobody, and matches nothing."""
    assert (of("expected_registrars", ADMINS.id), of("break_glass", ADMINS.id)) == (PASS, LOW)


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("Connector operators", PASS),
        (CUSTOM.id.upper(), PASS),
        ("connector operators", LOW),
        ("Application Administrator", LOW),
        (ADMIN.id, LOW),
        (GUID, LOW),
        ("Reader", PASS),
    ],
)
def test_custom_roles(entry: str, expected: str) -> None:
    """A custom role is named by id or exact name, whatever it may do; a built-in one is none."""
    borrowed, reader = role(GUID, key="borrowed", built_in=False), role("Reader", built_in=False, actions=())

    assert of("approved_custom_roles", entry, tenant(roles=[ADMIN, CUSTOM, borrowed, reader])) == expected


@pytest.mark.parametrize(
    ("entry", "expected"), [("Paris", PASS), ("ID-PARIS", PASS), ("paris", LOW), ("London", LOW), (GUID, LOW)]
)
def test_connector_groups(entry: str, expected: str) -> None:
    """A connector group is named by id or exact name; a name in the form of an id names nothing."""
    seen = snapshot({group("Paris"): holds(), group(GUID, key="x"): holds(), group(None): holds()})

    assert of("groups", entry, seen) == expected


def test_every_entry_is_a_subject_of_its_own() -> None:
    """Each entry of each setting is told of by what it says, once, however often it stands there."""
    policy = {
        "expected_registrars": ["x@y", "x@y", "id-Bob"],
        "break_glass": ["x@y"],
        "approved_custom_roles": ["Connector operators"],
        "groups": {"Paris": {}},
    }
    verdicts = evaluate(evidence(WHOLE, policy=policy), [rule for rule in REG if rule.id == "POL003"])

    assert {verdict.key: verdict.evidence["setting"] for verdict in verdicts} == {
        "POL003/approved_custom_roles:Connector operators": "approved_custom_roles",
        "POL003/break_glass:x@y": "break_glass",
        "POL003/expected_registrars:id-Bob": "expected_registrars",
        "POL003/expected_registrars:x@y": "expected_registrars",
        "POL003/groups:Paris": "groups",
    }
    assert {verdict.subject.type for verdict in verdicts} == {"tenant"}


def test_nothing_is_named() -> None:
    """A policy that names nothing is not judged, unless nothing was read that it could have named."""
    assert said(WHOLE, {}) == {"Contoso": "not_applicable"}
    assert said(tenant(roles=unread()), {}) == {"Contoso": "not_applicable"}
    assert said(tenant(roles=unread()).model_copy(update={"groups": unread("connector_groups")}), {}) == {
        "Contoso": OPEN
    }


@pytest.mark.parametrize("name", ["role_definitions", "role_assignments", "role_eligibilities", "principals"])
def test_people_where_a_list_was_not_read(name: str) -> None:
    """A user name that was read passes; one that was not could be anybody's, where not everybody was read."""
    cut = partly(WHOLE, name)

    assert of("expected_registrars", "ann@contoso.example", cut) == PASS
    assert of("expected_registrars", "x@contoso.example", cut) == OPEN


def test_ids_are_asked_for() -> None:
    """An id that the policy names is asked for by itself, so that only principals not read leave it open."""
    assert of("expected_registrars", OTHER_GUID, partly(WHOLE, "role_assignments")) == LOW
    assert of("expected_registrars", OTHER_GUID, partly(WHOLE, "principals")) == OPEN


def test_user_names_not_read() -> None:
    """Where a user came without a name, the name could be the one."""
    dim = tenant(ANN, bare(BOB))

    assert of("break_glass", "bob@contoso.example", dim) == OPEN
    assert of("break_glass", "ann@contoso.example", dim) == PASS
    assert of("break_glass", OTHER_GUID, dim) == LOW
    assert of("break_glass", "bob@contoso.example", tenant(ANN, bare(ROBOT), bare(ADMINS))) == LOW


@pytest.mark.parametrize("setting", ["approved_custom_roles", "groups"])
def test_roles_and_groups_not_read(setting: str) -> None:
    """A name among what was read passes, and where the list broke off another one is open."""
    seen = snapshot({group("Connector operators"): holds()}, roles=[CUSTOM])
    cut = partly(seen, "role_definitions" if setting == "approved_custom_roles" else "connector_groups")

    assert of(setting, "Connector operators", cut) == PASS
    assert of(setting, "Other", cut) == OPEN
