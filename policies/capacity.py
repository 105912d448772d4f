"""What Microsoft has published about how many requests one connector carries, each figure with its source and date.

The sources disagree and none promises anything, so the policy chooses one (`capacity_figures`). Figures in other units,
such as concurrent connections in the operations guide (2026-05-04), are of no use here.
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

    That is the figure of the largest published size that the server reaches in both cores and GB of memory; None where
    it is smaller than any, which nobody published a figure for.
    """
    reached = [one for one in FIGURES[source] if one.cores <= cores and one.memory_gb <= memory_gb]
    return reached[-1].requests_per_second if reached else None
