"""Ask for a scan now; while one that was asked for is waiting, it is that one."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from connectorwatch.refresh import scan_folder
from connectorwatch.service.request import parse_request
from connectorwatch.service.schedule import request_for
from inventory.errors import ConflictError, RequestError

if TYPE_CHECKING:
    from datetime import datetime

    from connectorwatch.service.request import ScanRequest
    from connectorwatch.service.wired import Service
    from findings.stores.ports import Store

WAITS = timedelta(hours=1)
"""After this long a scan is no longer waiting: by then the queue has given it up (five attempts in half an hour)."""
_AGAIN = timedelta(minutes=5)


def ask_for_scan(service: Service, tenant_id: str, reason: str = "manual") -> str:
    """Put a request for a scan on the queue, unless one is waiting, and return the scan's id.

    Raises:
        StorageError: Storage or the queue refused.
    """
    name, now = f"{tenant_id}/asked.json", service.now()
    stored = service.store.documents.read(name)
    asked = _waiting(service.store, stored.content, now) if stored else None
    if asked is None:
        asked = request_for(tenant_id, now.replace(microsecond=0), reason)
        try:
            service.store.documents.write(name, asked.to_text().encode(), stored.etag if stored else None)
        except ConflictError:  # somebody else asks at this moment: it is their scan
            theirs = service.store.documents.read(name)
            return parse_request(theirs.content).scan_id if theirs else asked.scan_id
    elif now - asked.asked_at < _AGAIN:
        return asked.scan_id
    # Put again after a while: whoever asked first may have died in between, and a scan asked for twice is one scan.
    service.requests.put(asked.to_text(), 0)
    return asked.scan_id


def _waiting(store: Store, content: bytes, now: datetime) -> ScanRequest | None:
    """Return the scan that was asked for last, if it is neither stored nor too old."""
    try:
        asked = parse_request(content)
    except RequestError:
        return None
    folder = scan_folder(asked.tenant, asked.scan_id)
    done = f"{folder}/findings.json" in store.scans.list(f"{folder}/")
    return None if done or now - asked.asked_at > WAITS else asked
