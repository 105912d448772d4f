"""A connector's timeline with dates, from the inventory's memory. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal

from findings.result_parts import Part
from inventory.memory import STEPS_KEPT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inventory.history_records import ConnectorRecord, InventoryMemory

_LISTED: dict[str, Literal["gone", "back", "renamed"]] = {"gone": "gone", "back": "back", "renamed": "renamed"}
"""Changes that are kept in the list of changes alone; the connector's record keeps the others for longer."""


class ConnectorStep(Part):
    """One step of a connector's timeline; versions, groups by name, or machine names stand in `before` and `after`.

    `inactive` is the first scan of the current inactive streak; earlier streaks are not kept.
    """

    at: datetime
    what: Literal["first_seen", "updated", "moved", "renamed", "inactive", "gone", "back"]
    before: str | None = None
    after: str | None = None


class ConnectorTimeline(Part):
    """A connector's timeline, oldest step first.

    Attributes:
        from_start: Whether the very first scan showed it, so that its age is unknown.
        not_seen_at: The last scan before it was first seen that read all connectors.
        version: Its newest version, as far as it was known.
        group: Its newest group, by name.
        cut: Whether older versions or groups are not kept any more.
        replaces: The connector that was on the same machine before it, by machine name: a hint, not proof.
        findings: The keys of the findings about it, in order.
    """

    id: str
    name: str
    from_start: bool
    first_seen: datetime
    not_seen_at: datetime | None
    last_seen: datetime
    last_active: datetime | None
    inactive_since: datetime | None
    gone_at: datetime | None
    version: str | None
    group: str | None
    cut: bool
    replaces: str | None
    replaced_by: str | None
    steps: tuple[ConnectorStep, ...]
    findings: tuple[str, ...]


def connector_timeline(connector_id: str, memory: InventoryMemory, findings: tuple[str, ...]) -> ConnectorTimeline:
    """Return the timeline of the connector with this id; `findings` are the keys of the findings about it.

    Raises:
        KeyError: No such connector is remembered.
    """
    record = memory.connectors[connector_id]
    group = record.groups[-1].value if record.groups else None
    steps = sorted(_steps(connector_id, record, memory), key=lambda step: step.at)
    return ConnectorTimeline(
        id=connector_id,
        name=record.name,
        from_start=record.from_start,
        first_seen=record.first_seen,
        not_seen_at=record.seen_before,
        last_seen=record.last_seen,
        last_active=record.last_active,
        inactive_since=record.inactive_since,
        gone_at=record.gone_at,
        version=record.versions[-1].value if record.versions else None,
        group=_group(group, memory),
        cut=STEPS_KEPT in (len(record.versions), len(record.groups)),
        replaces=record.replaces,
        replaced_by=record.replaced_by,
        steps=tuple(steps),
        findings=findings,
    )


def _steps(connector_id: str, record: ConnectorRecord, memory: InventoryMemory) -> Iterator[ConnectorStep]:
    """Yield the steps; those of one moment in the order in which they are shown."""
    yield ConnectorStep(at=record.first_seen, what="first_seen")
    for number, step in enumerate(record.versions[1:]):
        yield ConnectorStep(at=step.at, what="updated", before=record.versions[number].value, after=step.value)
    for number, step in enumerate(record.groups[1:]):
        before, after = _group(record.groups[number].value, memory), _group(step.value, memory)
        yield ConnectorStep(at=step.at, what="moved", before=before, after=after)
    if record.inactive_since is not None:
        yield ConnectorStep(at=record.inactive_since, what="inactive")
    gone_listed = False
    for change in memory.changes:
        kind = _LISTED.get(change.kind)
        if kind and (change.what, change.id) == ("connector", connector_id):
            gone_listed = gone_listed or (kind, change.at) == ("gone", record.gone_at)
            yield ConnectorStep(at=change.at, what=kind, before=change.before, after=change.after)
    if record.gone_at is not None and not gone_listed:
        yield ConnectorStep(at=record.gone_at, what="gone")


def _group(group_id: str | None, memory: InventoryMemory) -> str | None:
    """Return a group's name, or its id where it is not remembered."""
    if group_id is None:
        return None
    return memory.groups[group_id].name if group_id in memory.groups else group_id
