"""Views in Azure Tables. A tenant's rows fill a partition of each table, guarded by a head row.

Azure changes up to 100 rows of one partition at once, and a tenant can have more. So each partition has a row `~head`
that holds the revision of what stands there, and every transaction changes it under its ETag: of two writers one is
refused, looks again, and finds what is left to do, or that a newer revision stands. A row that is as it should be is
not written. A tenant's summary row is its own head.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar, cast

from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError
from azure.data.tables import UpdateMode

from common.errors import StorageError
from findings.stores.azure_calls import code_of, status_of
from findings.views.tables import COLUMNS, FLEET, Page, Row, checked_terms, fleet_place, partition_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from azure.data.tables import TableServiceClient

    from findings.stores.azure_calls import Calls
    from findings.views.tables import Table, Value

T = TypeVar("T")
Operation = tuple[str, "dict[str, Any]", "dict[str, Any]"]

HEAD = "~head"
"""Key of a partition's head row; it comes after all others, which are hexadecimal."""
ROWS_AT_ONCE = 99
"""A transaction holds 100 rows (Azure Tables "Performing entity group transactions"), and one is the head."""
BYTES_AT_ONCE = 3_500_000
"""A transaction holds 4 MiB; what is written around each row is counted generously."""
_AROUND = 1_500
_CONTESTS = 20
_NEWEST = 2**31
_FENCED: tuple[Table, ...] = tuple(table for table in COLUMNS if table != FLEET)
_MISSING = "TableNotFound"
_RACED = frozenset({"UpdateConditionNotSatisfied", "ConditionNotMet", "EntityAlreadyExists", "ResourceNotFound"})
_EXISTS = "TableAlreadyExists"


class ContestedError(Exception):
    """Another writer changed the partition since it was read."""


@dataclass(frozen=True)
class AzureViews:
    """The views in one account's tables, which are created at the first write; see `ports.Views`."""

    service: TableServiceClient
    calls: Calls

    def replace(self, tenant_id: str, revision: int, rows: Sequence[Row], *, anew: bool = False) -> bool:
        """Replace a tenant's rows unless a newer revision is stored; see `ports.Views.replace`."""
        newest = _NEWEST if anew else revision
        for table in _FENCED:
            wanted = {row.key: _entity(row) for row in rows if row.table == table}
            if not self._contested(partial(self._fill, table, tenant_id, (revision, newest), wanted)):
                return False
        summaries = [row for row in rows if row.table == FLEET]
        return all(self._contested(partial(self._put_summary, row, newest)) for row in summaries)

    def amend(self, tenant_id: str, revision: int, values: Mapping[str, Value]) -> bool:
        """Change some values of a tenant's summary row; return False if it is of another revision, or not there."""

        def change() -> bool:
            summary, etag = self._summary(tenant_id)
            if summary is None or summary.get("revision") != revision:
                return False
            if any(summary.get(column) != value for column, value in values.items()):
                self._submit(FLEET, [_update({**summary, **values}, etag)])
            return True

        return self._contested(change)

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
        terms = ["RowKey lt @head"]
        given: dict[str, Value] = {"head": HEAD}
        for number, (column, value) in enumerate(checked_terms(table, where)):
            terms.append(f"{column} eq @p{number}")
            given[f"p{number}"] = value
        if tenant_id is not None:
            terms.append("PartitionKey eq @partition")
            given["partition"] = partition_of(table, tenant_id)
        if after is not None:
            given["in"], given["past"] = after.rsplit("/", 1)
            terms.append("( PartitionKey gt @in or ( PartitionKey eq @in and RowKey gt @past ) )")
        entities = self._entities(table, " and ".join(terms), given, limit + 1)
        rows = tuple(_row(table, entity) for entity, _ in entities[:limit])
        return Page(rows, rows[-1].place if len(entities) > limit else None)

    def remove(self, tenant_id: str) -> None:
        """Remove all rows of a tenant; none is no error."""
        for table in _FENCED:
            self._contested(partial(self._empty, table, tenant_id))
        self._contested(partial(self._drop_summary, tenant_id))

    def check_writable(self) -> None:
        """Try to change rows that do not exist, which proves the permission and leaves nothing behind."""
        for table in COLUMNS:
            with suppress(ContestedError):
                self._submit(table, [_update({"PartitionKey": HEAD, "RowKey": HEAD}, None)])

    def _fill(
        self, table: Table, tenant_id: str, revisions: tuple[int, int], wanted: Mapping[str, dict[str, Any]]
    ) -> bool:
        """Make a partition hold what is wanted; `revisions` are its own, and the newest that it may replace."""
        revision, newest = revisions
        stood, etag, existing = self._partition(table, tenant_id)
        if stood > newest:
            return False
        changes = [_put(entity) for key, entity in wanted.items() if existing.get(key) != entity]
        changes += [_delete(existing[key]) for key in existing.keys() - wanted.keys()]
        if changes or stood != revision:
            for part in _transactions(changes) if changes else ([],):
                etag = self._submit(table, [_head(tenant_id, revision, etag), *part])
        return True

    def _empty(self, table: Table, tenant_id: str) -> None:
        stood, etag, existing = self._partition(table, tenant_id)
        for part in _transactions([_delete(entity) for entity in existing.values()]):
            etag = self._submit(table, [_head(tenant_id, stood, etag), *part])
        if etag is not None:
            self._submit(table, [_delete({"PartitionKey": tenant_id, "RowKey": HEAD})])

    def _put_summary(self, row: Row, newest: int) -> bool:
        summary, etag = self._summary(str(row.values["tenant"]))
        entity = _entity(row)
        may_replace = summary is None or summary["revision"] <= newest
        if summary is None:
            self._submit(FLEET, [("create", entity, {})])
        elif may_replace and summary != entity:
            self._submit(FLEET, [_update(entity, etag)])
        return may_replace

    def _drop_summary(self, tenant_id: str) -> None:
        summary, _ = self._summary(tenant_id)
        if summary is not None:
            self._submit(FLEET, [_delete(summary)])

    def _summary(self, tenant_id: str) -> tuple[dict[str, Any] | None, str | None]:
        partition, key = fleet_place(tenant_id)
        where = "PartitionKey eq @partition and RowKey eq @key"
        entities = self._entities(FLEET, where, {"partition": partition, "key": key}, 1)
        return entities[0] if entities else (None, None)

    def _partition(self, table: Table, tenant_id: str) -> tuple[int, str | None, dict[str, dict[str, Any]]]:
        """Return a partition's revision, its head's tag, and its rows by key; -1 and None where it has no head."""
        pairs = self._entities(table, "PartitionKey eq @tenant", {"tenant": tenant_id}, None)
        by_key = {str(entity["RowKey"]): (entity, etag) for entity, etag in pairs}
        head, etag = by_key.pop(HEAD, ({"revision": -1}, None))
        return int(head["revision"]), etag, {key: entity for key, (entity, _) in by_key.items()}

    def _entities(
        self, table: Table, where: str, given: Mapping[str, Any], most: int | None
    ) -> list[tuple[dict[str, Any], str]]:
        """Return rows with their tags, in the order of their places."""
        client = self.service.get_table_client(table)

        def read() -> list[tuple[dict[str, Any], str]]:
            size = None if most is None else min(most, 1000)
            entities = client.query_entities(where, parameters=dict(given), results_per_page=size)
            return [(dict(entity), str(entity.metadata["etag"])) for entity in islice(entities, most)]

        try:
            return self.calls.ask(read)
        except HttpResponseError as error:
            if code_of(error) == _MISSING:
                return []
            raise self.calls.refused(error, f"table {table}") from None

    def _submit(self, table: Table, operations: Sequence[Operation]) -> str | None:
        """Make changes all at once, and return the new tag of the first row.

        Raises:
            ContestedError: Somebody else changed one of the rows, or an earlier attempt of ours had been carried out.
        """
        client = self.service.get_table_client(table)
        # The SDK's type leaves out the operations that take options.
        submit = cast("Callable[[Any], Any]", client.submit_transaction)
        try:
            done = self.calls.ask(lambda: submit(operations))
        except HttpResponseError as error:
            if code_of(error) == _MISSING:
                self._make(table)
                raise ContestedError from None
            if code_of(error) in _RACED or (status_of(error) == 412):  # noqa: PLR2004 - HTTP's own
                raise ContestedError from None
            raise self.calls.refused(error, f"table {table}") from None
        etag = done[0].get("etag")
        return None if etag is None else str(etag)

    def _make(self, table: Table) -> None:
        try:
            self.calls.ask(lambda: self.service.create_table(table))
        except HttpResponseError as error:
            if code_of(error) != _EXISTS:
                raise StorageError(
                    f"The storage account {self.calls.account} has no table {table}, and it cannot be made "
                    f"({code_of(error) or status_of(error)}): make it, or grant the identity the role "
                    "Storage Table Data Contributor on the account."
                ) from None

    def _contested(self, change: Callable[[], T]) -> T:
        for _ in range(_CONTESTS):
            try:
                return change()
            except ContestedError:
                continue
        raise StorageError(
            f"Rows in the tables of {self.calls.account} were changed by others {_CONTESTS} times in a row: "
            "repeat it when fewer scans run."
        )


def _transactions(changes: Sequence[Operation]) -> Iterator[list[Operation]]:
    """Yield changes in parts that one transaction each takes, together with a head row."""
    part: list[Operation] = []
    size = 0
    for change in changes:
        more = len(json.dumps(change[1])) + _AROUND
        if part and (len(part) == ROWS_AT_ONCE or size + more > BYTES_AT_ONCE):
            yield part
            part, size = [], 0
        part.append(change)
        size += more
    if part:
        yield part


def _entity(row: Row) -> dict[str, Any]:
    return {"PartitionKey": row.partition, "RowKey": row.key, **row.values}


def _row(table: Table, entity: Mapping[str, Any]) -> Row:
    values = {column: entity[column] for column in COLUMNS[table] if column in entity}
    return Row(table, str(entity["PartitionKey"]), str(entity["RowKey"]), values)


def _put(entity: dict[str, Any]) -> Operation:
    return ("upsert", entity, {"mode": UpdateMode.REPLACE})


def _update(entity: dict[str, Any], etag: str | None) -> Operation:
    terms = {"etag": etag, "match_condition": MatchConditions.IfNotModified} if etag else {}
    return ("update", entity, {"mode": UpdateMode.REPLACE, **terms})


def _delete(entity: Mapping[str, Any]) -> Operation:
    return ("delete", {"PartitionKey": entity["PartitionKey"], "RowKey": entity["RowKey"]}, {})


def _head(tenant_id: str, revision: int, etag: str | None) -> Operation:
    entity = {"PartitionKey": tenant_id, "RowKey": HEAD, "revision": revision}
    return ("create", entity, {}) if etag is None else _update(entity, etag)
