"""What the tables' file has to survive: other processes, older versions, and being no such file."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from common.errors import StorageError
from findings.stores.folder import DATABASE, FolderStore
from findings.stores.sqlite import SqliteViews
from tests.children import exit_codes, spawned
from tests.findings.views.view_rows import finding, summary
from tests.write_protection import may_only_read, public_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


def fill(path: Path, tenant: str) -> None:
    """Write a tenant's rows twenty times, as a process of its own does."""
    views = SqliteViews(path, 30.0)
    for revision in range(1, 21):
        assert views.replace(tenant, revision, [finding(tenant, revision), summary(tenant, revision)])


def test_people_can_ask_in_sql(tmp_path: Path) -> None:
    """The file holds tables and columns under the names that the documentation gives."""
    store = FolderStore(tmp_path)
    store.views.replace("t", 1, [finding("t", 1, "It has one connector."), summary("t", 1, failing=2)])

    with closing(sqlite3.connect(tmp_path / DATABASE)) as database:
        text = "SELECT f.message, t.failing FROM ConnectorFindings f JOIN ConnectorTenants t USING (tenant)"
        assert database.execute(text).fetchall() == [("It has one connector.", 2)]


def test_processes_that_write_at_once(tmp_path: Path) -> None:
    """Two processes that begin with no file fill it side by side, and no row is lost."""
    path = tmp_path / DATABASE
    with spawned(fill, (path, "a"), (path, "b")) as both:
        assert exit_codes(both) == [0, 0]

    assert {row.values["revision"] for row in SqliteViews(path, 1.0).query("ConnectorTenants").rows} == {20}


def test_a_file_that_somebody_reads_is_waited_for(tmp_path: Path) -> None:
    """While another process reads an older file its journal cannot change: that is waited for, and told in the end."""
    path = tmp_path / DATABASE
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("CREATE TABLE other (one TEXT)")
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM other").fetchall()
        with pytest.raises(StorageError, match=r"locked.*end the process that writes"):
            SqliteViews(path, 0.1).replace("t", 1, [summary("t", 1)])
        reader.execute("COMMIT")
        assert SqliteViews(path, 1.0).replace("t", 1, [summary("t", 1)])


def test_a_file_of_an_older_version_gets_the_new_columns(tmp_path: Path) -> None:
    """Columns that an older version did not know are added, and its rows stay."""
    path = tmp_path / DATABASE
    with closing(sqlite3.connect(path)) as database:
        database.execute(
            "CREATE TABLE ConnectorTenants (PartitionKey TEXT, RowKey TEXT, tenant TEXT, "
            "PRIMARY KEY (PartitionKey, RowKey))"
        )
        database.execute("INSERT INTO ConnectorTenants VALUES ('0', '1', 'old')")
        database.commit()

    views = SqliteViews(path, 1.0)
    views.replace("t", 1, [summary("t", 1)])

    assert {row.values["tenant"] for row in views.query("ConnectorTenants").rows} == {"old", "t"}


def test_a_file_of_an_older_version_is_read(tmp_path: Path) -> None:
    """Whoever only asks gets the new columns made first, where that may be written."""
    path = tmp_path / DATABASE
    with closing(sqlite3.connect(path)) as database:
        database.execute(
            "CREATE TABLE ConnectorTenants (PartitionKey TEXT, RowKey TEXT, tenant TEXT, "
            "PRIMARY KEY (PartitionKey, RowKey))"
        )
        database.execute("INSERT INTO ConnectorTenants VALUES ('0', '1', 'old')")
        database.commit()

    assert [row.values for row in SqliteViews(path, 1.0).query("ConnectorTenants").rows] == [{"tenant": "old"}]


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda store: store.views.query("ConnectorTenants"), id="query"),
        pytest.param(lambda store: store.views.replace("t", 1, []), id="replace"),
        pytest.param(lambda store: store.views.amend("t", 1, {"undelivered": True}), id="amend"),
        pytest.param(lambda store: store.views.remove("t"), id="remove"),
        pytest.param(lambda store: store.check_writable(), id="check"),
    ],
)
def test_a_file_that_is_none(tmp_path: Path, ask: Callable[[FolderStore], object]) -> None:
    """A damaged file is an error that names it and says how to have it made anew; it stays as it is."""
    (tmp_path / DATABASE).write_bytes(b"no database at all" * 100)

    with pytest.raises(StorageError, match=r"connectorwatch\.db cannot be used \(.*run `connectorwatch rebuild`"):
        ask(FolderStore(tmp_path))
    assert (tmp_path / DATABASE).read_bytes().startswith(b"no database")


@pytest.fixture(name="reachable")
def _reachable() -> Iterator[Path]:
    with public_folder() as folder:
        yield folder


def test_reading_where_nothing_may_be_written(reachable: Path) -> None:
    """Who may only read the folder is answered, and leaves nothing in it but a lock of before; writing is refused."""
    views = SqliteViews(reachable / DATABASE, 1.0)
    views.replace("t", 1, [summary("t", 1)])
    (reachable / DATABASE).chmod(0o644)  # it is its owner's alone until somebody opens it to others

    with may_only_read(reachable):
        assert views.query("ConnectorTenants").rows == (summary("t", 1),)
        with pytest.raises(StorageError, match="allow this account to write there"):
            views.replace("t", 2, [])
    assert [one.name for one in reachable.iterdir() if not one.name.endswith(".lock")] == [DATABASE]


def test_a_file_that_is_kept_locked(tmp_path: Path) -> None:
    """A process that never ends its transaction is waited for no longer than told, and is then named as the cause."""
    path = tmp_path / DATABASE
    views = SqliteViews(path, 0.05)
    views.replace("t", 1, [summary("t", 1)])
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")

        with pytest.raises(StorageError, match="end the process that writes to it"):
            views.replace("t", 2, [summary("t", 2)])
        assert views.query("ConnectorTenants").rows == (summary("t", 1),)


def test_a_transaction_that_fails_changes_nothing(tmp_path: Path) -> None:
    """Rows that cannot be written leave those that stand."""
    store = FolderStore(tmp_path)
    store.views.replace("t", 1, [summary("t", 1)])

    with pytest.raises(StorageError, match="UNIQUE"):
        store.views.replace("t", 2, [finding("t", 1), finding("t", 1)])
    assert store.views.query("ConnectorTenants").rows == (summary("t", 1),)


def test_the_file_is_no_artefact(tmp_path: Path) -> None:
    """Neither a list nor the folders of tenants show it."""
    store = FolderStore(tmp_path)
    store.views.replace("t", 1, [summary("t", 1)])
    store.scans.create("t/scans/s/x.json", b"")

    assert store.scans.list("") == ["t/scans/s/x.json"]
    assert store.documents.folders() == ["t"]


def test_nothing_to_remove_makes_no_file(tmp_path: Path) -> None:
    """Removing and asking where nothing was ever written writes nothing."""
    store = FolderStore(tmp_path)
    store.views.remove("t")

    assert store.views.query("ConnectorTenants").rows == ()
    assert list(tmp_path.iterdir()) == []
