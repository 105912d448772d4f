"""Handlers about all tenants: the page, its table and the list."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from connectorwatch.tenants.overview import all_tenants, tenant_json
from connectorwatch.web.messages import HttpResponse, as_json
from connectorwatch.web.paging import asked_page
from connectorwatch.web.policy_header import page_policy
from findings.reports.fleet_page import Fleet, render_fleet_csv, render_fleet_html

if TYPE_CHECKING:
    from connectorwatch.web.callers import Caller
    from connectorwatch.web.context import RequestContext
    from connectorwatch.web.messages import HttpRequest


def page(context: RequestContext, caller: Caller, request: HttpRequest) -> HttpResponse:
    """Answer the fleet page with every tenant that the caller may read."""
    asked_page(request)
    last = request.path.rpartition("/")[2]  # without a slash at its end, the page's links start one folder higher
    here = f"{quote(last, safe='')}/" if last else ""
    html = render_fleet_html(
        fleet_of(context, caller), f"{here}tenants/{{tenant}}/scans/latest/{{file}}", table=f"{here}fleet.csv"
    )
    return HttpResponse(200, html, "text/html; charset=utf-8", {"Content-Security-Policy": page_policy(html)})


def fleet_csv(context: RequestContext, caller: Caller, request: HttpRequest) -> HttpResponse:
    """Answer the same as a table."""
    asked_page(request)
    headers = {"Content-Disposition": 'attachment; filename="fleet.csv"'}
    return HttpResponse(200, render_fleet_csv(fleet_of(context, caller)), "text/csv; charset=utf-8", headers)


def tenants(context: RequestContext, caller: Caller, request: HttpRequest) -> HttpResponse:
    """Answer one page of the tenants that the caller may read, by id."""
    asked = asked_page(request)
    fleet = fleet_of(context, caller)
    after = [line for line in fleet.lines if line.id > asked.after]
    shown = after[: asked.limit]
    link = asked.next_link(shown[-1].id if len(after) > len(shown) else None)
    return as_json({"tenants": [tenant_json(fleet.status_of(line)) for line in shown], "next_link": link})


def fleet_of(context: RequestContext, caller: Caller) -> Fleet:
    """Return all tenants that the caller may read, as they stand now."""
    lines = (line for line in all_tenants(context.store.views, context.watched()) if caller.may_read(line.id))
    return Fleet(tuple(lines), context.now(), context.max_age, context.max_ages())
