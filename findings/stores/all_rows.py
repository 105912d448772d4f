"""All rows of a view, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from findings.stores.ports import Views
    from findings.views.tables import Row, Table, Value


def all_rows(views: Views, table: Table, where: Mapping[str, Value] | None = None) -> Iterator[Row]:
    """Yield the rows of all tenants, in the order of `Views.query`; the next page is read when it is needed.

    Args:
        views: The views.
        table: The table.
        where: What columns must hold.

    Raises:
        StorageError: `where` names a column that the table has not, or storage refused.
    """
    after: str | None = None
    while True:
        page = views.query(table, where=where, after=after)
        yield from page.rows
        after = page.after
        if after is None:
            return
