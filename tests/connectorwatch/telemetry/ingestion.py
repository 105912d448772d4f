"""Azure Monitor's ingestion API on loopback: takes batches of rows, refuses what is too large, and fails on request."""

from __future__ import annotations

import gzip
import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import web
from azure.core.credentials import AccessToken

from connectorwatch.channels.log_analytics import logs_table
from connectorwatch.settings import load_settings
from tests.connectorwatch.telemetry.loopback import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import JsonValue

    from connectorwatch.channels.log_analytics import LogsTable
    from connectorwatch.settings import Settings

LIMIT = 1_000_000
TOKEN = "planted-ingestion-token-91c2"
RULE, STREAM = "dcr-0123456789abcdef0123456789abcdef", "Custom-ConnectorwatchChanges_CL"


@dataclass
class Ingestion:
    """What arrived.

    Attributes:
        root: Where it listens.
        limit: Bytes of JSON that one call may have.
        answers: The statuses of the next calls; 204 when there are none left.
        calls: The rows of each call that was taken.
        sizes: The bytes of JSON of each call, taken or not.
        paths: The paths with queries.
        tokens: The tokens.
    """

    root: str = ""
    limit: int = LIMIT
    answers: list[int] = field(default_factory=list)
    calls: list[list[dict[str, JsonValue]]] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    paths: set[str] = field(default_factory=set)
    tokens: set[str] = field(default_factory=set)

    @property
    def rows(self) -> list[dict[str, JsonValue]]:
        """All rows that were taken, in order."""
        return [row for call in self.calls for row in call]

    async def handle(self, request: web.Request) -> web.Response:
        """Take one call, or refuse it."""
        body = await request.read()  # aiohttp has unpacked it
        body = gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
        self.paths.add(request.path_qs)
        self.tokens.add(request.headers["authorization"])
        self.sizes.append(len(body))
        status = self.answers.pop(0) if self.answers else 204
        if status == 204 and len(body) > self.limit:
            status = 413
        if status == 204:
            self.calls.append(json.loads(body))
            return web.Response(status=204)
        headers = {"Retry-After": "30"} if status == 429 else {}
        return web.json_response(
            {"error": {"code": "Refused", "message": "planted text"}}, status=status, headers=headers
        )


class Credential:
    """A credential that always has the same token, and keeps for what it was asked."""

    def __init__(self) -> None:
        self.scopes: set[str] = set()

    def get_token(self, *scopes: str, **options: object) -> AccessToken:
        """Return the token."""
        del options
        self.scopes.update(scopes)
        return AccessToken(TOKEN, 4_000_000_000)


@contextmanager
def ingesting() -> Iterator[Ingestion]:
    """Run the service."""
    own = Ingestion()
    with serving(own.handle) as own.root:
        yield own


def settings_for(service: Ingestion, **more: str) -> Settings:
    """Return settings that send to the service."""
    told = {"LOGS_ENDPOINT": service.root, "LOGS_RULE_ID": RULE, **more}
    return load_settings({f"CONNECTORWATCH_{name}": value for name, value in told.items()})


def table(service: Ingestion) -> LogsTable:
    """Return the table behind the service."""
    return logs_table(settings_for(service), Credential())
