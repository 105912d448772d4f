"""How the service is: how old the newest scans are, what kept them from seeing everything, what went wrong with itself.

All of it from what is stored, and in short: names of lists, permissions and rules, error codes and numbers of tenants.
"""

from __future__ import annotations

from collections import Counter
from operator import itemgetter
from typing import TYPE_CHECKING

import structlog

from common.errors import EvidenceError
from connectorwatch.doctor.from_scan import learned
from connectorwatch.service.own_state import ABOUT_TENANTS, RULES, read_fleet
from connectorwatch.web.fleet import fleet_of
from connectorwatch.web.messages import HttpResponse, as_json
from connectorwatch.web.paging import asked_page
from findings.reports.json_file import parse_json

if TYPE_CHECKING:
    from connectorwatch.doctor.document import Check
    from connectorwatch.web.callers import Caller
    from connectorwatch.web.context import RequestContext
    from connectorwatch.web.messages import HttpRequest
    from findings.reports.fleet_page.lines import TenantStatus

log = structlog.get_logger(__name__)

_LOOKED_INTO = 100
"""How many incomplete scans are opened to say what they could not read; more would keep the caller waiting."""


def alive() -> HttpResponse:
    """Answer that the service runs; asks nothing of anybody."""
    return as_json({"status": "alive"})


def health_details(context: RequestContext, caller: Caller, request: HttpRequest) -> HttpResponse:
    """Answer how the service is, as far as the tenants go that the caller may read.

    `unseen` has one entry for each thing that kept newest scans from seeing everything: the permission or role that is
    `missing`, if one is, Graph's `code`, the `lists` not read, the rules that it `costs`, and the number of `tenants`.
    """
    asked_page(request)
    fleet = fleet_of(context, caller)
    ages = Counter(map(_age, fleet.statuses))
    unsure = [line.id for line in fleet.lines if line.scan and not (line.complete and line.all_assessed)]
    learned_checks = [_learned(context, tenant_id) for tenant_id in unsure[:_LOOKED_INTO]]
    known = [checks for checks in learned_checks if checks is not None]
    return as_json({
        "status": "alive",
        "tenants": len(fleet.lines),
        "last_scan": {age: ages[age] for age in ("in_time", "late", "never")},
        "max_scan_age_hours": fleet.max_age.total_seconds() / 3600,
        "service_findings": _service_findings(context, caller),
        "tenants_not_fully_known": len(unsure),
        "of_them_not_looked_into": len(unsure) - len(known),
        "of_them_with_all_lists_read": sum(not checks for checks in known),
        "unseen": _unseen(known),
    })  # fmt: skip


def _learned(context: RequestContext, tenant_id: str) -> list[Check] | None:
    """Return what kept a tenant's newest scan from seeing everything; None where its result is gone or damaged."""
    content = context.store.latest.read(f"{tenant_id}/latest/findings.json")
    try:
        return learned(parse_json(content)) if content else None
    except EvidenceError as error:
        log.warning("a stored result cannot be read", tenant=tenant_id, error=str(error))
        return None


def _unseen(tenants: list[list[Check]]) -> list[dict[str, object]]:
    """Return each missing thing, and else each of Graph's codes, once; that of most tenants first."""
    alike: dict[tuple[str, str], list[tuple[int, Check]]] = {}
    for place, checks in enumerate(tenants):
        for check in checks:
            alike.setdefault((check.missing or "", check.code or ""), []).append((place, check))
    entries: list[dict[str, object]] = [
        {
            "missing": missing or None,
            "code": code or None,
            "tenants": len({place for place, _ in tenant_ids}),
            "lists": sorted({kind for _, check in tenant_ids for kind in check.lists}),
            "costs": sorted({rule for _, check in tenant_ids for rule in check.costs}),
        }
        for (missing, code), tenant_ids in sorted(alike.items())
    ]
    return sorted(entries, key=itemgetter("tenants"), reverse=True)


def _service_findings(context: RequestContext, caller: Caller) -> dict[str, int] | None:
    """Return how many findings about the service are open, by rule; None where what it remembers cannot be read.

    What is not about a tenant is told to those who may read everything.
    """
    try:
        findings = read_fleet(context.store).findings.values()
    except EvidenceError as error:
        log.error("what the service remembers of itself cannot be read", error=str(error))  # noqa: TRY400 - ours say it all
        return None
    numbers = Counter(
        finding.rule
        for finding in findings
        if finding.state == "open"
        and (caller.everything or (finding.rule in ABOUT_TENANTS and caller.may_read(finding.subject.id)))
    )
    return {rule: numbers[rule] for rule in sorted(RULES if caller.everything else ABOUT_TENANTS)}


def _age(status: TenantStatus) -> str:
    if status.age is None:
        return "never"
    return "late" if status.late else "in_time"
