"""Rules about how far registration reaches: how many can, by which custom roles, and who could let themselves in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from inventory.errors import NotReadError
from inventory.roles import can_register as role_registers
from inventory.roles import touches_registration
from policies.model import Judgement, Outcome, Rule, Severity, Subject, failed, not_assessed, passed
from policies.naming import approves
from policies.registrars import (
    Extent,
    Holder,
    is_delegated,
    is_everyday,
    person,
    registration,
)
from policies.rules.holders import PIM, ROLES, UNCERTAIN, tenant_only
from policies.runbooks import Runbook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from inventory.models import Principal, PrincipalId, RoleDefinition
    from inventory.snapshot import PathGroup
    from policies.evidence import Evidence
    from policies.paths import Path

GROUPS = "https://learn.microsoft.com/en-us/entra/identity/role-based-access-control/groups-concept"
CUSTOM = "https://learn.microsoft.com/en-us/entra/identity/role-based-access-control/custom-create"


def _count(evidence: Evidence, counts: Callable[[Path], bool]) -> tuple[int, NotReadError | None]:
    """Return how many registrars have a path that counts, and why that may not be all."""
    known, gap = 0, None
    for holder in evidence.holders:
        counting = [path for path in holder.paths if counts(path)]
        can, why_not = registration(holder, evidence.snapshot)
        if can and any(path.certain for path in counting):
            known += 1
        elif can is not False and counting and gap is None:
            gap = NotReadError(f"what {holder.id} can do", why_not or UNCERTAIN)
    try:
        evidence.need(Extent.EVERYBODY)
    except NotReadError as error:
        return known, error
    return known, gap


def _covered(evidence: Evidence, _tenant: None) -> Judgement:
    needed = evidence.policy.min_registrars
    known, gap = _count(evidence, lambda path: is_everyday(path, evidence.policy))
    if known >= needed:
        return passed(
            f"{known} people can register through Application Administrator or an approved role", needed=needed
        )
    if gap is not None:
        raise gap
    return failed(
        Severity.MEDIUM,
        f"{known} people can register through Application Administrator or an approved role, {needed} needed",
        registrars=known,
        needed=needed,
    )


REG002 = Rule(
    id="REG002",
    title="Somebody can register connectors without being Global Administrator",
    subject="tenant",
    severity=Severity.MEDIUM,
    why="A connector that was offline for months must be registered again; only a Global Administrator could then.",
    runbook=Runbook(
        summary="Make somebody eligible for Application Administrator.",
        steps=(
            "In Privileged Identity Management, add an eligible assignment of Application Administrator.",
            "Try it once: activate the role, and see that the next scan counts the person.",
        ),
        links=(ROLES, PIM),
    ),
    subjects=tenant_only,
    check=_covered,
    nobody="there is no tenant",
    evidence={
        "registrars": "people who can register without being Global Administrator, a number",
        "needed": "the policy's least",
    },
    settings=("min_registrars", "approved_custom_roles"),
)


def _few(evidence: Evidence, _tenant: None) -> Judgement:
    most = evidence.policy.max_registrars
    known, gap = _count(evidence, is_delegated)
    if known > most:
        message = f"{known} people can register through Application Administrator or a custom role, {most} are enough"
        return failed(Severity.MEDIUM, message, registrars=known, most=most)
    if gap is not None:
        raise gap
    return passed(f"{known} people can register through Application Administrator or a custom role", most=most)


REG008 = Rule(
    id="REG008",
    title="Few people can register connectors",
    subject="tenant",
    severity=Severity.MEDIUM,
    why="Each further account with this power is one more that an attacker can choose from.",
    runbook=Runbook(
        summary="Take the role from whoever does not need it.",
        steps=(
            "Go through the registrars: `connectorwatch registrars` shows each with every path.",
            "Remove assignments nobody needs; raise max_registrars if all are needed.",
        ),
        links=(ROLES,),
    ),
    subjects=tenant_only,
    check=_few,
    nobody="there is no tenant",
    evidence={"registrars": "people who can register through such a role, a number", "most": "the policy's most"},
    settings=("max_registrars",),
)


def _custom_roles(evidence: Evidence) -> Iterator[tuple[Subject, RoleDefinition]]:
    definitions = evidence.snapshot.role_definitions
    for role in dict.fromkeys(definitions.records):
        if not role.is_built_in and touches_registration(role):
            yield Subject(type="role", id=role.id, name=role.display_name or role.id), role
    _ = definitions.items


def _approved(evidence: Evidence, role: RoleDefinition) -> Judgement:
    if approves(evidence.policy, role.id, role.display_name):
        return passed("the policy approves this role")
    if not role_registers(role):
        return not_assessed(UNCERTAIN)
    note = "; it is disabled, which takes it from nobody who has it" if role.is_enabled is False else ""
    return failed(
        Severity.MEDIUM,
        f"a custom role lets its holders register connectors{note}",
        enabled=role.is_enabled is not False,
    )


REG009 = Rule(
    id="REG009",
    title="Custom roles that can register connectors are approved",
    subject="role",
    severity=Severity.MEDIUM,
    why="A custom role hides the power to register behind a name that reviews of built-in roles never look at.",
    runbook=Runbook(
        summary="Take microsoft.directory/connectors/create out of the role, or approve the role in the policy.",
        steps=(
            "Ask who made {role} and what for.",
            "Take microsoft.directory/connectors/create out of it, or add it to approved_custom_roles.",
        ),
        links=(CUSTOM,),
    ),
    subjects=_custom_roles,
    check=_approved,
    nobody="no custom role can register connectors",
    evidence={"enabled": "whether the role can be assigned anew; who has it keeps it either way"},
    settings=("approved_custom_roles",),
)


@dataclass
class _Gate:
    """Somebody who decides who is in groups on a path, or a group on a path, and how well that is guarded.

    Attributes:
        owned: The groups on a path that it owns, or may make itself the owner of.
        guarded: False for a group that ordinary administrators can fill, None for one of which that was not read.
    """

    id: PrincipalId
    principal: Principal | None
    owned: list[PrincipalId] = field(default_factory=list)
    guarded: bool | None = True


def _gates(evidence: Evidence) -> Iterator[tuple[Subject, _Gate]]:
    """List owners of groups on a path, active or eligible, and feeder groups that others can fill."""
    people = {principal.id: principal for principal in evidence.snapshot.principals.records}
    groups = _groups_on_path(evidence)
    gates: dict[PrincipalId, _Gate] = {}
    for group in groups:
        guarded = _guarded(evidence.holder_by_id[group.group_id])
        if not guarded:
            gates.setdefault(group.group_id, _Gate(group.group_id, people.get(group.group_id))).guarded = guarded
        for owner in _owners(group):
            gates.setdefault(owner, _Gate(owner, people.get(owner))).owned.append(group.group_id)
    for own, gate in gates.items():
        yield Subject(type="principal", id=own, name=Holder(own, gate.principal, ()).name), gate
    evidence.need(Extent.EVERYBODY)
    for group in groups:
        _ = group.owners.items, group.assignments.items


def _groups_on_path(evidence: Evidence) -> list[PathGroup]:
    """Return the groups with a tenant-wide path: those that hold a role, and those that feed one. Sorted by id."""
    on_path = {holder.id for holder in evidence.holders if holder.tenant_wide}
    groups = [group for group in evidence.snapshot.path_groups if group.group_id in on_path]
    return sorted(groups, key=lambda group: group.group_id)


def _guarded(group: Holder) -> bool | None:
    """Whether a group is role-assignable; None where that was not read. One that holds a role itself always is."""
    known = group.principal
    if any(not path.via for path in group.paths) or (known and known.is_assignable_to_role):
        return True
    # Without permission Graph sends a group with nulls; one that was read has a name.
    return False if known and known.display_name is not None else None


def _owners(group: PathGroup) -> set[PrincipalId]:
    granted = (*group.assignments.records, *group.eligibilities.records)
    return {owner.id for owner in group.owners.records} | {grant.principal_id for grant in granted if grant.is_owner}


def _closed(evidence: Evidence, gate: _Gate) -> Judgement:
    gates = [*gate.owned, *([] if gate.guarded else [gate.id])]
    if not any(evidence.holder_by_id[group].certain for group in gates):
        return not_assessed(UNCERTAIN, groups=gate.owned)
    if gate.guarded is False:
        message = "feeds a group on a path and is not role-assignable, so ordinary group administrators can fill it"
        return failed(Severity.MEDIUM, message, owns=gate.owned)
    owner = _owner(evidence, gate) if gate.owned else None
    if owner is None or (gate.guarded is None and owner.outcome is not Outcome.FAIL):
        return not_assessed("whether the group is protected could not be read")
    return owner


def _owner(evidence: Evidence, owner: _Gate) -> Judgement:
    snapshot, groups = evidence.snapshot, owner.owned
    expected = evidence.expected.includes(owner.principal, owner.id)
    if expected:
        return passed("the policy expects this registrar", groups=groups)
    holder = evidence.holder_by_id.get(owner.id, Holder(owner.id, owner.principal, ()))
    can = registration(holder, snapshot)[0]
    if can:
        return passed("can register connectors anyway", groups=groups)
    if person(owner.principal, snapshot)[0] is not False:
        # Otherwise no path that was overlooked makes this owner a registrar.
        evidence.need(Extent.EVERYBODY)
    if can is None or expected is None:
        return not_assessed("whether this owner can register or is expected to could not be read", groups=groups)
    return failed(Severity.MEDIUM, "owns a group on a path and can put themselves into it", groups=groups)


REG010 = Rule(
    id="REG010",
    title="Nobody can let themselves in",
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
    subjects=_gates,
    check=_closed,
    nobody="no group is on a path to a role that can register connectors",
    evidence={
        "groups": "ids of the groups on a path that the account owns",
        "owns": "ids of the groups on a path that a group owns which ordinary administrators can fill",
    },
    settings=("expected_registrars", "break_glass"),
)
