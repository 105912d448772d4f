"""The forms of ids: directory objects and scans."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime

_OBJECT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
SCAN_ID = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}", re.ASCII)
"""The form of a scan's id: the moment it was requested for, and a hash."""


def is_object_id(text: str) -> bool:
    """Return whether a text has the form of a directory object's id (8-4-4-4-12 hexadecimal digits, either case)."""
    return _OBJECT_ID.fullmatch(text) is not None


def scan_id(asked_at: datetime, tenant_id: str, reason: str) -> str:
    """Return a scan's id: the moment it was requested for, and a hash, so that two equal requests are one scan."""
    digest = hashlib.sha256(f"{tenant_id}\n{reason}".encode()).hexdigest()[:8]
    return f"{asked_at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{digest}"


def scan_moment(text: str) -> datetime | None:
    """Return the moment in a scan's id; None where the text is not a scan's id."""
    if not SCAN_ID.fullmatch(text):
        return None
    try:
        return datetime.strptime(text[:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None
