"""The inventory as rows of text, numbers, yes and no: the same for CSV, for the tables and on the terminal.

A list that was not read, or not in full, has a row of its own with `read` no and the reason, so that nobody takes the
rows that are there for all that exist.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from common.text import timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from findings.document import FindingsDocument, SectionInfo
    from findings.inventory.entries import ApplicationEntry, ConnectorEntry, ConnectorGroupEntry, Judgement

Kind = Literal["connectors", "groups", "applications"]
Row = dict[str, str | int | bool | None]

KINDS: Final[tuple[Kind, ...]] = ("connectors", "groups", "applications")
_GROUPS = "connector_groups"
_OF_A_GROUP = "connector_groups/"
NOT_KEPT = "this scan was made by a version that did not keep its inventory"
"""Why a stored result has no inventory although the lists were read."""


def inventory_rows(document: FindingsDocument, kind: Kind) -> tuple[Row, ...]:
    """Return the rows of one list: first what was not read, then the entries in the document's order.

    Every entry has the same keys; None is what is not known. A row about a list has `read` False, its name and a
    `reason`.
    """
    head: Row = {"tenant": document.tenant.id, "scan": document.scan.id}
    return (
        *(head | gap for gap in _gaps(document, kind)),
        *(head | {"read": True, "list": None, "reason": None} | entry for entry in _entries(document, kind)),
    )


def lists_of(document: FindingsDocument, kind: Kind) -> tuple[SectionInfo, ...]:
    """Return the sections that the rows of a kind come from."""
    return tuple(section for section in document.sections if _belongs(section.name, kind))


def all_read(document: FindingsDocument, kind: Kind) -> bool:
    """Return whether everything about this list was read."""
    return not any(_gaps(document, kind))


def _belongs(name: str, kind: Kind) -> bool:
    """Return whether entries of a kind, or what they say, come from a section."""
    if kind == "connectors":
        return name == "connectors" or (name.startswith(_OF_A_GROUP) and name.endswith("/members"))
    if kind == "groups":
        return name == _GROUPS or name.startswith(_OF_A_GROUP)
    return name == _GROUPS or (name.startswith(_OF_A_GROUP) and name.endswith("/applications"))


def _gaps(document: FindingsDocument, kind: Kind) -> Iterator[Row]:
    """Yield which lists were not read in full, whose they are, and why."""
    unread = [section for section in lists_of(document, kind) if not section.known]
    for section in unread:
        group = section.name.removeprefix(_OF_A_GROUP).partition("/")[0] if "/" in section.name else None
        reason = f"{section.status}: {section.reason or 'no reason given'}"
        yield {"read": False, "list": section.name, "reason": reason, "group_id": group}
    main = "connectors" if kind == "connectors" else _GROUPS
    if getattr(document, kind) is None and main not in {section.name for section in unread}:
        yield {"read": False, "list": kind, "reason": NOT_KEPT, "group_id": None}


def _entries(document: FindingsDocument, kind: Kind) -> Iterator[Row]:
    if kind == "connectors":
        yield from map(_connector, document.connectors or ())
    elif kind == "groups":
        yield from map(_group, document.groups or ())
    else:
        yield from map(_application, document.applications or ())


def _connector(entry: ConnectorEntry) -> Row:
    steps = entry.versions
    by = [event.upn or event.app or event.by or "unknown" for event in entry.registrations]
    first = entry.registrations[0] if entry.registrations else None
    return {
        "connector": entry.id,
        "name": entry.name,
        "active": entry.active,
        "status": entry.status,
        "certain": entry.certain,
        "first_seen": _moment(entry.first_seen),
        "from_start": entry.from_start,
        "last_active": _moment(entry.last_active),
        "inactive_since": _moment(entry.inactive_since),
        "version": entry.version,
        "version_since": _moment(steps[-1].at) if steps else None,
        "version_before": steps[-2].version if len(steps) > 1 else None,
        "version_first": steps[0].version if steps else None,
        "group_id": _joined(entry.group_ids),
        "group_name": _joined(entry.group_names),
        "applications": entry.applications,
        "external_ip": entry.external_ip,
        "registered_by": ", ".join(dict.fromkeys(by)) or None,
        "registered_at": _moment(first.at) if first else None,
        "registered_match": first.matched if first else None,
        **_judgement(entry.rules),
    }


def _group(entry: ConnectorGroupEntry) -> Row:
    return {
        "group_id": entry.id,
        "name": entry.name,
        "is_default": entry.default,
        "region": entry.region,
        "first_seen": _moment(entry.first_seen),
        "connectors": entry.connectors,
        "active": entry.active,
        "versions": _joined(entry.versions),
        "applications": entry.applications,
        **_judgement(entry.rules),
    }


def _application(entry: ApplicationEntry) -> Row:
    return {
        "application": entry.id,
        "name": entry.name,
        "group_id": entry.group_id,
        "group_name": entry.group_name,
        "kind": entry.kind,
        "external_url": entry.external_url,
        "internal_url": entry.internal_url,
        "sign_in": entry.sign_in,
        "first_seen": _moment(entry.first_seen),
        **_judgement(entry.rules),
    }


def _judgement(rules: Judgement) -> Mapping[str, str]:
    return {
        "findings": ", ".join(rules.failing),
        "waived": ", ".join(rules.waived),
        "not_assessed": ", ".join(rules.not_assessed),
    }


def _joined(texts: tuple[str, ...] | None) -> str | None:
    return None if texts is None else ", ".join(texts)


def _moment(at: datetime | None) -> str | None:
    return None if at is None else timestamp(at)
