"""What connectorwatch asks of storage: documents that change, artefacts that never do, and the newest of each report.

Names are relative paths with `/`, such as `{tenant}/state.json`, `{tenant}/latest/report.html` and
`{tenant}/scans/{id}/findings.json`. A folder keeps all three in one place, so no name may serve two of them.
Every method raises StorageError for a name that `check_name` refuses, and when storage refuses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

from inventory.errors import StorageError

PART = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,126}[A-Za-z0-9_-])?")
"""One part of a name. A list of what is allowed, since each kind of storage has its own list of what is not."""


@dataclass(frozen=True)
class Stored:
    """A document as it was read, with the tag that tells this content from any other."""

    content: bytes
    etag: str


class Documents(Protocol):
    """Documents that change, one writer at a time."""

    def read(self, name: str) -> Stored | None:
        """Return a document, or None if there is none."""
        ...

    def write(self, name: str, content: bytes, etag: str | None) -> str:
        """Write a document whole or not at all, and return its new tag.

        Args:
            name: The document.
            content: All of it.
            etag: The tag it was read with; None if it must not exist yet.

        Raises:
            ConflictError: Somebody else wrote, made or removed it since; nothing was written.
        """
        ...


class Artefacts(Protocol):
    """Objects that are written once and never again."""

    def create(self, name: str, content: bytes) -> bool:
        """Write an object whole or not at all; return False, and leave it as it is, if it exists already."""
        ...

    def read(self, name: str) -> bytes | None:
        """Return an object, or None if there is none."""
        ...

    def list(self, prefix: str) -> list[str]:
        """Return the names of all objects that begin with `prefix`, sorted.

        `a/scans/2026` finds what is in `a/scans/20260131T060000Z-01234567/`. End a tenant's prefix with `/`, or it
        finds other tenants whose ids begin alike.
        """
        ...

    def delete(self, name: str) -> bool:
        """Remove an object for good; return False if there was none. Retention and `tenant remove` alone call this.

        Raises:
            RetainedError: An immutability policy or a legal hold keeps it (in Blob Storage: 409 with the error code
                `BlobImmutableDueToPolicy` or `BlobImmutableDueToLegalHold`). Nothing was removed, and asking again
                before that rule ends is of no use.
        """
        ...


class Latest(Protocol):
    """Objects that always show the newest state; whoever writes last wins."""

    def put(self, name: str, content: bytes) -> None:
        """Write an object whole or not at all, over whatever is there."""
        ...

    def read(self, name: str) -> bytes | None:
        """Return an object, or None if there is none."""
        ...


class Store(Protocol):
    """All storage of one installation."""

    @property
    def documents(self) -> Documents:
        """The documents that change."""
        ...

    @property
    def scans(self) -> Artefacts:
        """What each scan left, written once."""
        ...

    @property
    def latest(self) -> Latest:
        """The newest scan's reports."""
        ...

    def forget(self, tenant_id: str) -> None:
        """Remove everything below `{tenant_id}/`: documents, latest, and what its scans left.

        Works again after a failure half-way: what is gone already is no error. Nobody may be scanning the tenant.

        Raises:
            RetainedError: Some scan is kept by a rule of the storage; everything else was removed.
        """
        ...

    def check_writable(self) -> None:
        """Make sure, before any Graph request, that a scan could be stored; leaves nothing behind.

        Raises:
            StorageError: It could not; the message says what to do.
        """
        ...


def check_name(name: str) -> str:
    """Return the name, if it is one that stays inside any store.

    Raises:
        StorageError: Some part of it is empty, begins or ends with a dot, or holds anything but ASCII letters, digits,
            `_`, `.` and `-`, so that it might lead somewhere else.
    """
    if not all(PART.fullmatch(part) for part in name.split("/")):
        raise StorageError(
            f"The storage name {name[:200]!r} is refused, since it might lead out of the store: "
            "use letters, digits, '_', '.' and '-' between single slashes."
        )
    return name


def check_prefix(prefix: str) -> str:
    """Return the prefix, if it is empty, a name, or a name and one `/`.

    Raises:
        StorageError: It is none of these.
    """
    if prefix:
        check_name(prefix.removesuffix("/"))
    return prefix
