"""Microsoft's published figures for the requests that one connector carries, with source and date.

The sources differ and none is a guarantee, so the policy chooses one (`capacity_figures`). Figures in other units, such
as concurrent connections in the operations guide (2026-05-04), cannot be used here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

Source = Literal["concept-2026", "table-2023"]


class Figure(NamedTuple):
    """A server's size, in cores and GB of memory, and the requests a second that a connector on it carries."""

    cores: int
    memory_gb: int
    requests_per_second: int


FIGURES: Mapping[Source, tuple[Figure, ...]] = {
    # Microsoft Learn, Global Secure Access, "connectors", 2026-03-12: an average machine of this size.
    "concept-2026": (Figure(4, 8, 2000),),
    # Microsoft Learn, application proxy, "connectors", 2023; the table has since been taken out of the page.
    "table-2023": (Figure(2, 8, 586), Figure(4, 16, 1150), Figure(8, 32, 1190), Figure(16, 64, 1200)),
}
"""By source, smallest server first."""


def capacity_of(source: Source, cores: int, memory_gb: int) -> int | None:
    """Return the requests a second that a connector carries on a server of at least this size.

    This is the figure of the largest published size that the server reaches in both cores and GB of memory; None if the
    server is smaller than all of them.
    """
    reached = [figure for figure in FIGURES[source] if figure.cores <= cores and figure.memory_gb <= memory_gb]
    return reached[-1].requests_per_second if reached else None
