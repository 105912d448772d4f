"""Results of a delivery."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class RouteFailure:
    """Why a route does not work.

    Attributes:
        kind: `refused` (what was sent is dropped), `unusable` (it is not set up), `unreachable` (something
            did not arrive, and is tried again).
        why: In words, without any secret.
    """

    kind: str
    why: str


@dataclass(frozen=True)
class DeliveryResult:
    """How many notifications were delivered, how many failed, and the status of each route that was tried.

    `routes` holds None for a route that accepted something, and the failure of one that counts as failing.
    """

    sent: int = 0
    failed: int = 0
    routes: Mapping[str, RouteFailure | None] = field(default_factory=dict)

    def __add__(self, other: DeliveryResult) -> DeliveryResult:
        """Return both together; of a route the later status counts, unless the earlier one was a failure."""
        failures = {route: failure for route, failure in self.routes.items() if failure is not None}
        return DeliveryResult(
            self.sent + other.sent, self.failed + other.failed, {**self.routes, **other.routes, **failures}
        )
