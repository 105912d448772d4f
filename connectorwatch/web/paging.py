"""Pages of at most 200, each with a link to the next, which stays right while things come and go between pages."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from connectorwatch.web.messages import bad_parameter

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from connectorwatch.web.messages import HttpRequest, RefusedError

LIMIT, MOST = 100, 200
_KEYS = ("code", "clientid")
"""Query parameters of the platform's own: a function key, which is never repeated in a link."""
_LONGEST = 2048


@dataclass(frozen=True)
class Asked:
    """Which page is wanted: how many at most, after which key (empty for the first), of which list.

    A continuation serves only the list and the filters that it was made for.
    """

    limit: int
    after: str
    filters: Mapping[str, str]

    def next_link(self, last: str | None) -> str | None:
        """Return the link to the page after the key `last`, relative to this request's address; None at the end."""
        if last is None:
            return None
        token = json.dumps([1, _mark(self.filters), last], separators=(",", ":")).encode()
        continuation = base64.urlsafe_b64encode(token).decode().rstrip("=")
        return f"?{urlencode({**self.filters, 'limit': self.limit, 'continuation': continuation})}"


def asked_page(request: HttpRequest, filters: Collection[str] = ()) -> Asked:
    """Return which page a request wants.

    Args:
        request: The request.
        filters: The names of the query parameters that this list can be filtered by; their values are not looked at.

    Raises:
        RefusedError: 400 for a parameter that is unknown here, or a bad `limit` or `continuation`.
    """
    known = (*filters, "limit", "continuation")
    for name in request.query:
        if name not in known and name.lower() not in _KEYS:
            raise bad_parameter(_short(name), "is unknown here", ", ".join(known))
    chosen = {name: request.query[name] for name in filters if name in request.query}
    return Asked(_limit(request.query.get("limit")), _after(request.query.get("continuation"), chosen), chosen)


def _limit(text: str | None) -> int:
    if text is None:
        return LIMIT
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MOST)) and 1 <= int(text) <= MOST):
        raise bad_parameter("limit", "is no number of this range", f"1 to {MOST}")
    return int(text)


def _after(text: str | None, filters: Mapping[str, str]) -> str:
    if text is None:
        return ""
    try:
        padded = text[:_LONGEST].encode("ascii") + b"=" * (-len(text) % 4)
        version, mark, after = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, TypeError, RecursionError) as error:
        raise bad_continuation() from error
    if version != 1 or mark != _mark(filters) or not isinstance(after, str) or not after:
        raise bad_continuation()
    return after


def bad_continuation() -> RefusedError:
    """Return the refusal of a continuation that this list cannot have given."""
    return bad_parameter("continuation", "was not made for this list", "what next_link gave, with the same filters")


def _mark(filters: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(sorted(filters.items())).encode()).hexdigest()[:8]


def _short(name: str) -> str:
    return name[:40].encode("unicode_escape").decode("ascii")
