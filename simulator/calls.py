"""One request and its answer, whether it came over HTTP alone or inside a batch."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

JSON_TYPE = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"


class Service(StrEnum):
    """The services behind Graph; each has its own limits and page size."""

    PROXY = "proxy"
    DIRECTORY = "directory"
    ROLES = "roles"
    AUDIT = "audit"


_SERVICES = {
    "onPremisesPublishingProfiles": Service.PROXY,
    "roleManagement": Service.ROLES,
    "identityGovernance": Service.ROLES,
    "auditLogs": Service.AUDIT,
}


@dataclass(frozen=True)
class Call:
    """A request as the services see it."""

    version: str
    method: str
    path: str
    """The path after the version, percent-decoded, with a leading slash."""
    raw_path: str
    """The same as it came, for links."""
    raw_query: str
    headers: Mapping[str, str] = field(default_factory=dict)
    """Header names in lower case."""
    token: str | None = None
    batched: bool = False
    body: bytes = b""
    connection: tuple[str, int] | None = None
    """The caller's end of the connection it came on."""

    @classmethod
    def parse(
        cls,
        method: str,
        target: str,
        *,
        headers: Mapping[str, str],
        token: str | None,
        version: str | None = None,
        body: bytes = b"",
    ) -> Call:
        """Read a request target; a batch member's is relative to the batch's version."""
        parts = urlsplit(target)
        path = parts.path
        batched = version is not None
        if version is None:
            version, _, path = path.lstrip("/").partition("/")
        path = "/" + path.strip("/")
        lowered = {name.lower(): value for name, value in headers.items()}
        return cls(version, method, unquote(path), path, parts.query, lowered, token, batched, body)

    @cached_property
    def query(self) -> dict[str, str]:
        """The query options; Graph takes a plus sign for a space."""
        return dict(parse_qsl(self.raw_query, keep_blank_values=True))

    @cached_property
    def segments(self) -> tuple[str, ...]:
        """The parts of the path."""
        return tuple(part for part in self.path.split("/") if part)

    @property
    def service(self) -> Service | None:
        """The service that answers; a batch itself belongs to none."""
        if self.segments and self.segments[0] == "$batch":
            return None
        return _SERVICES.get(self.segments[0] if self.segments else "", Service.DIRECTORY)

    @property
    def eventual(self) -> bool:
        """Whether the caller asked for eventual consistency, which advanced queries need."""
        return self.headers.get("consistencylevel", "").lower() == "eventual"


class Transport(StrEnum):
    """A failure below HTTP, such as a reset connection."""

    CUT = "cut"
    RESET = "reset"
    HANG = "hang"


@dataclass(frozen=True)
class Announcement:
    """A Retry-After that is about to be sent for a service."""

    service: Service
    seconds: float
    status: int
    as_date: bool
    made: float = field(default_factory=time.time)
    """When it was made, by the clock on the wall, which a date is told from."""

    @property
    def date(self) -> int:
        """The end of the wait as a date can express it, in whole seconds since 1970."""
        return math.ceil(self.made + self.seconds)


@dataclass(frozen=True)
class Answer:
    """An answer: status, body and headers, before it is sent or put into a batch."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = JSON_TYPE
    transport: Transport | None = None
    seconds: float = 0
    announcements: tuple[Announcement, ...] = ()
