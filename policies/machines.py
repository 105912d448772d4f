"""Decide whether two connectors run on the same machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from inventory.models import Connector

Machine = tuple[str, ...]


def machine_of(connector: Connector) -> Machine:
    """Return a key that identifies a connector's machine.

    Connectors with the same full domain name run on one machine. So do those with the same short name behind the same
    external address; two sites can each have a `PROXY01`. A connector without a name counts as a separate machine.
    """
    name = connector.name_key
    if not name:
        return ("id", connector.id)
    return ("name", name) if "." in name else ("name", name, connector.external_ip or "")


def active_machines(connectors: Iterable[Connector]) -> frozenset[Machine]:
    """Return the distinct machines that have an active connector."""
    return frozenset(machine_of(connector) for connector in connectors if connector.is_active)
