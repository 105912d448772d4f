"""Activities of connectors and connector groups in the directory audit log."""

from __future__ import annotations

from datetime import timedelta

REGISTER = "Register connector"
UPDATE_APPLICATION = "Update application"
"""Also how moving an application to another connector group is logged (Microsoft's security operations guide, 2026)."""
SERVICE = "Application Proxy"
SERVICES = (SERVICE, "Global Secure Access")
"""Who logs such activities: the first by the list of activities (2024-04-15), the second by Entra's page on Private
Access connectors (2026-09-14). Which one logs which activity is not documented, so both are read."""
ACTIVITIES = frozenset(
    {
        REGISTER.casefold(),
        "add connector group",
        "add a connector to connector group",
        "update connector group",
        "delete connector group",
    }
)
"""Activities of connectors and connector groups, without case (Entra "audit activities", 2024-04-15)."""


def is_about_connectors(activity: str) -> bool:
    """Whether an activity is about connectors or their groups.

    One that is not known and has the word in its name is: "operation strings can change between service updates"
    (Microsoft's security operations guide, 2026).
    """
    return activity.casefold() in ACTIVITIES or "connector" in activity.casefold()


AUDIT_KEPT = timedelta(days=30)
"""How far back the audit log goes with a licence (Entra "data retention", 2026-01-06)."""
