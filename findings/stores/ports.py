"""Interfaces to storage: documents that change, artefacts that never do, latest reports, views and leases.

Names are relative paths with `/`, such as `{tenant}/state.json`, `{tenant}/latest/report.html` and
`{tenant}/scans/{id}/findings.json`. A folder keeps all three in one place, so no name may serve two of them.
Every method raises StorageError for a name that `check_name` refuses, and when storage refuses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from common.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from findings.views.tables import Page, Row, Table, Value

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

    def folders(self) -> list[str]:
        """Return the first parts of all names, sorted: the tenants, and what begins with `_`."""
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
    """Objects that always show the newest state; the last write wins."""

    def show(self, artefact: str, name: str) -> bool:
        """Write an object that is a copy of one of the store's artefacts; return False if there is no such artefact."""
        ...

    def put(self, name: str, content: bytes) -> None:
        """Write an object whole or not at all, over whatever is there."""
        ...

    def read(self, name: str) -> bytes | None:
        """Return an object, or None if there is none."""
        ...


class Views(Protocol):
    """Tables derived from the documents, for queries over many findings, scans or tenants; can be rebuilt at any time.

    `findings.views.tables` names the tables and their columns.
    """

    def replace(self, tenant_id: str, revision: int, rows: Sequence[Row], *, anew: bool = False) -> bool:
        """Make these a tenant's rows in all tables: write what differs, remove what is not among them.

        May be repeated, and be ended at any moment: the next call with this or a newer revision completes it.

        Args:
            tenant_id: Whose rows.
            revision: Of the state that they were made from.
            rows: All of the tenant's rows.
            anew: Whether they also replace rows of a newer revision: the state is an earlier copy put back.

        Returns:
            Whether they stand there now; False if rows of a newer revision do, which are left alone.
        """
        ...

    def amend(self, tenant_id: str, revision: int, values: Mapping[str, Value]) -> bool:
        """Change some values of a tenant's summary row; return False if it is of another revision, or not there."""
        ...

    def query(
        self,
        table: Table,
        tenant_id: str | None = None,
        *,
        where: Mapping[str, Value] | None = None,
        after: str | None = None,
        limit: int = 1000,
    ) -> Page:
        """Return rows in the order of their places: scans come newest first, findings and tenants in no known order.

        Args:
            table: The table.
            tenant_id: Whose rows; None for everybody's.
            where: What columns must hold. One that a row does not have equals nothing.
            after: The `after` of the page before.
            limit: How many rows at most, 1 to 1000.

        Raises:
            StorageError: `where` names a column that the table has not, or storage refused.
        """
        ...

    def remove(self, tenant_id: str) -> None:
        """Remove all rows of a tenant; none is no error."""
        ...


class Lease(Protocol):
    """An exclusive right, for as long as it is held."""

    def renew(self) -> bool:
        """Hold it for another minute; return False if it was lost and another process may hold it."""
        ...

    def release(self) -> None:
        """Give it back; nothing happens if it was lost."""
        ...


class Leases(Protocol):
    """Exclusive rights of one process at a time; a killed process loses them within a minute."""

    def take(self, name: str) -> Lease | None:
        """Return a lease for a minute, or None while another process holds it.

        Args:
            name: One part of a name, such as the id of a route.
        """
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

    @property
    def views(self) -> Views:
        """The tables made from the documents."""
        ...

    @property
    def leases(self) -> Leases:
        """Exclusive rights of one process at a time."""
        ...

    def forget(self, tenant_id: str) -> None:
        """Remove everything below `{tenant_id}/`: documents, latest, what its scans left, and its rows.

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
    """Return the name if it cannot lead outside any store.

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
