"""Remove a tenant: from the list, so that nobody scans it any more, and then from storage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectorwatch.service.own_state import forget_tenant
from connectorwatch.tenants.edit_list import take_tenant

if TYPE_CHECKING:
    from connectorwatch.settings import Settings
    from findings.stores.ports import Store


def remove_tenant(settings: Settings, store: Store, tenant_id: str) -> bool:
    """Delete everything of a tenant; return whether it was in the list. May be repeated after a failure half-way.

    Raises:
        SettingsError: The list has mistakes; nothing was deleted.
        RetainedError: Storage keeps some scans by a rule of its own; everything else is deleted.
        StorageError: Storage refused; repeat.
    """
    listed = settings.tenants is not None and take_tenant(settings, tenant_id)
    forget_tenant(store, tenant_id)
    store.forget(tenant_id)
    return listed
