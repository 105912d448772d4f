"""The inputs of one scan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from findings.stores.ports import Store
    from inventory.graph import GraphClient
    from policies.policy_file.read import LoadedPolicy
    from policies.releases.catalogue import Catalogue


@dataclass(frozen=True)
class Scan:
    """Everything one scan needs.

    Attributes:
        tenant_id: Whose tenant.
        graph: The Graph client.
        store: Where state, evidence and reports are kept.
        policy: The policy, with its source.
        releases: The release catalogue.
        now: The clock.
        trigger: Why the scan is made, such as `manual` or `schedule`.
        asked_id: The requested scan id; None where it follows from `now` and `trigger`.
        progress: Called with a message after each part that was read.
        own_clock: Whether `now` is this machine's clock, and not a time that somebody chose.
        every: Whether the scan is announced even without changes.
    """

    tenant_id: str
    graph: GraphClient
    store: Store
    policy: LoadedPolicy
    releases: Catalogue
    now: Callable[[], datetime]
    trigger: str = "manual"
    asked_id: str | None = None
    progress: Callable[[str], None] = lambda _: None
    own_clock: bool = True
    every: bool = False
