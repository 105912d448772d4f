"""Handlers about all tenants: the page, its table, the list, and how the service itself is."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING
from urllib.parse import quote

import structlog

from connectorwatch.fleet import all_tenants, told
from connectorwatch.web.messages import Response, as_json
from connectorwatch.web.paging import asked_page
from connectorwatch.web.policy_header import page_policy
from findings.reports.fleetpage import Fleet, render_fleet_csv, render_fleet_html
from findings.reports.jsonfile import parse_json
from inventory.errors import EvidenceError

if TYPE_CHECKING:
    from connectorwatch.web.callers import Caller
    from connectorwatch.web.messages import Request
    from connectorwatch.web.ports import Site
    from findings.document import SectionInfo
    from findings.reports.fleetpage.lines import Standing

log = structlog.get_logger(__name__)

_LOOKED_INTO = 100
"""How many incomplete scans are opened to say what they could not read; more would keep the caller waiting."""


def page(site: Site, caller: Caller, request: Request) -> Response:
    """Answer the fleet page with every tenant that the caller may read."""
    asked_page(request)
    last = request.path.rpartition("/")[2]  # without a slash at its end, the page's links start one folder higher
    here = f"{quote(last, safe='')}/" if last else ""
    html = render_fleet_html(
        _fleet(site, caller), f"{here}tenants/{{tenant}}/scans/latest/{{file}}", table=f"{here}fleet.csv"
    )
    return Response(200, html, "text/html; charset=utf-8", {"Content-Security-Policy": page_policy(html)})


def fleet_csv(site: Site, caller: Caller, request: Request) -> Response:
    """Answer the same as a table."""
    asked_page(request)
    headers = {"Content-Disposition": 'attachment; filename="fleet.csv"'}
    return Response(200, render_fleet_csv(_fleet(site, caller)), "text/csv; charset=utf-8", headers)


def tenants(site: Site, caller: Caller, request: Request) -> Response:
    """Answer one page of the tenants that the caller may read, by id."""
    asked = asked_page(request)
    fleet = _fleet(site, caller)
    after = [line for line in fleet.lines if line.id > asked.after]
    shown = after[: asked.limit]
    link = asked.next_link(shown[-1].id if len(after) > len(shown) else None)
    return as_json({"tenants": [told(fleet.standing(line)) for line in shown], "next_link": link})


def health_details(site: Site, caller: Caller, request: Request) -> Response:
    """Answer how old and how complete the newest scans are, in numbers, of the tenants that the caller may read."""
    asked_page(request)
    fleet = _fleet(site, caller)
    ages = Counter(map(_age, fleet.standings))
    incomplete = [line for line in fleet.lines if line.scan and not line.complete]
    gaps = [_unread(site, line.id) for line in incomplete[:_LOOKED_INTO]]
    missing = Counter(section.permission for gap in gaps for section in gap if section.permission)
    return as_json({
        "status": "alive",
        "tenants": len(fleet.lines),
        "last_scan": {age: ages[age] for age in ("in_time", "late", "never")},
        "max_scan_age_hours": fleet.max_age.total_seconds() / 3600,
        "tenants_not_read_in_full": len(incomplete),
        "looked_into": len(gaps),
        "sections_unread": sum(map(len, gaps)),
        "permissions_missing": dict(sorted(missing.items())),
    })  # fmt: skip


def _unread(site: Site, tenant_id: str) -> list[SectionInfo]:
    """Return the lists that a tenant's newest scan could not read; none where its result is not there or damaged."""
    content = site.store.latest.read(f"{tenant_id}/latest/findings.json")
    try:
        return [section for section in parse_json(content).sections if not section.known] if content else []
    except EvidenceError as error:
        log.warning("a stored result cannot be read", tenant=tenant_id, error=str(error))
        return []


def alive() -> Response:
    """Answer that the service runs; asks nothing of anybody."""
    return as_json({"status": "alive"})


def _age(standing: Standing) -> str:
    if standing.age is None:
        return "never"
    return "late" if standing.late else "in_time"


def _fleet(site: Site, caller: Caller) -> Fleet:
    lines = (line for line in all_tenants(site.store.views, site.watched()) if caller.may_read(line.id))
    return Fleet(tuple(lines), site.now(), site.max_age, site.max_ages())
