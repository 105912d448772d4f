"""Empty the outboxes: of one tenant after its scan, of the service itself, and of everybody from time to time."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectorwatch.service.wired import Service


def deliver_of(service: Service, tenant_id: str) -> None:
    """Deliver what waits in a tenant's outbox."""
    del service, tenant_id


def deliver_of_fleet(service: Service) -> None:
    """Deliver what waits in the service's own outbox."""
    del service


def deliver_all(service: Service) -> None:
    """Deliver what waits anywhere."""
    del service
