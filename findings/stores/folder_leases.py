"""Leases in a folder: file locks, which the operating system releases when a process ends, however it ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from common.errors import StorageError
from common.files import make_folder
from findings.stores.ports import check_name

if TYPE_CHECKING:
    from pathlib import Path

LEASES = "_leases"
"""The folder, or first part of the names, of what leases are taken on."""


@dataclass(frozen=True)
class FolderLease:
    """A lock that is held; see `ports.Lease`."""

    lock: FileLock

    def renew(self) -> bool:
        """Return whether it is held: nobody takes a lock from a living process."""
        return bool(self.lock.is_locked)

    def release(self) -> None:
        """Give it back."""
        self.lock.release()


@dataclass(frozen=True)
class FolderLeases:
    """Locks on files in a folder; see `ports.Leases`."""

    folder: Path

    def take(self, name: str) -> FolderLease | None:
        """Return a lease, or None while another process holds it.

        Raises:
            StorageError: The folder refused.
        """
        path = self.folder / f".{check_name(name)}.lock"
        try:
            make_folder(self.folder)
            lock = FileLock(path, timeout=0, fallback_to_soft=False, mode=0o600)
            lock.acquire()
        except Timeout:
            return None
        except OSError as error:
            raise StorageError(
                f"{path} cannot be locked: {error.strerror or error}. Allow this account to write there."
            ) from error
        return FolderLease(lock)
