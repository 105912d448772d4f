"""What every store promises: tests that each kind of storage passes, in a module of its own with a fixture `store`.

A module that collects these says `from tests.findings.stores.store_contract import *`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from common.errors import ConflictError, StorageError
from findings.stores.ports import Stored
from tests.findings.views.view_rows import summary

if TYPE_CHECKING:
    from collections.abc import Callable

    from findings.stores.ports import Store

STATE = "tenant-1/state.json"
REPORT = "tenant-1/latest/report.html"
EVIDENCE = "tenant-1/scans/20260101T060000Z-0123abcd/evidence.json.gz"

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


def test_the_latest_is_a_copy_of_an_artefact(store: Store) -> None:
    """A scan's report is shown as it is, over whatever was there; what is not there changes nothing."""
    whole = bytes(range(256)) * 10_000
    store.latest.put(REPORT, b"one")

    assert store.latest.show(EVIDENCE, REPORT) is False
    assert store.latest.read(REPORT) == b"one"

    store.scans.create(EVIDENCE, whole)
    assert store.latest.show(EVIDENCE, REPORT) is True
    assert store.latest.read(REPORT) == whole
    assert store.scans.read(EVIDENCE) == whole


def test_the_check_leaves_nothing(store: Store) -> None:
    """Making sure that a store can be written to can be repeated and leaves nothing in it."""
    store.check_writable()
    store.check_writable()
    assert store.scans.list("") == []
    assert store.documents.folders() == []

    rows = [summary("tenant-1", 1)]
    store.views.replace("tenant-1", 1, rows)
    store.check_writable()
    assert list(store.views.query("ConnectorTenants").rows) == rows


def test_an_artefact_is_deleted(store: Store) -> None:
    """What is deleted is gone, and can be created again; deleting what is not there is no error."""
    store.scans.create(EVIDENCE, b"one")

    assert (store.scans.delete(EVIDENCE), store.scans.delete(EVIDENCE)) == (True, False)
    assert store.scans.read(EVIDENCE) is None
    assert store.scans.create(EVIDENCE, b"two")


def test_the_folders_are_told(store: Store) -> None:
    """Each tenant that has a document is told once, however many documents it has; nothing stored is no tenant."""
    assert store.documents.folders() == []

    store.documents.write(STATE, b"one", None)
    store.latest.put(REPORT, b"one")
    store.documents.write("_fleet/state.json", b"one", None)

    assert store.documents.folders() == ["_fleet", "tenant-1"]


def test_a_tenant_is_forgotten(store: Store) -> None:
    """Forgetting removes a tenant's documents, reports, scans and rows, leaves others alone, and can be repeated."""
    for tenant in ("tenant-1", "tenant-10"):
        store.documents.write(f"{tenant}/state.json", b"one", None)
        store.scans.create(f"{tenant}/scans/1/findings.json", b"one")
        store.latest.put(f"{tenant}/latest/report.html", b"one")
        store.views.replace(tenant, 1, [summary(tenant, 1)])

    store.forget("tenant-1")
    store.forget("tenant-1")

    assert store.scans.list("tenant-1/") == []
    assert store.documents.read(STATE) is None
    assert store.latest.read(REPORT) is None
    assert [row.values["tenant"] for row in store.views.query("ConnectorTenants").rows] == ["tenant-10"]
    assert store.scans.read("tenant-10/scans/1/findings.json") == b"one"


@pytest.mark.parametrize("name", BAD_NAMES)
def test_names_that_lead_elsewhere_are_refused(store: Store, name: str) -> None:
    """A name that might lead out of the store is refused by everything that takes one."""
    refusals: list[Callable[[], object]] = [
        lambda: store.documents.read(name),
        lambda: store.documents.write(name, b"", None),
        lambda: store.scans.create(name, b""),
        lambda: store.scans.read(name),
        lambda: store.scans.delete(name),
        lambda: store.latest.put(name, b""),
        lambda: store.latest.read(name),
        lambda: store.scans.list(name + "/"),
    ]

    for refused in refusals:
        with pytest.raises(StorageError, match="is refused, since it might lead out of the store: use letters"):
            refused()


def test_a_lease_is_one_holders(store: Store) -> None:
    """While somebody has a lease nobody else gets it, and other names are free; given back, it can be taken again."""
    mine = store.leases.take("teams")
    assert mine is not None
    assert store.leases.take("teams") is None
    other = store.leases.take("mail.ops")
    assert other is not None
    other.release()
    assert mine.renew()

    mine.release()
    again = store.leases.take("teams")
    assert again is not None
    assert not mine.renew()
    mine.release()
    assert again.renew()
    again.release()


def test_a_lease_has_a_plain_name(store: Store) -> None:
    """A name that might lead elsewhere is refused."""
    with pytest.raises(StorageError, match="is refused"):
        store.leases.take("../state")


def test_leases_are_no_artefacts(store: Store) -> None:
    """Taking a lease leaves nothing that any list of artefacts shows."""
    lease = store.leases.take("teams")
    assert lease is not None
    lease.release()

    assert store.scans.list("") == []
