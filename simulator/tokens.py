"""The bearer tokens that the simulator accepts: shaped like JWTs, unsigned."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.tenant import Tenant

_EVERYTHING = (
    "AuditLog.Read.All",
    "Directory.Read.All",
    "PrivilegedAssignmentSchedule.Read.AzureADGroup",
    "PrivilegedEligibilitySchedule.Read.AzureADGroup",
    "RoleAssignmentSchedule.Read.Directory",
    "RoleEligibilitySchedule.Read.Directory",
)


_ADMINISTRATORS = ("AppRoleAssignment.ReadWrite.All", "Application.Read.All", "RoleManagement.ReadWrite.Directory")


def make_token(tenant: Tenant, serial: int) -> str:
    """Return an unsigned token for the tenant; the serial makes tokens differ."""
    granted = tenant.settings.permissions
    names = _EVERYTHING if granted is None else granted
    claims = {"oid": tenant.derived("token", "oid"), "appid": tenant.derived("token", "appid")}
    if tenant.settings.delegated:
        return _token(tenant, f"token-{serial}", {**claims, "scp": " ".join(names), "upn": "ada@contoso.com"})
    return _token(tenant, f"token-{serial}", {**claims, "roles": list(names), "idtyp": "app"})


def identity_token(tenant: Tenant, principal: str, app_id: str, names: tuple[str, ...]) -> str:
    """Return a service principal's token, which holds the permissions granted up to now."""
    claims: dict[str, object] = {"oid": principal, "appid": app_id, "idtyp": "app", "roles": list(names)}
    return _token(tenant, "token-identity", claims)


def administrator_token(tenant: Tenant) -> str:
    """Return the token of an administrator who grants permissions."""
    claims = {"oid": tenant.derived("token", "administrator"), "appid": tenant.derived("token", "tool")}
    return _token(
        tenant, "token-administrator", {**claims, "scp": " ".join(_ADMINISTRATORS), "upn": "admin@contoso.com"}
    )


def _token(tenant: Tenant, serial: str, subject_claims: dict[str, object]) -> str:
    claims: dict[str, object] = {
        "aud": "https://graph.microsoft.com",
        "iss": f"https://sts.windows.net/{tenant.tenant.id}/",
        "tid": tenant.tenant.id,
        "exp": 4102444800,
        "ver": "1.0",
        "uti": serial,
        **subject_claims,
    }
    return ".".join([_part({"alg": "none", "typ": "JWT"}), _part(claims), ""])


def _part(content: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")
