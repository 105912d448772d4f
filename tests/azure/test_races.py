"""Writers of one tenant's rows that overtake each other between two tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from findings.stores.azure_tables import AzureViews
from tests.findings.views.view_rows import finding, scan, summary
from tests.findings.views.views_contract import rows_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from findings.stores.azure import AzureStore
    from findings.views.tables import Table


@dataclass(frozen=True)
class Slow(AzureViews):
    """Views that let something happen after each table."""

    meanwhile: Callable[[Table], object] = print

    def _fill(
        self, table: Table, tenant_id: str, revisions: tuple[int, int], wanted: Mapping[str, dict[str, Any]]
    ) -> bool:
        done = super()._fill(table, tenant_id, revisions, wanted)
        self.meanwhile(table)
        return done


def test_a_slow_writer_is_overtaken_anywhere(store: AzureStore) -> None:
    """Whichever table an older writer has come to, the newer one's rows stand in the end, in all tables."""
    older = [finding("t", 1), finding("t", 2), scan("t", 1), summary("t", 4)]
    newer = [finding("t", 1, "changed"), scan("t", 1), scan("t", 2), summary("t", 5)]
    for moment in ("ConnectorFindings", "ConnectorScans"):
        store.views.remove("t")
        slow = Slow(
            store.views.service,
            store.views.calls,
            lambda table, moment=moment: table == moment and store.views.replace("t", 5, newer),  # type: ignore[misc] # bound now
        )

        assert slow.replace("t", 4, older) is False
        assert rows_in(store) == newer


def test_a_writer_that_is_disturbed_looks_again(store: AzureStore) -> None:
    """Two writers of the same revision, one in the midst of the other, both succeed."""
    rows = [finding("t", 1), scan("t", 1), summary("t", 4)]
    store.views.replace("t", 3, [finding("t", 2), summary("t", 3)])
    slow = Slow(store.views.service, store.views.calls, lambda _: store.views.replace("t", 4, rows))

    assert slow.replace("t", 4, rows)
    assert rows_in(store) == rows


def test_half_written_rows_are_completed(store: AzureStore) -> None:
    """A writer that ended after its first table is completed by whoever writes the same revision again."""
    rows = [*(finding("t", number) for number in range(150)), scan("t", 1), summary("t", 4)]
    wanted = {row.key: {"PartitionKey": row.partition, "RowKey": row.key, **row.values} for row in rows[:99]}
    store.views.check_writable()
    store.views._fill("ConnectorFindings", "t", (4, 4), wanted)  # noqa: SLF001 - as far as the first transaction goes

    assert store.views.replace("t", 4, rows)
    assert rows_in(store) == rows
