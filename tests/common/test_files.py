"""Tests of common.files: files are written whole or not at all, whatever happens at whichever moment."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from common.files import _flush_folder, create_private, flushed_file, make_folder, write_whole

KILLED = """
import os, signal, sys
from pathlib import Path
from common.files import write_whole
write_whole(Path(sys.argv[1]), b"new", last_check=lambda: os.kill(os.getpid(), signal.SIGKILL))
"""
AS_ROOT = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
ON_POSIX = pytest.mark.skipif(os.name != "posix", reason="permissions and signals are POSIX's")


def names(folder: Path) -> list[str]:
    """Return what a folder holds."""
    return sorted(entry.name for entry in folder.iterdir())


@pytest.mark.parametrize("content", [b"", b"new", b"\r\n\x00", b"x" * 3_000_000], ids=["empty", "few", "raw", "3MB"])
@pytest.mark.parametrize("before", [None, b"old", b"longer than what is new"])
def test_content_replaces_what_was_there_and_nothing_else_is_left(
    tmp_path: Path, before: bytes | None, content: bytes
) -> None:
    """The file holds exactly the new bytes, and the folder holds the file alone."""
    path = tmp_path / "file"
    if before is not None:
        path.write_bytes(before)
    write_whole(path, content)
    assert (path.read_bytes(), names(tmp_path)) == (content, ["file"])


@ON_POSIX
@pytest.mark.parametrize("before", [b"old", None])
def test_a_killed_process_leaves_the_old_content(tmp_path: Path, before: bytes | None) -> None:
    """SIGKILL just before the move leaves what was there, and beside it a file whose name begins with a dot."""
    path = tmp_path / "file"
    if before is not None:
        path.write_bytes(before)
    ran = subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False, timeout=30)  # noqa: S603 - our own interpreter
    assert ran.returncode == -signal.SIGKILL
    assert (path.read_bytes() if path.exists() else None) == before
    left = [name for name in names(tmp_path) if name != "file"]
    assert [name[0] for name in left] == ["."]
    assert (tmp_path / left[0]).read_bytes() == b"new"


def test_a_failing_last_check_changes_nothing(tmp_path: Path) -> None:
    """What the last check raises passes through; the old file stays and the temporary one goes."""
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def refuse() -> None:
        assert len(names(tmp_path)) == 2  # all is written by now, beside the file
        raise ValueError("changed meanwhile")

    with pytest.raises(ValueError, match="changed meanwhile"):
        write_whole(path, b"new", last_check=refuse)
    assert (path.read_bytes(), names(tmp_path)) == (b"old", ["file"])


def test_a_file_that_is_there_is_kept_where_it_may_not_be_replaced(tmp_path: Path) -> None:
    """Without `overwrite` a first file is written, and a second one is an error that leaves the first."""
    path = tmp_path / "file"
    write_whole(path, b"first", overwrite=False)
    with pytest.raises(FileExistsError):
        write_whole(path, b"second", overwrite=False)
    assert (path.read_bytes(), names(tmp_path)) == (b"first", ["file"])


@ON_POSIX
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o666, 0o400, 0o755])
def test_permissions_stay(tmp_path: Path, mode: int) -> None:
    """The new file has the permissions of the old one, whatever the umask is."""
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(mode)
    write_whole(path, b"new")
    assert (path.read_bytes() if mode != 0o400 else b"new", path.stat().st_mode & 0o777) == (b"new", mode)


@ON_POSIX
def test_content_is_never_readable_by_more_accounts_than_the_file_was(tmp_path: Path) -> None:
    """The temporary file has the permissions of a private file already when it is whole."""
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(0o600)
    modes: list[int] = []

    def note() -> None:
        modes.extend(entry.stat().st_mode & 0o777 for entry in tmp_path.iterdir())

    write_whole(path, b"new", last_check=note)
    assert modes == [0o600, 0o600]


@ON_POSIX
def test_what_is_new_is_its_owners_alone(tmp_path: Path) -> None:
    """New files and folders are private whatever the umask is; what is there already keeps its permissions."""
    folder = tmp_path / "one" / "two"
    make_folder(folder)
    write_whole(folder / "file", b"new")
    create_private(folder / "empty")
    (tmp_path / "public").write_bytes(b"x")
    (tmp_path / "public").chmod(0o644)
    create_private(tmp_path / "public")
    write_whole(tmp_path / "public", b"y")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder.parent, folder, *tmp_path.rglob("*"))}
    assert modes == {"one": 0o700, "two": 0o700, "file": 0o600, "empty": 0o600, "public": 0o644}


@pytest.mark.parametrize("target", ["private", "missing"])
def test_a_link_is_replaced_and_not_followed(tmp_path: Path, target: str) -> None:
    """Where the name is a symbolic link, the link goes and what it points to stays as it was."""
    (tmp_path / "private").write_bytes(b"another's")
    (tmp_path / "private").chmod(0o600)
    path = tmp_path / "file"
    path.symlink_to(tmp_path / target)
    write_whole(path, b"new")
    assert (path.is_symlink(), path.read_bytes(), (tmp_path / "private").read_bytes()) == (False, b"new", b"another's")
    assert not (tmp_path / "missing").exists()


def test_a_link_is_a_taken_name(tmp_path: Path) -> None:
    """Without `overwrite` a symbolic link counts as something that is there, even one that points to nothing."""
    path = tmp_path / "file"
    path.symlink_to(tmp_path / "missing")
    with pytest.raises(FileExistsError):
        write_whole(path, b"new", overwrite=False)
    assert names(tmp_path) == ["file"]


def test_names_of_temporary_files_differ(tmp_path: Path) -> None:
    """Two files in one folder at a time never share a name, and no name holds the process's id."""
    with flushed_file(tmp_path, b"a") as first, flushed_file(tmp_path, b"b") as second:
        assert (first.read_bytes(), second.read_bytes()) == (b"a", b"b")
        assert str(os.getpid()) not in (first.name, second.name)
    assert names(tmp_path) == []


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_what_ends_the_block_removes_the_temporary_file(tmp_path: Path, error: type[BaseException]) -> None:
    """Any exception in the block, Ctrl-C too, leaves the folder as it was."""
    with pytest.raises(error), flushed_file(tmp_path, b"half"):
        raise error
    assert names(tmp_path) == []


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """Nothing is made where the folder is missing or is a file."""
    (tmp_path / "file").write_bytes(b"")
    for folder in ("missing", "file"):
        with pytest.raises(OSError, match=r"No such file|Not a directory"):
            write_whole(tmp_path / folder / "name", b"new")
    assert names(tmp_path) == ["file"]


def test_a_folder_cannot_be_replaced(tmp_path: Path) -> None:
    """A name that is a folder's is an error, and the folder keeps what it holds."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/kept").write_bytes(b"kept")
    with pytest.raises(OSError, match="directory"):
        write_whole(tmp_path / "folder", b"new")
    assert (names(tmp_path), names(tmp_path / "folder")) == (["folder"], ["kept"])


@AS_ROOT
def test_a_folder_without_permission_is_an_error(tmp_path: Path) -> None:
    """A folder that may not be written keeps its file."""
    path = tmp_path / "file"
    path.write_bytes(b"old")
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(PermissionError):
            write_whole(path, b"new")
    finally:
        tmp_path.chmod(0o700)
    assert (path.read_bytes(), names(tmp_path)) == (b"old", ["file"])


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a folder that cannot be flushed")
def test_a_folder_that_cannot_be_flushed_is_no_error(tmp_path: Path) -> None:
    """Where a file system cannot flush names (procfs answers EINVAL), the file is written all the same."""
    folder = tmp_path / "folder"
    folder.mkdir()
    with flushed_file(folder, b"new") as whole:
        whole.rename(tmp_path / "file")
        folder.rmdir()
        folder.symlink_to("/proc/self")
    assert (tmp_path / "file").read_bytes() == b"new"


def test_a_folder_that_vanishes_is_an_error(tmp_path: Path) -> None:
    """Where the folder is gone before its names were flushed, nobody is left to believe that the file is there."""
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(FileNotFoundError):
        write_whole(folder / "file", b"new", last_check=lambda: shutil.rmtree(folder))


def test_folders_are_made_once(tmp_path: Path) -> None:
    """A folder is made with those above it, and one that is there stays as it is."""
    deep = tmp_path / "a/b/c"
    make_folder(deep)
    (deep / "kept").write_bytes(b"kept")
    make_folder(deep)
    assert names(deep) == ["kept"]


def test_a_folder_below_a_file_is_an_error(tmp_path: Path) -> None:
    """A path that leads through a file is refused, and the file stays."""
    (tmp_path / "file").write_bytes(b"kept")
    with pytest.raises(OSError, match=r"exists|Not a directory"):
        make_folder(tmp_path / "file/below")
    assert (tmp_path / "file").read_bytes() == b"kept"


def test_a_folder_that_is_gone_is_an_error(tmp_path: Path) -> None:
    """Only file systems that cannot flush a folder are excused; any other failure is told."""
    with pytest.raises(FileNotFoundError):
        _flush_folder(tmp_path / "gone")
