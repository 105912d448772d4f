"""Signed JSON to a machine, as Standard Webhooks has it (standardwebhooks.com, specification 1.0)."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar

from standardwebhooks import Webhook

from common.errors import UndeliverableError
from connectorwatch.channels.port import Preview
from connectorwatch.channels.webhook_body import WebhookBody, WebhookData, body_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectorwatch.channels.port import Message, SendResult
    from connectorwatch.channels.posting import Poster
    from findings.cards import RouteFilter

SHORTEST_SECRET = 24
"""Bytes: the least that the specification recommends."""


def _now() -> datetime:
    return datetime.now(UTC)


def signer(secret: str, variable: str) -> Webhook:
    """Return a signer for a secret in base64, with or without the prefix `whsec_`.

    Raises:
        UndeliverableError: The secret is malformed; the message names the variable, not its value.
    """
    text = secret.strip().removeprefix("whsec_")
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError:
        key = b""
    if len(key) < SHORTEST_SECRET:
        raise UndeliverableError(f"{variable} holds no secret of at least 24 bytes in base64 (`whsec_…`): make one.")
    return Webhook(key)


@dataclass(frozen=True)
class WebhookChannel:
    """Posts signed messages.

    Attributes:
        poster: Posts them.
        webhook: Signs them.
        now: The clock; a receiver refuses messages whose time is minutes away from its own.
    """

    kind: ClassVar[str] = "webhook"
    poster: Poster
    webhook: Webhook = field(repr=False)
    now: Callable[[], datetime] = _now

    def send(self, message: Message, route_filter: RouteFilter) -> SendResult:
        """Post the message as JSON; see `port.Channel`."""
        body = body_of(message, route_filter)
        return "nothing" if body is None else self.post(message.id, body)

    @staticmethod
    def preview(message: Message, route_filter: RouteFilter) -> Preview:
        """Return the JSON that would be posted."""
        body = body_of(message, route_filter)
        return Preview() if body is None else Preview(body.model_dump(mode="json"), size=len(body.model_dump_json()))

    def test(self, route_id: str, digest: Callable[[], Message]) -> SendResult:
        """Post a signed message without content; see `port.Channel`."""
        del route_id, digest
        now = self.now()
        body = WebhookBody(type="connectorwatch.test", timestamp=now, data=WebhookData())
        return self.post(f"msg_test_{int(now.timestamp())}", body)

    def post(self, message_id: str, body: WebhookBody) -> SendResult:
        """Sign a message with this moment, and post it.

        Raises:
            UndeliverableError: It was refused for good.
            DeliveryError: It was not taken this time.
        """
        text, now = body.model_dump_json(), self.now()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "webhook-id": message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self.webhook.sign(message_id, now, text),
        }
        self.poster.post(text.encode(), headers)
        return "delivered"
