"""Leases in Blob Storage: the service's own leases on empty blobs, which end by themselves after a minute."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from azure.core.exceptions import HttpResponseError

from findings.stores.azure_calls import code_of, status_of
from findings.stores.folder_leases import LEASES

if TYPE_CHECKING:
    from collections.abc import Callable

    from azure.storage.blob import BlobLeaseClient

    from findings.stores.azure_blobs import Container

SECONDS = 60
"""The longest that a lease can be taken for, unless for ever (Blob Storage "Lease Blob", 2026)."""
_TAKEN, _LOST = "LeaseAlreadyPresent", (404, 409, 412)


@dataclass(frozen=True)
class BlobLease:
    """A lease on a blob; see `ports.Lease`."""

    lease: BlobLeaseClient
    container: Container

    def renew(self) -> bool:
        """Hold it for another minute; return False if it was lost.

        Raises:
            StorageError: Storage refused, or did not answer.
        """
        return self._still(self.lease.renew)

    def release(self) -> None:
        """Give it back; nothing happens if it was lost.

        Raises:
            StorageError: Storage refused, or did not answer.
        """
        self._still(self.lease.release)

    def _still(self, call: Callable[[], object]) -> bool:
        if not self.lease.id:  # the SDK forgets it when it is given back
            return False
        try:
            self.container.calls.ask(call)
        except HttpResponseError as error:
            if status_of(error) in _LOST:
                return False
            raise self.container.refused(error) from None
        return True


@dataclass(frozen=True)
class BlobLeases:
    """Leases on blobs of a container; see `ports.Leases`."""

    container: Container

    def take(self, name: str) -> BlobLease | None:
        """Return a lease, or None while another process holds it.

        Raises:
            StorageError: Storage refused, or did not answer.
        """
        place = f"{LEASES}/{name}"
        blob = self.container.client.get_blob_client(place)
        if self.container.read(place) is None:
            self.container.upload(place, b"", None)
        try:
            # Where an answer is lost, the lease seems to be somebody else's until it ends by itself.
            return BlobLease(self.container.calls.ask(lambda: blob.acquire_lease(SECONDS)), self.container)
        except HttpResponseError as error:
            if code_of(error) == _TAKEN:
                return None
            raise self.container.refused(error) from None
