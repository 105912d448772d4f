"""The rule about who can add members to groups that lead to a registering role."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from policies.frameworks import controls
from policies.registration.holders import Completeness, Holder, registration
from policies.rule import Judgement, Rule, failed, not_assessed, passed
from policies.rules.holders import PIM, UNCERTAIN
from policies.rules.reach import GROUPS
from policies.runbooks import Runbook
from policies.vocabulary import Outcome, Severity, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from inventory.models import Principal, PrincipalId
    from inventory.snapshot import PathGroup
    from policies.evidence import Evidence


_NAMED = 3
"""How many groups a message names."""


@dataclass
class _Controller:
    """A principal that controls the membership of groups on a path, or a group on a path that others can fill.

    Attributes:
        owned: The groups on a path that it owns or is eligible to own.
        guarded: False for a group that ordinary administrators can fill; None where that could not be read.
    """

    id: PrincipalId
    principal: Principal | None
    owned: list[PrincipalId] = field(default_factory=list)
    guarded: bool | None = True


def _controllers(evidence: Evidence) -> Iterator[tuple[Subject, _Controller]]:
    """List active and eligible owners of groups on a path, and nested groups that are not role-assignable."""
    people = {principal.id: principal for principal in evidence.snapshot.principals.records}
    groups = _groups_on_path(evidence)
    controllers: dict[PrincipalId, _Controller] = {}
    for group in groups:
        guarded = _guarded(evidence.holder_by_id[group.group_id])
        if not guarded:
            controllers.setdefault(
                group.group_id, _Controller(group.group_id, people.get(group.group_id))
            ).guarded = guarded
        for owner in _owners(group):
            controllers.setdefault(owner, _Controller(owner, people.get(owner))).owned.append(group.group_id)
    for principal_id, controller in controllers.items():
        yield (
            Subject(type="principal", id=principal_id, name=Holder(principal_id, controller.principal, ()).name),
            controller,
        )
    evidence.need(Completeness.EVERYBODY)
    for group in groups:
        _ = group.owners.items, group.assignments.items


def _groups_on_path(evidence: Evidence) -> list[PathGroup]:
    """Return the groups with a tenant-wide path, sorted by id: those that hold a role, and those nested in one."""
    on_path = {holder.id for holder in evidence.holders if holder.tenant_wide}
    groups = [group for group in evidence.snapshot.path_groups if group.group_id in on_path]
    return sorted(groups, key=lambda group: group.group_id)


def _guarded(group: Holder) -> bool | None:
    """Whether a group is role-assignable; None where that was not read. One that holds a role itself always is."""
    known = group.principal
    if any(not path.via for path in group.paths) or (known and known.is_assignable_to_role):
        return True
    # Without permission Graph sends a group with nulls; one that was read has a name.
    read = known is not None and known.display_name is not None and "is_assignable_to_role" not in known.not_returned
    return False if read else None


def _owners(group: PathGroup) -> set[PrincipalId]:
    granted = (*group.assignments.records, *group.eligibilities.records)
    return {owner.id for owner in group.owners.records} | {grant.principal_id for grant in granted if grant.is_owner}


def _closed(evidence: Evidence, controller: _Controller) -> Judgement:
    groups = [*controller.owned, *([] if controller.guarded else [controller.id])]
    if not any(evidence.holder_by_id[group].certain for group in groups):
        return not_assessed(UNCERTAIN, groups=controller.owned)
    if controller.guarded is False:
        message = "feeds a group on a path and is not role-assignable, so ordinary group administrators can fill it"
        return failed(Severity.MEDIUM, message, owns=controller.owned)
    owner = _owner(evidence, controller) if controller.owned else None
    if owner is None or (controller.guarded is None and owner.outcome is not Outcome.FAIL):
        return not_assessed("whether the group is protected could not be read")
    return owner


def _owner(evidence: Evidence, owner: _Controller) -> Judgement:
    """Return the judgement of an owner; whether they can register connectors themselves changes only the words."""
    groups = owner.owned
    expected = evidence.expected.includes(owner.principal, owner.id)
    if expected:
        return passed("the policy expects this registrar", groups=groups)
    if expected is None:
        return not_assessed("whether the policy expects this owner could not be read", groups=groups)
    holder = evidence.holder_by_id.get(owner.id)
    names = _names(evidence, groups)
    if holder and registration(holder, evidence.snapshot)[0]:
        message = f"can register connectors, owns {names} and can let others in at any time"
    else:
        message = f"owns {names} and can let themselves or others in"
    return failed(Severity.MEDIUM, message, groups=groups)


def _names(evidence: Evidence, groups: Sequence[PrincipalId]) -> str:
    """Return groups in words: the first three by name, and how many more."""
    known = {holder.id: holder.name for holder in evidence.holders}
    names = sorted(known.get(group, group) for group in groups)
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"the group{'' if len(names) == 1 else 's'} {', '.join(names[:_NAMED])}{more}"


REG010 = Rule(
    id="REG010",
    title="Nobody can let themselves or others in",
    subject="principal",
    severity=Severity.MEDIUM,
    why="The owner of a group decides who is in it, so owning one on a path is as good as holding the role.",
    runbook=Runbook(
        summary="Take the ownership away, or make the feeder group role-assignable.",
        steps=(
            "Take {who} from the owners of groups that hold or feed the role, or name them in expected_registrars.",
            "Put the members of a feeder group that is not role-assignable into a new group that is.",
        ),
        links=(GROUPS, PIM),
    ),
    subjects=_controllers,
    check=_closed,
    when_empty="no group leads to a role that can register connectors, or no group that does has an owner or can be "
    "filled by ordinary administrators",
    controls=controls(nist="AC-5 AC-6", iso="A.5.18 A.8.2", cis="6.8", attack="T1098.003"),
    evidence={
        "groups": "ids of the groups on a path that the account owns",
        "owns": "ids of the groups on a path that a group owns which ordinary administrators can fill",
    },
    settings=("expected_registrars", "break_glass"),
)
