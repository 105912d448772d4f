"""Handlers about a tenant's inventory: connectors, connector groups and applications, from the tables."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from connectorwatch.tenants.overview import tenant_json
from connectorwatch.web.messages import HttpResponse, as_json, bad_parameter
from connectorwatch.web.paging import asked_page, bad_continuation
from connectorwatch.web.tenant import tenant_line
from findings.inventory.rows import inventory_rows
from findings.reports.fleet_page import Fleet
from findings.reports.json_file import parse_json
from findings.stores.all_rows import all_rows
from findings.views.tables import COLUMNS, INVENTORY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from connectorwatch.web.callers import Caller
    from connectorwatch.web.context import RequestContext
    from connectorwatch.web.messages import HttpRequest
    from findings.inventory.rows import Kind
    from findings.views.tables import Value

_TEXT = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]{1,200}")
_WORDS: Mapping[str, bool] = {"true": True, "false": False}
FILTERS: Mapping[Kind, tuple[str, ...]] = {
    "connectors": ("active", "group_id", "version"),
    "groups": ("group_id",),
    "applications": ("group_id", "kind"),
}
"""The columns that each list can be filtered by."""


def _answer(kind: Kind, context: RequestContext, caller: Caller, request: HttpRequest) -> HttpResponse:
    """Answer one page of a list, and which parts of it were not read, whatever the filters are."""
    line = tenant_line(context, caller, request)
    asked = asked_page(request, FILTERS[kind])
    table = INVENTORY[kind]
    wanted = {name: _value(name, value, COLUMNS[table][name]) for name, value in asked.filters.items()}
    if asked.after and not re.fullmatch(rf"{line.id}/[0-9a-f]{{1,128}}", asked.after):
        raise bad_continuation()
    views = context.store.views
    page = views.query(table, line.id, where={"read": True, **wanted}, after=asked.after or None, limit=asked.limit)
    unread: list[Mapping[str, Value | None]] = [
        row.values for row in all_rows(views, table, {"read": False, "tenant": line.id})
    ]
    if not (page.rows or unread or wanted or asked.after):
        unread = [*_of_an_older_version(kind, context, line.id)]
    status = tenant_json(Fleet((), context.now(), context.max_age, context.max_ages()).status_of(line))
    return as_json({
        "tenant": line.id,
        **{name: status[name] for name in ("last_scan", "last_scan_at", "not_known")},
        "not_read": [{name: row.get(name) for name in ("list", "reason", "group_id")} for row in unread],
        kind: [{column: row.values.get(column) for column in COLUMNS[table]} for row in page.rows],
        "next_link": asked.next_link(page.after),
    })  # fmt: skip


def _of_an_older_version(kind: Kind, context: RequestContext, tenant_id: str) -> Iterator[Mapping[str, Value | None]]:
    """Yield why a table is empty whose newest result was stored before there were such tables; else nothing."""
    content = context.store.latest.read(f"{tenant_id}/latest/findings.json")
    if content is not None:
        yield from (row for row in inventory_rows(parse_json(content), kind) if not row["read"])


def _value(name: str, text: str, kind: type[Value]) -> Value:
    """Return a filter's value as its column holds it."""
    if kind is bool:
        if text not in _WORDS:
            raise bad_parameter(name, "has an unknown value", ", ".join(_WORDS))
        return _WORDS[text]
    if not _TEXT.fullmatch(text):
        raise bad_parameter(name, "is no text of this length", "1 to 200 characters")
    return text


connectors = partial(_answer, "connectors")
groups = partial(_answer, "groups")
applications = partial(_answer, "applications")
