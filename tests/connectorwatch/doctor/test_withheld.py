"""For each permission withheld in turn, the doctor and a scan name exactly it and the verdicts it costs."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, NamedTuple

import pytest

from connectorwatch.doctor.from_scan import learned
from inventory.answer import UNLICENSED_LIST
from inventory.permissions import CONNECTOR_ROLE, NEEDS, PERSON_ROLE, PLAIN
from simulator import Fault, FaultKind
from tests.connectorwatch.doctor.asking import NAMES, contoso, missing, scanned, served, told, unassessed

if TYPE_CHECKING:
    from pathlib import Path

    from connectorwatch.doctor.document import Check
    from findings.document import FindingsDocument
    from inventory.permissions import Requirement

pytestmark = pytest.mark.slow

PIM_LISTS = ["role_assignments", "role_eligibilities", "groups/assignments", "groups/eligibilities"]
NEXT_DAY = "2026-11-21T06:00:00Z"


class Whole(NamedTuple):
    """Two scans with everything, and where the store lies as the first one left it."""

    first: FindingsDocument
    second: FindingsDocument
    kept: Path


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """Return what two scans with everything say, the second one with the memory of the first."""
    out, kept = tmp_path_factory.mktemp("whole"), tmp_path_factory.mktemp("kept") / "first"
    with served() as settings:
        first = scanned(settings, out)
        shutil.copytree(out, kept)
        return Whole(first, scanned(settings, out, NEXT_DAY), kept)


def lost(settings: dict[str, str], whole: Whole, folder: Path) -> tuple[set[str], list[Check]]:
    """Return the rules that two real scans say less of than scans with everything, the second one after a full one.

    And what the first of them learned.
    """
    shutil.copytree(whole.kept, folder / "second")
    less = scanned(settings, folder / "first"), scanned(settings, folder / "second", NEXT_DAY)
    keys = (unassessed(now) - unassessed(before) for before, now in zip(whole[:2], less, strict=True))
    return {key.partition("/")[0] for some in keys for key in some}, learned(less[0])


@pytest.mark.parametrize("name", NAMES)
def test_a_permission_withheld_is_named_and_so_is_what_it_costs(name: str, whole: Whole, tmp_path: Path) -> None:
    """Nothing else is named; the rules are those of which a real scan then says not_assessed; the exit code is 4."""
    with served(permissions=[other for other in NAMES if other != name]) as settings:
        document = told(settings, tmp_path / "doctor")
        costs, (known,) = lost(settings, whole, tmp_path)

    (found,) = missing(document)
    assert (document["code"], found["missing"]) == (4, name)
    assert set(found["costs"]) == costs
    assert (known.missing, set(known.costs)) == (name, costs)
    assert found["mend"][0].startswith("connectorwatch grant --principal ")


def test_a_directory_role_withheld_is_named_and_so_is_what_it_costs(whole: Whole, tmp_path: Path) -> None:
    """App Proxy's own refusal is recognised by its code, and the way for people is told beside the grant."""
    with served(contoso(directory_role_can_read_connectors=False)) as settings:
        document = told(settings, tmp_path / "doctor")
        costs, (known,) = lost(settings, whole, tmp_path)

    (found,) = missing(document)
    assert (document["code"], found["missing"]) == (4, CONNECTOR_ROLE)
    assert found["code"] == "NotAdminRoleNoEnoughCustomPermission_UnauthorizedAccess"
    assert set(found["costs"]) == costs
    assert (known.missing, known.code, set(known.costs)) == (CONNECTOR_ROLE, found["code"], costs)
    assert "CONNECTORWATCH_CREDENTIAL=browser" in " ".join(found["mend"])


@pytest.mark.parametrize("kind", list(NEEDS))
def test_a_kind_of_list_that_fails_is_named_and_so_is_what_it_costs(kind: str, whole: Whole, tmp_path: Path) -> None:
    """What a real scan cannot even ask for without that list counts, and what it reads in its stead does not."""
    with served(faults=[broken(NEEDS[kind])]) as settings:
        document = told(settings, tmp_path / "doctor")
        costs, known = lost(settings, whole, tmp_path)

    (found,) = missing(document)
    assert (found["name"], found["lists"]) == (NEEDS[kind].words, [kind])
    assert set(found["costs"]) == costs
    assert [(check.lists, set(check.costs)) for check in known] == [((kind,), costs)]


def broken(need: Requirement, kind: FaultKind = FaultKind.STATUS) -> Fault:
    """Return the fault with which a kind of list fails, or is refused."""
    path = need.endpoint.partition("/")[2].replace("{id}", "*")
    return Fault(path=f"/{path}", kind=kind, status=400 if kind is FaultKind.STATUS else None)


@pytest.mark.parametrize(
    ("tenant", "pim", "plain", "names"),
    [
        ("contoso", FaultKind.STATUS, FaultKind.STATUS, ["2 kinds of list"]),
        # The token holds the permissions that open these lists, so that none is advised to be granted.
        ("contoso", FaultKind.DENIED, FaultKind.STATUS, ["role assignments", "plain role assignments"]),
        ("contoso", FaultKind.DENIED, FaultKind.DENIED, ["role assignments", "plain role assignments"]),
        ("no-p2", None, FaultKind.DENIED, ["plain role assignments"]),
    ],
)
def test_role_assignments_of_which_neither_list_is_read(
    tenant: str, pim: FaultKind | None, plain: FaultKind, names: list[str], whole: Whole, tmp_path: Path
) -> None:
    """Where the plain list does not stand in for PIM's, all that a scan then loses is named, and why."""
    faults = [broken(PLAIN, plain), *([broken(NEEDS["role_assignments"], pim)] if pim else [])]
    with served(contoso(tenant), faults=faults) as settings:
        document = told(settings, tmp_path / "doctor")
        costs, known = lost(settings, whole, tmp_path) if pim else (ROLES, [])
    found = missing(document)

    assert sorted(check["name"] for check in found) == sorted(names)
    assert {check["missing"] for check in found} == {None}
    assert {rule for check in found for rule in check["costs"]} == costs == ROLES
    assert all((check.lists, set(check.costs)) == (("role_assignments/plain",), costs) for check in known)
    assert bool(known) == bool(pim)


ROLES = {"REG003", "REG004", "REG005", "REG006", "REG007", "REG008", "REG010", "REG011"}


def test_nothing_is_missing_where_everything_was_granted(tmp_path: Path) -> None:
    """With exactly the permissions of the table every kind of list is read, the exit code is 0, and nothing is left."""
    with served() as settings:
        document = told(settings, tmp_path / "new")

    (read,) = (check for check in document["checks"] if check["name"] == "read")
    assert (document["code"], missing(document), (tmp_path / "new").exists()) == (0, [], False)
    assert read["lists"] == list(NEEDS)


@pytest.mark.parametrize(
    ("roles", "lists"),
    [
        (["Global Reader"], []),
        (["Connectorwatch connector reader"], ["audit", *PIM_LISTS]),
        (["Connectorwatch connector reader", "Reports Reader"], PIM_LISTS),
        (["Connectorwatch connector reader", "Security Reader"], []),
    ],
)
def test_a_person_without_a_directory_role_is_not_advised_to_grant(
    roles: list[str], lists: list[str], tmp_path: Path
) -> None:
    """The token holds every permission, so the doctor and a scan name the person's directory role, for these lists."""
    with served(contoso(delegated=True, person_roles=frozenset(roles))) as settings:
        document = told(settings, tmp_path / "doctor")
        known = learned(scanned(settings, tmp_path / "scan"))
    found = missing(document)

    assert [check["missing"] for check in found] == ([PERSON_ROLE] if lists else [])
    assert [sorted(check["lists"]) for check in found] == ([sorted(lists)] if lists else [])
    assert [(check.missing, sorted(check.lists)) for check in known] == (
        [(PERSON_ROLE, sorted(lists))] if lists else []
    )
    assert not [
        "grant" in " ".join(check["mend"]).lower() for check in found if "Global Reader" not in check["mend"][0]
    ]


def test_a_licence_that_a_list_takes_is_named(whole: Whole, tmp_path: Path) -> None:
    """A list that Graph refuses for want of a licence is unread, and nothing is advised to be granted."""
    fault = Fault(path="/auditLogs/directoryAudits", kind=FaultKind.STATUS, status=403, code=UNLICENSED_LIST)
    with served(faults=[fault]) as settings:
        document = told(settings, tmp_path / "doctor")
        costs, (known,) = lost(settings, whole, tmp_path)
    (found,) = missing(document)

    assert (found["missing"], found["lists"], set(found["costs"])) == (None, ["audit"], costs)
    assert (known.missing, known.code, "licence" in known.message) == (None, UNLICENSED_LIST, True)
    assert "P1 or P2" in found["mend"][0]


def test_two_permissions_withheld_are_two(tmp_path: Path) -> None:
    """Each of several missing permissions is named once."""
    with served(permissions=[name for name in NAMES if not name.startswith("Privileged")]) as settings:
        document = told(settings, tmp_path)

    assert [check["missing"] for check in missing(document)] == [
        name for name in NAMES if name.startswith("Privileged")
    ]


def test_a_narrower_permission_that_is_there_costs_less(tmp_path: Path) -> None:
    """Where some lists are opened by other permissions, only the verdicts of the closed ones are lost."""
    others = [name for name in NAMES if name != "Directory.Read.All"]
    with served(permissions=[*others, "RoleManagement.Read.Directory"]) as settings:
        (found,) = missing(told(settings, tmp_path))

    assert found["missing"] == "Directory.Read.All"
    assert "REG001" not in found["costs"]
