"""Giving an identity what scanning takes: exactly that, once, shown before, told after, and taken back again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from connectorwatch.doctor.tokens import identity_of
from inventory.permissions import GLOBAL_READER, GRANTED
from simulator import DEMO_POLICY, Fault, FaultKind
from tests.connectorwatch.doctor.asking import missing, told
from tests.connectorwatch.grants.granting import Scene, scene, waiting
from tests.e2e.commands import AT, run

if TYPE_CHECKING:
    from pathlib import Path

PERMISSIONS = [permission.name for permission in GRANTED]
ROLE = "/roleManagement/directory"


def held(own: Scene) -> list[str]:
    """Return the permissions that the identity's next token names."""
    return sorted(identity_of(own.simulator.token).permissions)


def test_from_nothing_to_a_complete_scan(tmp_path: Path) -> None:
    """Before it the doctor misses everything; after it nothing is missing, and a scan reads every list."""
    with scene() as own:
        before = told(own.as_identity(), tmp_path / "doctor")
        granted = own.grant()
        after = told(own.as_identity(), tmp_path / "doctor")
        scan = run(
            "scan",
            "--out",
            str(tmp_path),
            "--policy",
            str(DEMO_POLICY),
            "--at",
            AT,
            "--json",
            settings=own.as_identity(),
        )

    assert (before["code"], [check["missing"] for check in missing(before)]) == (1, PERMISSIONS)
    assert granted.code == 0
    assert "All given: 8 changes." in granted.stdout
    assert (after["code"], missing(after)) == (0, [])
    assert json.loads(scan.stdout)["scan"]["complete"] is True


def test_exactly_the_permissions_of_the_table_and_one_role(tmp_path: Path) -> None:
    """The identity holds the six permissions and the custom role, and nothing else was written."""
    del tmp_path
    with scene() as own:
        own.grant()
        writes = own.writes()
        assert held(own) == sorted(PERMISSIONS)

    principal = f"/servicePrincipals/{own.principal}/appRoleAssignments"
    assert writes == [
        ("POST", f"{ROLE}/roleDefinitions", 201),
        ("POST", f"{ROLE}/roleAssignments", 201),
        *[("POST", principal, 201)] * len(PERMISSIONS),
    ]


def test_global_reader_instead() -> None:
    """With --global-reader no role is made, and the built-in one is assigned."""
    with scene() as own:
        ran = own.grant("--global-reader")
        writes = own.writes()
        assignments = own.simulator.world.grants.assignments

    assert ran.code == 0
    assert ("POST", f"{ROLE}/roleDefinitions", 201) not in writes
    assert any(
        (row.fields["principalId"], row.fields["roleDefinitionId"]) == (own.principal, GLOBAL_READER)
        for row in assignments
    )


@pytest.mark.parametrize("more", [(), ("--global-reader",)])
def test_a_second_time_nothing_is_done(more: tuple[str, ...]) -> None:
    """What is there is left as it is, and nothing is written."""
    with scene() as own:
        own.grant(*more)
        before = len(own.writes())
        again = own.grant(*more)

        assert len(own.writes()) == before
    assert again.code == 0
    assert "Nothing to do" in again.stdout


def test_only_what_is_missing_is_done() -> None:
    """A permission that somebody gave before is shown as such, and the rest is given."""
    with scene(waiting(permissions=("Directory.Read.All",))) as own:
        ran = own.grant()

        assert held(own) == sorted(PERMISSIONS)
    assert "= grant Directory.Read.All" in ran.stdout
    assert "+ grant AuditLog.Read.All" in ran.stdout


@pytest.mark.parametrize("more", [("--dry-run",), ("--dry-run", "--revoke")])
def test_a_dry_run_writes_nothing(more: tuple[str, ...]) -> None:
    """--dry-run shows the steps and changes nothing."""
    with scene(waiting(permissions=("Directory.Read.All",))) as own:
        ran = own.grant(*more)

        assert own.writes() == []
    assert ran.code == 0
    assert "Directory.Read.All" in ran.stdout


def test_no_is_no() -> None:
    """Whoever answers no has changed nothing, and the exit code says that it is not done."""
    with scene() as own:
        ran = own.grant(answer="n\n")

        assert own.writes() == []
    assert ran.code == 1
    assert "Nothing was changed." in ran.stdout


def test_yes_is_yes() -> None:
    """Whoever answers yes gets it done."""
    with scene() as own:
        assert own.grant(answer="y\n").code == 0
        assert held(own) == sorted(PERMISSIONS)


def test_revoke_takes_back_exactly_that() -> None:
    """Permissions, role and the custom role itself are gone; what somebody else gave stays."""
    with scene(waiting(permissions=("User.Read.All",))) as own:
        own.grant()
        ran = own.grant("--revoke")
        definitions = own.simulator.world.grants.definitions.values()

        assert ran.code == 0
        assert held(own) == ["User.Read.All"]
        assert not any(row.fields["displayName"] == "Connectorwatch connector reader" for row in definitions)
        assert own.grant("--revoke").code == 0


def test_a_role_that_somebody_else_holds_is_kept() -> None:
    """The custom role is deleted only where nobody else holds it."""
    with scene() as own:
        own.grant()
        grants = own.simulator.world.grants
        role = next(
            guid for guid, row in grants.definitions.items() if "connector reader" in str(row.fields["displayName"])
        )
        grants.assign("other", {"principalId": "other", "roleDefinitionId": role, "directoryScopeId": "/"})
        ran = own.grant("--revoke")

        assert role in grants.definitions
    assert ran.code == 0
    assert "somebody else holds it" in ran.stdout


def test_deleting_the_role_is_asked_for_itself() -> None:
    """Whoever wants to keep the custom role says no to that and yes to the rest."""
    with scene() as own:
        own.grant()
        ran = own.grant("--revoke", answer="n\ny\n")

        assert held(own) == []
        assert ("DELETE", 204) not in {
            (method, status) for method, path, status in own.writes() if "Definitions" in path
        }
    assert ran.code == 0


def test_the_plan_is_shown_before_anything_is_asked() -> None:
    """Whoever is asked whether the custom role is to go has seen whom it is about, and that it would."""
    with scene() as own:
        own.grant()
        shown = own.grant("--revoke", answer="n\nn\n").stdout

    assert shown.index("delete the custom role") < shown.index("Delete the custom role, too?")


@pytest.mark.parametrize(
    ("given", "taken", "says"),
    [
        (("--global-reader",), (), "'Global Reader', which stays: --revoke --global-reader"),
        ((), ("--global-reader",), "'Connectorwatch connector reader', which stays: --revoke --custom-role"),
    ],
)
def test_a_role_of_the_other_choice_is_not_passed_over(
    given: tuple[str, ...], taken: tuple[str, ...], says: str
) -> None:
    """Taking back with one choice what the other gave leaves a role, and that is said with the way out."""
    with scene() as own:
        own.grant(*given)
        ran = own.grant("--revoke", *taken)
        both = own.grant("--revoke", *given)

        assert own.principal not in own.simulator.world.grants.assignment_index["principalId"]
    assert says in " ".join(ran.stdout.split())
    assert "which stays" not in both.stdout


def test_who_could_activate_it_may_not_be_visible() -> None:
    """Where eligible holders cannot be seen, the custom role is kept and that is said."""
    refused = Fault(path=f"{ROLE}/roleEligibilityScheduleInstances", kind=FaultKind.DENIED)
    with scene(faults=[refused]) as own:
        own.grant()
        ran = own.grant("--revoke")

    assert ran.code == 0
    assert "cannot be seen" in ran.stdout


def test_without_p2_nobody_can_be_eligible() -> None:
    """Where the tenant has no PIM, the custom role goes when its last holder does."""
    tenant = waiting()
    organization = tenant.tenant.model_copy(update={"licenses": frozenset({"P1"})})
    with scene(tenant.model_copy(update={"tenant": organization})) as own:
        own.grant()

        assert "delete the custom role" in own.grant("--revoke").stdout
