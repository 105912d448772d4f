"""What the use cases of the service share, put together once for each process."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from connectorwatch.platform.logs import set_up_service_logs
from connectorwatch.platform.redaction import hide
from connectorwatch.platform.telemetry import set_up
from connectorwatch.service.queue import CONNECTION, StorageQueue
from connectorwatch.tenants.tenant_list import tenants_of
from connectorwatch.wiring import Choices, own_environment, settings_of, store_of
from findings.stores.all_rows import all_rows
from findings.views.tables import FLEET

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from connectorwatch.service.queue import Requests
    from connectorwatch.settings import Settings
    from connectorwatch.tenants.tenant_list import Tenant
    from findings.stores.ports import Store


@dataclass(frozen=True)
class Service:
    """What the use cases share; safe to use from several threads.

    Attributes:
        settings: The installation's settings.
        store: Where everything is stored.
        requests: The queue of scans to make.
        now: The clock.
        environment: Holds the addresses and passwords that routes name.
        flush: Sends the telemetry that is there, for some seconds at most.
    """

    settings: Settings
    store: Store
    requests: Requests
    now: Callable[[], datetime]
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    flush: Callable[[], None] = lambda: None

    def tenants(self) -> tuple[Tenant, ...]:
        """Return the tenants that are watched, as the list says now.

        Raises:
            SettingsError: The list is missing or has mistakes.
        """
        return tenants_of(self.settings)

    def last_scans(self) -> Mapping[str, datetime]:
        """Return when each tenant was last scanned, by tenant id; those never scanned are left out."""
        return last_scans(self.store)


def last_scans(store: Store) -> Mapping[str, datetime]:
    """Return when each tenant was last scanned, by tenant id; those never scanned are left out. Reads the table alone.

    Raises:
        StorageError: Storage refused.
    """
    return {
        str(row.values["tenant"]): datetime.fromisoformat(str(row.values["scanned_at"]))
        for row in all_rows(store.views, FLEET)
        if "scanned_at" in row.values
    }


def service_of(environment: Mapping[str, str]) -> Service:
    """Return the service that an environment describes.

    Raises:
        SettingsError: A setting is unknown or has a bad value.
    """
    settings = settings_of(Choices(), dict(environment))
    hide(settings.graph_token.get_secret_value() if settings.graph_token else None)
    storage = settings.storage.get_secret_value()
    hide(storage if "=" in storage else None)
    hide(environment.get(CONNECTION) if "=" in environment.get(CONNECTION, "") else None)
    queue = StorageQueue(environment, settings.cloud)
    return Service(settings, store_of(settings), queue, lambda: datetime.now(UTC), environment)


@cache
def own_service() -> Service:
    """Return the service of this process, with its clients, made once."""
    set_up_service_logs()
    environment = own_environment()
    return replace(service_of(environment), flush=set_up(environment).flush)
