"""Rules about the number of registrars and about custom roles that can register connectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from common.errors import NotReadError
from inventory.roles import can_register as role_registers
from inventory.roles import touches_registration
from policies.frameworks import controls
from policies.registration.expected import approves
from policies.registration.holders import PEOPLE, Completeness, is_delegated, is_everyday, registration
from policies.rule import Judgement, Rule, failed, not_assessed, passed
from policies.rules.holders import PIM, ROLES, UNCERTAIN, tenant_only
from policies.runbooks import Runbook
from policies.vocabulary import Severity, Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from inventory.models import RoleDefinition
    from policies.evidence import Evidence
    from policies.registration.paths import Path

GROUPS = "https://learn.microsoft.com/en-us/entra/identity/role-based-access-control/groups-concept"
CUSTOM = "https://learn.microsoft.com/en-us/entra/identity/role-based-access-control/custom-create"


@dataclass
class _Number:
    """How many people can register: surely, possibly besides, and the error if there may be any number more."""

    known: int = 0
    unsure: int = 0
    why: NotReadError | None = None
    gap: NotReadError | None = None


def _count(evidence: Evidence, counts: Callable[[Path], bool]) -> _Number:
    """Return how many registrars have a path that counts."""
    number = _Number()
    for holder in evidence.holders:
        counting = [path for path in holder.paths if counts(path)]
        can, why_not = registration(holder, evidence.snapshot)
        if can and any(path.certain for path in counting):
            number.known += 1
        elif can is not False and counting:
            number.why = number.why or NotReadError(f"what {holder.id} can do", why_not or UNCERTAIN)
            number.unsure += 1
            if holder.kind not in PEOPLE:  # it may be a group of many
                number.gap = number.gap or number.why
    try:
        evidence.need(Completeness.EVERYBODY)
    except NotReadError as error:
        number.gap = error
    return number


def _settle(number: _Number, *, open_if: bool) -> None:
    """Raise the reason why the number is not known, where the people of whom that is not known could decide."""
    if number.gap is not None:
        raise number.gap
    if open_if and number.why is not None:
        raise number.why


def _covered(evidence: Evidence, _tenant: None) -> Judgement:
    needed = evidence.policy.min_registrars
    number = _count(evidence, lambda path: is_everyday(path, evidence.policy))
    known = number.known
    if known >= needed:
        return passed(
            f"{known} people can register through Application Administrator or an approved role", needed=needed
        )
    _settle(number, open_if=known + number.unsure >= needed)
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
    when_empty="there is no tenant",
    controls=controls(nist="AC-5 AC-6(5)", iso="A.8.2", cis="5.4"),
    evidence={
        "registrars": "people who can register without being Global Administrator, a number",
        "needed": "the policy's least",
    },
    settings=("min_registrars", "approved_custom_roles"),
)


def _few(evidence: Evidence, _tenant: None) -> Judgement:
    most = evidence.policy.max_registrars
    number = _count(evidence, is_delegated)
    known = number.known
    if known > most:
        message = f"{known} people can register through Application Administrator or a custom role, {most} are enough"
        return failed(Severity.MEDIUM, message, registrars=known, most=most)
    _settle(number, open_if=known + number.unsure > most)
    more = f", and {number.unsure} more may" if number.unsure else ""
    return passed(f"{known} people can register through Application Administrator or a custom role{more}", most=most)


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
    when_empty="there is no tenant",
    controls=controls(nist="AC-6 AC-6(5)", iso="A.8.2", cis="5.4"),
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
    when_empty="no custom role can register connectors",
    controls=controls(nist="AC-6 CM-6", iso="A.5.15 A.8.2", cis="6.8", attack="T1098.003"),
    evidence={"enabled": "whether the role can be assigned anew; who has it keeps it either way"},
    settings=("approved_custom_roles",),
)
