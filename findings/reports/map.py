"""The map of a tenant: regions, the connector groups in them, their connectors, and the applications they carry.

What was not read is None, and the page writes it as unknown; an empty tuple was read and holds nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from findings.reports import inventory
from policies.vocabulary import Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from findings.document import FindingsDocument, VerdictEntry
    from inventory.models import Application, Connector
    from inventory.snapshot import GroupContents, Snapshot

REGIONS = {
    "nam": "North America",
    "eur": "Europe",
    "asia": "Asia",
    "aus": "Australia",
    "ind": "India",
    "japan": "Japan",
}
"""What people call Graph's regions. Source: Graph beta `connectorGroup`, read 2026-11-20; `japan` was observed."""
_AT_RISK = (Severity.CRITICAL, Severity.HIGH)


@dataclass(frozen=True, kw_only=True)
class Place:
    """A connector or an application on the map, with the worst severity that fails for it; None where none does.

    `assessed` is false where some check about it could not be made.
    """

    id: str
    name: str
    worst: Severity | None
    assessed: bool = True
    active: bool = True
    status: str = ""
    version: str = ""

    @property
    def mark(self) -> str:
        """The symbol of a connector: inactive takes precedence, then failures, then missing data."""
        if not self.active:
            return "inactive"
        if self.worst:
            return "behind"
        return "well" if self.assessed else "unsure"


@dataclass(frozen=True, kw_only=True)
class Node:
    """One connector group with its connectors and applications.

    `connectors` and `applications` are None where that list was not read. `reasons` is what fails about the group
    itself, worst first. `at_risk` is true where anything critical or high fails in it. `waived` is how many findings
    about the group, its connectors or its applications are waived.
    """

    row: inventory.GroupRow
    connectors: tuple[Place, ...] | None
    applications: tuple[Place, ...] | None
    reasons: tuple[VerdictEntry, ...]
    at_risk: bool
    waived: int = 0


@dataclass(frozen=True)
class Region:
    """The groups of one region, worst first. `name` is its display name, `code` Graph's value, or empty."""

    code: str
    name: str
    nodes: tuple[Node, ...]


@dataclass(frozen=True)
class _Verdicts:
    """The verdicts on groups, connectors and applications, by type and id."""

    failing: Mapping[tuple[str, str], tuple[VerdictEntry, ...]]
    unassessed: frozenset[tuple[str, str]]
    waived: Mapping[tuple[str, str], int]

    def of(self, kind: str, object_id: str) -> tuple[VerdictEntry, ...]:
        """Return the failures of one subject, worst first."""
        return self.failing.get((kind, object_id), ())

    def worst(self, kind: str, object_id: str) -> Severity | None:
        """Return the worst failing severity of one subject, or None."""
        verdicts = self.of(kind, object_id)
        return verdicts[0].severity if verdicts else None


def regions(document: FindingsDocument, snapshot: Snapshot) -> tuple[Region, ...] | None:
    """Return the regions, that with the worst group first, or None where the connector groups were not read."""
    rows = inventory.group_rows(document, snapshot)
    if rows is None:
        return None
    contents = {str(entry.group_id): entry for entry in snapshot.contents}
    verdicts = _by_subject(document)
    nodes_by_region: dict[str, list[Node]] = defaultdict(list)
    for row in rows:
        nodes_by_region[row.region].append(_node(row, contents.get(row.id), verdicts))
    return tuple(Region(code, _called(code), tuple(nodes)) for code, nodes in nodes_by_region.items())


def at_risk(regions_found: Iterable[Region]) -> tuple[Node, ...]:
    """Return the groups in which something critical or high fails, worst first."""
    nodes = (node for region in regions_found for node in region.nodes if node.at_risk)
    return tuple(sorted(nodes, key=lambda node: _AT_RISK.index(node.row.worst or Severity.HIGH)))


def _called(code: str) -> str:
    """Return what people call a region; one that nobody knows here keeps Graph's word."""
    return REGIONS.get(code.casefold(), code) or "Region not given"


def _node(row: inventory.GroupRow, contents: GroupContents | None, verdicts: _Verdicts) -> Node:
    members = contents.members.readable if contents and contents.members.listed else None
    applications = contents.applications.readable if contents and contents.applications.listed else None
    return Node(
        row=row,
        connectors=None if members is None else _worst_first(_connector(each, verdicts) for each in members),
        applications=None
        if applications is None
        else _worst_first(_application(each, verdicts) for each in applications),
        reasons=verdicts.of("group", row.id),
        at_risk=row.worst in _AT_RISK,
        waived=sum(verdicts.waived.get(key, 0) for key in _on(row.id, contents)),
    )


def _on(group_id: str, contents: GroupContents | None) -> Iterator[tuple[str, str]]:
    """Yield type and id of a group and of everything that is known to hang on it."""
    yield "group", group_id
    if contents:
        yield from (("connector", each.id) for each in contents.members.records)
        yield from (("application", each.id) for each in contents.applications.records)


def _connector(connector: Connector, verdicts: _Verdicts) -> Place:
    return Place(
        id=connector.id,
        name=connector.machine_name or "",
        worst=verdicts.worst("connector", connector.id),
        assessed=("connector", connector.id) not in verdicts.unassessed,
        active=connector.is_active,
        status=connector.status,
        version=connector.version or "",
    )


def _application(application: Application, verdicts: _Verdicts) -> Place:
    application_id = application.id
    return Place(
        id=application_id, name=application.display_name or "", worst=verdicts.worst("application", application_id)
    )


def _worst_first(places: Iterable[Place]) -> tuple[Place, ...]:
    return tuple(
        sorted(
            places,
            key=lambda place: (
                place.active,
                place.worst.rank if place.worst else len(Severity),
                place.name.casefold(),
                place.id,
            ),
        )
    )


def _by_subject(document: FindingsDocument) -> _Verdicts:
    by_subject: dict[tuple[str, str], list[VerdictEntry]] = defaultdict(list)
    unassessed, waived = set(), Counter[tuple[str, str]]()
    for verdict in document.verdicts:
        key = verdict.subject.type, verdict.subject.id
        if verdict.outcome is Outcome.FAIL:
            by_subject[key].append(verdict)
        if verdict.outcome is Outcome.NOT_ASSESSED:
            unassessed.add(key)
        waived[key] += verdict.outcome is Outcome.WAIVED
    failing = {key: tuple(sorted(same, key=lambda entry: entry.severity.rank)) for key, same in by_subject.items()}
    return _Verdicts(failing, frozenset(unassessed), waived)
