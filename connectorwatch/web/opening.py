"""The service of this process: made from its environment once, when the first request comes."""

from __future__ import annotations

from datetime import timedelta
from functools import cache

from connectorwatch.fleet import watched_by
from connectorwatch.service import wired
from connectorwatch.service.ask import ask_for_scan
from connectorwatch.web.callers import believed
from connectorwatch.web.ports import Site
from connectorwatch.web.serving import Service
from connectorwatch.wiring import own_environment, policy_of

REASON = "api"
"""The trigger of a scan that was asked for here."""


@cache
def service() -> Service:
    """Return the service of this process; nothing is connected before a request needs it."""
    return Service(_site, trusted=believed(own_environment()))


@cache
def _site() -> Site:
    own = wired.own_service()
    return Site(
        own.store,
        ask=lambda tenant_id: ask_for_scan(own, tenant_id, REASON),
        watched=lambda: watched_by(own.settings),
        max_age=timedelta(hours=policy_of(own.settings).policy.max_scan_age_hours),
        now=own.now,
    )
