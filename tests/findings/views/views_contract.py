"""What every store's views promise; collected as the tests of `store_contract` are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from common.errors import StorageError
from findings.views.tables import COLUMNS, FLEET
from tests.findings.views.view_rows import finding, scan, summary

if TYPE_CHECKING:
    from findings.stores.ports import Store
    from findings.views.tables import Row, Table, Value

A, B = "tenant-a", "tenant-b"


def rows_in(store: Store, *tables: Table, tenant: str | None = None) -> list[Row]:
    """Return all rows of some tables, or of all; by pages of seven, so that there are several."""
    found: list[Row] = []
    for table in tables or COLUMNS:
        after = None
        while True:
            page = store.views.query(table, tenant, after=after, limit=7)
            found += page.rows
            if page.after is None:
                break
            after = page.after
    return found


def test_views_of_nothing_are_empty(store: Store) -> None:
    """Tables that nothing was written to have no rows, and there is nothing to amend or to remove in them."""
    assert rows_in(store) == []
    assert store.views.amend(A, 1, {"undelivered": True}) is False
    store.views.remove(A)
    assert rows_in(store) == []


def test_rows_come_back_as_they_were_written(store: Store) -> None:
    """Rows of all tables come back with the same values of the same kinds, and none that was left out."""
    rows = [finding(A, 1, "“Zürich” 😀 \x00 ' \" <b>"), finding(A, 2), scan(A, 1), summary(A, 3, failing=2)]

    assert store.views.replace(A, 3, rows)

    found = rows_in(store)
    assert found == rows
    assert type(found[-1].values["undelivered"]) is bool
    assert "severity" not in found[0].values


def test_rows_that_are_gone_are_removed(store: Store) -> None:
    """Rows that a newer revision does not have go, rows that differ change, and new ones come."""
    store.views.replace(A, 1, [finding(A, 1), finding(A, 2), scan(A, 1), summary(A, 1)])
    wanted = [finding(A, 2, "changed"), finding(A, 3), scan(A, 1), scan(A, 2), summary(A, 2)]

    assert store.views.replace(A, 2, wanted)

    assert rows_in(store) == wanted


def test_writing_again_changes_nothing(store: Store) -> None:
    """The same rows of the same revision can be written again."""
    rows = [finding(A, 1), scan(A, 1), summary(A, 1)]

    assert [store.views.replace(A, 1, rows) for _ in range(3)] == [True, True, True]
    assert rows_in(store) == rows


def test_an_older_revision_never_overwrites_a_newer_one(store: Store) -> None:
    """Who comes late with rows of an older state is told so, and nothing changes, be it a row that is not there."""
    newer = [finding(A, 1), scan(A, 1), scan(A, 2), summary(A, 5)]
    store.views.replace(A, 5, newer)

    assert store.views.replace(A, 4, [finding(A, 1, "old"), finding(A, 2), scan(A, 1), summary(A, 4)]) is False
    assert rows_in(store) == newer


def test_an_older_revision_is_written_anew_if_told(store: Store) -> None:
    """Rows of a state that was put back replace newer ones if that is asked for, and later revisions go on from it."""
    store.views.replace(A, 5, [finding(A, 1), scan(A, 1), scan(A, 2), summary(A, 5)])
    older = [finding(A, 2), scan(A, 1), summary(A, 4)]

    assert store.views.replace(A, 4, older, anew=True)
    assert rows_in(store) == older
    assert store.views.replace(A, 5, [summary(A, 5)])
    assert rows_in(store) == [summary(A, 5)]


def test_more_rows_than_one_transaction_takes(store: Store) -> None:
    """Hundreds of rows are written, changed and removed, all of them."""
    many = [finding(A, number) for number in range(250)]
    store.views.replace(A, 1, [*many, summary(A, 1)])
    assert rows_in(store) == [*many, summary(A, 1)]

    fewer = [finding(A, number, "changed") for number in range(0, 250, 2)]
    store.views.replace(A, 2, [*fewer, summary(A, 2)])
    assert rows_in(store) == [*fewer, summary(A, 2)]


def test_rows_as_long_as_they_may_be(store: Store) -> None:
    """Dozens of rows with a value of 32,000 characters, which are more than one transaction takes, are written."""
    long = [finding(A, number, "ü" * 32_000) for number in range(45)]

    store.views.replace(A, 1, long)

    assert rows_in(store) == long


def test_tenants_do_not_touch_each_other(store: Store) -> None:
    """One tenant's rows are told, replaced and removed apart from another's."""
    of_b = [finding(B, 1), scan(B, 1), summary(B, 9)]
    store.views.replace(A, 1, [finding(A, 1), scan(A, 1), summary(A, 1)])
    store.views.replace(B, 9, of_b)
    store.views.replace(A, 2, [summary(A, 2)])

    assert rows_in(store, tenant=B) == of_b
    assert rows_in(store, tenant=A) == [summary(A, 2)]
    store.views.remove(A)
    assert rows_in(store) == of_b


def test_a_removed_tenant_may_come_back(store: Store) -> None:
    """After a tenant's rows were removed, rows of any revision can be written."""
    store.views.replace(A, 7, [finding(A, 1), summary(A, 7)])
    store.views.remove(A)

    assert store.views.replace(A, 1, [summary(A, 1)])
    assert rows_in(store) == [summary(A, 1)]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({}, [0, 1, 2, 3]),
        ({"state": "open"}, [0, 2]),
        ({"state": "resolved", "rule": "CON001"}, [1, 3]),
        ({"message": "it's"}, [3]),
        ({"message": "x' or rule eq 'CON001"}, []),
        ({"stale": False}, [0, 1, 2, 3]),
        ({"stale": True}, []),
        ({"severity": "high"}, []),
    ],
)
def test_rows_are_found_by_what_columns_hold(store: Store, where: dict[str, Value], expected: list[int]) -> None:
    """A query returns the rows whose columns hold what it asks for, whatever characters that has in it."""
    messages = ["", "a", "b", "it's"]
    rows = [
        finding(A, number, text, state="resolved" if number % 2 else "open") for number, text in enumerate(messages)
    ]
    store.views.replace(A, 1, rows)

    assert list(store.views.query("ConnectorFindings", A, where=where).rows) == [rows[number] for number in expected]


def test_all_tenants_are_found_page_by_page(store: Store) -> None:
    """The fleet's rows lie in many partitions, and pages go through all of them, each row once."""
    rows = [summary(f"tenant-{number}", 1, undelivered=number % 3 == 0) for number in range(40)]
    for row in rows:
        store.views.replace(str(row.values["tenant"]), 1, [row])

    assert rows_in(store, FLEET) == sorted(rows, key=lambda row: row.place)
    waiting = store.views.query(FLEET, where={"undelivered": True}).rows
    assert {row.values["tenant"] for row in waiting} == {f"tenant-{number}" for number in range(0, 40, 3)}


def test_a_page_of_exactly_all_rows_is_the_last(store: Store) -> None:
    """A page says where to go on only where there is more."""
    store.views.replace(A, 1, [finding(A, 1), finding(A, 2)])

    assert store.views.query("ConnectorFindings", A, limit=2).after is None
    assert store.views.query("ConnectorFindings", A, limit=1).after == finding(A, 1).place


@pytest.mark.parametrize("where", [{"nothing": "x"}, {"1=1; --": "x"}, {"state": 1}, {"stale": 1}, {"rule": "\ud800"}])
def test_a_question_that_makes_no_sense_is_refused(store: Store, where: dict[str, Value]) -> None:
    """A column that is not there, or a value that it cannot hold, is an error and never part of a query."""
    with pytest.raises(StorageError, match="ConnectorFindings cannot be asked for"):
        store.views.query("ConnectorFindings", A, where=where)


def test_a_summary_is_amended(store: Store) -> None:
    """Some values of a summary row change while its revision stands; others stay, and so do other tenants'."""
    store.views.replace(A, 2, [summary(A, 2, failing=7, undelivered=True)])
    store.views.replace(B, 2, [summary(B, 2, undelivered=True)])

    assert store.views.amend(A, 2, {"undelivered": False})
    assert store.views.amend(A, 2, {"undelivered": False})
    assert rows_in(store, FLEET, tenant=A) == [summary(A, 2, failing=7)]
    assert store.views.query(FLEET, where={"undelivered": True}).rows == (summary(B, 2, undelivered=True),)


def test_a_summary_of_another_revision_is_not_amended(store: Store) -> None:
    """Who read another revision of the state has nothing to say about the row."""
    store.views.replace(A, 2, [summary(A, 2)])

    assert store.views.amend(A, 1, {"failing": 9}) is False
    assert store.views.amend(A, 3, {"failing": 9}) is False
    assert rows_in(store) == [summary(A, 2)]
