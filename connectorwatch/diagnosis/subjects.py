"""Find what somebody means by a name or an id: exactly one thing, or a complaint that lists what comes near."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Generic, TypeVar

from common.cells import cut
from common.errors import NotReadError, SubjectError
from connectorwatch.diagnosis.subject import Case
from inventory.models import Application, Connector, ConnectorGroup

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from inventory.snapshot import Snapshot
    from policies.evidence import Evidence

R = TypeVar("R", Application, Connector, ConnectorGroup)

_NEAR, _LISTED, _LONGEST = 5, 10, 80


@dataclass(frozen=True)
class Candidate(Generic[R]):
    """A candidate for a name: the record, its ids and names, its label, and where it is."""

    record: R
    ids: tuple[str, ...]
    names: tuple[str, ...]
    where: str

    @property
    def label(self) -> str:
        """Its name, safe to show."""
        return cut(self.names[0]) if self.names else "without a name"


def application_case(evidence: Evidence, wanted: str) -> Case:
    """Return the case of an application.

    Raises:
        SubjectError: There is none of this name or id, or several.
    """
    seen = evidence.snapshot
    record = _only_match(tuple(_applications(seen)), wanted, "application", _unread_lists(seen))
    groups = tuple(group for group in seen.groups.records if _carries(seen, group, record))
    return Case(evidence, "application", record.id, record.display_name or record.id, groups, application=record)


def group_case(evidence: Evidence, wanted: str) -> Case:
    """Return the case of a connector group.

    Raises:
        SubjectError: There is none of this name or id, or several.
    """
    seen = evidence.snapshot
    note = "" if seen.groups.known else f" The connector groups were not read: {cut(seen.groups.reason or '', 200)}"
    candidates = [
        Candidate(group, (group.id,), _named(group.name), group.region or "") for group in seen.groups.records
    ]
    record = _only_match(candidates, wanted, "connector group", note)
    return Case(evidence, "group", record.id, record.name or record.id, (record,))


def connector_case(evidence: Evidence, wanted: str) -> Case:
    """Return the case of a connector; its machine may be named in full or by its first label.

    Raises:
        SubjectError: There is none of this name or id, or several.
    """
    seen = evidence.snapshot
    note = "" if seen.connectors.known else f" The connectors were not read: {cut(seen.connectors.reason or '', 200)}"
    if any(wanted.strip().casefold() in (agent.id.casefold(), agent.name_key) for agent in seen.other_connectors):
        note = " An agent of this name belongs to another service, such as Entra Connect, and is no connector."
    record = _only_match(_connectors(seen), wanted, "connector", note)
    groups = tuple(group for group in seen.groups.records if _holds(seen, group, record))
    return Case(evidence, "connector", record.id, record.machine_name or record.id, groups, connector=record)


def _applications(seen: Snapshot) -> Iterator[Candidate[Application]]:
    """Yield every application that a group carries, and those of Private Access that none does."""
    carried: dict[str, tuple[Application, list[str]]] = {}
    for group in seen.groups.records:
        for application in _carried(seen, group):
            carried.setdefault(application.id, (application, []))[1].append(group.name or group.id)
    for application, names in carried.values():
        ids = (application.id, *((application.app_id,) if application.app_id else ()))
        yield Candidate(application, ids, _named(application.display_name), ", ".join(names))
    known = {application.app_id for application, _ in carried.values()}
    for principal in seen.private_access.records:
        if principal.app_id and principal.app_id not in known:
            lone = Application(id=principal.id, app_id=principal.app_id, display_name=principal.display_name)
            yield Candidate(lone, (principal.id, principal.app_id), _named(principal.display_name), "in no group")


def _connectors(seen: Snapshot) -> list[Candidate[Connector]]:
    """Return all connectors, also those that stand in a group's list only."""
    records = {connector.id: connector for entry in seen.contents for connector in entry.members.records}
    records |= {connector.id: connector for connector in seen.connectors.records}
    return [
        Candidate(
            connector,
            (connector.id,),
            _machine(connector.machine_name),
            f"{connector.status}, {connector.version or 'no version'}",
        )
        for connector in records.values()
    ]


def _named(name: str | None) -> tuple[str, ...]:
    return (name,) if name else ()


def _machine(name: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys((name, name.partition(".")[0]))) if name else ()


def _carried(seen: Snapshot, group: ConnectorGroup) -> tuple[Application, ...]:
    return next((entry.applications.records for entry in seen.contents if entry.group_id == group.id), ())


def _carries(seen: Snapshot, group: ConnectorGroup, application: Application) -> bool:
    return any(carried.id == application.id for carried in _carried(seen, group))


def _holds(seen: Snapshot, group: ConnectorGroup, connector: Connector) -> bool:
    members = (entry.members.records for entry in seen.contents if entry.group_id == group.id)
    return any(member.id == connector.id for records in members for member in records)


def _unread_lists(seen: Snapshot) -> str:
    """Return what to add where an application is not found and might stand in a list that was not read."""
    try:
        _ = seen.groups.items
        for entry in seen.contents:
            _ = entry.applications.items
    except NotReadError as error:
        return f" Not all lists were read, so it may stand in another: {cut(error.reason, 200)}"
    return " An application that no connector group carries is in no scan: look in the Entra admin center."


def _only_match(candidates: Sequence[Candidate[R]], wanted: str, what: str, note: str) -> R:
    """Return the only candidate of this id, else of this name."""
    word = wanted.strip().casefold()
    matches = [candidate for candidate in candidates if word in (key.casefold() for key in candidate.ids)]
    matches = matches or [
        candidate for candidate in candidates if word in (name.strip().casefold() for name in candidate.names)
    ]
    if len(matches) == 1:
        return matches[0].record
    if matches:
        raise SubjectError(
            f"{len(matches)} {what}s are called {cut(wanted)}: name one of them by its id. They are {_list(matches)}."
        )
    suggested = _close_matches(candidates, word)
    known = f" Known are {_list(candidates[:_NEAR], len(candidates))}." if candidates else ""
    hint = f" Near it: {_list(suggested)}." if suggested else known
    raise SubjectError(f"No {what} is called '{cut(wanted)}' or has this id: check the name.{hint}{note}")


def _close_matches(candidates: Sequence[Candidate[R]], word: str) -> list[Candidate[R]]:
    """Return the candidates whose names come nearest, or hold the word."""
    by_name: dict[str, list[Candidate[R]]] = {}
    for candidate in candidates:
        for name in candidate.names:
            by_name.setdefault(name.casefold()[:_LONGEST], []).append(candidate)
    holding: list[str] = sorted(name for name in by_name if word and word in name)
    close: list[str] = get_close_matches(word[:_LONGEST], list(by_name), n=_NEAR)
    names = dict.fromkeys((*close, *holding))
    return list({candidate.ids[0]: candidate for name in names for candidate in by_name[name]}.values())[:_NEAR]


def _list(candidates: Sequence[Candidate[R]], total: int | None = None) -> str:
    """Return the first of some candidates, and how many more there are, of `total` where that is known to be more."""
    shown = candidates[:_LISTED]
    left = (total or len(candidates)) - len(shown)
    more = f" and {left} more" if left else ""
    return (
        "; ".join(f"{candidate.label} ({cut(candidate.where)}, id {cut(candidate.ids[0])})" for candidate in shown)
        + more
    )
