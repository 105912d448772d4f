"""Faults on chosen paths, and throttling."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from simulator.calls import Service
from simulator.errors import Shape

if TYPE_CHECKING:
    from simulator.calls import Call


class FaultKind(StrEnum):
    """The kinds of fault."""

    DENIED = "denied"
    UNAUTHORIZED = "unauthorized"
    CLAIMS = "claims"
    EXPIRED = "expired"
    LICENSE = "license"
    STATUS = "status"
    THROTTLED = "throttled"
    HTML = "html"
    CUT = "cut"
    CUT_JSON = "cut_json"
    GARBAGE = "garbage"
    RESET = "reset"
    HANG = "hang"
    EMPTY = "empty"
    REDIRECT = "redirect"
    BODY = "body"
    CONTENT_TYPE = "content_type"
    GZIP_BOMB = "gzip_bomb"
    BIG = "big"
    ENDLESS_PAGES = "endless_pages"
    LOOPING_PAGES = "looping_pages"
    FOREIGN_NEXT_LINK = "foreign_next_link"
    FAIL_PAGE = "fail_page"
    ERROR_CODE_EMPTY = "error_code_empty"
    DOUBLE_WRAPPED_ERROR = "double_wrapped_error"
    BATCH_MISSING = "batch_missing"
    BATCH_DOUBLE = "batch_double"
    BATCH_FOREIGN = "batch_foreign"


_NEEDED = {
    FaultKind.REDIRECT: "to",
    FaultKind.BODY: "body",
    FaultKind.CONTENT_TYPE: "content_type",
    FaultKind.FOREIGN_NEXT_LINK: "url",
    FaultKind.FAIL_PAGE: "page",
}


class Fault(BaseModel):
    """One fault, on the paths that it names."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    """Glob on the path without version and query: `*` is one segment, `**` any number."""
    kind: FaultKind
    version: Literal["v1.0", "beta"] | None = None
    method: str | None = None
    times: int | None = Field(default=None, ge=1)
    """How often it happens; always when absent."""
    after: int = Field(default=0, ge=0)
    """How many matching requests pass unharmed first."""
    shape: Shape = Shape.SCOPE
    """The shape of `denied`."""
    status: int | None = Field(default=None, ge=200, le=599)
    """The status of `status`, `throttled`, `body` and `fail_page`."""
    code: str | None = None
    message: str | None = None
    retry_after: float | None = Field(default=None, ge=0)
    """Seconds announced in a Retry-After header; none is sent when absent."""
    retry_after_date: bool = False
    """Announce the Retry-After as an HTTP date."""
    seconds: float = Field(default=30, gt=0, le=300)
    """How long `hang` hangs at most."""
    to: str | None = None
    body: str | bytes | None = None
    content_type: str | None = None
    size: int = Field(default=64, ge=1, le=1024)
    """MiB of `gzip_bomb` (inflated) and `big`."""
    url: str | None = None
    page: int | None = Field(default=None, ge=1)
    """Which page `fail_page` fails; the first is 1."""

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> Fault:
        needed = _NEEDED.get(self.kind)
        if needed is not None and getattr(self, needed) is None:
            raise ValueError(f"a fault of kind {self.kind.value} needs `{needed}`")
        return self

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        parts = (".*" if part == "**" else "[^/]*" if part == "*" else re.escape(part) for part in _glob(self.path))
        return re.compile("".join(parts))

    def matches(self, call: Call) -> bool:
        """Return whether the fault is meant for this request."""
        return (
            self._pattern.fullmatch(call.path) is not None
            and self.version in {None, call.version}
            and self.method in {None, call.method}
        )


def _glob(pattern: str) -> list[str]:
    return re.split(r"(\*\*|\*)", pattern)


class Throttle(BaseModel):
    """A seeded share of requests that is refused, batch members one by one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ratio: float = Field(default=0.2, ge=0, le=1)
    retry_after: float | None = Field(default=1, ge=0)
    """Seconds announced; while they run, everything else for that service is refused too."""
    as_date: bool = False
    status: Literal[429, 503] = 429
    seed: int = 1
    services: tuple[Service, ...] = tuple(Service)
    audit_limit: bool = False
    """Hold audit logs to 5 requests in 10 seconds, as Graph does."""
    limit_percentage: float | None = None
    """Sent as x-ms-throttle-limit-percentage; Graph sends it from 0.8 on."""
