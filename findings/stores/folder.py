"""A store in a folder, for one machine and for development. Survives a kill or a power cut at any moment.

Everything is first written to a temporary file beside its place and flushed, then moved there in one step. Files whose
name begins with a dot are ours alone (temporary files, locks): no name leads to them and no list shows them, so what a
killed process leaves is harmless.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from common.errors import ConflictError, StorageError
from common.files import flushed_file, make_folder, write_whole
from findings.stores.folder_leases import LEASES, FolderLeases
from findings.stores.ports import PART, Stored, check_name, check_prefix
from findings.stores.sqlite import SqliteViews

if TYPE_CHECKING:
    from collections.abc import Iterator

DATABASE = "connectorwatch.db"
"""The file that holds the tables."""
_PIECE = 1 << 20
"""Bytes that are copied at once."""
_NO_RIGHT = "Allow this account to write there"
_NO_LINKS = "Allow this account to write there, on a file system that has hard links"
_NO_SPACE = "Free some space there"
_NO_FOLDER = "A part of its path is a file: move that away"
_ADVICE = {
    errno.EACCES: _NO_RIGHT,
    errno.EROFS: _NO_RIGHT,
    errno.EPERM: _NO_LINKS,  # what Linux says where a file system has none
    errno.ENOTSUP: _NO_LINKS,
    errno.ENOSPC: _NO_SPACE,
    errno.EDQUOT: _NO_SPACE,
    errno.EFBIG: _NO_SPACE,
    errno.EEXIST: _NO_FOLDER,
    errno.ENOTDIR: _NO_FOLDER,
}


class FolderStore:
    """Documents and views in one folder, which is created at the first write.

    Attributes:
        documents: The documents that change.
        scans: What each scan left, written once.
        latest: The newest scan's reports.
        views: The tables made from the documents.
        leases: Rights that one process at a time has.
    """

    def __init__(self, root: Path | str, *, wait: float = 10.0) -> None:
        """Take the folder, and for how many seconds to wait for another process that writes the same document."""
        self._root = Path(root).absolute()
        self.documents = FolderDocuments(self._root, wait)
        self.scans = FolderArtefacts(self._root)
        self.latest = FolderLatest(self._root)
        self.views = SqliteViews(self._root / DATABASE, wait)
        self.leases = FolderLeases(self._root / LEASES)

    def forget(self, tenant_id: str) -> None:
        """Remove the tenant's whole folder, locks and temporary files too; see `ports.Store`."""
        folder = self._root / check_name(tenant_id)
        with _refusals(self._root), suppress(FileNotFoundError):
            shutil.rmtree(folder)
        self.views.remove(tenant_id)

    def check_writable(self) -> None:
        """Make sure that a scan could be stored: make the folder, and try in it what writing takes.

        Raises:
            StorageError: It could not; the message names the folder and says what to do.
        """
        with _refusals(self._root):
            make_folder(self._root)
            with flushed_file(self._root, b"") as whole:
                linked = whole.with_suffix(".probe")
                os.link(whole, linked)
                linked.unlink()
        self.views.check_writable()


class FolderLatest:
    """Files that are overwritten in one step; see `ports.Latest`."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def show(self, artefact: str, name: str) -> bool:
        """Copy a scan's file, whole or not at all and in pieces: that of a large tenant has many megabytes."""
        source, path = self._root / check_name(artefact), self._root / check_name(name)
        with _refusals(self._root):
            try:
                file = source.open("rb")
            except FileNotFoundError:
                return False
            with file:
                make_folder(path.parent)
                write_whole(path, iter(lambda: file.read(_PIECE), b""))
        return True

    def put(self, name: str, content: bytes) -> None:
        """Write a file whole or not at all, over whatever is there."""
        path = self._root / check_name(name)
        with _refusals(self._root):
            make_folder(path.parent)
            write_whole(path, content)

    def read(self, name: str) -> bytes | None:
        """Return a file, or None if there is none."""
        return _read(self._root, name)


class FolderArtefacts:
    """Files that are written once; see `ports.Artefacts`."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def create(self, name: str, content: bytes) -> bool:
        """Write a file whole or not at all; return False, and leave it as it is, if it exists already."""
        path = self._root / check_name(name)
        with _refusals(self._root):
            make_folder(path.parent)
            try:
                write_whole(path, content, overwrite=False)
            except FileExistsError:
                return False
        return True

    def read(self, name: str) -> bytes | None:
        """Return a file, or None if there is none."""
        return _read(self._root, name)

    def delete(self, name: str) -> bool:
        """Remove a file, and its folder with the last one; return False if there was none."""
        path = self._root / check_name(name)
        with _refusals(self._root):
            try:
                path.unlink()
            except (FileNotFoundError, NotADirectoryError):
                return False
            with suppress(OSError):  # others are still in there
                path.parent.rmdir()
        return True

    def list(self, prefix: str) -> list[str]:
        """Return the names of all files that begin with `prefix`, sorted."""
        top = self._root / check_prefix(prefix).rpartition("/")[0]
        names = []
        with _refusals(self._root):
            for folder, folders, files in os.walk(top, onerror=_unless_gone):
                folders[:] = filter(PART.fullmatch, folders)
                here = Path(folder).relative_to(self._root)
                if here == Path():
                    continue  # our names have two parts; the tables lie there
                names += [(here / file).as_posix() for file in files if PART.fullmatch(file)]
        return sorted(name for name in names if name.startswith(prefix))


class FolderDocuments:
    """Files that change by compare-and-swap under a lock file beside them; see `ports.Documents`."""

    def __init__(self, root: Path, wait: float) -> None:
        self._root = root
        self._wait = wait

    def read(self, name: str) -> Stored | None:
        """Return a document, or None if there is none."""
        content = _read(self._root, name)
        return None if content is None else Stored(content, _etag(content))

    def write(self, name: str, content: bytes, etag: str | None) -> str:
        """Write a document whole or not at all, and return its new tag.

        Raises:
            ConflictError: Its tag is another by now; nothing was written.
            StorageError: Another process kept it locked, or the folder refused.
        """
        path = self._root / check_name(name)
        with _refusals(self._root), self._locked(path):
            stored = self.read(name)
            if (None if stored is None else stored.etag) != etag:
                raise ConflictError(f"{path} was changed by somebody else since it was read: read it again and repeat.")
            write_whole(path, content)  # `_locked` has made the folder
        return _etag(content)

    def folders(self) -> list[str]:
        """Return the names of all folders, sorted."""
        with _refusals(self._root):
            try:
                return sorted(path.name for path in self._root.iterdir() if path.is_dir() and PART.fullmatch(path.name))
            except FileNotFoundError:
                return []

    @contextmanager
    def _locked(self, path: Path) -> Iterator[None]:
        make_folder(path.parent)
        beside = path.with_name(f".{path.name}.lock")
        # A lock that only the file's existence makes would outlive a killed process: better none than such a one.
        lock = FileLock(beside, timeout=self._wait, poll_interval=0.005, fallback_to_soft=False, mode=0o600)
        try:
            held = lock.acquire()
        except Timeout as error:
            raise StorageError(
                f"Another process has kept {beside} locked for {self._wait:g} seconds: "
                "wait until it is done or end it, and repeat."
            ) from error
        with held:
            yield


@contextmanager
def _refusals(root: Path) -> Iterator[None]:
    """Turn what the system refuses into an error that names the folder and says what to do."""
    try:
        yield
    except OSError as error:
        advice = _ADVICE.get(error.errno or 0, "Mend that")
        raise StorageError(
            f"The folder {root} cannot be used as storage: {error.strerror or error}. "
            f"{advice}, or name another folder in CONNECTORWATCH_STORAGE (or --out)."
        ) from error


def _read(root: Path, name: str) -> bytes | None:
    path = root / check_name(name)
    with _refusals(root):
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None


def _unless_gone(error: OSError) -> None:
    """Let a folder that is not there hold nothing; a folder that cannot be listed is an error."""
    if not isinstance(error, FileNotFoundError):
        raise error


def _etag(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
