"""Shared by the rules about connector versions: links, the steps of an update, the verdict on unreadable versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policies.rule import Judgement, not_assessed

if TYPE_CHECKING:
    from inventory.models import Connector


HISTORY = "https://learn.microsoft.com/en-us/entra/global-secure-access/reference-version-history"
CONFIGURE = "https://learn.microsoft.com/en-us/entra/global-secure-access/how-to-configure-connectors"


UPDATE_STEPS = (
    "Download the current connector from the Microsoft Entra admin center.",
    (
        "Update one server of a group at a time, so that another one carries its applications; a maintenance group can "
        "hold its connector meanwhile."
    ),
    "On {machine}, run the installer over {version}.",
    (
        "If it was older than 1.5.3829.0, restart the server, and carry settings made by hand over to the new folders "
        "and registry keys."
    ),
    "See that both services run, `Get-Service WAPCSvc, WAPCUpdaterSvc`, and that the next scan shows the new version.",
)
"""The steps to update one connector. Names and restart of 1.5.3829.0: "version history" (2026-06-08)."""


VERSION = {"version": "the version that the connector reports"}


def unreadable(connector: Connector) -> Judgement:
    """Return the verdict on a connector whose version cannot be compared."""
    return not_assessed("the connector reports no four-part version", version=connector.version)
