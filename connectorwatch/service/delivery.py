"""Empty the outboxes: some tenants' after something happened to them, and everybody's from time to time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectorwatch.deliver import deliver
from connectorwatch.service.fleet import FLEET

if TYPE_CHECKING:
    from connectorwatch.deliver import Delivered
    from connectorwatch.service.wired import Service


def deliver_of(service: Service, tenant_id: str) -> Delivered:
    """Deliver what waits in one outbox: a tenant's, or the service's own (`_fleet`).

    Raises:
        StorageError: Storage refused; what waits is delivered later.
    """
    return deliver(service.store, service.now, tenants=(tenant_id,))


def deliver_all(service: Service) -> Delivered:
    """Deliver what waits anywhere.

    Raises:
        StorageError: Storage refused; what waits is delivered later.
    """
    return deliver_of(service, FLEET) + deliver(service.store, service.now)
