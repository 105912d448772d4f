"""Shared by the rules about registrars: the lists of their subjects, links, and common judgements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policies.evaluate import tenant_subject
from policies.registration.holders import GROUPS, MACHINES, PEOPLE, Completeness, Holder, registration
from policies.rule import Judgement, not_assessed
from policies.vocabulary import Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from inventory.models import Principal
    from policies.evidence import Evidence

ROLES = "https://learn.microsoft.com/en-us/entra/identity/role-based-access-control/permissions-reference"
PIM = "https://learn.microsoft.com/en-us/entra/id-governance/privileged-identity-management/pim-configure"
NOBODY = "nobody holds a role that can register connectors"
UNRESOLVED = "the directory did not say who this is: deleted, hidden, or of a kind not known here"
UNCERTAIN = "the role has an action on connectors that is not known here"

Listed = tuple[Subject, Holder]


def leaves(evidence: Evidence) -> Iterator[Listed]:
    """List all holders with a tenant-wide path except groups.

    Raises:
        NotReadError: After the last one, if there may be more.
    """
    for holder in evidence.holders:
        if holder.tenant_wide and holder.kind not in GROUPS:
            yield Subject(type="principal", id=holder.id, name=holder.name), holder
    evidence.need(Completeness.EVERYBODY)


def users(evidence: Evidence) -> Iterator[Listed]:
    """List all users with a tenant-wide path, and holders of unknown kind."""
    return ((subject, holder) for subject, holder in leaves(evidence) if holder.kind not in MACHINES)


def registrars(evidence: Evidence) -> Iterator[Listed]:
    """List all holders who can register connectors, or for whom that is not known."""
    for subject, holder in leaves(evidence):
        if registration(holder, evidence.snapshot)[0] is not False:
            yield subject, holder


def tenant_only(evidence: Evidence) -> Iterator[tuple[Subject, None]]:
    """List the tenant itself."""
    yield tenant_subject(evidence), None


def about_holders(
    judge: Callable[[Evidence, Holder, Principal], Judgement],
) -> Callable[[Evidence, Holder], Judgement]:
    """Return a check of holders that is `not_assessed` if the principal or the effect of its role is not known."""

    def check(evidence: Evidence, holder: Holder) -> Judgement:
        if holder.principal is None:
            _ = evidence.snapshot.principals.items
        if holder.principal is None and holder.organization is not None:
            return not_assessed(
                f"a partner's account, of organization {holder.organization}, which the directory does not describe"
            )
        if holder.principal is None or holder.kind not in PEOPLE | MACHINES:
            return not_assessed(UNRESOLVED)
        if not holder.certain:
            return not_assessed(UNCERTAIN, roles=holder.role_ids)
        return judge(evidence, holder, holder.principal)

    return check
