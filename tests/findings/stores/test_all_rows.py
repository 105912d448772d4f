"""All rows of a view are read, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import StorageError
from findings.stores.all_rows import all_rows
from findings.stores.folder import FolderStore
from findings.views.tables import FLEET, Page
from tests.findings.views.view_rows import summary

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from findings.views.tables import Row, Table, Value


class PagedViews:
    """Views that answer with pages of the sizes given, which may be empty in the middle, as Azure's may."""

    def __init__(self, sizes: list[int]) -> None:
        self._pages: list[list[Row]] = []
        for size in sizes:
            first = sum(map(len, self._pages))
            self._pages.append([summary(f"tenant-{number}", 1) for number in range(first, first + size)])
        self.rows = [row for page in self._pages for row in page]
        self.asked: list[tuple[str | None, Mapping[str, Value] | None]] = []

    def query(
        self,
        table: Table,
        tenant_id: str | None = None,
        *,
        where: Mapping[str, Value] | None = None,
        after: str | None = None,
        limit: int = 1000,
    ) -> Page:
        """Return the page after `after`, which is the number of one."""
        assert (table, tenant_id, limit) == (FLEET, None, 1000)
        self.asked.append((after, where))
        number = int(after or 0)
        more = number + 1 < len(self._pages)
        return Page(tuple(self._pages[number]), str(number + 1) if more else None)

    def replace(self, tenant_id: str, revision: int, rows: object, *, anew: bool = False) -> bool:
        """Refuse: reading writes nothing."""
        raise AssertionError((tenant_id, revision, rows, anew))

    def amend(self, tenant_id: str, revision: int, values: object) -> bool:
        """Refuse: reading writes nothing."""
        raise AssertionError((tenant_id, revision, values))

    def remove(self, tenant_id: str) -> None:
        """Refuse: reading writes nothing."""
        raise AssertionError(tenant_id)


@given(st.lists(st.integers(0, 4), min_size=1, max_size=6))
def test_every_row_comes_once_and_in_order(sizes: list[int]) -> None:
    """Whatever the pages hold, empty ones in the middle too, all rows come, each once."""
    views = PagedViews(sizes)
    assert list(all_rows(views, FLEET)) == views.rows
    assert [after for after, _ in views.asked] == [None, *map(str, range(1, len(sizes)))]


def test_the_filter_goes_with_every_page() -> None:
    """Each page is asked for with the same filter."""
    views = PagedViews([1, 1])
    assert len(list(all_rows(views, FLEET, {"undelivered": True}))) == 2
    assert views.asked == [(None, {"undelivered": True}), ("1", {"undelivered": True})]


def test_a_page_is_read_when_it_is_needed() -> None:
    """Whoever takes the first row alone reads the first page alone."""
    views = PagedViews([2, 2])
    assert next(all_rows(views, FLEET)) == views.rows[0]
    assert len(views.asked) == 1


def test_an_unknown_column_is_an_error(tmp_path: Path) -> None:
    """A filter by a column that the table has not is refused, and never an empty list."""
    store = FolderStore(tmp_path)
    assert store.views.replace("tenant-a", 1, [summary("tenant-a", 1)])
    assert [row.values["tenant"] for row in all_rows(store.views, FLEET)] == ["tenant-a"]
    with pytest.raises(StorageError):
        list(all_rows(store.views, FLEET, {"nothing": 1}))
