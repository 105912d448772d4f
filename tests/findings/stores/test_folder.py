"""What a folder has to survive: other processes, kills, full disks and folders that are none."""

from __future__ import annotations

import fcntl
import hashlib
import random
import resource
import time
from contextlib import chdir, contextmanager
from typing import TYPE_CHECKING

import pytest

from common.errors import StorageError
from findings.stores.folder import FolderStore
from tests.children import PATIENCE, SPAWN, exit_codes, killed, spawned
from tests.findings.stores.store_workers import COUNTER, REPORT, SCANS, STATE, breed, count, number_in, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """Let this process write no file beyond a size, as if the disk were full there."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def all_files(root: Path) -> set[str]:
    """Return the names of all files below a folder, ours alone among them."""
    return {path.name for path in root.rglob("*") if path.is_file()}


def test_files_lie_where_the_contract_says(tmp_path: Path) -> None:
    """Both halves share the folder, under their own names, and only locks lie beside."""
    store = FolderStore(str(tmp_path))
    store.documents.write("t/state.json", b"1", None)
    store.scans.create("t/scans/s/findings.json", b"2")
    store.latest.put("t/latest/report.html", b"3")

    assert (tmp_path / "t/state.json").read_bytes() == b"1"
    assert (tmp_path / "t/scans/s/findings.json").read_bytes() == b"2"
    assert (tmp_path / "t/latest/report.html").read_bytes() == b"3"
    assert {"state.json", ".state.json.lock", "findings.json", "report.html"} == all_files(tmp_path)


def test_the_tag_is_the_hash(tmp_path: Path) -> None:
    """A document's tag is the SHA-256 of its content, so that anybody can check it."""
    etag = FolderStore(tmp_path).documents.write(STATE, b"one", None)

    assert etag == hashlib.sha256(b"one").hexdigest()


def test_a_relative_folder_stays_where_it_is(tmp_path: Path) -> None:
    """A folder given relative to the working directory is meant once and for all."""
    with chdir(tmp_path):
        store = FolderStore("out")
    store.latest.put(REPORT, b"3")

    assert (tmp_path / "out" / REPORT).read_bytes() == b"3"


def test_leftovers_are_not_listed(tmp_path: Path) -> None:
    """What a killed process left, and what others put there under names that are none of ours, is not listed."""
    FolderStore(tmp_path).scans.create("t/scans/s/findings.json", b"whole")
    (tmp_path / "t/scans/s/.0123456789abcdef.tmp").write_bytes(b"half")
    (tmp_path / "t/scans/s/my notes.txt").write_bytes(b"")
    (tmp_path / "t/.git").mkdir()
    (tmp_path / "t/.git/config").write_bytes(b"")

    assert FolderStore(tmp_path).scans.list("") == ["t/scans/s/findings.json"]


@pytest.mark.parametrize("below", ["file", "file/out", "file/out/deeper"])
@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda store: store.check_writable(), id="check_writable"),
        pytest.param(lambda store: store.documents.write(STATE, b"", None), id="write"),
        pytest.param(lambda store: store.documents.read(STATE), id="read a document"),
        pytest.param(lambda store: store.scans.create("t/scans/s/x.json", b""), id="create"),
        pytest.param(lambda store: store.scans.read("t/scans/s/x.json"), id="read an artefact"),
        pytest.param(lambda store: store.scans.list("t/scans/"), id="list"),
        pytest.param(lambda store: store.latest.put(REPORT, b""), id="put"),
        pytest.param(lambda store: store.latest.read(REPORT), id="read a report"),
    ],
)
def test_a_folder_that_is_a_file(tmp_path: Path, ask: Callable[[FolderStore], object], below: str) -> None:
    """A store that cannot be a folder is an error for everything, never an empty store; it names the folder."""
    (tmp_path / "file").write_bytes(b"mine")

    with pytest.raises(StorageError) as caught:
        ask(FolderStore(tmp_path / below))

    assert str(caught.value).startswith(f"The folder {tmp_path / below} cannot be used as storage: ")
    assert str(caught.value).endswith(
        ". A part of its path is a file: move that away, or name another folder in CONNECTORWATCH_STORAGE (or --out)."
    )
    assert (tmp_path / "file").read_bytes() == b"mine"


def test_a_full_disk(tmp_path: Path) -> None:
    """Where a write does not fit, the old content stays, nothing half-written is left, and the error gives advice."""
    store = FolderStore(tmp_path)
    etag = store.documents.write(STATE, b"old", None)
    before = all_files(tmp_path)

    with files_up_to(1000):
        with pytest.raises(StorageError, match="Free some space there, or name another folder"):
            store.documents.write(STATE, b"x" * 2000, etag)
        with pytest.raises(StorageError, match="Free some space there"):
            store.scans.create("t/scan.json", b"x" * 2000)

    assert (tmp_path / STATE).read_bytes() == b"old"
    assert before == all_files(tmp_path)


def test_an_odd_refusal(tmp_path: Path) -> None:
    """An error of the system that nobody foresaw is told in its own words."""
    (tmp_path / STATE).mkdir(parents=True)

    with pytest.raises(StorageError, match=r"Is a directory\. Mend that, or name another folder"):
        FolderStore(tmp_path).documents.read(STATE)


def test_a_lock_is_not_awaited_for_ever(tmp_path: Path) -> None:
    """When another process keeps a document locked, the error says so and names the lock file."""
    store = FolderStore(tmp_path, wait=0.05)
    etag = store.documents.write(STATE, b"old", None)

    with (tmp_path / "t/.state.json.lock").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(StorageError, match=rf"^Another process has kept {tmp_path}/t/\.state\.json\.lock locked "):
            store.documents.write(STATE, b"new", etag)

    assert store.documents.write(STATE, b"new", etag) != etag


def test_two_processes_lose_nothing(tmp_path: Path) -> None:
    """Two processes that raise one number 200 times each raise it by 400."""
    with spawned(count, *[(tmp_path, 200)] * 2) as both:
        assert exit_codes(both) == [0, 0]

    assert (tmp_path / COUNTER).read_bytes() == b"400"


def test_a_kill_at_any_moment_breaks_nothing(tmp_path: Path) -> None:
    """A writer killed twenty times leaves every document and artefact whole, and the next one goes on from there."""
    store = FolderStore(tmp_path)
    ours, theirs = SPAWN.Pipe()
    moments = random.Random(20)  # noqa: S311 - moments to kill at, not secrets
    number = 0
    with spawned(breed, (tmp_path, theirs)) as (breeder,):
        for _ in range(20):
            ours.send(True)  # noqa: FBT003 - an order sent to another process
            with killed(ours.recv()):
                time.sleep(moments.uniform(0, 0.03))
            assert ours.recv() is None

            found = store.documents.read(STATE)
            before, number = number, number_in(found.content) if found else 0
            assert number >= before
            assert number_in(store.latest.read(REPORT) or whole(0)) <= number
        ours.send(False)  # noqa: FBT003 - an order sent to another process
        breeder.join(PATIENCE)

    assert number > 0
    artefacts = [store.scans.read(name) or b"" for name in store.scans.list(SCANS)]
    assert {number_in(content) for content in artefacts} <= set(range(number + 1))
    store.documents.write(STATE, whole(number + 1), hashlib.sha256((tmp_path / STATE).read_bytes()).hexdigest())


def test_a_lease_where_no_folder_can_be(tmp_path: Path) -> None:
    """A file in the place of the folder of leases is told with its name."""
    (tmp_path / "_leases").write_bytes(b"")

    with pytest.raises(StorageError, match=r"_leases.* cannot be locked"):
        FolderStore(tmp_path).leases.take("teams")
