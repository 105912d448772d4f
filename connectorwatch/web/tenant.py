"""Handlers about one tenant: findings, registrars, reports, and asking for a scan."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING

from common.text import timestamp
from connectorwatch.tenants.overview import one_tenant, tenant_json
from connectorwatch.web.messages import HttpResponse, RefusedError, as_json, bad_parameter, no_such_tenant
from connectorwatch.web.paging import asked_page, bad_continuation
from connectorwatch.web.policy_header import page_policy
from findings.reports.fleet_page import Fleet
from findings.reports.formats import BY_FILE
from findings.reports.json_file import parse_json
from findings.reports.registrars import is_role_data
from findings.views.tables import COLUMNS
from policies.rules import RULE_IDS
from policies.vocabulary import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectorwatch.web.callers import Caller
    from connectorwatch.web.context import RequestContext
    from connectorwatch.web.messages import HttpRequest
    from findings.reports.fleet_page import TenantLine
    from findings.views.tables import Table

_TENANT = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SCAN = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}")
_SEVERITIES: tuple[str, ...] = tuple(Severity)
_FILTERS: Mapping[str, tuple[str, ...]] = {
    "state": ("open", "resolved"),
    "severity": _SEVERITIES,
    "rule": tuple(sorted(RULE_IDS)),
}
FILES: Mapping[str, str] = {file: report.content_type for file, report in BY_FILE.items()}
"""The reports that are served, with their types. Evidence is not among them: it holds whole directory records."""

_TABLE: Table = "ConnectorFindings"
_RETRY = "60"


def findings(context: RequestContext, caller: Caller, request: HttpRequest) -> HttpResponse:
    """Answer one page of a tenant's findings, in an order that never changes, and what is not known about it."""
    line = tenant_line(context, caller, request)
    asked = asked_page(request, _FILTERS)
    for name, value in asked.filters.items():
        if value not in _FILTERS[name]:
            raise bad_parameter(name, "has an unknown value", ", ".join(_FILTERS[name]))
    if asked.after and not re.fullmatch(rf"{line.id}/[A-Za-z0-9_-]{{1,128}}", asked.after):
        raise bad_continuation()
    page = context.store.views.query(_TABLE, line.id, where=asked.filters, after=asked.after or None, limit=asked.limit)
    status = tenant_json(Fleet((), context.now(), context.max_age, context.max_ages()).status_of(line))
    return as_json({
        "tenant": line.id,
        **{name: status[name] for name in ("last_scan", "last_scan_at", "not_known")},
        "findings": [{column: row.values.get(column) for column in COLUMNS[_TABLE]} for row in page.rows],
        "next_link": asked.next_link(page.after),
    })  # fmt: skip


def registrars(context: RequestContext, caller: Caller, request: HttpRequest) -> HttpResponse:
    """Answer one page of who can register connectors, by their ids, from the newest scan.

    `sections` says which role data was read: where one was not, somebody may be missing from the list.
    """
    tenant_id = tenant_line(context, caller, request).id
    asked = asked_page(request)
    content = context.store.latest.read(f"{tenant_id}/latest/findings.json")
    if content is None:
        raise RefusedError(HTTPStatus.NOT_FOUND, "No scan of this tenant is stored yet: ask for one.")
    document = parse_json(content)
    after = sorted(
        (entry for entry in document.registrars if entry.principal.id > asked.after),
        key=lambda entry: entry.principal.id,
    )
    previews = after[: asked.limit]
    return as_json({
        "tenant": tenant_id,
        "scan": document.scan.id,
        "scanned_at": timestamp(document.scan.started_at),
        "sections": [entry.model_dump(mode="json") for entry in document.sections if is_role_data(entry.name)],
        "registrars_unresolved": document.registrars_unresolved,
        "registrars": [entry.model_dump(mode="json") for entry in previews],
        "next_link": asked.next_link(previews[-1].principal.id if len(after) > len(previews) else None),
    })  # fmt: skip


def artefact(context: RequestContext, caller: Caller, request: HttpRequest) -> HttpResponse:
    """Answer one report of one scan, byte for byte as it was stored."""
    tenant_id = tenant_line(context, caller, request).id
    asked_page(request)
    scan, file = request.route.get("scan", ""), request.route.get("file", "")
    if file not in FILES:
        raise RefusedError(HTTPStatus.NOT_FOUND, f"There is no such report. There are {', '.join(FILES)}.")
    if scan == "latest":
        content = context.store.latest.read(f"{tenant_id}/latest/{file}")
    elif _SCAN.fullmatch(scan):
        content = context.store.scans.read(f"{tenant_id}/scans/{scan}/{file}")
    else:
        raise RefusedError(
            HTTPStatus.NOT_FOUND, "A scan is called by its id, such as 20261120T060000Z-0123abcd, or latest."
        )
    if content is None:
        raise RefusedError(HTTPStatus.NOT_FOUND, "This report is not stored: the scan was not made, or is not done.")
    return HttpResponse(200, content, FILES[file], _headers(file, content))


def start_scan(context: RequestContext, caller: Caller, request: HttpRequest) -> HttpResponse:
    """Ask for a scan, and answer its id; while one is waiting or running, that one's."""
    tenant_id = tenant_line(context, caller, request).id
    asked_page(request)
    if not caller.may_scan:
        raise RefusedError(
            HTTPStatus.FORBIDDEN, "You may read this tenant; to start scans ask for Connectorwatch.Scan."
        )
    check_type(caller, request)
    scan = context.request_scan(tenant_id)
    result = f"scans/{scan}/findings.json"
    answer = {"tenant": tenant_id, "scan": scan, "result": result}
    return as_json(answer, HTTPStatus.ACCEPTED, {"Location": result, "Retry-After": _RETRY})


def check_type(caller: Caller, request: HttpRequest) -> None:
    """Refuse what a person posts as anything but JSON.

    Raises:
        RefusedError: A form on another site can send a person's cookies here, but not this type without asking first.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if caller.person and kind != "application/json":
        raise RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send Content-Type: application/json.")


def tenant_line(context: RequestContext, caller: Caller, request: HttpRequest) -> TenantLine:
    """Return the tenant that a request names.

    Raises:
        RefusedError: It is not known, or the caller may not read it.
    """
    tenant_id = request.route.get("tenant", "").lower()
    allowed = _TENANT.fullmatch(tenant_id) and caller.may_read(tenant_id)
    line = one_tenant(context.store.views, context.watched(), tenant_id) if allowed else None
    if line is None:
        raise no_such_tenant()
    return line


def _headers(file: str, content: bytes) -> Mapping[str, str]:
    if file.endswith(".html"):
        return {"Content-Security-Policy": page_policy(content)}
    return {"Content-Disposition": f'attachment; filename="{file}"'} if file.endswith(".csv") else {}
