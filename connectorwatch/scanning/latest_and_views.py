"""Rebuild latest/ and the views of a tenant's newest scan from stored data; idempotent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from common.errors import StorageError
from findings.reports.formats import BY_FILE
from findings.reports.json_file import parse_json
from findings.state.document import State
from findings.stores.all_rows import all_rows
from findings.stores.change import ATTEMPTS, change_document
from findings.views.tenant_rows import rows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from findings.document import FindingsDocument
    from findings.stores.ports import Store
    from findings.views.tables import Value

log = structlog.get_logger(__name__)

MARK = "scan.txt"
"""The file in latest/ that says which scan's reports stand there; written last."""
FINDINGS = "findings.json"
"""A scan's report for machines, written last: where it is, all its reports are."""


def scan_folder(tenant_id: str, scan_id: str) -> str:
    """Return where a scan's artefacts are stored."""
    return f"{tenant_id}/scans/{scan_id}"


def state_name(tenant_id: str) -> str:
    """Return where a tenant's state is stored."""
    return f"{tenant_id}/state.json"


def stored_state(store: Store, tenant_id: str) -> tuple[State, str]:
    """Return a tenant's state and its tag.

    Raises:
        StorageError: There is none.
        EvidenceError: It is damaged or of a newer version.
    """
    name = state_name(tenant_id)
    stored = store.documents.read(name)
    return _decoded(stored.content if stored else None, name), stored.etag if stored else ""


def _decoded(content: bytes | None, name: str) -> State:
    if content is None:
        raise StorageError(f"{name} is not there: restore a copy of it, or scan the tenant again.")
    return State.from_bytes(content, name)


def changed_state(store: Store, tenant_id: str, change: Callable[[State], State], *, advice: str) -> State:
    """Change a tenant's state by compare-and-swap, and return it; see `change_document`.

    Raises:
        StorageError: There is none, storage refused, or other writers won each time.
        EvidenceError: It is damaged or of a newer version.
    """
    name = state_name(tenant_id)
    return change_document(store.documents, name, lambda content: _decoded(content, name), change, advice=advice)


def listed_tenants(store: Store, where: Mapping[str, Value] | None = None) -> list[str]:
    """Return the ids of the tenants whose summary rows match `where`, in no particular order; no state is read."""
    return [str(row.values["tenant"]) for row in all_rows(store.views, "ConnectorTenants", where)]


def refresh(store: Store, tenant_id: str, known: FindingsDocument | None = None, *, anew: bool = False) -> State | None:
    """Make latest/ and the views show the newest stored scan, and repeat where a newer one was stored meanwhile.

    Returns the state that they show; None where that is not certain, since other writers were faster.

    Args:
        store: Where.
        tenant_id: Whose.
        known: A scan's result that need not be read again, if it is the newest one's.
        anew: Whether the views are also written where they are of a newer revision: the state is a copy put back.

    Raises:
        StorageError: Storage refused, or there is no state.
    """
    for _ in range(ATTEMPTS):
        state, _etag = stored_state(store, tenant_id)
        if not state.scans:
            return state
        newest = state.scans[-1].id
        _refresh_latest(store, tenant_id, newest)
        document = known if known is not None and known.scan.id == newest else _result(store, tenant_id, newest)
        shown = document is None or store.views.replace(tenant_id, state.revision, rows_of(state, document), anew=anew)
        if stored_state(store, tenant_id)[0].revision == state.revision:
            if shown:
                return state
            # The state has not changed meanwhile, so the tables come from a newer state that was lost.
            log.warning("tables of a lost state are written anew", tenant=tenant_id, revision=state.revision)
            anew = True
    return None


def _refresh_latest(store: Store, tenant_id: str, newest: str) -> None:
    folder = scan_folder(tenant_id, newest)
    if not store.scans.list(f"{folder}/{FINDINGS}"):
        return  # its own process has not written all reports yet, and will refresh latest/ and the views itself
    for file in BY_FILE:
        # A version that knows fewer files may have written this scan: what is not there is left out.
        store.latest.show(f"{folder}/{file}", f"{tenant_id}/latest/{file}")
    store.latest.put(f"{tenant_id}/latest/{MARK}", f"{newest}\n".encode())


def _result(store: Store, tenant_id: str, scan_id: str) -> FindingsDocument | None:
    content = store.scans.read(f"{scan_folder(tenant_id, scan_id)}/{FINDINGS}")
    return None if content is None else parse_json(content)
