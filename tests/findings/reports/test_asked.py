"""The appendix tells by kind what was asked for, how much of it was read, and with which permission."""

from __future__ import annotations

import re
from pathlib import Path

import inventory.readers
from findings.document import SectionInfo
from findings.reports import asked


def section(name: str, count: int | None = 1) -> SectionInfo:
    """Return a list that was read, or one that failed where there is no count."""
    return SectionInfo(name=name, status="failed" if count is None else "read", count=count)


def test_kinds() -> None:
    """Lists of one kind are one row, with the records of those that were read; nothing read is no zero."""
    sections = (
        section("connectors", 5),
        section("connector_groups/a/members", 2),
        section("connector_groups/b/members", 3),
        section("connector_groups/c/members", None),
        section("groups/x/owners", None),
        section("brand_new", 0),
        SectionInfo(name="audit", status="not_licensed", count=None),
    )

    assert asked.kinds(sections) == (
        asked.Kind("connectors", "Directory.Read.All", 1, 1, 5),
        asked.Kind("members of connector groups", "Directory.Read.All", 3, 2, 5),
        asked.Kind("owners of groups", "GroupMember.Read.All", 1, 0, None),
        asked.Kind("brand new", "", 1, 1, 0),
        asked.Kind("audit", "AuditLog.Read.All", 1, 1, None),
    )


def test_permissions_are_those_of_the_readers() -> None:
    """Every permission that the page names is one that a reader asks with."""
    folder = Path(inventory.readers.__file__).parent
    code = "\n".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    built = {f"Role{what}Schedule.Read.Directory" for what in ("Assignment", "Eligibility")} | {
        f"Privileged{what}Schedule.Read.AzureADGroup" for what in ("Assignment", "Eligibility")
    }
    known = set(re.findall(r'"([A-Za-z]+\.Read\.[A-Za-z]+)"', code)) | built
    names = ("connectors", "organization", "private_access", "role_definitions", "role_assignments", "principals")
    of_one = ("groups/x/members", "groups/x/assignments", "groups/x/eligibilities", "role_eligibilities", "audit")

    told = {kind.permission for kind in asked.kinds(tuple(map(section, (*names, *of_one))))}

    assert told <= known
    assert "" not in told
