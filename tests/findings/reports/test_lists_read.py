"""The appendix tells by kind what was asked for, how much of it was read, and with which permission."""

from __future__ import annotations

from findings.document import SectionInfo
from findings.reports import lists_read


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

    assert lists_read.kinds(sections) == (
        lists_read.Kind("connectors", "Directory.Read.All", 1, 1, 5),
        lists_read.Kind("members of connector groups", "Directory.Read.All", 3, 2, 5),
        lists_read.Kind("owners of groups", "GroupMember.Read.All", 1, 0, None),
        lists_read.Kind("brand new", "", 1, 1, 0),
        lists_read.Kind("audit", "AuditLog.Read.All", 1, 1, None),
    )
