"""The bearer tokens the simulator accepts: shaped like JWTs, signed by nobody."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.tenant import Tenant

_EVERYTHING = (
    "Application.Read.All",
    "AuditLog.Read.All",
    "Directory.Read.All",
    "PrivilegedAssignmentSchedule.Read.AzureADGroup",
    "PrivilegedEligibilitySchedule.Read.AzureADGroup",
    "RoleManagement.Read.Directory",
)


def make_token(tenant: Tenant, serial: int) -> str:
    """Return an unsigned token for the tenant; the serial tells one from the next."""
    granted = tenant.settings.permissions
    names = _EVERYTHING if granted is None else granted
    claims: dict[str, object] = {
        "aud": "https://graph.microsoft.com",
        "iss": f"https://sts.windows.net/{tenant.tenant.id}/",
        "tid": tenant.tenant.id,
        "oid": tenant.derived("token", "oid"),
        "appid": tenant.derived("token", "appid"),
        "exp": 4102444800,
        "ver": "1.0",
        "uti": f"token-{serial}",
    }
    claims |= {"scp": " ".join(names)} if tenant.settings.delegated else {"roles": list(names)}
    return ".".join([_part({"alg": "none", "typ": "JWT"}), _part(claims), ""])


def _part(content: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")
