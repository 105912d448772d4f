"""What a stored scan tells of what kept it from seeing everything, and what it must not take for that."""

from __future__ import annotations

import pytest

from connectorwatch.doctor.from_scan import learned
from findings.document import SectionInfo
from inventory.permissions import AUDIT, DIRECTORY, ROLE_ASSIGNMENTS
from tests.findings.reports.sample import document

REFUSED = "Authorization_RequestDenied"


def told(*sections: SectionInfo) -> list[tuple[str, str | None, tuple[str, ...]]]:
    """Return what a scan with these sections learned: name, code and lists."""
    checks = learned(document().model_copy(update={"sections": sections}))
    return [(check.name, check.code, check.lists) for check in checks]


def section(name: str, status: str = "denied", code: str | None = REFUSED, **more: str | None) -> SectionInfo:
    """Return a section of a stored document."""
    return SectionInfo.model_validate({"name": name, "status": status, "count": None, "code": code, **more})


def test_a_scan_that_read_everything_learned_nothing() -> None:
    """Nothing is missing where every list was read."""
    assert told(section("connectors", "read", None), section("audit", "read", None)) == []


@pytest.mark.parametrize(
    ("status", "code", "name"),
    [("denied", REFUSED, AUDIT), ("throttled", "429", "audit log"), ("failed", "x", "audit log")],
)
def test_each_way_of_not_reading_is_told(status: str, code: str, name: str) -> None:
    """A refusal is told by its permission, anything else by the list."""
    assert told(section("audit", status, code)) == [(name, code, ("audit",))]


def test_one_unread_list_among_many_of_its_kind_is_told() -> None:
    """It does not matter which of the groups' lists was not read, nor what else holds of the others."""
    lists = [section(f"groups/{place}/assignments", "read", None) for place in range(3)]
    lists[1] = section("groups/1/assignments", "failed", "http_500")
    lists[2] = section("groups/2/assignments", "not_licensed", "AadPremiumLicenseRequired")

    assert told(*lists) == told(*lists[::-1]) == [("PIM assignments of groups", "http_500", ("groups/assignments",))]


def test_what_was_never_asked_for_is_not_blamed() -> None:
    """A list that waited for another one is not called refused."""
    waiting = section("role_assignments", reason="not asked for, because role_definitions could not be read: no")

    assert [name for name, _, _ in told(section("role_definitions"), waiting)] == [DIRECTORY]


@pytest.mark.parametrize(
    ("code", "permission", "names"),
    [
        ("PermissionScopeNotGranted", ROLE_ASSIGNMENTS, [ROLE_ASSIGNMENTS]),
        ("http_500", None, ["role assignments"]),
        ("AadPremiumLicenseRequired", None, []),
    ],
)
def test_a_list_that_stands_in_for_a_better_one_is_told(code: str, permission: str | None, names: list[str]) -> None:
    """Plain role assignments are read, and yet PIM's are missing; without the licence there are none to miss."""
    plain = section("role_assignments", "read", code, permission=permission, reason="from plain role assignments")

    assert [name for name, _, _ in told(plain)] == names


def test_a_token_that_graph_did_not_take_is_told_as_that() -> None:
    """No permission is blamed for a token that has expired."""
    expired = section("audit", code="InvalidAuthenticationToken", reason="Graph did not accept the token (expired)")

    assert told(expired) == [("token", "InvalidAuthenticationToken", ("audit",))]


def test_rules_that_did_not_speak_cost_nothing() -> None:
    """Only rules that the scan's policy had switched on are told as lost."""
    sample = document().model_copy(update={"sections": (section("connectors", "failed", "http_500"),)})
    off = tuple(verdict for verdict in sample.verdicts if verdict.rule != "VER001")

    assert [check.costs for check in learned(sample)] == [("VER001", "VER003")]
    assert [check.costs for check in learned(sample.model_copy(update={"verdicts": off}))] == [("VER003",)]


def test_a_kind_of_list_that_this_version_does_not_know_is_told_by_its_own_name() -> None:
    """A document of a newer version may have lists of which nothing is known but that they were not read."""
    lists = [section("sensors"), section("a/b/c"), section("a/d/c"), section("a/e/c", "failed", None)]

    assert told(*lists, section("x", "read", None), section("y", "not_licensed")) == [
        ("sensors", REFUSED, ("sensors",)),
        ("a/c", REFUSED, ("a/c",)),
        ("a/c", None, ("a/c",)),
    ]


def test_lists_of_one_kind_that_failed_differently_are_told_each() -> None:
    """A permission that is missing for one group's members does not vanish behind what befell those of others."""
    lists = [
        section("groups/1/members"),
        section("groups/2/members", "throttled", "throttled"),
        section("groups/3/members", "failed", "http_500"),
        section("groups/4/members", "failed", "http_500"),
    ]
    known = [(DIRECTORY, REFUSED), ("members of groups", "throttled"), ("members of groups", "http_500")]

    for given in (lists, lists[::-1]):
        assert sorted(told(*given)) == sorted((name, code, ("groups/members",)) for name, code in known)


def test_nothing_stops_a_scan_that_was_made() -> None:
    """What is told of a stored scan never says that none can be made."""
    checks = learned(document().model_copy(update={"sections": (section("connectors"),)}))

    assert [check.stops for check in checks] == [False]
