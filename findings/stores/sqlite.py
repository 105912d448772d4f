"""Views in a SQLite file, `connectorwatch.db`, beside a folder store's documents; also for SQL by hand.

Each call opens the file and closes it again, so processes and threads share it as they like.
"""

from __future__ import annotations

import os
import sqlite3
import zlib
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from common.errors import StorageError
from common.files import create_private, make_folder
from findings.views.tables import COLUMNS, FLEET, Page, Row, checked_terms, fleet_place, partition_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from findings.views.tables import Table, Value

_KINDS = {str: "TEXT", int: "INTEGER", bool: "INTEGER"}
_HEADS = "connectorwatch_revisions"
_SHAPE = zlib.crc32(repr(COLUMNS).encode()) >> 1
"""Stored as the file's `user_version`: one read shows whether all columns exist."""


class SqliteViews:
    """The views as tables of one file, which is created at the first write; see `ports.Views`."""

    def __init__(self, path: Path, wait: float) -> None:
        """Take the file, and for how many seconds to wait for another process that writes to it."""
        self._path = path
        self._wait = wait

    def replace(self, tenant_id: str, revision: int, rows: Sequence[Row], *, anew: bool = False) -> bool:
        """Replace a tenant's rows unless a newer revision is stored; see `ports.Views.replace`."""
        with self._writing() as database:
            stored = database.execute(f"SELECT revision FROM {_HEADS} WHERE tenant = ?", (tenant_id,)).fetchone()  # noqa: S608 - our own name
            if stored is not None and stored[0] > revision and not anew:
                return False
            _remove(database, tenant_id)
            for row in rows:
                names = ("PartitionKey", "RowKey", *row.values)
                marks = ", ".join("?" * len(names))
                database.execute(
                    f"INSERT INTO {row.table} ({_list(names)}) VALUES ({marks})",  # noqa: S608 - our own names
                    (row.partition, row.key, *row.values.values()),
                )
            database.execute(f"INSERT INTO {_HEADS} VALUES (?, ?)", (tenant_id, revision))  # noqa: S608 - our own name
        return True

    def amend(self, tenant_id: str, revision: int, values: Mapping[str, Value]) -> bool:
        """Change some values of a tenant's summary row; return False if it is of another revision, or not there."""
        sets = ", ".join(f'"{column}" = ?' for column, _ in checked_terms(FLEET, values))
        with self._writing() as database:
            done = database.execute(
                f"UPDATE {FLEET} SET {sets} WHERE tenant = ? AND revision = ?",  # noqa: S608 - our own names
                (*values.values(), tenant_id, revision),
            )
        return done.rowcount > 0

    def query(
        self,
        table: Table,
        tenant_id: str | None = None,
        *,
        where: Mapping[str, Value] | None = None,
        after: str | None = None,
        limit: int = 1000,
    ) -> Page:
        """Return rows in the order of their places; see `ports.Views.query`."""
        terms: list[tuple[str, tuple[Value, ...]]] = [
            (f'"{column}" = ?', (value,)) for column, value in checked_terms(table, where)
        ]
        if tenant_id is not None:
            terms.append(("PartitionKey = ?", (partition_of(table, tenant_id),)))
        if after is not None:
            partition, key = after.rsplit("/", 1)
            terms.append(("(PartitionKey, RowKey) > (?, ?)", (partition, key)))
        columns = COLUMNS[table]
        text = (
            f"SELECT {_list(('PartitionKey', 'RowKey', *columns))} FROM {table} "  # noqa: S608 - our own names
            f"WHERE {' AND '.join(term for term, _ in terms) or '1'} ORDER BY PartitionKey, RowKey LIMIT {limit + 1:d}"
        )
        records = self._read(text, [value for _, values in terms for value in values])
        rows = tuple(
            Row(
                table,
                partition,
                key,
                {
                    name: kind(value)
                    for (name, kind), value in zip(columns.items(), rest, strict=True)
                    if value is not None
                },
            )
            for partition, key, *rest in records[:limit]
        )
        return Page(rows, rows[-1].place if len(records) > limit else None)

    def remove(self, tenant_id: str) -> None:
        """Remove all rows of a tenant; none is no error."""
        if self._path.exists():
            with self._writing() as database:
                _remove(database, tenant_id)

    def check_writable(self) -> None:
        """Make sure that the file can be written if it exists; a new one needs the folder only."""
        if self._path.exists():
            with self._writing():
                pass

    def _read(self, text: str, values: Sequence[Value]) -> list[tuple[Any, ...]]:
        if not self._path.exists():
            return []
        with self._reading() as database:
            return database.execute(text, values).fetchall()

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """Yield the file without writing, so that a folder that may only be read will do; tables of old are mended."""
        # Where nothing may be written there is no write-ahead log beside the file, and no other writer.
        alone = "" if os.access(self._path.parent, os.W_OK) else "&immutable=1"
        address = f"{self._path.absolute().as_uri()}?mode=ro{alone}"
        with self._refusals_explained(), closing(sqlite3.connect(address, timeout=self._wait, uri=True)) as database:
            if database.execute("PRAGMA user_version").fetchone() == (_SHAPE,):
                yield database
                return
        with self._open() as database:
            yield database

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Yield the file within one transaction, which is kept if nothing is raised."""
        with self._open() as database:
            database.execute("BEGIN IMMEDIATE")
            yield database
            database.execute("COMMIT")

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Yield the file with all tables in it."""
        with self._refusals_explained():
            make_folder(self._path.parent)
            create_private(self._path)
            with closing(sqlite3.connect(self._path, timeout=self._wait, isolation_level=None)) as database:
                if database.execute("PRAGMA user_version").fetchone() != (_SHAPE,):
                    self._shape(database)
                yield database

    def _shape(self, database: sqlite3.Connection) -> None:
        """Make the tables, one process at a time: SQLite does not wait for others where the journal's mode changes."""
        beside = self._path.with_name(f".{self._path.name}.lock")
        with FileLock(beside, timeout=self._wait, poll_interval=0.005, fallback_to_soft=False, mode=0o600):
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("BEGIN IMMEDIATE")
            _make(database)
            database.execute("COMMIT")

    @contextmanager
    def _refusals_explained(self) -> Iterator[None]:
        """Turn errors of SQLite or of the system into StorageError with advice."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            advice = "end the process that writes to it, and repeat"
            if "locked" not in str(error):
                advice = (
                    "allow this account to write there and free some space; if the file is damaged, move it away and "
                    "run `connectorwatch rebuild`"
                )
            raise StorageError(f"The tables in {self._path} cannot be used ({error}): {advice}.") from error


def _remove(database: sqlite3.Connection, tenant_id: str) -> None:
    for table in COLUMNS:
        place: tuple[str, ...] = (partition_of(table, tenant_id),)
        text = f"DELETE FROM {table} WHERE PartitionKey = ?"  # noqa: S608 - our own name
        if table == FLEET:
            text, place = f"{text} AND RowKey = ?", fleet_place(tenant_id)
        database.execute(text, place)
    database.execute(f"DELETE FROM {_HEADS} WHERE tenant = ?", (tenant_id,))  # noqa: S608 - our own name


def _make(database: sqlite3.Connection) -> None:
    """Make the tables that are not there, and columns that an older version did not know."""
    database.execute(f"CREATE TABLE IF NOT EXISTS {_HEADS} (tenant TEXT PRIMARY KEY, revision INTEGER NOT NULL)")
    for table, columns in COLUMNS.items():
        database.execute(
            f"CREATE TABLE IF NOT EXISTS {table} "
            "(PartitionKey TEXT NOT NULL, RowKey TEXT NOT NULL, PRIMARY KEY (PartitionKey, RowKey)) WITHOUT ROWID"
        )
        existing = {name for _, name, *_ in database.execute(f"PRAGMA table_info({table})")}
        for column, kind in columns.items():
            if column not in existing:
                database.execute(f'ALTER TABLE {table} ADD COLUMN "{column}" {_KINDS[kind]}')
    database.execute(f"PRAGMA user_version = {_SHAPE:d}")


def _list(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
