"""Activities of connectors and connector groups in the directory audit log."""

from __future__ import annotations

from datetime import timedelta

REGISTER = "Register connector"
SERVICE = "Application Proxy"
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


AUDIT_KEPT = timedelta(days=30)
"""How far back the audit log goes with a licence (Entra "data retention", 2026-01-06)."""
