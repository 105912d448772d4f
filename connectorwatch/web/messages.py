"""A request and an answer, apart from any framework, and how refusals look (RFC 9457, problem details)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

from common.errors import ConnectorwatchError

if TYPE_CHECKING:
    from collections.abc import Mapping

LOCKED = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
"""The Content-Security-Policy of every answer that is no page."""

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": LOCKED,
    "Cross-Origin-Resource-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000",
}


@dataclass(frozen=True)
class HttpRequest:
    """One request, as far as the handlers look at it.

    Attributes:
        path: The path of its address, such as `/api/tenants`.
        route: The parts of the path that the route names, as the platform decoded them.
        query: The query parameters, decoded; of several of one name the platform keeps one.
        headers: The headers, by their names in lower case.
        body: What was sent; only read where something is posted.
    """

    path: str
    route: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class HttpResponse:
    """One answer: status, content with its type, and headers, those against misuse among them."""

    status: int
    content: bytes
    content_type: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def all_headers(self) -> dict[str, str]:
        """All headers to send; what every answer carries can be replaced, never left out."""
        return {**_ALWAYS, "Content-Type": self.content_type, **self.headers}


class RefusedError(ConnectorwatchError):
    """A request that is not granted; it becomes a problem document.

    Attributes:
        status: The status of the answer.
        headers: Headers that go with it.
        more: Further members of the problem document.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.headers = headers or {}
        self.more = more or {}


def bad_parameter(name: str, problem: str, allowed: str) -> RefusedError:
    """Return the refusal of a query parameter: which one, what is wrong, and what may stand there."""
    return RefusedError(
        HTTPStatus.BAD_REQUEST,
        f"The query parameter {name} {problem}. Allowed: {allowed}.",
        more={"parameter": name, "allowed": allowed},
    )


def no_such_tenant() -> RefusedError:
    """Return the refusal of a tenant that is unknown, or that the caller may not see: one cannot tell which."""
    return RefusedError(HTTPStatus.NOT_FOUND, "There is no such tenant here, or you may not see it.")


def as_json(value: object, status: int = HTTPStatus.OK, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """Return an answer in JSON, in ASCII, so that no name in it can steer a terminal."""
    content = json.dumps(value, indent=1, allow_nan=False).encode("ascii") + b"\n"
    return HttpResponse(int(status), content, "application/json", headers or {})


def problem(refused: RefusedError) -> HttpResponse:
    """Return the problem document of a refusal: `type`, `title`, `status`, `detail`, and what it adds."""
    status = HTTPStatus(refused.status)
    body = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": str(refused)}
    content = json.dumps({**body, **refused.more}, indent=1).encode("ascii") + b"\n"
    return HttpResponse(status.value, content, "application/problem+json", refused.headers)
