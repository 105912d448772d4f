"""What a scan asked Graph for, kind by kind, with the permission that each kind needs."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from findings.reports.text import words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from findings.document import SectionInfo

_PERMISSIONS = {
    "organization": "Organization.Read.All",
    "connectors": "Directory.Read.All",
    "connector_groups": "Directory.Read.All",
    "connector_groups/members": "Directory.Read.All",
    "connector_groups/applications": "Directory.Read.All",
    "private_access": "Application.Read.All",
    "role_definitions": "RoleManagement.Read.Directory",
    "role_assignments": "RoleAssignmentSchedule.Read.Directory",
    "role_eligibilities": "RoleEligibilitySchedule.Read.Directory",
    "principals": "Directory.Read.All",
    "groups/members": "GroupMember.Read.All",
    "groups/owners": "GroupMember.Read.All",
    "groups/assignments": "PrivilegedAssignmentSchedule.Read.AzureADGroup",
    "groups/eligibilities": "PrivilegedEligibilitySchedule.Read.AzureADGroup",
    "audit": "AuditLog.Read.All",
}
"""The least permission that the readers name for each kind of list (inventory/readers); broader ones serve as well."""


@dataclass(frozen=True)
class Kind:
    """All lists of one kind: how many there are, how many were read, their records together, and what they need.

    `records` is None where none of them was read; `permission` is empty for a kind that this version does not know.
    """

    label: str
    permission: str
    lists: int
    read: int
    records: int | None


def kinds(sections: Iterable[SectionInfo]) -> tuple[Kind, ...]:
    """Return the kinds of list in the order in which a scan shows them."""
    found: dict[str, list[SectionInfo]] = defaultdict(list)
    for section in sections:
        found[_kind(section.name)].append(section)
    return tuple(_told(kind, same) for kind, same in found.items())


def _kind(name: str) -> str:
    """Return a section's kind: `connector_groups/ID/members` is one of `connector_groups/members`."""
    owner, _, rest = name.partition("/")
    _, _, what = rest.rpartition("/")
    return f"{owner}/{what}" if what else owner


def _told(kind: str, same: list[SectionInfo]) -> Kind:
    counts = [section.count for section in same if section.known and section.count is not None]
    owner, _, what = kind.partition("/")
    label = f"{words(what)} of {words(owner)}" if what else words(owner)
    read = sum(section.known for section in same)
    return Kind(label, _PERMISSIONS.get(kind, ""), len(same), read, sum(counts) if counts else None)
