"""What the stores of views share: the tables, their columns, and what a row is."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from common.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Mapping

Table = Literal[
    "ConnectorFindings",
    "ConnectorScans",
    "ConnectorTenants",
    "ConnectorInventory",
    "ConnectorGroups",
    "ConnectorApplications",
]
Value = str | int | bool
"""Text, a number or yes and no; a moment is RFC 3339 text in UTC. What is not known is left out of a row."""

FLEET: Table = "ConnectorTenants"
"""The one table that holds one row a tenant, in 16 partitions; a tenant's rows in the others share its partition."""

COLUMNS: Mapping[Table, Mapping[str, type[Value]]] = {
    "ConnectorFindings": {
        "tenant": str,
        "finding": str,
        "rule": str,
        "title": str,
        "severity": str,
        "state": str,
        "outcome": str,
        "subject_type": str,
        "subject_id": str,
        "subject_name": str,
        "message": str,
        "change": str,
        "change_scan": str,
        "first_seen": str,
        "last_seen": str,
        "assessed_at": str,
        "resolved_at": str,
        "resolved_by": str,
        "ending": str,
        "stale": bool,
    },
    "ConnectorScans": {
        "tenant": str,
        "scan": str,
        "taken_at": str,
        "trigger": str,
        "complete": bool,
        "evidence_sha256": str,
        "failing": int,
        "critical": int,
        "high": int,
        "medium": int,
        "low": int,
        "info": int,
        "not_assessed": int,
    },
    "ConnectorTenants": {
        "tenant": str,
        "name": str,
        "revision": int,
        "scan": str,
        "scanned_at": str,
        "complete": bool,
        "worst": str,
        "failing": int,
        "critical": int,
        "high": int,
        "medium": int,
        "low": int,
        "info": int,
        "passed": int,
        "waived": int,
        "not_applicable": int,
        "not_assessed": int,
        "all_assessed": bool,
        "open_findings": int,
        "new": int,
        "resolved": int,
        "connectors": int,
        "groups": int,
        "sparkline": str,
        "policy_sha256": str,
        "undelivered": bool,
        "week_before": str,
        "oldest_open": str,
        "oldest_rule": str,
        "oldest_also": str,
        "oldest_subject": str,
        "waivers_ending": int,
        "next_waiver_end": str,
        "purges": int,
        "next_purge": str,
        "registrars_added": int,
    },
    "ConnectorInventory": {
        "tenant": str,
        "scan": str,
        "read": bool,
        "list": str,
        "reason": str,
        "connector": str,
        "name": str,
        "active": bool,
        "status": str,
        "certain": bool,
        "first_seen": str,
        "from_start": bool,
        "last_active": str,
        "inactive_since": str,
        "version": str,
        "version_since": str,
        "version_before": str,
        "version_first": str,
        "group_id": str,
        "group_name": str,
        "applications": int,
        "external_ip": str,
        "registered_by": str,
        "registered_at": str,
        "registered_match": str,
        "findings": str,
        "waived": str,
        "not_assessed": str,
    },
    "ConnectorGroups": {
        "tenant": str,
        "scan": str,
        "read": bool,
        "list": str,
        "reason": str,
        "group_id": str,
        "name": str,
        "is_default": bool,
        "region": str,
        "first_seen": str,
        "connectors": int,
        "active": int,
        "versions": str,
        "applications": int,
        "findings": str,
        "waived": str,
        "not_assessed": str,
    },
    "ConnectorApplications": {
        "tenant": str,
        "scan": str,
        "read": bool,
        "list": str,
        "reason": str,
        "application": str,
        "name": str,
        "group_id": str,
        "group_name": str,
        "kind": str,
        "external_url": str,
        "internal_url": str,
        "sign_in": str,
        "first_seen": str,
        "findings": str,
        "waived": str,
        "not_assessed": str,
    },
}
"""Every column a row may have, and what it holds. A new one may be added; one is never given another meaning."""

INVENTORY: Mapping[Literal["connectors", "groups", "applications"], Table] = {
    "connectors": "ConnectorInventory",
    "groups": "ConnectorGroups",
    "applications": "ConnectorApplications",
}
"""The table of each list of the inventory; its columns are those of the list's CSV file, too."""


@dataclass(frozen=True)
class Row:
    """One row: its place in its table, and its values by column."""

    table: Table
    partition: str
    key: str
    values: Mapping[str, Value] = field(hash=False)

    @property
    def place(self) -> str:
        """Partition and key in one; rows are returned in this order."""
        return f"{self.partition}/{self.key}"


@dataclass(frozen=True)
class Page:
    """Some rows, in the order of their places, and where to go on: None after the last."""

    rows: tuple[Row, ...]
    after: str | None = None


def fleet_place(tenant_id: str) -> tuple[str, str]:
    """Return partition and key of a tenant's summary row: both come from a hash, so tenants spread evenly."""
    digest = hashlib.sha256(tenant_id.encode()).hexdigest()
    return digest[0], digest[:32]


def partition_of(table: Table, tenant_id: str) -> str:
    """Return the partition of a table that holds a tenant's rows."""
    return fleet_place(tenant_id)[0] if table == FLEET else tenant_id


def checked_terms(table: Table, where: Mapping[str, Value] | None) -> list[tuple[str, Value]]:
    """Return what a query asks of columns.

    Raises:
        StorageError: The table has no such column, or the column cannot hold such a value.
    """
    columns = COLUMNS[table]
    for column, value in (where or {}).items():
        if column not in columns or type(value) is not columns[column] or not whole_text(str(value)):
            raise StorageError(f"{table} cannot be asked for {column[:40]!r} = {str(value)[:40]!r}: see its columns.")
    return list((where or {}).items())


def whole_text(text: str) -> bool:
    """Return whether a text can be written in UTF-8: it has no half of a surrogate pair in it."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
