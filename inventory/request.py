"""One thing to ask Graph for, and what to say when Graph refuses."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from collections.abc import Mapping

ANY_404 = "any_404"


class GraphService(StrEnum):
    """The services behind Graph that throttle each on its own."""

    APP_PROXY = "app_proxy"
    DIRECTORY = "directory"
    ROLES = "roles"
    AUDIT = "audit"


@dataclass(frozen=True)
class GraphRequest:
    """One list or one thing to read, wherever it is asked: alone or in a batch.

    Attributes:
        version: `beta` or `v1.0`.
        path: Below the version, such as `/organization`. Ids in it are of the types in `inventory.models`, which hold
            nothing that could lead elsewhere.
        query: OData options, not yet encoded.
        permission: The least Graph permission that serves it, told when it is refused.
        advice: What to do when it is refused, where that is more than granting the permission.
        body: The JSON body; makes the request a POST. Only for reads that Graph made a POST, and never in a batch.
        empty: Error codes with which this list says that it is empty; `http_404` for a 404 without a code, `ANY_404`
            for a 404 with any.
        premium: Whether there can be no such thing without Entra ID P2, so that a missing licence means "none".
    """

    version: str
    path: str
    service: GraphService
    permission: str
    query: Mapping[str, str] = field(default_factory=dict)
    advice: str | None = None
    body: bytes | None = None
    empty: frozenset[str] = frozenset()
    premium: bool = False

    @property
    def relative(self) -> str:
        """The address below the version, encoded."""
        path = quote(self.path, safe="/")
        return f"{path}?{urlencode(self.query, quote_via=quote, safe='$(),/:')}" if self.query else path

    @property
    def absolute(self) -> str:
        """The address below the Graph root, encoded."""
        return f"/{self.version}{self.relative}"
