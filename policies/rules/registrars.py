"""Rules about principals who can register a connector, and so could read the traffic of its applications."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policies.frameworks import controls
from policies.registration.expected import names_account
from policies.registration.holders import (
    PEOPLE,
    Completeness,
    Holder,
    attributes_read,
    domains,
    is_external,
    is_guest,
    is_marked_external,
    person,
    registration,
)
from policies.rule import Judgement, Rule, failed, not_applicable, not_assessed, passed
from policies.rules.holders import (
    NOBODY,
    PIM,
    ROLES,
    UNCERTAIN,
    Listed,
    about_holders,
    leaves,
    registrars,
    users,
)
from policies.runbooks import Runbook
from policies.vocabulary import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inventory.models import Principal
    from policies.evidence import Evidence

REMOVE = (
    "Remove the assignment of {who} in Privileged Identity Management, or take them out of the group that holds the "
    "role; `connectorwatch registrars` shows each path."
)
HELD = {"roles": "ids of the roles held that can register connectors"}


def _named_registrars(evidence: Evidence) -> Iterator[Listed]:
    if evidence.policy.expected_registrars:
        return registrars(evidence)
    # If roles were not read, the rule is not_assessed even if the policy names nobody.
    _ = evidence.snapshot.role_definitions.items
    return iter(())


def _expected(evidence: Evidence, holder: Holder) -> Judgement:
    can, why_not = registration(holder, evidence.snapshot)
    if can is None:
        return not_assessed(f"whether this principal can register is not known: {why_not}", roles=holder.role_ids)
    expected = evidence.expected.includes(holder.principal, holder.id)
    if expected is None:
        return not_assessed("whether the policy names this principal could not be read", roles=holder.role_ids)
    if expected:
        return passed("the policy expects this registrar", roles=holder.role_ids)
    return failed(Severity.HIGH, "can register connectors and is not expected to", roles=holder.role_ids)


REG001 = Rule(
    id="REG001",
    title="Everybody who can register connectors is expected to",
    subject="principal",
    severity=Severity.HIGH,
    why="A connector of an unexpected person's, in the right group, sees every application's traffic.",
    runbook=Runbook(
        summary="Take the role from whoever is not meant to have it, or name them in the policy.",
        steps=(
            "Ask who gave {who} the role, and what for.",
            REMOVE,
            "If it is meant, add the user name or the object id to expected_registrars.",
        ),
        links=(ROLES, PIM),
    ),
    subjects=_named_registrars,
    check=_expected,
    when_empty="the policy names no expected registrars, or nobody can register connectors",
    controls=controls(nist="AC-2 AC-6", iso="A.5.18 A.8.2", cis="6.1 6.8", attack="T1078.004 T1557"),
    evidence=HELD,
    settings=("expected_registrars", "break_glass"),
)


def _outsider(evidence: Evidence, holder: Holder) -> Judgement:
    if holder.principal is None and holder.organization is not None and holder.certain:
        message = f"holds a role that can register connectors and is a partner's account, of {holder.organization}"
        return failed(Severity.HIGH, message, roles=holder.role_ids)
    return _account_from_outside(evidence, holder)


@about_holders
def _account_from_outside(evidence: Evidence, holder: Holder, account: Principal) -> Judgement:
    facts = {"user_type": account.user_type, "roles": holder.role_ids}
    if is_marked_external(account) or is_guest(account):
        status = "an external account" if is_marked_external(account) else "marked as a guest"
        return failed(Severity.HIGH, f"holds a role that can register connectors and is {status}", **facts)
    if not attributes_read(account):
        return not_assessed("the account's attributes could not be read", **facts)
    external = is_external(account, domains(evidence.snapshot))
    if external is None:
        return not_assessed("where the account is at home could not be read", **facts)
    if external:
        return failed(Severity.HIGH, "holds a role that can register connectors and is an external account", **facts)
    if is_guest(account) is None:
        return not_assessed("Graph did not return whether the account is a guest", **facts)
    return passed("the account is at home in this tenant", **facts)


REG003 = Rule(
    id="REG003",
    title="No outsider holds a role that can register connectors",
    subject="principal",
    severity=Severity.HIGH,
    why="A guest's account is guarded by somebody else's rules, and an internal guest can register at once.",
    runbook=Runbook(
        summary="Take the role from the outsider.",
        steps=("Ask who gave {who} the role, and what for.", REMOVE, "Give the task to a member of the tenant."),
        links=(ROLES, PIM),
    ),
    subjects=users,
    check=_outsider,
    when_empty=NOBODY,
    controls=controls(nist="AC-2 IA-8", iso="A.5.16 A.8.2", cis="6.1", attack="T1078.004 T1199"),
    evidence={**HELD, "user_type": "the account's userType, Member or Guest"},
)


@about_holders
def _human(evidence: Evidence, holder: Holder, principal: Principal) -> Judgement:
    del evidence
    if principal.kind in PEOPLE:
        return passed("it is a person")
    message = f"software ({principal.kind}) holds a role that can register connectors"
    return failed(Severity.HIGH, message, kind=principal.kind, roles=holder.role_ids)


REG004 = Rule(
    id="REG004",
    title="Only people hold a role that can register connectors",
    subject="principal",
    severity=Severity.HIGH,
    why="Connectors are registered by people; software has no use for the role, and its secret is one more key.",
    runbook=Runbook(
        summary="Take the role from the software.",
        steps=(
            "Find out which of the role's other powers {who} uses.",
            "Give it a custom role with just these, and remove the assignment.",
        ),
        links=(ROLES,),
    ),
    subjects=leaves,
    check=_human,
    when_empty=NOBODY,
    controls=controls(nist="AC-6(5) IA-9", iso="A.5.16 A.8.2", cis="6.8", attack="T1078.004"),
    evidence={**HELD, "kind": "what kind of principal it is, in Graph's words"},
)


def _with_pim(evidence: Evidence) -> Iterator[Listed]:
    if evidence.snapshot.role_eligibilities.status == "not_licensed":
        return iter(())
    return users(evidence)


def _for_now(evidence: Evidence, account: Principal) -> str:
    """Return why a holder of the role cannot register at present, or an empty string; the role remains assigned."""
    can, why_not = person(account, evidence.snapshot)
    return f"; cannot register one now: {why_not}" if can is False else ""


@about_holders
def _standing(evidence: Evidence, holder: Holder, account: Principal) -> Judgement:
    emergency = names_account(evidence.policy.break_glass, holder.principal, holder.id)
    if emergency:
        return not_applicable("an emergency account, which has to work at any moment")
    if emergency is None:
        return not_assessed("whether the policy names this account for emergencies could not be read")
    roles = sorted({path.role_id for path in holder.tenant_wide if path.standing and path.certain})
    if roles:
        message = f"holds a role that can register connectors, without activating it{_for_now(evidence, account)}"
        return failed(Severity.MEDIUM, message, roles=roles)
    if any(path.standing is None for path in holder.tenant_wide):
        return not_assessed("the lists that were read do not tell standing access from activated")
    if any(path.standing for path in holder.tenant_wide):
        return not_assessed(UNCERTAIN, roles=holder.role_ids)
    evidence.need(Completeness.ACTIVE)
    return passed("has to activate a role before", roles=holder.role_ids)


REG005 = Rule(
    id="REG005",
    title="Nobody has standing access to connector registration",
    subject="principal",
    severity=Severity.MEDIUM,
    why="A stolen session of somebody with standing access registers a connector at once; an eligible one has to ask.",
    runbook=Runbook(
        summary="Make the assignment eligible, with approval.",
        steps=(
            "In Privileged Identity Management, add an eligible assignment of the same role for {who}.",
            "Remove the active assignment, or the permanent membership of the group that holds the role.",
            "Name emergency accounts under break_glass in the policy.",
        ),
        links=(PIM,),
    ),
    subjects=_with_pim,
    check=_standing,
    when_empty="the tenant has no Privileged Identity Management, or nobody holds such a role",
    controls=controls(nist="AC-2 AC-6(5)", iso="A.8.2", cis="5.4 6.8", attack="T1078.004"),
    evidence=HELD,
    settings=("break_glass",),
)


@about_holders
def _disabled(evidence: Evidence, holder: Holder, account: Principal) -> Judgement:
    del evidence
    if account.account_enabled is None:
        return not_assessed("the account's attributes could not be read")
    if account.account_enabled:
        return passed("the account is enabled")
    return failed(Severity.LOW, "the account is disabled and keeps its role", roles=holder.role_ids)


REG006 = Rule(
    id="REG006",
    title="No disabled account holds a role that can register connectors",
    subject="principal",
    severity=Severity.LOW,
    why="Whoever enables the account again, for whatever reason, gives the role back without knowing it.",
    runbook=Runbook(
        summary="Take the role from the disabled account.",
        steps=(REMOVE, "If the person has left, delete the account with whoever looks after leavers."),
        links=(ROLES,),
    ),
    subjects=users,
    check=_disabled,
    when_empty=NOBODY,
    controls=controls(nist="AC-2(3)", iso="A.5.18", cis="5.3 6.2", attack="T1078.004"),
    evidence=HELD,
)


@about_holders
def _synchronised(evidence: Evidence, holder: Holder, account: Principal) -> Judgement:
    del evidence
    if account.on_premises_sync_enabled:
        message = "comes from on-premises, so whoever owns the domain there owns this role"
        return failed(Severity.MEDIUM, message, roles=holder.role_ids)
    if not attributes_read(account):
        return not_assessed("the account's attributes could not be read")
    left_out = "on_premises_sync_enabled" in account.not_returned
    if left_out or (account.on_premises_sync_enabled is None and account.identities is None):
        # Every account has identities: without them the fields that come only when selected were not read.
        return not_assessed("Graph did not return whether the account is synchronised")
    return passed("the account is cloud-only")


REG007 = Rule(
    id="REG007",
    title="Accounts that can register connectors are cloud-only",
    subject="principal",
    severity=Severity.MEDIUM,
    why="An attacker in the on-premises domain takes over a synchronised account, and with it the way back in.",
    runbook=Runbook(
        summary="Give the role to a cloud-only account.",
        steps=("Create a cloud-only administrative account for the person.", REMOVE),
        links=("https://learn.microsoft.com/en-us/entra/identity/role-based-access-control/best-practices",),
    ),
    subjects=users,
    check=_synchronised,
    when_empty=NOBODY,
    controls=controls(nist="AC-6(5)", iso="A.8.2", cis="5.4", attack="T1078.004"),
    evidence=HELD,
)
