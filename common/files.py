"""Write files whole or not at all, so that a kill or a power cut at any moment leaves the old content or the new."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

_NO_FOLDER_SYNC = frozenset({errno.EACCES, errno.EPERM, errno.EINVAL, errno.ENOTSUP})
"""Windows cannot open a folder, and some network file systems cannot flush one (fsync(2), Linux 6.9)."""


def write_whole(
    path: Path,
    content: bytes | Iterable[bytes],
    *,
    overwrite: bool = True,
    last_check: Callable[[], None] | None = None,
) -> None:
    """Write a file in one step, with the permissions of the file that it replaces.

    A symbolic link at `path` is replaced and never followed: resolve the path first to write through a link.

    Args:
        path: The file; its folder exists.
        content: What to write, whole or in pieces.
        overwrite: Whether to replace what is there. Without it the file system needs hard links.
        last_check: Called just before the file takes its place; what it raises leaves everything as it was.

    Raises:
        FileExistsError: Something is there, and `overwrite` is not set.
        OSError: The system refused.
    """
    with flushed_file(path.parent, content, _mode(path) if overwrite else None) as whole:
        if last_check is not None:
            last_check()
        if overwrite:
            whole.replace(path)
        else:
            os.link(whole, path)  # unlike a rename, fails if the name is taken


@contextmanager
def flushed_file(folder: Path, content: bytes | Iterable[bytes], mode: int | None = None) -> Iterator[Path]:
    """Yield a complete, flushed file in a folder, to be moved or linked to its place, and remove it afterwards.

    Its name cannot be guessed and begins with a dot, so what a killed process leaves behind is recognisable. When the
    block ends without an error, the names in the folder are flushed, too.

    Args:
        folder: Where; it exists.
        content: What to write, whole or in pieces.
        mode: The permissions; None for a file that its owner alone may read.

    Raises:
        OSError: The system refused.
    """
    path = folder / f".{secrets.token_hex(8)}.tmp"
    # Created anew (O_EXCL), so that no link is followed; closed to others, since it may hold a map of weaknesses.
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines((content,) if isinstance(content, bytes) else content)
            file.flush()
            if mode is not None:
                path.chmod(mode)
            os.fsync(file.fileno())
        yield path
    finally:
        path.unlink(missing_ok=True)
    _flush_folder(folder)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it for their owner alone, so that they survive a power cut.

    Raises:
        OSError: The system refused.
    """
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
        _flush_folder(folder.parent)


def create_private(path: Path) -> None:
    """Make an empty file that its owner alone may read, for a library that would leave that to the umask.

    Raises:
        OSError: The system refused.
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


_BINARY: int = getattr(os, "O_BINARY", 0)
"""Windows alone tells text from bytes."""


def _mode(path: Path) -> int | None:
    """Return the permissions of a regular file; None where there is none, or something else."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return None
    return stat.S_IMODE(status.st_mode) if stat.S_ISREG(status.st_mode) else None


def _flush_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut, where the system can."""
    try:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        if error.errno not in _NO_FOLDER_SYNC:
            raise
