"""Match entries of the policy with people (by id, user name or group), roles and groups (by id or name). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from common.ids import is_object_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from inventory.models import Principal, PrincipalId
    from inventory.snapshot import PathGroup, Snapshot
    from policies.policy_file.model import Policy


def is_named(entry: str, object_id: str, name: str | None) -> bool:
    """Return whether an entry names an object: by id in any case, or by exact name.

    A name that has the form of an id does not match, since it could imitate another object in the policy.
    """
    return entry.casefold() == object_id.casefold() or (entry == name and not is_object_id(entry))


def approves(policy: Policy, role_id: str, name: str | None) -> bool:
    """Return whether the policy approves a custom role."""
    return any(is_named(entry, role_id, name) for entry in policy.approved_custom_roles)


def names_account(entries: Iterable[str], principal: Principal | None, principal_id: PrincipalId) -> bool | None:
    """Return whether one of these entries names a principal by id or user name, in any case.

    None where no id matches and the user name, which an entry may give, was not read.
    """
    wanted = {entry.casefold() for entry in entries}
    if principal_id.casefold() in wanted:
        return True
    name = principal.user_principal_name if principal else None
    if name is not None:
        return name.casefold() in wanted
    nameless = principal is None or principal.kind == "user"
    return None if nameless and any("@" in entry for entry in wanted) else False


@dataclass(frozen=True)
class Expected:
    """The registrars that the policy expects: by id, by user name, as members of groups, and emergency accounts.

    Attributes:
        entries: Ids and user names.
        members: Direct and eligible members of the groups that entries name; members of nested groups are left out.
        whole: Whether all such groups were read in full.
    """

    entries: frozenset[str]
    members: frozenset[PrincipalId]
    whole: bool

    def includes(self, principal: Principal | None, principal_id: PrincipalId) -> bool | None:
        """Return whether a principal is expected; None where that could not be read."""
        by_name = names_account(self.entries, principal, principal_id)
        if by_name or principal_id in self.members:
            return True
        return None if by_name is None or not self.whole else False


def expected_by(policy: Policy, snapshot: Snapshot) -> Expected:
    """Return the registrars that a policy expects in a tenant, from the lists that were read."""
    wanted = {entry.casefold() for entry in policy.expected_registrars if "@" not in entry}
    groups = [group for group in snapshot.path_groups if group.group_id.casefold() in wanted]
    people = {principal.id.casefold() for principal in snapshot.principals.records if principal.kind != "group"}
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
