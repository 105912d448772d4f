"""Decide which holders of a granting role can register a connector, and why others cannot. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from common.errors import NotReadError
from policies.registration.expected import approves
from policies.registration.paths import paths

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from inventory.models import Principal, PrincipalId, Record
    from inventory.snapshot import PathGroup, Section, Snapshot
    from policies.policy_file.model import Policy
    from policies.registration.paths import Path

GUEST_MARK = "#ext#"
INSTALLER_ONLY = "it cannot register with the installer, and whether it can with a token of this tenant is not known"
"""The installer signs in to the directory of the user's own domain (Entra "troubleshoot connectors", 2026); the script
takes any token of the tenant, and of that nothing is published."""
PEOPLE = frozenset({"user"})
GROUPS = frozenset({"group"})
MACHINES = frozenset(
    {"servicePrincipal", "application", "device", "agentIdentity", "agentUser", "agentIdentityBlueprintPrincipal"}
)
"""Kinds of directoryObject that are not people (Graph beta metadata, 2026-10)."""


@dataclass(frozen=True)
class Holder:
    """A principal with all its paths. `principal` is None where the directory did not return it."""

    id: PrincipalId
    principal: Principal | None
    paths: tuple[Path, ...]
    organization: str | None = None
    """The other organization that it belongs to, where the directory does not know it and its assignment says so."""

    @property
    def name(self) -> str:
        """The name to show: display name, else user name, else id."""
        known = self.principal
        return (known and (known.display_name or known.user_principal_name)) or self.id

    @property
    def kind(self) -> str:
        """`user`, `group`, `servicePrincipal`, …; `unknown` where it was not read."""
        return self.principal.kind if self.principal else "unknown"

    @property
    def tenant_wide(self) -> tuple[Path, ...]:
        """The paths that reach the whole tenant; narrower ones cannot register."""
        return tuple(path for path in self.paths if path.tenant_wide)

    @property
    def certain(self) -> bool:
        """Whether a tenant-wide path leads to a role that is known to allow registration."""
        return any(path.certain for path in self.tenant_wide)

    @property
    def role_ids(self) -> tuple[str, ...]:
        """The ids of the roles that its tenant-wide paths lead to."""
        return tuple(sorted({path.role_id for path in self.tenant_wide}))


def holders(snapshot: Snapshot) -> tuple[Holder, ...]:
    """Return all holders of a granting role from the lists that were read, sorted by id.

    Lists that were not read add no holders; check `unread` before concluding anything from an absence.

    Raises:
        NotReadError: The paths have more than `paths.MOST_STEPS` steps together.
    """
    people = {principal.id: principal for principal in snapshot.principals.records}
    homes = {grant.principal_id: grant.principal_organization_id for grant in snapshot.partner_grants}
    return tuple(
        Holder(id=principal_id, principal=people.get(principal_id), paths=ways, organization=homes.get(principal_id))
        for principal_id, ways in paths(snapshot).items()
    )


class Completeness(IntEnum):
    """How complete the data must be before an absence is meaningful; each level includes those before it."""

    ACTIVE = 1
    """All active paths: needed to judge standing access."""
    EVERYBODY = 2
    """All paths, active and eligible: needed to count registrars."""
    EVERYTHING = 3
    """Also the attributes of all holders and how each path is held: needed to compare two scans."""


def unread(snapshot: Snapshot, known: Iterable[Holder], extent: Completeness) -> NotReadError | None:
    """Return the error for the first list of this extent that was not read; None if all were read.

    Args:
        snapshot: The scan's snapshot.
        known: All holders of a granting role from the lists that were read.
        extent: The completeness that is needed.
    """
    on_path = {holder.id: holder for holder in known}
    groups = sorted((group for group in snapshot.path_groups if group.group_id in on_path), key=lambda g: g.group_id)
    for section in _needed(snapshot, groups, extent):
        if not section.known:
            return NotReadError(section.name, section.reason or section.status)
    if extent < Completeness.EVERYTHING:
        return None
    if snapshot.role_assignments.source == "assignments" and snapshot.role_eligibilities.status != "not_licensed":
        return NotReadError("role_assignments", "only a list was read that does not tell assigned from activated")
    nameless = [
        principal_id
        for principal_id, holder in on_path.items()
        if holder.principal and not attributes_read(holder.principal)
    ]
    return NotReadError("principals", f"the attributes of {nameless[0]} were not read") if nameless else None


def _needed(snapshot: Snapshot, groups: Iterable[PathGroup], extent: Completeness) -> Iterator[Section[Record]]:
    yield from (snapshot.role_definitions, snapshot.role_assignments, snapshot.principals)
    # An active member in PIM is among the group's members too (Entra "PIM for Groups", 2026-03).
    yield from (group.members for group in groups)
    if extent >= Completeness.EVERYBODY:
        yield snapshot.role_eligibilities
        yield from (group.eligibilities for group in groups)
    if extent >= Completeness.EVERYTHING:
        yield snapshot.organization
        yield from (group.assignments for group in groups)


def domains(snapshot: Snapshot) -> frozenset[str]:
    """Return the tenant's verified domains in lower case. Raises NotReadError where the tenant was not read."""
    return frozenset(
        domain.name.casefold() for entry in snapshot.organization.items for domain in entry.verified_domains
    )


def is_guest(principal: Principal) -> bool | None:
    """Whether the account's userType is guest; null counts as member, and None is returned where Graph left it out."""
    return None if "user_type" in principal.not_returned else (principal.user_type or "").casefold() == "guest"


def is_marked_external(principal: Principal) -> bool:
    """Whether the user name alone proves that the account's home is elsewhere."""
    return GUEST_MARK in (principal.user_principal_name or "").casefold()


def is_external(principal: Principal, own_domains: frozenset[str]) -> bool | None:
    """Whether a user's home is another tenant, by identities and not by `userType`; None where that was not read.

    The home is another tenant if the user name holds `#EXT#`, or if an identity's issuer is no domain of this tenant.
    """
    if is_marked_external(principal):
        return True
    if principal.identities is None or not own_domains:
        return None
    issuers = {identity.issuer.casefold() for identity in principal.identities if identity.issuer}
    if issuers - own_domains:
        return True
    return None if "user_principal_name" in principal.not_returned else False


def attributes_read(principal: Principal) -> bool:
    """Whether a user's attributes were read: without permission Graph returns the id with nulls instead of an error."""
    return principal.kind not in PEOPLE or principal.account_enabled is not None


def person(principal: Principal | None, snapshot: Snapshot) -> tuple[bool | None, str | None]:
    """Return whether a principal could register if it had a path, and why not; None where that was not read.

    Registration takes a person with an enabled account. The installer takes one whose home is this tenant; whether
    another can register with a token of this tenant is not published, unless the audit log shows that this one did.
    """
    if principal is None:
        return None, "the directory did not say who this is: deleted, hidden or not read"
    if principal.kind in GROUPS:
        return False, "a group registers nothing itself; its members are listed"
    if principal.kind in MACHINES:
        return False, f"software ({principal.kind}) is no person"
    if principal.kind not in PEOPLE:
        return None, "of a kind that is not known here"
    if principal.account_enabled is False:
        return False, "the account is disabled"
    return _at_home(principal, snapshot)


def _at_home(principal: Principal, snapshot: Snapshot) -> tuple[bool | None, str | None]:
    if is_marked_external(principal):
        return _from_outside(principal, snapshot)
    if not attributes_read(principal) or not snapshot.organization.known:
        return None, "the account's attributes or the tenant's domains could not be read"
    external = is_external(principal, domains(snapshot))
    if external is None:
        return None, "where the account is at home could not be read"
    return _from_outside(principal, snapshot) if external else (True, None)


def _from_outside(principal: Principal, snapshot: Snapshot) -> tuple[bool | None, str | None]:
    names = {principal.id.casefold(), (principal.user_principal_name or "").casefold()}
    return (
        (None, f"the account's home is another tenant; {INSTALLER_ONLY}")
        if names.isdisjoint(snapshot.registrants)
        else (True, None)
    )


def registration(holder: Holder, snapshot: Snapshot) -> tuple[bool | None, str | None]:
    """Return whether a holder can register a connector, and why not; None where an attribute it needs was not read.

    Registration takes a `person` with a path that reaches the whole tenant.
    """
    if not holder.tenant_wide:
        return False, "the role is assigned at a narrower scope"
    if holder.principal is None and holder.organization is not None:
        return None, f"a partner's account, of organization {holder.organization}; {INSTALLER_ONLY}"
    can, why_not = person(holder.principal, snapshot)
    if can and not holder.certain:
        return None, "the role has an action on connectors that is not known here"
    return can, why_not


def from_outside(holder: Holder, snapshot: Snapshot) -> bool:
    """Whether a holder is surely of another tenant: a guest from there, or a partner's account."""
    if holder.principal is None:
        return holder.organization is not None
    tenant_domains = domains(snapshot) if snapshot.organization.known else frozenset[str]()
    return holder.kind in PEOPLE and is_external(holder.principal, tenant_domains) is True


def is_everyday(path: Path, policy: Policy) -> bool:
    """Whether a path leads to Application Administrator or to a custom role that the policy approves."""
    approved = not path.built_in and approves(policy, path.role_id, path.role)
    return path.tenant_wide and (path.application_administrator or approved)


def is_delegated(path: Path) -> bool:
    """Whether a path leads to Application Administrator or to any custom role."""
    return path.tenant_wide and (path.application_administrator or not path.built_in)
