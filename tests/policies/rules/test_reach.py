"""REG002, REG008 and REG009: how many can register, and by which roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.making import unread
from tests.people import grant, other, role, user
from tests.policies.registration.directory import ADMIN, CUSTOM, FUTURE, GLOBAL, bare, judged, partly, tenant

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from inventory.models import Principal, RoleDefinition
    from inventory.snapshot import Snapshot

ANN, BOB, CLEO = user("Ann"), user("Bob"), user("Cleo")
OUTSIDER = user("Eve", issuer="fabrikam.example")
APPROVED = {"approved_custom_roles": ["Connector operators"]}


def said(rule: str, seen: Snapshot, policy: Mapping[str, object] | None = None) -> str:
    """Return what a rule says of the tenant."""
    (verdict,) = judged(rule, seen, policy).values()
    return verdict


def holding(what: RoleDefinition, *who: Principal) -> Snapshot:
    """Return a tenant in which these hold a role."""
    return tenant(*who, active=[grant(one, what) for one in who])


@pytest.mark.parametrize(
    ("seen", "policy", "expected"),
    [
        pytest.param(holding(ADMIN, ANN), {}, "pass", id="Application Administrator"),
        pytest.param(tenant(ANN, eligible=[grant(ANN, ADMIN, None)]), {}, "pass", id="eligible"),
        pytest.param(holding(GLOBAL, ANN), {}, "fail medium", id="Global Administrator"),
        pytest.param(holding(CUSTOM, ANN), {}, "fail medium", id="custom role"),
        pytest.param(holding(CUSTOM, ANN), APPROVED, "pass", id="approved role"),
        pytest.param(holding(FUTURE, ANN), {"approved_custom_roles": [FUTURE.id]}, "not_assessed", id="unknown action"),
        pytest.param(holding(ADMIN, user(enabled=False), other()), {}, "fail medium", id="nobody who can"),
        pytest.param(tenant(ANN, active=[grant(ANN, ADMIN, scope="/x")]), {}, "fail medium", id="narrower scope"),
        pytest.param(holding(ADMIN, bare(ANN)), {}, "not_assessed", id="attributes not read"),
        pytest.param(tenant(active=[grant(ANN, ADMIN)]), {}, "not_assessed", id="deleted, or not"),
        pytest.param(holding(GLOBAL, bare(ANN)), {}, "fail medium", id="attributes that do not matter"),
        pytest.param(holding(ADMIN, ANN), {"min_registrars": 2}, "fail medium", id="one of two"),
        pytest.param(holding(ADMIN, ANN, BOB), {"min_registrars": 2}, "pass", id="two of two"),
        pytest.param(holding(ADMIN, OUTSIDER), {}, "not_assessed", id="an outsider"),
        pytest.param(holding(ADMIN, OUTSIDER), {"min_registrars": 2}, "fail medium", id="too few with the outsider"),
        pytest.param(tenant(), {"min_registrars": 0}, "pass", id="none are asked for"),
        pytest.param(tenant(), {}, "fail medium", id="nobody"),
    ],
)
def test_covered(seen: Snapshot, policy: Mapping[str, object], expected: str) -> None:
    """Somebody can register without being Global Administrator: an everyday registrar, by name of the role."""
    assert said("REG002", seen, policy) == expected


@pytest.mark.parametrize(
    ("seen", "most", "expected"),
    [
        pytest.param(holding(ADMIN, ANN, BOB), 2, "pass", id="as many"),
        pytest.param(holding(ADMIN, ANN, BOB), 1, "fail medium", id="one more"),
        pytest.param(holding(CUSTOM, ANN, BOB), 1, "fail medium", id="custom role, approved or not"),
        pytest.param(holding(GLOBAL, ANN, BOB), 1, "pass", id="Global Administrators"),
        pytest.param(holding(ADMIN, ANN, user("X", enabled=False), other()), 1, "pass", id="who cannot"),
        pytest.param(holding(ADMIN, ANN, bare(BOB)), 1, "not_assessed", id="who may be able to"),
        pytest.param(holding(ADMIN, ANN, BOB, bare(CLEO)), 1, "fail medium", id="too many already"),
        pytest.param(holding(FUTURE, ANN), 1, "pass", id="unknown action, and no more than one"),
        pytest.param(holding(FUTURE, ANN, BOB), 1, "not_assessed", id="unknown action"),
        pytest.param(holding(ADMIN, ANN, OUTSIDER), 1, "not_assessed", id="an outsider more"),
        pytest.param(holding(ADMIN, ANN, OUTSIDER), 2, "pass", id="few with the outsider"),
        pytest.param(tenant(), 0, "pass", id="nobody"),
    ],
)
def test_few(seen: Snapshot, most: int, expected: str) -> None:
    """Few can register by Application Administrator or a custom role; those who may be able to leave it open."""
    assert said("REG008", seen, {"max_registrars": most}) == expected


def test_one_person_by_many_paths_is_one() -> None:
    """Somebody with five paths is one registrar, and counts for a role only by a path that leads to it."""
    both = tenant(ANN, active=[grant(ANN, GLOBAL), grant(ANN, FUTURE), grant(ANN, ADMIN), grant(ANN, CUSTOM)])
    unsure = tenant(ANN, active=[grant(ANN, GLOBAL), grant(ANN, FUTURE)])

    assert said("REG008", both, {"max_registrars": 1}) == "pass"
    assert said("REG008", both, {"max_registrars": 0}) == "fail medium"
    assert said("REG008", unsure, {"max_registrars": 1}) == "pass"
    assert said("REG008", unsure, {"max_registrars": 0}) == "not_assessed"


@pytest.mark.parametrize("name", ["role_definitions", "role_assignments", "role_eligibilities", "principals"])
def test_counts_where_a_list_was_not_read(name: str) -> None:
    """Enough is enough and too many are too many, whatever was not read; few and too few are open."""
    seen = partly(holding(ADMIN, ANN, BOB), name)

    assert said("REG002", seen) == "pass"
    assert said("REG002", seen, {"min_registrars": 3}) == "not_assessed"
    assert said("REG008", seen, {"max_registrars": 1}) == "fail medium"
    assert said("REG008", seen) == "not_assessed"


@pytest.mark.parametrize(("name", "few"), [("organization", "pass"), ("role_definitions", "not_assessed")])
def test_counts_where_nothing_helps(name: str, few: str) -> None:
    """Where nobody can be judged, one person is one at most; without the roles not even that is known."""
    seen = partly(holding(ADMIN, ANN), name, [])

    assert (said("REG002", seen), said("REG008", seen)) == ("not_assessed", few)


READER = role("Readers", built_in=False, actions=("microsoft.directory/connectors/allProperties/read",))


def approved(*roles: RoleDefinition, entries: Sequence[str] = ()) -> dict[str, str]:
    """Return what REG009 says of these roles."""
    return judged("REG009", tenant(roles=roles), {"approved_custom_roles": entries})


def test_custom_roles() -> None:
    """A custom role that lets register fails unless approved, held or not, disabled or not."""
    old = role("Old", built_in=False, enabled=False)

    assert approved(CUSTOM, old, ADMIN, GLOBAL, READER) == {"Connector operators": "fail medium", "Old": "fail medium"}
    assert approved(CUSTOM, old, entries=["Old", CUSTOM.id.upper()]) == {"Connector operators": "pass", "Old": "pass"}


def test_custom_roles_with_unknown_actions() -> None:
    """A role with an unknown action on connectors may let register, unless it is approved as it is."""
    assert approved(FUTURE) == {"Future operators": "not_assessed"}
    assert approved(FUTURE, entries=["Future operators"]) == {"Future operators": "pass"}


def test_no_custom_roles() -> None:
    """Without a custom role that lets register the rule does not apply; roles not read are not taken for none."""
    assert approved(ADMIN, READER) == {"Contoso": "not_applicable"}
    assert judged("REG009", tenant(roles=unread())) == {"Contoso": "not_assessed"}
    assert judged("REG009", partly(tenant(roles=[CUSTOM]), "role_definitions")) == {
        "Connector operators": "fail medium",
        "Contoso": "not_assessed",
    }


def test_role_that_is_named_like_an_approved_ones_id() -> None:
    """Nobody gets a role approved by giving it an approved role's id as its name."""
    guid = "3f1c2b7a-5d0e-4c7b-9a55-0c6f1e2d3b4a"
    borrowed = role(guid, key="x", built_in=False)

    assert approved(borrowed, entries=[guid]) == {guid: "fail medium"}
