"""The use case: rewrite the views and latest/ from state, after a table was lost or a state was restored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.errors import ConnectorwatchError, RenderError, SettingsError, StorageError
from common.text import counted, visible
from connectorwatch.scanning.latest_and_views import listed_tenants, refresh, state_name, stored_state
from connectorwatch.scanning.publish import finish_set_aside

if TYPE_CHECKING:
    from collections.abc import Callable

    from findings.stores.ports import Store


def rebuild(store: Store, tenant_id: str | None, progress: Callable[[str], None]) -> int:
    """Rewrite the views and latest/ of one tenant or of all, and return the number of tenants.

    Scans that were set aside, since their reports could not be written, are tried again. Where all tenants are
    rewritten, rows of tenants that have no state any more are removed. May be repeated and interrupted.

    Raises:
        SettingsError: The tenant has no state.
        StorageError: Storage refused, or some of many tenants failed; all others are written.
        EvidenceError: What is stored of the tenant that was named is damaged or of a newer version.
        RenderError: Reports of the tenant that was named still cannot be written; all else is.
    """
    if tenant_id is not None and store.documents.read(state_name(tenant_id)) is None:
        raise SettingsError(
            f"Nothing of tenant {visible(tenant_id)} is stored: scan it first, or name another tenant or folder."
        )
    folders = [tenant_id] if tenant_id else [name for name in store.documents.folders() if not name.startswith("_")]
    tenants = [name for name in folders if store.documents.read(state_name(name)) is not None]
    failed: dict[str, ConnectorwatchError] = {}
    for number, name in enumerate(tenants, start=1):
        try:
            _rebuild_one(store, name)
        except ConnectorwatchError as error:
            if tenant_id is not None:
                raise
            failed[name] = error
        progress(f"{number} of {len(tenants)}: tenant {name}{' failed' if name in failed else ''}")
    if tenant_id is None:
        for gone in sorted(set(listed_tenants(store)) - set(tenants)):
            store.views.remove(gone)
            progress(f"removed the rows of tenant {visible(gone)}, which has no state")
    if failed:
        first = next(iter(failed))
        raise StorageError(f"This failed for {len(failed)} tenants, the first of them {first}: {failed[first]}")
    return len(tenants)


def _rebuild_one(store: Store, tenant_id: str) -> None:
    state, _etag = stored_state(store, tenant_id)
    left = finish_set_aside(store, state)
    refresh(store, tenant_id, anew=True)
    if left:
        state, _etag = stored_state(store, tenant_id)
        why = {entry.scan: entry.why for entry in state.set_aside}.get(left[0], "it was set aside long ago")
        raise RenderError(f"The reports of {counted(len(left), 'scan')} cannot be written, first {left[0]}: {why}")
