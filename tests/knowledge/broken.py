"""Small tenants of the simulator, each with one thing planted that keeps something from being reached."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from simulator import Tenant

UP_TO_DATE, TOO_OLD, BEFORE_THE_RENAMING = "1.5.4522.0", "1.5.2846.0", "1.5.3437.0"


@dataclass(frozen=True)
class Broken:
    """A broken tenant: what is asked, and what the answer has to begin with.

    Attributes:
        tenant: The tenant.
        kind: What sort of thing is asked about.
        name: Its name.
        cause: How the proven cause begins; None where nothing can be proven.
        step: The step that finds it, or that stays unknown.
        said: An error that is given along.
    """

    tenant: dict[str, Any]
    kind: str
    name: str
    cause: str | None
    step: int
    said: str = ""
    not_known: tuple[str, ...] = field(default=())

    def made(self) -> Tenant:
        """Return the tenant as the simulator takes it."""
        return Tenant.model_validate(self.tenant)


def connector(name: str, *, status: str = "active", version: str = UP_TO_DATE) -> dict[str, Any]:
    """Return a connector."""
    return {"name": name, "ip": "203.0.113.9", "status": status, "version": version}


def tenant(
    connectors: dict[str, Any] | None = None,
    app: dict[str, Any] | None = None,
    **more: Any,  # noqa: ANN401 - as in a file
) -> dict[str, Any]:
    """Return a healthy tenant with the application Payroll in group Paris, and the changes that break it."""
    payroll = {"name": "Payroll", "publishing": {"applicationServerTimeout": "Long"}} | (app or {})
    members = {"one": connector("PAR01"), "two": connector("PAR02")} if connectors is None else connectors
    return {
        "tenant": {
            "id": "11111111-2222-4333-8444-555555555555",
            "name": "Broken",
            "domains": ["broken.example", "broken.onmicrosoft.com"],
        },
        "connector_groups": {
            "default": {"name": "Default", "default": True},
            "paris": {"name": "Paris", "id": PARIS, "connectors": members, "applications": {"payroll": payroll}},
        },
    } | more


PARIS = "7d3a9e50-2f41-4c86-b1d7-9a5e6c0f2b18"
INACTIVE = connector("PAR01", status="inactive")
_MEMBERS = f"/onPremisesPublishingProfiles/applicationProxy/connectorGroups/{PARIS}/members"
_QUICK = {"type": "quickaccessapp", "ztna": True}
_NO_GROUP = {"name": "Remote desktop", "tags": ["PrivateAccessNonWebApplication"]}


def _published(**fields: object) -> dict[str, Any]:
    return {"publishing": {"applicationServerTimeout": "Long", **fields}}


def _in_default() -> dict[str, Any]:
    broken = tenant()
    groups = broken["connector_groups"]
    groups["default"]["applications"] = groups["paris"].pop("applications")
    return broken


def _idle() -> dict[str, Any]:
    idle = tenant()
    idle["connector_groups"]["berlin"] = {"name": "Berlin", "connectors": {"three": connector("BER01")}}
    return idle


def _kerberos(spn: str | None) -> dict[str, Any]:
    settings = {"kerberosServicePrincipalName": spn, "kerberosSignOnMappingAttributeType": "userPrincipalName"}
    return {"singleSignOnMode": "onPremisesKerberos", "kerberosSignOnSettings": settings}


_EXPIRED = {"subjectName": "CN=pay.broken.example", "expiryDate": "2026-11-01T00:00:00Z"}

TENANTS: dict[str, Broken] = {
    "no active connector": Broken(
        tenant({"one": INACTIVE, "two": connector("PAR02", status="inactive")}),
        "application",
        "Payroll",
        "No connector of group Paris is active: PAR01 (inactive, 1.5.4522.0), PAR02",
        2,
    ),
    "the only connector is inactive": Broken(
        tenant({"one": INACTIVE}),
        "application",
        "Payroll",
        "No connector of group Paris is active: PAR01 (inactive, 1.5.4522.0).",
        2,
    ),
    "default group without connectors": Broken(
        _in_default(),
        "application",
        "Payroll",
        "Group Default has no connector, as it may be with the default group",
        2,
    ),
    "too old for Private Access": Broken(
        tenant({"one": connector("PAR01"), "two": connector("PAR02", version=TOO_OLD)}, _QUICK),
        "application",
        "Payroll",
        "Private Access needs version 1.5.3417.0, and not every active connector has it: PAR02",
        2,
    ),
    "in no group": Broken(
        tenant(applications={"rdp": _NO_GROUP}),
        "application",
        "Remote desktop",
        "No connector group carries it.",
        1,
    ),
    "not published": Broken(
        tenant(app=_published(isOnPremPublishingEnabled=False)),
        "application",
        "Payroll",
        "The application is not published",
        1,
    ),
    "certificate expired": Broken(
        tenant(
            app=_published(externalUrl="https://pay.broken.example/", verifiedCustomDomainCertificatesMetadata=_EXPIRED)
        ),
        "application",
        "Payroll",
        "The certificate of the custom domain expired on 2026-11-01",
        10,
    ),
    "time-out too short": Broken(
        tenant(app=_published(applicationServerTimeout="Default")),
        "application",
        "Payroll",
        "The connector timed out, and the application waits 85 seconds only",
        9,
        "The connector timed out.",
    ),
    "Kerberos without SPN": Broken(
        tenant(app=_published(singleSignOnSettings=_kerberos(None))),
        "application",
        "Payroll",
        "Single sign-on uses Kerberos, and no internal application SPN is set",
        10,
    ),
    "Kerberos with pass-through": Broken(
        tenant(app=_published(singleSignOnSettings=_kerberos("http/pay"), externalAuthenticationType="passthru")),
        "application",
        "Payroll",
        "Single sign-on uses Kerberos, with pass-through pre-authentication",
        10,
    ),
    "leftover of a reinstalled machine": Broken(
        tenant({"old": INACTIVE | {"id": "0f8fad5b-d9cb-469f-a165-70867728950e"}, "new": connector("PAR01")}),
        "connector",
        "0f8fad5b-d9cb-469f-a165-70867728950e",
        "This is a leftover: the same machine has an active connector",
        2,
    ),
    "inactive connector": Broken(
        tenant({"one": INACTIVE, "two": connector("PAR02")}),
        "connector",
        "par01",
        "The connector is inactive",
        2,
    ),
    "group that carries nothing": Broken(_idle(), "group", "Berlin", "Group Berlin carries no application", 1),
    "default group that carries nothing": Broken(tenant(), "group", "default", None, 0),
    "the only active connector is too old": Broken(
        tenant({"one": connector("PAR01", version=TOO_OLD)}, _QUICK),
        "application",
        "Payroll",
        "Private Access needs version 1.5.3417.0, and not every active connector has it: PAR01",
        2,
    ),
    "members unreadable": Broken(
        tenant(faults=[{"path": _MEMBERS, "kind": "denied", "shape": "directory_role"}]),
        "application",
        "Payroll",
        None,
        2,
        "",
        ("The connectors of group Paris were not read",),
    ),
}
"""By what is planted."""
