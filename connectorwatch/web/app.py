"""The service of this process: made from its environment once, when the first request comes."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

from connectorwatch.service import composition
from connectorwatch.service.request_scan import request_scan
from connectorwatch.tenants.overview import watched_by, watched_tenants
from connectorwatch.tenants.tenant_policies import Policies, scan_ages
from connectorwatch.web.callers import believed
from connectorwatch.web.context import RequestContext
from connectorwatch.web.dispatch import WebService
from connectorwatch.wiring import own_environment

if TYPE_CHECKING:
    from connectorwatch.service.composition import Service as Watching

REASON = "api"
"""The trigger of a scan that was asked for here."""


@cache
def service() -> WebService:
    """Return the service of this process; nothing is connected before a request needs it."""
    return WebService(_context, trusted=believed(own_environment()))


@cache
def _context() -> RequestContext:
    return context_of(composition.own_service())


def context_of(watching: Watching) -> RequestContext:
    """Return what the handlers work with; policies are read once.

    Raises:
        PolicyError, SettingsError: The installation's policy has mistakes or cannot be read.
    """
    policies = Policies()
    return RequestContext(
        watching.store,
        request_scan=lambda tenant_id: request_scan(watching, tenant_id, REASON),
        watched=lambda: watched_by(watching.settings),
        max_age=timedelta(hours=policies.of(watching.settings).max_scan_age_hours),
        max_ages=lambda: scan_ages(watched_tenants(watching.settings), policies),
        now=watching.now,
    )
