"""Answer one request for a scan: one whole scan of one tenant, under the id that was asked for."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from common.errors import ConnectorwatchError, RenderError
from connectorwatch.scanning.scan import run
from connectorwatch.service.failures import note_failure, resolve_failures
from connectorwatch.service.request import parse_request
from connectorwatch.service.unrendered import note_set_aside
from connectorwatch.tenants.tenant_list import find_tenant
from connectorwatch.wiring import scanning_as

if TYPE_CHECKING:
    from connectorwatch.scanning.scan import Result
    from connectorwatch.service.composition import Service
    from connectorwatch.service.request import ScanRequest
    from connectorwatch.tenants.tenant_list import Tenant

LONGEST_SCAN = 1500.0
"""Seconds that a scan may read here, which leave some minutes of `functionTimeout` (host.json) to judge and store."""

log = structlog.get_logger(__name__)


def scan_tenant(service: Service, text: str | bytes) -> Result | None:
    """Make the scan that a message asks for; return None where its tenant is no longer watched.

    A message that is delivered twice makes one scan's worth of state and artefacts. A scan that is stored and whose
    reports cannot be written is told as SVC005 and not tried again, since the next attempt would end alike: then too
    None is returned.

    Raises:
        RequestError: The message is no request of this version.
        ConnectorwatchError: The scan could not be made; the reason is noted for `failures.record_failure`.
    """
    request = parse_request(text)
    with structlog.contextvars.bound_contextvars(scan=request.scan_id, tenant=request.tenant):
        tenant = find_tenant(service.settings, request.tenant)
        if tenant is None:
            log.warning("scan request dropped: the tenant is not in the list")
            return None
        try:
            result = asyncio.run(_scan(service, tenant, request))
        except RenderError as error:
            log.error("reports could not be written", why=str(error))  # noqa: TRY400 - ours need no trace
            note_set_aside(service.store, tenant.id, service.now())
            return None
        except ConnectorwatchError as error:
            log.error("scan failed", error=type(error).__name__, why=str(error))  # noqa: TRY400 - ours need no trace
            note_failure(service.store, request, error)
            raise
        finally:
            service.flush()  # an instance of the cloud may be gone before the next regular transmission
        resolve_failures(service, request, result.document.tenant.name)
        note_set_aside(service.store, tenant.id, service.now())
        return result


async def _scan(service: Service, tenant: Tenant, request: ScanRequest) -> Result:
    timeout = min(tenant.settings.scan_timeout_seconds, LONGEST_SCAN)
    settings = tenant.settings.model_copy(update={"scan_timeout_seconds": timeout})
    async with scanning_as(settings, service.store, service.now) as wired:
        return await run(replace(wired, asked_id=request.scan_id, trigger=request.reason))
