"""What every store promises, the same for each kind of storage."""

from __future__ import annotations

from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from findings.stores.folder import FolderStore
from findings.stores.ports import Stored, check_name
from inventory.errors import ConflictError, StorageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from findings.stores.ports import Store

STATE = "tenant-1/state.json"
REPORT = "tenant-1/latest/report.html"
EVIDENCE = "tenant-1/scans/20260101T060000Z-0123abcd/evidence.json.gz"

ADAPTERS: dict[str, Callable[[Path], Store]] = {"folder": lambda path: FolderStore(path / "out")}

BAD_NAMES = [
    "",
    "/",
    "/etc/passwd",
    "//host/share",
    "..",
    "../state.json",
    "tenant-1/../../state.json",
    "tenant-1/./state.json",
    "tenant-1//state.json",
    "tenant-1/",
    "tenant-1\\state.json",
    "..\\state.json",
    "C:state.json",
    "C:/state.json",
    "tenant-1/.state.json.lock",
    "tenant-1/state.json.",
    "tenant-1/state.json\x00",
    "tenant-1/state.json\n",
    "tenant-1/state json",
    "tenant-1/%2e%2e/state.json",
    "tenant-1/Zürich.json",
    "tenant-1/\ud800",
    "~/state.json",
    "a" * 129,
]


@pytest.fixture(name="store", params=list(ADAPTERS.values()), ids=list(ADAPTERS))
def _store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    adapter: Callable[[Path], Store] = request.param
    return adapter(tmp_path)


def test_a_document_that_is_not_there(store: Store) -> None:
    """What was never written is read as None."""
    assert store.documents.read(STATE) is None


def test_a_document_is_made(store: Store) -> None:
    """A first write makes the document, and its tag is the one that reading gives."""
    etag = store.documents.write(STATE, b"one", None)

    assert Stored(b"one", etag) == store.documents.read(STATE)


def test_a_document_is_changed(store: Store) -> None:
    """A write with the tag that was read replaces the document."""
    first = store.documents.write(STATE, b"one", None)
    second = store.documents.write(STATE, b"", first)

    assert first != second
    assert Stored(b"", second) == store.documents.read(STATE)


def test_a_document_that_must_not_exist_yet(store: Store) -> None:
    """A write that expects no document fails if there is one, and leaves it as it is."""
    store.documents.write(STATE, b"one", None)

    with pytest.raises(ConflictError, match="read it again and repeat"):
        store.documents.write(STATE, b"two", None)
    found = store.documents.read(STATE)
    assert found is not None
    assert found.content == b"one"


def test_a_document_that_somebody_else_changed(store: Store) -> None:
    """A write with an old tag fails, and leaves what the other wrote."""
    old = store.documents.write(STATE, b"one", None)
    new = store.documents.write(STATE, b"two", old)

    with pytest.raises(ConflictError, match="changed by somebody else"):
        store.documents.write(STATE, b"mine", old)
    assert Stored(b"two", new) == store.documents.read(STATE)


def test_a_document_that_somebody_else_removed(store: Store) -> None:
    """A write that expects a document fails if there is none, and makes none."""
    etag = store.documents.write("tenant-2/state.json", b"one", None)

    with pytest.raises(ConflictError):
        store.documents.write(STATE, b"mine", etag)
    assert store.documents.read(STATE) is None


def test_an_artefact_is_created_once(store: Store) -> None:
    """The first to create an artefact wins; another is told so, and changes nothing."""
    assert store.scans.create(EVIDENCE, b"\x1f\x8bone")
    assert not store.scans.create(EVIDENCE, b"two")

    assert store.scans.read(EVIDENCE) == b"\x1f\x8bone"


def test_an_artefact_that_is_not_there(store: Store) -> None:
    """What was never created is read as None."""
    assert store.scans.read(EVIDENCE) is None


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("a/scans/", ["a/scans/2025/y.json", "a/scans/2026/x.json", "a/scans/2026/y.json"]),
        ("a/scans/2026", ["a/scans/2026/x.json", "a/scans/2026/y.json"]),
        ("a/scans/2026/x", ["a/scans/2026/x.json"]),
        ("a/scans/2026/x.json", ["a/scans/2026/x.json"]),
        ("b/", ["b/scans/2026/z.json"]),
        ("a/scans/2027", []),
        ("c/scans/", []),
        ("", ["a/scans/2025/y.json", "a/scans/2026/x.json", "a/scans/2026/y.json", "b/scans/2026/z.json"]),
    ],
)
def test_artefacts_are_listed_by_prefix(store: Store, prefix: str, expected: list[str]) -> None:
    """A list holds the full names that begin with the prefix, sorted, and nothing else."""
    for name in ("a/scans/2026/y.json", "a/scans/2026/x.json", "b/scans/2026/z.json", "a/scans/2025/y.json"):
        store.scans.create(name, b"content")

    assert expected == store.scans.list(prefix)


def test_an_empty_store_lists_nothing(store: Store) -> None:
    """A store that nothing was written to holds nothing, and that is no error."""
    assert store.scans.list("") == []


def test_the_latest_is_overwritten(store: Store) -> None:
    """Whoever puts a report last wins."""
    assert store.latest.read(REPORT) is None

    store.latest.put(REPORT, b"one")
    store.latest.put(REPORT, b"two")

    assert store.latest.read(REPORT) == b"two"


def test_the_check_leaves_nothing(store: Store) -> None:
    """Making sure that a store can be written to can be repeated and leaves nothing in it."""
    store.check_writable()
    store.check_writable()

    assert store.scans.list("") == []


@pytest.mark.parametrize("name", BAD_NAMES)
def test_names_that_lead_elsewhere_are_refused(store: Store, name: str) -> None:
    """A name that might lead out of the store is refused by everything that takes one."""
    refusals: list[Callable[[], object]] = [
        lambda: store.documents.read(name),
        lambda: store.documents.write(name, b"", None),
        lambda: store.scans.create(name, b""),
        lambda: store.scans.read(name),
        lambda: store.latest.put(name, b""),
        lambda: store.latest.read(name),
        lambda: store.scans.list(name + "/"),
    ]

    for refused in refusals:
        with pytest.raises(StorageError, match="is refused, since it might lead out of the store: use letters"):
            refused()


nasty = st.sampled_from(["..", ".", "", "a", "b.c", "C:", "\\", "\0", "~", "CON", " ", "%2f", "\u2215", "-"])
names = st.lists(nasty | st.text(max_size=3), max_size=5).map("/".join) | st.text(max_size=12)


@given(names)
def test_no_name_leads_out(name: str) -> None:
    """A name that is accepted stays below the root, on every system, and is the only name of its place."""
    try:
        accepted = check_name(name)
    except StorageError:
        return

    posix, windows = PurePosixPath(accepted), PureWindowsPath(accepted)
    assert accepted == name == str(posix) == windows.as_posix()
    assert not windows.drive
    assert not windows.root
    assert not any(part.startswith(".") or "\\" in part for part in posix.parts)
    assert Path("/root", accepted).resolve().is_relative_to("/root")
