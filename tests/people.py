"""People, machines, roles and who holds which, in a few words each; the connectors' side stands in `tests/making.py`.

Unless told otherwise a user is an enabled member at home, a role lets its holders register connectors, and a grant is a
standing one over the whole tenant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from inventory.audit.models import AuditApp, AuditEvent, AuditInitiator, AuditTarget, AuditUser
from inventory.models import (
    GroupGrant,
    Identity,
    Principal,
    PrincipalId,
    RoleDefinition,
    RoleGrant,
    RoleId,
    RolePermission,
)
from inventory.roles import REGISTER
from inventory.snapshot import PathGroup
from tests.making import DOMAIN, id_of, listed

if TYPE_CHECKING:
    from datetime import datetime

    from tests.making import Listed


def user(  # noqa: PLR0913 - a test names only what matters to it
    name: str = "Ann",
    *,
    key: str | None = None,
    upn: str | None = None,
    kind: str | None = "Member",
    enabled: bool | None = True,
    synced: bool | None = None,
    issuer: str = DOMAIN,
) -> Principal:
    """Return a user whose home is the domain `issuer`; `kind` is the userType, `enabled` None means not read."""
    return Principal(
        odata_type="#microsoft.graph.user",
        id=PrincipalId(key or id_of(name)),
        display_name=name,
        user_principal_name=upn or f"{name.lower()}@{DOMAIN}",
        user_type=kind,
        account_enabled=enabled,
        on_premises_sync_enabled=synced,
        identities=(Identity(sign_in_type="userPrincipalName", issuer=issuer),),
    )


def other(name: str = "Robot", *, key: str | None = None, kind: str = "servicePrincipal") -> Principal:
    """Return a principal that is no user: a service principal unless told otherwise, a `group`, an `agentIdentity`."""
    return Principal(odata_type=f"#microsoft.graph.{kind}", id=PrincipalId(key or id_of(name)), display_name=name)


def role(
    name: str = "Application Administrator",
    *,
    key: str | None = None,
    actions: tuple[str, ...] = (REGISTER,),
    built_in: bool = True,
    enabled: bool = True,
) -> RoleDefinition:
    """Return a directory role."""
    return RoleDefinition(
        id=RoleId(key or id_of(name)),
        display_name=name,
        is_built_in=built_in,
        is_enabled=enabled,
        role_permissions=(RolePermission(allowed_resource_actions=actions),),
    )


def grant(who: Principal, what: RoleDefinition, kind: str | None = "Assigned", scope: str | None = "/") -> RoleGrant:
    """Return that somebody holds a role at a scope; `kind` is the assignmentType, None in plain assignments."""
    return RoleGrant(principal_id=who.id, role_definition_id=what.id, directory_scope_id=scope, assignment_type=kind)


def group_grant(who: Principal, into: Principal, access: str = "member", kind: str | None = "assigned") -> GroupGrant:
    """Return what PIM for Groups says of somebody in a group; `kind` is None where somebody is eligible."""
    return GroupGrant(group_id=into.id, principal_id=who.id, access_id=access, assignment_type=kind)


def path_group(
    what: Principal,
    *,
    members: Listed[Principal] = (),
    owners: Listed[Principal] = (),
    assignments: Listed[GroupGrant] = (),
    eligibilities: Listed[GroupGrant] = (),
) -> PathGroup:
    """Return the lists of a group that holds a role, or that feeds one."""
    return PathGroup(
        group_id=what.id,
        members=listed(f"groups/{what.id}/members", members),
        owners=listed(f"groups/{what.id}/owners", owners),
        assignments=listed(f"groups/{what.id}/assignments", assignments),
        eligibilities=listed(f"groups/{what.id}/eligibilities", eligibilities),
    )


def registered(
    at: datetime,
    *targets: tuple[str | None, str | None],
    by: Principal | None = None,
    app: str | None = None,
    key: str | None = None,
    result: str = "success",
    activity: str = "Register connector",
) -> AuditEvent:
    """Return an event of the audit log; each target is an id and a name, either of them None."""
    user = AuditUser(id=by.id, user_principal_name=by.user_principal_name) if by else None
    return AuditEvent(
        id=key or f"event-{at.isoformat()}",
        activity_date_time=at,
        activity_display_name=activity,
        result=result,
        initiated_by=AuditInitiator(user=user, app=AuditApp(display_name=app) if app else None),
        target_resources=tuple(AuditTarget(id=own, display_name=name, type="Connector") for own, name in targets),
    )
