"""What every channel promises, and what it is handed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from findings.cards import Notification, RouteFilter, TenantRow

SERVICE = "_fleet"
"""The id under which the service tells of itself, in place of a tenant's."""
NewsKind = Literal["changes", "service", "digest"]
Taken = Literal["accepted", "delivered", "nothing"]
"""`accepted`: a flow took it, and whether it shows it is not known; `nothing`: there was nothing the route wants."""


@dataclass(frozen=True)
class Message:
    """What is told at once: announcements of one or more tenants, or how all tenants stand.

    Attributes:
        kind: What is told.
        at: The moment of telling.
        told: The announcements; none of a digest.
        rows: Rows of the view ConnectorTenants; of a digest only.
        digest: The id of a digest, such as `digest-2026-W47`.
    """

    kind: NewsKind
    at: datetime
    told: tuple[Notification, ...] = ()
    rows: tuple[TenantRow, ...] = ()
    digest: str = ""

    @property
    def id(self) -> str:
        """An id that the same announcements always have, so that whoever gets them twice can see it."""
        parts = sorted(f"{told.tenant.id}/{told.entry.id}" for told in self.told) or [self.digest]
        return f"msg_{hashlib.sha256(chr(10).join((self.kind, *parts)).encode()).hexdigest()[:32]}"


class Channel(Protocol):
    """One way to people, or to a machine."""

    def send(self, news: Message, wish: RouteFilter) -> Taken:
        """Hand over what the route wants of the news. Returns within a minute, the time that a lease lasts.

        Raises:
            UndeliverableError: It was refused for good.
            PartlyDeliveredError: Some of it did not arrive; that is tried again later, and the rest is done.
            DeliveryError: It did not arrive; it is tried again later.
        """
        ...
