"""The pages that the tests of this folder open: from scans of simulated tenants, and one with everything by hand."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from itertools import cycle
from typing import TYPE_CHECKING

from common.errors import DeniedError
from findings.document import ChangeEntry, MovedFact, WaiverInfo
from findings.reports.html import render_html
from findings.result_parts import ControlInfo, RuleInfo, TrendPoint
from policies.vocabulary import Outcome, Severity
from simulator import DEMO_POLICY, Fault, FaultKind, Simulator, Tenant, large_tenant
from tests.e2e.running import environment, scan_with, tenant_file
from tests.findings.reports.sample import HOSTILE, about, document, document_of, life, verdict
from tests.findings.reports.sample_snapshot import NOW, blind_snapshot, made_id, sections_of, snapshot

if TYPE_CHECKING:
    from pathlib import Path

    from findings.document import FindingsDocument

MARKUP = (
    "<img src=x onerror=owned()>",
    '"><script>owned()</script>',
    "</bdi></summary></details></table><svg onload=owned()>",
    "<a href='javascript:owned()'>x</a><iframe srcdoc='<script>parent.owned()</script>'>",
    "</style></script><script>owned()</script>",
    "' autofocus onfocus=owned() x='",
    "\u202e\u2066gnp.exe" + "W" * 240,
)
"""What a stranger might call things; `owned` tells the test if any of it ran."""
_PLANTED_IN = {"name", "region", "version", "upn", "mail", "result", "reason", "ip", "externalUrl"}
"""The texts of a tenant file that somebody in the tenant, or Graph, chooses freely."""


def hostile_page(folder: Path) -> bytes:
    """Scan a tenant with markup in every name, an error and the policy's name, and return its report."""
    policy = folder / "<img src=x onerror=owned()>.yaml"
    policy.write_text("version: 1\n", encoding="utf-8")
    planted = cycle(MARKUP)
    tenant = Tenant.model_validate(_plant(tenant_file("contoso").model_dump(by_alias=True), planted))
    fault = Fault(
        path="/**/applications", kind=FaultKind.STATUS, status=400, code=MARKUP[0], message=MARKUP[1], after=3
    )

    async def scanned() -> bytes:
        async with Simulator(tenant, faults=[fault]) as simulator:
            result = await scan_with(environment(simulator), folder / "out", policy=policy)
        waiver = WaiverInfo(id=MARKUP[0], until=date(2027, 1, 1), reason=MARKUP[1], owner=MARKUP[2], ticket=MARKUP[3])
        verdicts = tuple(
            one.model_copy(update={"waiver": waiver, "outcome": Outcome.WAIVED}) if one.rule == "CON001" else one
            for one in result.document.verdicts
        )
        return render_html(result.document.model_copy(update={"verdicts": verdicts}), result.evidence.snapshot)

    return asyncio.run(scanned())


def scanned_page(tenant: Tenant, folder: Path, policy: Path = DEMO_POLICY) -> bytes:
    """Scan a tenant once and return its report as it was published."""

    async def scanned() -> None:
        async with Simulator(tenant) as simulator:
            await scan_with(environment(simulator), folder, policy=policy)

    asyncio.run(scanned())
    (page,) = folder.rglob("latest/report.html")
    return page.read_bytes()


def green_page(folder: Path) -> bytes:
    """Scan a tenant in which all is well, by a policy under which nothing fails, and return its report."""
    policy = folder / "policy.yaml"
    policy.write_text("version: 1\n", encoding="utf-8")
    return scanned_page(tenant_file("clean"), folder / "out", policy)


def crowded_tenant() -> Tenant:
    """Return a tenant of 100 groups and 500 connectors, all outdated: over 1,000 failures."""
    tenant = large_tenant()
    groups = {
        key: group.model_copy(
            update={
                "connectors": {
                    own: one.model_copy(update={"version": "1.5.3437.0"}) for own, one in group.connectors.items()
                }
            }
        )
        for key, group in tenant.connector_groups.items()
    }
    return tenant.model_copy(update={"connector_groups": groups})


def full_page() -> bytes:
    """Return a page with everything that a document can hold, made by hand."""
    return render_html(_full(), snapshot(extra_names=HOSTILE))


def blind_page() -> bytes:
    """Return the page of a scan that could read nothing."""
    blind = blind_snapshot(
        DeniedError("Graph refused.", code="Forbidden", permission="Directory.Read.All", advice="Ask.")
    )
    return render_html(document_of((), sections=sections_of(blind)), blind)


def _full() -> FindingsDocument:
    bare = document(extra_names=HOSTILE)
    waiver = WaiverInfo(id="w", until=date(2026, 12, 31), reason="Rebuilt in December", owner="Ada", ticket="CHG-1")
    connector = about("connector", 2, "branch-con-01.corp.contoso.com")
    dates = {"inactive_since": "2026-11-15", "removal_expected": "2026-11-25"}
    moved = (MovedFact(what="evidence.version", before="1.5.1.0", after="1.5.2.0"),)
    more = (
        verdict("CON001", connector, Outcome.FAIL, title="Connector is active", evidence={**dates}, life=life("new")),
        verdict("CON001", about("connector", 9, "old"), Outcome.WAIVED, life=life()).model_copy(
            update={"waiver": waiver}
        ),
        verdict("VER009", connector, Outcome.FAIL, life=life("changed").model_copy(update={"moved": moved})),
        *(verdict("MANY", about("principal", n, f"Person {n}"), Outcome.FAIL, life=life()) for n in range(30)),
    )
    control = ControlInfo(framework="NIST SP 800-53", id="SI-2", name="Flaw Remediation")
    return bare.model_copy(
        update={
            "verdicts": (*bare.verdicts, *more),
            "changes": (
                ChangeEntry(at=NOW, kind="gone", subject=connector),
                ChangeEntry(at=NOW, kind="moved", subject=connector, before=made_id("group", 0), after="elsewhere"),
            ),
            "trend": tuple(_point(day) for day in range(0, 60, 5)),
            "rules": (RuleInfo(id="CON001", title="T", why="Why.", severity=Severity.LOW, controls=(control,)),),
        }
    )


def _point(day: int) -> TrendPoint:
    unread = day == 30
    return TrendPoint(
        scan=f"s{day}",
        at=NOW - timedelta(days=60 - day),
        complete=not unread,
        outcomes={},
        failing={Severity.HIGH: day % 7, Severity.LOW: 2},
        connectors_current=None if unread else day // 10,
        connectors_judged=None if unread else 6,
    )


def _plant(value: object, planted: cycle[str], key: str = "") -> object:
    """Return a tenant file's content with markup wherever a text may be chosen freely."""
    match value:
        case dict():
            return {own: _plant(each, planted, own) for own, each in value.items()}
        case list() | tuple():
            return [_plant(each, planted) for each in value]
        case str() if key in _PLANTED_IN:
            return next(planted)
        case _:
            return value
