"""What the policy's entries name: people by id or user name or group, roles and groups by id or name. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from common.ids import is_object_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from inventory.models import Principal, PrincipalId
    from inventory.snapshot import PathGroup, Snapshot
    from policies.policy_file.model import Policy


def is_named(entry: str, own_id: str, name: str | None) -> bool:
    """Return whether an entry names a thing: by id without case, or by exact name.

    A name that has the form of an id counts for nothing, so that nobody borrows what the policy says of another thing.
    """
    return entry.casefold() == own_id.casefold() or (entry == name and not is_object_id(entry))


def approves(policy: Policy, role_id: str, name: str | None) -> bool:
    """Return whether the policy approves a custom role."""
    return any(is_named(entry, role_id, name) for entry in policy.approved_custom_roles)


def names_account(entries: Iterable[str], principal: Principal | None, own_id: PrincipalId) -> bool | None:
    """Return whether one of these entries names somebody by id or user name, without case.

    None where no id matches and the user name, which an entry may give, was not read.
    """
    wanted = {entry.casefold() for entry in entries}
    if own_id.casefold() in wanted:
        return True
    name = principal.user_principal_name if principal else None
    if name is not None:
        return name.casefold() in wanted
    nameless = principal is None or principal.kind == "user"
    return None if nameless and any("@" in entry for entry in wanted) else False


@dataclass(frozen=True)
class Expected:
    """Whom the policy expects as registrars: by id, by user name, as members of groups, and emergency accounts.

    Attributes:
        entries: Ids and user names.
        members: Who is in a group that an entry names: by its own lists, eligible ones too, and not whoever comes in
            through a group that feeds it.
        whole: Whether all such groups were read in full.
    """

    entries: frozenset[str]
    members: frozenset[PrincipalId]
    whole: bool

    def includes(self, principal: Principal | None, own_id: PrincipalId) -> bool | None:
        """Return whether somebody is expected; None where it could not be told."""
        by_name = names_account(self.entries, principal, own_id)
        if by_name or own_id in self.members:
            return True
        return None if by_name is None or not self.whole else False


def expected_by(policy: Policy, snapshot: Snapshot) -> Expected:
    """Return whom a policy expects in a tenant, as far as it was read."""
    wanted = {entry.casefold() for entry in policy.expected_registrars if "@" not in entry}
    groups = [group for group in snapshot.path_groups if group.group_id.casefold() in wanted]
    people = {one.id.casefold() for one in snapshot.principals.records if one.kind != "group"}
    unseen = wanted - people - {group.group_id.casefold() for group in groups}
    read = all(part.known for group in groups for part in (group.members, group.eligibilities))
    return Expected(
        entries=frozenset((*policy.expected_registrars, *policy.break_glass)),
        members=frozenset(member for group in groups for member in _members(group)),
        whole=read and (snapshot.principals.known or not unseen),
    )


def _members(group: PathGroup) -> Iterator[PrincipalId]:
    yield from (member.id for member in group.members.records)
    for section in (group.assignments, group.eligibilities):
        yield from (grant.principal_id for grant in section.records if not grant.is_owner)
