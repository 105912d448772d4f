"""Reading the query options of a request."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulator.errors import GraphError, bad_request

if TYPE_CHECKING:
    from simulator.calls import Call

_KNOWN = frozenset({"$select", "$filter", "$expand", "$top", "$count", "$search", "$orderby", "$skiptoken"})
_EXPAND = re.compile(r"([A-Za-z]+)(?:\(([^()]*)\))?")


@dataclass(frozen=True)
class Expand:
    """One relationship to expand."""

    name: str
    options: str


@dataclass(frozen=True)
class Options:
    """The query options, read."""

    select: tuple[str, ...] = ()
    filter: str | None = None
    expand: tuple[Expand, ...] = ()
    top: int | None = None
    count: bool = False
    search: str | None = None
    orderby: str | None = None
    offset: int = 0
    page: int = 1


def read_options(call: Call) -> Options:
    """Read the query options of a call.

    Raises:
        GraphError: an option Graph does not know, or a value it cannot read.
    """
    given = {name if name.startswith("$") else f"${name}": value for name, value in call.query.items()}
    for name in given:
        if name not in _KNOWN:
            raise bad_request(f"The query parameter '{name}' is not supported.")
    offset, page = _place(call, given.get("$skiptoken"))
    return Options(
        select=tuple(name.strip() for name in given.get("$select", "").split(",") if name.strip()),
        filter=given.get("$filter"),
        expand=_expands(given.get("$expand", "")),
        top=_top(given.get("$top")),
        count=given.get("$count", "").lower() == "true",
        search=given.get("$search"),
        orderby=given.get("$orderby"),
        offset=offset,
        page=page,
    )


def skip_token(call: Call, offset: int, page: int) -> str:
    """Return the opaque token of a page and its first row; it holds for this query only."""
    return base64.urlsafe_b64encode(f"{_digest(call)}.{offset}.{page}".encode()).decode().rstrip("=")


def _digest(call: Call) -> str:
    """Tell one query from another, whatever page it is on."""
    rest = sorted((name, value) for name, value in call.query.items() if name.lstrip("$") != "skiptoken")
    return hashlib.sha256(repr((call.version, call.path, rest)).encode()).hexdigest()[:24]


def _place(call: Call, token: str | None) -> tuple[int, int]:
    """Return the row and the number of the page a token leads to."""
    if token is None:
        return 0, 1
    try:
        text = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
    except ValueError:
        text = ""
    digest, _, place = text.partition(".")
    if digest != _digest(call):
        # A token of another query, or a link put together by hand.
        raise GraphError(400, "Directory_ExpiredPageToken", "The specified page token value has expired.")
    offset, _, page = place.partition(".")
    return int(offset), int(page)


def _top(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isdecimal() or int(text) == 0:
        raise bad_request(f"Invalid value '{text}' for $top query option found.")
    return int(text)


def _expands(text: str) -> tuple[Expand, ...]:
    expands = tuple(Expand(match[1], match[2] or "") for match in _EXPAND.finditer(text))
    if text and not expands:
        raise bad_request("Parsing OData Select and Expand failed: the expand clause cannot be read.")
    return expands
