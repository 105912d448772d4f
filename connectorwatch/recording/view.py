"""Questions to a recording that several parts ask: which answers one endpoint gave, and what stood where."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectorwatch.recording.document import Exchange, PropertyShape, Recording

CONNECTORS = "beta/onPremisesPublishingProfiles/applicationProxy/connectors"
GROUPS = "beta/onPremisesPublishingProfiles/applicationProxy/connectorGroups"


class View:
    """A recording by endpoint, such as `v1.0/organization`; options and method do not count.

    Args:
        recording: The recording.
    """

    def __init__(self, recording: Recording) -> None:
        self._recording = recording

    def exchanges(self, endpoint: str, *, batched: bool | None = None) -> list[Exchange]:
        """Return what was recorded of an endpoint, alone, in batches or both."""
        return [
            exchange
            for exchange in self._recording.exchanges
            if exchange.request.partition(" ")[2].partition("?")[0] == endpoint and batched in {None, exchange.batched}
        ]

    def statuses(self, endpoint: str, *, batched: bool | None = None) -> Counter[str]:
        """Return how often an endpoint answered with which status."""
        return sum((Counter(exchange.statuses) for exchange in self.exchanges(endpoint, batched=batched)), Counter())

    def codes(self, endpoint: str) -> Counter[str]:
        """Return how often an endpoint answered with which error code."""
        return sum((Counter(exchange.error_codes) for exchange in self.exchanges(endpoint)), Counter())

    def shapes(self, endpoint: str, place: str) -> list[PropertyShape]:
        """Return what stood at a place of an endpoint's answers."""
        return [exchange.properties[place] for exchange in self.exchanges(endpoint) if place in exchange.properties]

    def types(self, endpoint: str, place: str) -> Counter[str]:
        """Return how often which JSON type stood at a place."""
        return sum((Counter(shape.types) for shape in self.shapes(endpoint, place)), Counter())

    def words(self, endpoint: str, place: str) -> Counter[str]:
        """Return how often which of Microsoft's words stood at a place."""
        return sum((Counter(shape.words) for shape in self.shapes(endpoint, place)), Counter())

    def shared(self, first: str, second: str) -> tuple[int, int]:
        """Return how many values two places share, and how many there are in the second alone."""
        for overlap in self._recording.overlaps:
            if (overlap.first, overlap.second) == (first, second):
                return overlap.both, overlap.second_only
        return 0, 0

    @property
    def app_only(self) -> bool | None:
        """Whether an application asked; None where the token does not say."""
        kind = self._recording.identity.kind
        return None if kind == "opaque" else kind == "app-only"
