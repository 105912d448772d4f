"""Scans and what they changed to a table in Log Analytics, for Microsoft Sentinel, through Azure Monitor's API.

Sent as from every outbox: at least once, in order of the scans, and again where it is not known to have arrived; the
rows' ids identify duplicates. The service takes 1 MB in one call (Azure Monitor "service limits", 2026-09).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol

import structlog
from azure.core.exceptions import AzureError, HttpResponseError

from common.errors import DeliveryError, EvidenceError, NewerVersionError, PartlyDeliveredError, SettingsError
from common.extras import extra
from connectorwatch.scanning.latest_and_views import scan_folder
from findings.reports.json_file import parse_json
from findings.views.log_rows import log_rows, lost_row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from azure.core.credentials import TokenCredential
    from pydantic import JsonValue

    from connectorwatch.channels.port import Message, SendResult
    from connectorwatch.settings import Cloud, Settings
    from findings.cards import Notification, RouteFilter
    from findings.document import FindingsDocument
    from findings.stores.ports import Store
    from findings.views.log_rows import LogRow

log = structlog.get_logger(__name__)

LARGEST_CALL = 950_000
"""Bytes of JSON in one call, brackets and commas included; the limit is a million, before and after compression."""
TOO_LARGE = 413
SCOPES: Mapping[Cloud, str] = {
    "global": "https://monitor.azure.com/.default",
    "usgov": "https://monitor.azure.us/.default",
    "usgov-dod": "https://monitor.azure.us/.default",
    "china": "https://monitor.azure.cn/.default",
}
"""For whom tokens are (azure-monitor-ingestion 1.1, "configure clients for non-public Azure clouds")."""
CONNECT, READ = 5, 15
"""Seconds for a connection and for an answer: whoever sends holds the announcement meanwhile."""

Row = dict[str, "JsonValue"]


class Upload(Protocol):
    """What takes rows: one call of the ingestion API for each list."""

    def __call__(self, rows: list[Row]) -> None:
        """Send the rows.

        Raises:
            azure.core.exceptions.AzureError: They were not taken.
        """
        ...


@dataclass(frozen=True)
class LogsTable:
    """The table, as a receiver of the changes of scans."""

    upload: Upload

    def send(self, rows: Iterable[LogRow]) -> int:
        """Send rows in as few calls as can be, and return how many rows that were.

        Raises:
            DeliveryError: Not all of them arrived. Those that did are sent again with the others, under the same ids.
        """
        sent = 0
        for batch in batches(row.model_dump(mode="json") for row in rows):
            self._send(batch)
            sent += len(batch)
        return sent

    def _send(self, rows: list[Row]) -> None:
        try:
            self.upload(rows)
        except HttpResponseError as error:
            if error.status_code == TOO_LARGE and len(rows) > 1:
                half = len(rows) // 2
                self._send(rows[:half])
                self._send(rows[half:])
                return
            raise DeliveryError(_refusal(error)) from error
        except AzureError as error:
            # The class alone: the text may repeat the address and what stands in it.
            raise DeliveryError(
                f"Log Analytics was not reached ({type(error).__name__}); it is tried again. Check "
                "CONNECTORWATCH_LOGS_ENDPOINT and the way there."
            ) from error


def _refusal(error: HttpResponseError) -> str:
    status = error.status_code
    if status is None:
        return (
            f"There is no token for Log Analytics ({type(error).__name__}); it is tried again. Check that this machine "
            "has an identity, and CONNECTORWATCH_CREDENTIAL and CONNECTORWATCH_CLOUD."
        )
    if status in (401, 403):
        return (
            f"Log Analytics refused the identity ({status}): give it the role Monitoring Metrics Publisher on the data "
            "collection rule, and wait half an hour for it to work."
        )
    if status == 404:  # noqa: PLR2004 - HTTP's not found
        return (
            "Log Analytics knows no such rule or stream (404): compare CONNECTORWATCH_LOGS_RULE_ID and "
            "CONNECTORWATCH_LOGS_STREAM with the data collection rule."
        )
    return f"Log Analytics answered {status}; it is tried again."


def batches(rows: Iterable[Row], largest: int = LARGEST_CALL) -> Iterator[list[Row]]:
    """Yield the rows in lists of at most `largest` bytes of JSON each; a row that is larger alone comes alone."""
    batch: list[Row] = []
    size = 2
    for row in rows:
        row_size = len(json.dumps(row)) + 2
        if batch and size + row_size > largest:
            yield batch
            batch, size = [], 2
        batch.append(row)
        size += row_size
    if batch:
        yield batch


@dataclass(frozen=True)
class LogsTableChannel:
    """The table as a channel of the outbox. Findings about the service itself are left to alerts."""

    kind: ClassVar[str] = "logstable"
    store: Store
    table: LogsTable

    def send(self, message: Message, route_filter: RouteFilter) -> SendResult:
        """Send all rows of the scans that are announced, whatever their severity; see `port.Channel`.

        Raises:
            PartlyDeliveredError: Results of a newer version were left out; all other rows arrived.
            DeliveryError: They did not arrive; it is tried again later.
            StorageError: Storage refused.
        """
        del route_filter
        newer: dict[tuple[str, str], str] = {}
        # Of many scans at once: one call for each would last longer than the lease.
        in_order = sorted(message.notifications, key=lambda notification: notification.entry.at)
        sent = self.table.send(row for notification in in_order for row in self._rows(notification, newer))
        if newer:
            raise PartlyDeliveredError(next(iter(newer.values())), newer.keys())
        return "delivered" if sent else "nothing"

    def test(self, route_id: str, digest: Callable[[], Message]) -> SendResult:
        """Send nothing: the table takes rows of stored scans only; see `port.Channel`."""
        del route_id, digest
        return "nothing"

    def _rows(self, notification: Notification, newer: dict[tuple[str, str], str]) -> tuple[LogRow, ...]:
        """Return the rows of one scan; where its result is gone or damaged, one that says so.

        One of a newer version has none, and is added to `newer`: while an update rolls out, others can read it.
        """
        try:
            document = notification.document or self._stored(notification)
        except NewerVersionError as error:
            newer[notification.tenant.id, notification.entry.id] = str(error)
            return ()
        return (lost_row(notification.tenant, notification.entry),) if document is None else log_rows(document)

    def _stored(self, notification: Notification) -> FindingsDocument | None:
        content = self.store.scans.read(f"{scan_folder(notification.tenant.id, notification.entry.scan)}/findings.json")
        try:
            return None if content is None else parse_json(content)
        except NewerVersionError:
            raise
        except EvidenceError as error:  # the others' rows must not wait for it
            log.error("result not read", tenant=notification.tenant.id, scan=notification.entry.scan, why=str(error))  # noqa: TRY400 - ours need no trace
            return None


def logs_table(settings: Settings, credential: TokenCredential) -> LogsTable:
    """Return the table that the settings name; it is not contacted yet.

    Raises:
        SettingsError: The rule is not named, or the endpoint.
    """
    if settings.logs_endpoint is None or settings.logs_rule_id is None:
        raise SettingsError(
            "CONNECTORWATCH_LOGS_ENDPOINT and CONNECTORWATCH_LOGS_RULE_ID belong together: set both, or neither."
        )
    # Loaded here: a third of a second that only this channel needs.
    with extra("azure", "CONNECTORWATCH_LOGS_ENDPOINT"):
        from azure.monitor.ingestion import LogsIngestionClient

    client = LogsIngestionClient(
        settings.logs_endpoint,
        credential,
        credential_scopes=[SCOPES[settings.cloud]],
        # The outbox tries again, and counts; a client that waits would hold the announcement for longer than is its.
        retry_total=0,
        connection_timeout=CONNECT,
        read_timeout=READ,
        permit_redirects=False,
    )
    rule, stream = settings.logs_rule_id, settings.logs_stream
    secure = settings.logs_endpoint.startswith("https://")  # plain http is loopback only; see the setting

    def upload(rows: list[Row]) -> None:
        client.upload(rule, stream, rows, enforce_https=secure)  # type: ignore[arg-type]  # a mapping is one of theirs

    return LogsTable(upload)
