"""Queue a scan now, or return the one already queued.

Two steps, so that a queue that refuses hides nothing: the note of what is asked for is written, the message put, and
the note written again with `queued`. Where that is missing, whoever asks next puts the message.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from common.errors import ConflictError, RequestError
from connectorwatch.scanning.latest_and_views import FINDINGS, scan_folder
from connectorwatch.service.request import parse_request
from connectorwatch.service.schedule import request_for

if TYPE_CHECKING:
    from datetime import datetime

    from connectorwatch.service.composition import Service
    from connectorwatch.service.request import ScanRequest
    from findings.stores.ports import Store

WAITS = timedelta(hours=1)
"""After this long a scan is no longer waiting: by then the queue has given it up (five attempts in half an hour)."""
_AGAIN = timedelta(minutes=5)


@dataclass(frozen=True)
class _Asked:
    """What was asked for last, as it is noted: the request, and whether its message was put."""

    request: ScanRequest
    queued: bool = False

    def to_bytes(self) -> bytes:
        return json.dumps({**json.loads(self.request.to_text()), "queued": self.queued}).encode()


def request_scan(service: Service, tenant_id: str, reason: str = "manual") -> str:
    """Put a request for a scan on the queue, unless one is waiting, and return the scan's id.

    Raises:
        StorageError: Storage or the queue refused; asking again puts the request.
    """
    name, now, notes = f"{tenant_id}/asked.json", service.now(), service.store.documents
    stored = notes.read(name)
    etag = stored.etag if stored else None
    asked = _waiting(service.store, stored.content, now) if stored else None
    if asked is None:
        asked = _Asked(request_for(tenant_id, now.replace(microsecond=0), reason))
        try:
            etag = notes.write(name, asked.to_bytes(), etag)
        except ConflictError:  # somebody else asks at this moment: it is their scan
            stored = notes.read(name)
            etag = stored.etag if stored else None
            asked = (_noted(stored.content) if stored else None) or asked
    if asked.queued and now - asked.request.asked_at < _AGAIN:
        return asked.request.scan_id
    # Two who ask at once may both put it, and after a while it is put again: a scan asked for twice is one scan.
    service.requests.put(asked.request.to_text(), 0)
    if not asked.queued:
        with suppress(ConflictError):  # whoever asks next puts it once more
            notes.write(name, replace(asked, queued=True).to_bytes(), etag)
    return asked.request.scan_id


def _noted(content: bytes) -> _Asked | None:
    """Return what a note says; None where it is not understood."""
    try:
        return _Asked(parse_request(content), json.loads(content).get("queued") is True)
    except RequestError:
        return None


def _waiting(store: Store, content: bytes, now: datetime) -> _Asked | None:
    """Return the scan that was asked for last, if it is neither stored nor too old."""
    asked = _noted(content)
    if asked is None or now - asked.request.asked_at > WAITS:
        return None
    folder = scan_folder(asked.request.tenant, asked.request.scan_id)
    return None if f"{folder}/{FINDINGS}" in store.scans.list(f"{folder}/") else asked
