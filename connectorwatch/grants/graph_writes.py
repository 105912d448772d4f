"""Write requests: sent once, and repeated only where Graph states that it did not carry them out."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from common.clock import Clock
from common.errors import GrantError
from inventory.answer import fault_of
from inventory.throttle_headers import REFUSED, wait_of
from inventory.transport_port import Outgoing

if TYPE_CHECKING:
    from inventory.answer import Answer
    from inventory.transport_port import Transport

TRIES, LONGEST_WAIT, PAUSE = 4, 60.0, 5.0
"""How often, and how long in seconds, a refusal for being too many requests is waited for."""
NOT_FOUND = 404


@dataclass
class Writer:
    """Sends writes.

    Attributes:
        transport: The network.
        root: The Graph root.
        clock: Where waiting comes from.
    """

    transport: Transport
    root: str
    clock: Clock = field(default_factory=Clock)

    async def post(self, path: str, body: bytes, *, until_found: bool = False) -> Answer:
        """Make something, and return the answer.

        Args:
            path: Below v1.0.
            body: JSON.
            until_found: Whether a 404 means that something made a moment before is not known everywhere yet.

        Raises:
            GrantError: Graph refused, so that nothing was made.
            FailedError: No whole answer came: whether it was made has to be looked up.
        """
        outgoing = Outgoing(f"{self.root}/v1.0{path}", body)
        answer = await self._send(outgoing, until_found=until_found)
        if not answer.ok:
            raise refusal(answer)
        return answer

    async def delete(self, path: str) -> None:
        """Delete; a missing object counts as success. Raises as `post` does."""
        answer = await self._send(Outgoing(f"{self.root}/v1.0{path}", delete=True))
        if not answer.ok and answer.status != NOT_FOUND:
            raise refusal(answer)

    async def _send(self, outgoing: Outgoing, *, until_found: bool = False) -> Answer:
        """Send, and wait where Graph asks for it: a request refused for that was not carried out."""
        for _ in range(TRIES - 1):
            answer = await self._once(outgoing)
            wait = _wait(answer, until_found=until_found)
            if wait is None:
                return answer
            await self.clock.sleep(wait)
        return await self._once(outgoing)

    async def _once(self, outgoing: Outgoing) -> Answer:
        headers = {"client-request-id": str(uuid.uuid4())}
        return await self.transport.send(replace(outgoing, headers=headers))


def _wait(answer: Answer, *, until_found: bool) -> float | None:
    """Return the seconds after which to send again, or None where the answer is the last word."""
    if answer.status == NOT_FOUND and until_found:
        return PAUSE
    wait = wait_of(answer, PAUSE) if answer.status in REFUSED else None
    return wait if wait is not None and wait <= LONGEST_WAIT else None


def refusal(answer: Answer) -> GrantError:
    """Return the error that a refusal means."""
    fault = fault_of(answer.body)
    code = fault.codes[0] if fault.codes else ""
    detail = f": {fault.message}" if fault.message else ""
    message = f"Graph answered {answer.status}{f' {code}' if code else ''}{detail}"
    return GrantError(message, status=answer.status, code=code)
