"""The use case: list connectors, connector groups or applications of a stored scan, narrowed by filters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from common.errors import SettingsError
from common.text import visible
from connectorwatch.usecases.suggestions import nearest
from findings.inventory.document import InventoryDocument
from findings.inventory.rows import inventory_rows, lists_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from findings.document import FindingsDocument
    from findings.inventory.rows import Kind, Row

ID_COLUMNS: dict[Kind, str] = {"connectors": "connector", "groups": "group_id", "applications": "application"}
"""The column that holds an entry's own id."""


@dataclass(frozen=True)
class InventoryFilter:
    """What an entry has to match; None where that does not matter.

    Attributes:
        name: A part of its name, in any case.
        group: The id or the whole name of its connector group, in any case.
        rule: A rule that fails for it.
        active: Whether it is active; connectors alone are.
    """

    name: str | None = None
    group: str | None = None
    rule: str | None = None
    active: bool | None = None

    def matches(self, row: Row, groups: frozenset[str]) -> bool:
        """Return whether an entry's row matches, where `groups` are the ids of the group; unknown matches nothing."""
        return (
            (self.name is None or self.name.casefold() in str(row["name"]).casefold())
            and (self.group is None or not groups.isdisjoint(str(row["group_id"]).casefold().split(", ")))
            and (self.rule is None or self.rule.upper() in str(row["findings"]).split(", "))
            and (self.active is None or row.get("active") is self.active)
        )


def selected_rows(document: FindingsDocument, kind: Kind, wanted: InventoryFilter) -> tuple[Row, ...]:
    """Return the rows of the entries that match, after those about lists that were not read, which always match.

    Raises:
        SettingsError: The filter names a connector group that does not exist, while the groups were read.
    """
    groups = frozenset[str]() if wanted.group is None else _group_ids(document, wanted.group)
    rows = inventory_rows(document, kind)
    return tuple(row for row in rows if not row["read"] or wanted.matches(row, groups))


def _group_ids(document: FindingsDocument, group: str) -> frozenset[str]:
    """Return the ids, in lower case, of the groups with this id or name; where groups were not read, it is an id."""
    text = group.casefold()
    if document.groups is None:
        return frozenset({text})
    names = {entry.id.casefold(): entry.name for entry in document.groups}
    matching = frozenset(key for key, name in names.items() if text in (key, name.casefold()))
    if not matching:
        near = ", ".join(visible(names[key] or key) for key in nearest(group, names))
        raise SettingsError(
            f"There is no connector group {visible(group)[:100]}{f'; there is {near}' if near else ''}. "
            "`connectorwatch groups` lists them all."
        )
    return matching


def inventory_document(document: FindingsDocument, kind: Kind, rows: Iterable[Row]) -> InventoryDocument:
    """Return the entries that these rows stand for, as findings.json has them."""
    ids = {row[ID_COLUMNS[kind]] for row in rows if row["read"]}
    entries = getattr(document, kind)
    kept = None if entries is None else tuple(entry for entry in entries if entry.id in ids)
    head = InventoryDocument(tenant=document.tenant, scan=document.scan, sections=lists_of(document, kind))
    return head.model_copy(update={kind: kept})
