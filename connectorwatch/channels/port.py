"""What every channel does, and the message it is handed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from pydantic import JsonValue

    from findings.cards import Notification, RouteFilter, TenantRow
    from policies.policy_file.routes import MessageKind

SERVICE = "_fleet"
"""The id of the service itself, in place of a tenant's."""
SendResult = Literal["accepted", "delivered", "nothing"]
"""`accepted`: queued by the receiver, final delivery unknown; `nothing`: the route's filters left nothing to send."""


@dataclass(frozen=True)
class Message:
    """What is sent at once: notifications of one or more tenants, or the status of all tenants.

    Attributes:
        kind: The kind of message.
        at: When it is sent.
        notifications: Empty in a digest.
        rows: Rows of the view ConnectorTenants; of a digest only.
        digest: The id of a digest, such as `digest-2026-W47`.
    """

    kind: MessageKind
    at: datetime
    notifications: tuple[Notification, ...] = ()
    rows: tuple[TenantRow, ...] = ()
    digest: str = ""

    @property
    def id(self) -> str:
        """The same id for the same notifications, so that a receiver can recognise a duplicate."""
        ids = (f"{notification.tenant.id}/{notification.entry.id}" for notification in self.notifications)
        parts = sorted(ids) or [self.digest]
        return f"msg_{hashlib.sha256(chr(10).join((self.kind, *parts)).encode()).hexdigest()[:32]}"


@dataclass(frozen=True)
class Preview:
    """What a channel would send.

    Attributes:
        content: The card in its envelope, or the JSON of a webhook; None where the filters leave nothing.
        left_out: How many rows a card leaves out.
        size: Bytes that would be posted; 0 without content.
    """

    content: JsonValue = None
    left_out: int = 0
    size: int = 0


class Channel(Protocol):
    """A way to people, or to a machine.

    Attributes:
        kind: Its kind, as metrics name it.
    """

    kind: ClassVar[str]

    def send(self, message: Message, route_filter: RouteFilter) -> SendResult:
        """Send what the route's filters leave of a message. Returns within a minute, the time that a lease lasts.

        Raises:
            UndeliverableError: It was refused for good.
            PartlyDeliveredError: Some of it did not arrive and is tried again later; the rest is done.
            DeliveryError: It did not arrive; it is tried again later.
        """
        ...

    def test(self, route_id: str, digest: Callable[[], Message]) -> SendResult:
        """Send a test that reports nothing new; raises what `send` raises.

        Args:
            route_id: The id of the route that is tested.
            digest: Returns a digest of now, for channels that send digests only.
        """
        ...
