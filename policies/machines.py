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
    """Return the distinct machines that have an active connector, at most."""
    return frozenset(machine_of(connector) for connector in connectors if connector.is_active)


def machines_at_least(connectors: Iterable[Connector]) -> int:
    """Return how many distinct machines surely have an active connector.

    A connector without a name may run on any machine, and one with a short name and no address on any of that name.
    """
    machines = active_machines(connectors)
    named = {machine for machine in machines if machine[0] == "name"}
    placed = {machine[1] for machine in named if machine[2:] != ("",)}
    sure = sum(machine[2:] != ("",) or machine[1] not in placed for machine in named)
    return max(sure, 1) if machines else 0
