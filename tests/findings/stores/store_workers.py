"""Processes that write into a folder store side by side, or until they are killed."""

from __future__ import annotations

import hashlib
import os
import time
from typing import TYPE_CHECKING

from common.errors import ConflictError
from findings.stores.folder import FolderStore

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from pathlib import Path

COUNTER = "t/counter.json"
STATE = "t/state.json"
REPORT = "t/latest/report.html"
SCANS = "t/scans/"
LONGEST = 60
"""Seconds after which a writer ends although nobody killed it: its test was killed itself."""


def count(root: Path, times: int) -> None:
    """Raise the number in a document by one, as often as told, trying again whenever somebody else was faster."""
    for _ in range(times):
        while not _raised(root):
            pass


def _raised(root: Path) -> bool:
    documents = FolderStore(root).documents
    found = documents.read(COUNTER)
    number = int(found.content) if found else 0
    try:
        documents.write(COUNTER, str(number + 1).encode(), found.etag if found else None)
    except ConflictError:
        return False
    return True


def whole(number: int) -> bytes:
    """Return a long content that tells its number, and whether all of it is there."""
    body = f"{number}:".encode() + number.to_bytes(4) * 50_000
    return hashlib.sha256(body).digest() + body


def number_in(content: bytes) -> int:
    """Return the number in a content that is all there."""
    assert content[:32] == hashlib.sha256(content[32:]).digest()
    return int(content[32:].partition(b":")[0])


def write_until_killed(root: Path) -> None:
    """Write documents, artefacts and reports, one after the other, for a minute at most."""
    store = FolderStore(root)
    until = time.monotonic() + LONGEST
    while time.monotonic() < until:
        found = store.documents.read(STATE)
        number = number_in(found.content) + 1 if found else 1
        store.documents.write(STATE, whole(number), found.etag if found else None)
        store.scans.create(f"{SCANS}{number}/findings.json", whole(number))
        store.latest.put(REPORT, whole(number))


def breed(root: Path, orders: Connection) -> None:
    """Start a writer for each true order, tell its process id, and tell None when it was killed."""
    while orders.recv():
        child = os.fork()
        if child == 0:
            write_until_killed(root)
            os._exit(0)
        orders.send(child)
        os.waitpid(child, 0)
        orders.send(None)
