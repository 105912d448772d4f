"""Find all paths from a principal to a role that can register connectors, in the lists that were read. Pure.

A path is direct or leads through groups: through an active, activated or eligible membership of a group that holds the
role, or of a nested group that is an eligible member of such a group. Each group occurs once on a path; the same grant
in several lists is one path.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from common.errors import NotReadError
from common.text import counted
from inventory.models import PrincipalId
from inventory.roles import can_register, is_application_administrator, touches_registration

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from inventory.models import GroupGrant, RoleDefinition, RoleGrant
    from inventory.snapshot import PathGroup, Snapshot

Kind = Literal["assigned", "activated", "eligible", "active"]
"""How a role is held; `active` is assigned or activated, where the list that was read does not show which."""

Membership = Literal["permanent", "activated", "eligible", "active"]
"""How a principal is a member of a group; `active` where PIM for Groups could not be read."""

TENANT_WIDE = "/"
UNKNOWN_GROUP = PrincipalId("unknown")
"""Stands for the group where PIM shows only that a path leads through a group, not which one."""
MOST_STEPS = 100_000
"""The most steps of all paths together. Deeply nested groups could otherwise keep a scan running without end: twenty
levels of two groups each give a million paths."""
NOT_STANDING = frozenset({"activated", "eligible"})


@dataclass(frozen=True)
class Via:
    """One group on a path, and the membership of the principal or group before it."""

    group: PrincipalId
    membership: Membership


@dataclass(frozen=True)
class Path:
    """One way from a principal to a granting role.

    Attributes:
        certain: Whether the role is known to allow registration; False if it only has unknown actions on connectors.
        via: The groups in between, the one nearest to the principal first.
        start: When the latest part of it began, where PIM says so.
        end: When the first part of it ends.
        application_administrator: Whether the role is the built-in Application Administrator.
    """

    role: str
    role_id: str
    built_in: bool
    kind: Kind
    scope: str
    certain: bool
    via: tuple[Via, ...] = ()
    start: datetime | None = None
    end: datetime | None = None
    application_administrator: bool = False

    @property
    def tenant_wide(self) -> bool:
        """Whether its scope is the whole tenant; a narrower scope does not allow registration."""
        return self.scope == TENANT_WIDE

    @property
    def words(self) -> str:
        """The path in words, such as `Application Administrator (eligible, through 1 group)`."""
        groups = f", through {counted(len(self.via), 'group')}" if self.via else ""
        return f"{self.role} ({self.kind}{groups})"

    @property
    def parts(self) -> tuple[Kind | Membership, ...]:
        """How the role is held, then the membership of each group."""
        return (self.kind, *(step.membership for step in self.via))

    @property
    def standing(self) -> bool | None:
        """Whether it gives access without any activation; None where the lists that were read do not show that.

        An end date does not matter: PIM's portal sets one on assigned roles too.
        """
        if not NOT_STANDING.isdisjoint(self.parts):
            return False
        return None if "active" in self.parts else True


@dataclass(frozen=True)
class _Step:
    """A direct or nested member of a group, and the groups in between."""

    principal: PrincipalId
    via: tuple[Via, ...] = ()
    start: datetime | None = None
    end: datetime | None = None


def paths(snapshot: Snapshot) -> dict[PrincipalId, tuple[Path, ...]]:
    """Return all paths of each holder of a granting role, from the lists that were read; sorted by id.

    An unread list adds only the records that were read before it failed; check the sections before concluding anything
    from an absence.

    Raises:
        NotReadError: The paths have more than `MOST_STEPS` steps together.
    """
    inside = _Inside(snapshot)
    by_principal: defaultdict[PrincipalId, set[Path]] = defaultdict(set)
    derived: list[tuple[PrincipalId, Path]] = []
    for grant, path in _granted(snapshot):
        if (grant.member_type or "").casefold() in ("group", "inherited"):
            derived.append((grant.principal_id, path))
            continue
        by_principal[grant.principal_id].add(path)
        for step in inside.of(grant.principal_id):
            by_principal[step.principal].add(_through(path, step))
    for principal, path in derived:
        if not any(_explains(known, path) for known in by_principal[principal]):
            by_principal[principal].add(replace(path, via=(Via(UNKNOWN_GROUP, "active"),)))
    return {principal: tuple(sorted(reached, key=_order)) for principal, reached in sorted(by_principal.items())}


def _granted(snapshot: Snapshot) -> Iterator[tuple[RoleGrant, Path]]:
    """Yield each grant of a granting role once, with the path of its principal."""
    roles = {role.id: role for role in snapshot.role_definitions.records if touches_registration(role)}
    # Without PIM nothing can be activated, so every active grant is assigned.
    unstated: Kind = "assigned" if snapshot.role_eligibilities.status == "not_licensed" else "active"
    for section, eligible in ((snapshot.role_assignments, False), (snapshot.role_eligibilities, True)):
        for grant in dict.fromkeys(section.records):
            role = roles.get(grant.role_definition_id)
            if role is not None:
                yield grant, _path(role, grant, "eligible" if eligible else _kind(grant, unstated))


def _path(role: RoleDefinition, grant: RoleGrant, kind: Kind) -> Path:
    return Path(
        role=role.display_name or role.id,
        role_id=role.id,
        built_in=role.is_built_in,
        kind=kind,
        # A grant without any scope is taken as tenant-wide: overlooking a registrar is the worse mistake.
        scope=grant.directory_scope_id or grant.app_scope_id or TENANT_WIDE,
        certain=can_register(role),
        start=grant.start_date_time,
        end=grant.end_date_time,
        application_administrator=is_application_administrator(role),
    )


def _kind(grant: RoleGrant, unstated: Kind) -> Kind:
    assignment_type = (grant.assignment_type or "").casefold()
    if not assignment_type:
        return unstated
    return "activated" if assignment_type == "activated" else "assigned"


def _through(path: Path, step: _Step) -> Path:
    return replace(path, via=step.via, start=_latest(path.start, step.start), end=_earliest(path.end, step.end))


def _explains(known: Path, derived: Path) -> bool:
    """Whether a path through groups explains a grant that PIM derives from a membership.

    Without such a path the derived grant is all that is known: it does not name the group.
    """
    through_group = known.via and all(step.membership != "eligible" for step in known.via)
    same_role = (known.role_id, known.scope) == (derived.role_id, derived.scope)
    return bool(through_group) and same_role and (known.kind == "eligible") == (derived.kind == "eligible")


def _order(path: Path) -> tuple[str, ...]:
    steps = (text for step in path.via for text in (step.group, step.membership))
    return (path.role_id, path.scope, path.kind, str(path.start), str(path.end), *steps)


class _Inside:
    """Direct and nested members of groups."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._members = {group.group_id: tuple(dict.fromkeys(_members(group))) for group in snapshot.path_groups}
        self._steps = 0

    def of(self, group_id: PrincipalId) -> Iterator[_Step]:
        """Yield each direct and nested member of a group once per path; cycles are not followed.

        Raises:
            NotReadError: There are more than `MOST_STEPS` steps.
        """
        waiting = [_Step(group_id)]
        while waiting:
            entered = waiting.pop()
            above = {group_id, *(step.group for step in entered.via), entered.principal}
            for member in self._members.get(entered.principal, ()):
                if member.principal in above:
                    continue
                step = _Step(
                    member.principal,
                    (*member.via, *entered.via),
                    _latest(member.start, entered.start),
                    _earliest(member.end, entered.end),
                )
                self._count(step)
                yield step
                if step.principal in self._members:
                    waiting.append(step)

    def _count(self, step: _Step) -> None:
        self._steps += len(step.via)
        if self._steps > MOST_STEPS:
            reason = f"groups that lead to a role have more than {MOST_STEPS} ways in; untangle or empty them"
            raise NotReadError("paths", reason)


def _members(group: PathGroup) -> Iterator[_Step]:
    """Yield a group's direct members: those in PIM as PIM lists them, all others as permanent.

    An activated membership is in the list of members while it lasts; only PIM distinguishes it from a permanent one.
    """
    assigned = [grant for grant in group.assignments.records if not grant.is_owner]
    for grant in assigned:
        activated = (grant.assignment_type or "").casefold() == "activated"
        yield _member(group, grant, "activated" if activated else "permanent")
    known = {grant.principal_id for grant in assigned}
    membership: Membership = "permanent" if group.assignments.known else "active"
    for member in group.members.records:
        if member.id not in known:
            yield _Step(member.id, (Via(group.group_id, membership),))
    for grant in group.eligibilities.records:
        if not grant.is_owner:
            yield _member(group, grant, "eligible")


def _member(group: PathGroup, grant: GroupGrant, membership: Membership) -> _Step:
    return _Step(grant.principal_id, (Via(group.group_id, membership),), grant.start_date_time, grant.end_date_time)


def _latest(first: datetime | None, second: datetime | None) -> datetime | None:
    return max(filter(None, (first, second)), default=None)


def _earliest(first: datetime | None, second: datetime | None) -> datetime | None:
    return min(filter(None, (first, second)), default=None)
