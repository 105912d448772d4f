"""Inventory rows for reports: groups, connectors, applications and versions; None means the list was not read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from common.errors import NotReadError
from common.text import words
from inventory.models import PRIVATE_ACCESS_TAGS, OnPremisesPublishing
from policies.releases.catalogue import parse_version
from policies.vocabulary import Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from findings.document import FindingsDocument
    from inventory.models import Application, Connector, ConnectorGroup
    from inventory.snapshot import GroupContents, Snapshot

VersionCounts = tuple[tuple[str, int], ...]
"""Versions with the number of connectors that run each, newest first."""

_Key = tuple[str, str]
_PUBLISHED_AS = {
    "enterpriseapp": "application proxy",
    "nonwebapp": "Private Access",
    "quickaccessapp": "Private Access, Quick Access",
}
_SIGN_IN = {"aadpreauthentication": "Entra ID", "passthru": "none (passthrough)"}
"""Graph's words for how an application is published, as people call them. Source: beta `onPremisesPublishing`."""


@dataclass(frozen=True, kw_only=True)
class GroupRow:
    """One connector group. Its counts and versions are None where that list was not read.

    `worst` is the worst severity that fails for the group, its connectors or its applications, and None where nothing
    is known to fail; `assessed` says whether everything about them could be looked at.
    """

    id: str
    name: str
    default: bool
    region: str
    active: int | None
    connectors: int | None
    versions: VersionCounts | None
    applications: int | None
    worst: Severity | None
    assessed: bool


@dataclass(frozen=True, kw_only=True)
class ConnectorRow:
    """One connector; `groups` is None unless every group's list of members was read."""

    id: str
    name: str
    groups: tuple[str, ...] | None
    active: bool
    status: str
    version: str
    external_ip: str


@dataclass(frozen=True, kw_only=True)
class ApplicationRow:
    """One application with the group that carries it; text that Graph did not return is empty.

    `kind` is `Private Access` where a tag of the application says so, else how Graph says that it is published.
    """

    id: str
    name: str
    group: str
    kind: str
    external_url: str
    internal_url: str
    sign_in: str


@dataclass(frozen=True)
class _Judged:
    """The verdicts on each subject, by its type and id."""

    worst: Mapping[_Key, Severity]
    unassessed: frozenset[_Key]

    def worst_of(self, subjects: Iterable[_Key]) -> Severity | None:
        """Return the worst severity that fails for any of the subjects, if one does."""
        return min((self.worst[key] for key in subjects if key in self.worst), key=_severity_rank, default=None)


def group_rows(document: FindingsDocument, snapshot: Snapshot) -> tuple[GroupRow, ...] | None:
    """Return the connector groups, those with the worst findings first, or None where they were not read."""
    if not snapshot.groups.listed:
        return None
    contents = {entry.group_id: entry for entry in snapshot.contents}
    judged = _judged(document)
    rows = (
        _group_row(group, contents.get(group.id), judged, connectors_known=snapshot.connectors.listed)
        for group in snapshot.groups.readable
    )
    return tuple(sorted(rows, key=lambda row: (_rank(row), row.name.casefold(), row.id)))


def connector_rows(snapshot: Snapshot) -> tuple[ConnectorRow, ...] | None:
    """Return the connectors by group and name, or None where they were not read."""
    if not snapshot.connectors.listed:
        return None
    known = names(snapshot)
    rows = (
        ConnectorRow(
            id=connector.id,
            name=connector.machine_name or "",
            groups=_groups_of(snapshot, connector, known),
            active=connector.is_active,
            status=connector.status,
            version=connector.version or "",
            external_ip=connector.external_ip or "",
        )
        for connector in snapshot.connectors.readable
    )
    return tuple(sorted(rows, key=lambda row: (row.groups or (), row.name.casefold(), row.id)))


def application_rows(snapshot: Snapshot) -> tuple[ApplicationRow, ...]:
    """Return the applications of every group whose list was read, by name; `unread_applications` names the others."""
    known = names(snapshot)
    rows = (
        _application_row(application, known.get(entry.group_id, entry.group_id))
        for entry in snapshot.contents
        if entry.applications.listed
        for application in entry.applications.readable
    )
    return tuple(sorted(rows, key=lambda row: (row.name.casefold(), row.id)))


def unread_applications(snapshot: Snapshot) -> tuple[str, ...]:
    """Return the names of the groups whose list of applications was not read."""
    known = names(snapshot)
    return tuple(
        known.get(entry.group_id, entry.group_id) for entry in snapshot.contents if not entry.applications.listed
    )


def list_labels(snapshot: Snapshot) -> Mapping[str, str]:
    """Return for each section's name what to call that list, such as `members of connector group Branch office`."""
    known = names(snapshot)
    return {section.name: label(section.name, known) for section in snapshot.sections}


def explained(message: str, labels: Mapping[str, str]) -> str:
    """Return a message with the names of sections replaced by readable labels."""
    return " ".join(labels.get(word, word) for word in message.split(" "))


def names(snapshot: Snapshot) -> Mapping[str, str]:
    """Return the names of everything in the scan by id, since evidence holds ids only."""
    applications = (application for entry in snapshot.contents for application in entry.applications.records)
    known = (
        *((group.id, group.name) for group in snapshot.groups.records),
        *((connector.id, connector.machine_name) for connector in snapshot.connectors.records),
        *((application.id, application.display_name) for application in applications),
        *((principal.id, principal.display_name) for principal in snapshot.principals.records),
        *((role.id, role.display_name) for role in snapshot.role_definitions.records),
    )
    return {str(key): name for key, name in known if name}


def version_counts(snapshot: Snapshot) -> VersionCounts | None:
    """Return which versions the tenant's connectors run, or None where connectors were not read."""
    return _versions(snapshot.connectors.readable) if snapshot.connectors.listed else None


def label(section: str, known: Mapping[str, str]) -> str:
    """Return what to call a section; one list of one thing is named like `connector_groups/ID/members`."""
    kind, _, rest = section.partition("/")
    owner, _, kind_of_list = rest.partition("/")
    return (
        f"{words(kind_of_list)} of {words(kind).removesuffix('s')} {known.get(owner, owner)}"
        if kind_of_list
        else words(section)
    )


def _group_row(
    group: ConnectorGroup, contents: GroupContents | None, judged: _Judged, *, connectors_known: bool
) -> GroupRow:
    """Return the row of one group."""
    members = contents.members.readable if contents and contents.members.listed else None
    applications = contents.applications.readable if contents and contents.applications.listed else None
    subjects = {
        ("group", str(group.id)),
        *(("connector", str(connector.id)) for connector in members or ()),
        *(("application", application.id) for application in applications or ()),
    }
    known = connectors_known and members is not None and applications is not None
    return GroupRow(
        id=group.id,
        name=group.name or "",
        default=group.is_default,
        region=group.region or "",
        active=None if members is None else sum(connector.is_active for connector in members),
        connectors=None if members is None else len(members),
        versions=None if members is None else _versions(members),
        applications=None if applications is None else len(applications),
        worst=judged.worst_of(subjects),
        assessed=known and judged.unassessed.isdisjoint(subjects),
    )


def _application_row(application: Application, group: str) -> ApplicationRow:
    """Return the row of one application."""
    published = application.on_premises_publishing or OnPremisesPublishing()
    private = published.is_accessible_via_ztna_client or set(application.tags or ()).intersection(PRIVATE_ACCESS_TAGS)
    return ApplicationRow(
        id=application.id,
        name=application.display_name or "",
        group=group,
        kind="Private Access" if private else _called(published.application_type, _PUBLISHED_AS),
        external_url=published.external_url or "",
        internal_url=published.internal_url or "",
        sign_in=_called(published.external_authentication_type, _SIGN_IN),
    )


def _called(word: str | None, people_say: Mapping[str, str]) -> str:
    """Return what people call one of Graph's words; one that nobody knows here stays as it came."""
    return people_say.get((word or "").casefold(), word or "")


def _rank(row: GroupRow) -> int:
    """Return where a group stands: by its worst finding, and what was not assessed before what is well."""
    if row.worst is not None:
        return row.worst.rank
    return len(Severity) + row.assessed


def _groups_of(snapshot: Snapshot, connector: Connector, known: Mapping[str, str]) -> tuple[str, ...] | None:
    """Return the names of a connector's groups, or None where the list that would tell was not read."""
    try:
        return tuple(known.get(group_id, group_id) for group_id in snapshot.groups_holding(connector.id))
    except NotReadError:
        return None


def _versions(connectors: Iterable[Connector]) -> VersionCounts:
    """Return the versions of connectors with their numbers, newest first, unreadable ones last."""
    counts = Counter(connector.version or "unknown" for connector in connectors)
    return tuple(sorted(counts.items(), key=lambda item: (parse_version(item[0]) or (), item[0]), reverse=True))


def _judged(document: FindingsDocument) -> _Judged:
    """Return what the verdicts say of each subject."""
    worst: dict[_Key, Severity] = {}
    unassessed = set()
    for verdict in document.verdicts:
        key = verdict.subject.type, verdict.subject.id
        if verdict.outcome is Outcome.NOT_ASSESSED:
            unassessed.add(key)
        if verdict.outcome is Outcome.FAIL:
            worst[key] = min(verdict.severity, worst.get(key, verdict.severity), key=_severity_rank)
    return _Judged(worst, frozenset(unassessed))


def _severity_rank(severity: Severity) -> int:
    """Return 0 for the worst severity, rising."""
    return severity.rank
