"""The document that the commands `connectors`, `groups` and `applications` print."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from findings.document import ScanSummary, SectionInfo, TenantInfo
from findings.inventory.entries import ApplicationEntry, ConnectorEntry, ConnectorGroupEntry
from findings.result_parts import Part


class InventoryDocument(Part):
    """What the commands `connectors`, `groups` and `applications` print as JSON, version 1.

    One of the three lists is there, in the words of findings.json and narrowed by the command's filters; the others are
    null. `sections` are the lists it was read from.
    """

    schema_: Literal["connectorwatch.inventory/v1"] = Field(default="connectorwatch.inventory/v1", alias="schema")
    tenant: TenantInfo
    scan: ScanSummary
    sections: tuple[SectionInfo, ...]
    connectors: tuple[ConnectorEntry, ...] | None = None
    groups: tuple[ConnectorGroupEntry, ...] | None = None
    applications: tuple[ApplicationEntry, ...] | None = None
