"""The network as an object: what goes out, and what whoever sends it promises. Light to import."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from inventory.answer import Answer

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
"""Hosts to which a token may go over plain HTTP."""
UNREACHABLE = "unreachable"
"""The code of the error that no whole answer came."""


@dataclass(frozen=True)
class Outgoing:
    """One request on its way out.

    Attributes:
        url: Absolute, on the Graph root.
        body: JSON; makes it a POST.
        delete: Whether it removes what stands at the url. No reader does; `connectorwatch grant --revoke` alone.
        headers: Further headers.
        claims: A claims challenge to answer, as Graph sent it (base64).
        may_go: Asked at the last moment, when token and connection are there: a refusal may have come in meanwhile.
    """

    url: str
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    claims: str | None = None
    may_go: Callable[[], bool] = lambda: True
    delete: bool = False

    @property
    def method(self) -> str:
        """`GET`, `POST` or `DELETE`."""
        if self.delete:
            return "DELETE"
        return "GET" if self.body is None else "POST"


class Transport(Protocol):
    """The network as an object."""

    async def send(self, outgoing: Outgoing) -> Answer:
        """Send one request, signed, and return the answer, whatever its status.

        Raises:
            FailedError: No whole answer came: no token, no connection, cut off, too large.
            HeldBackError: It may not go any more, and was not sent.
        """
