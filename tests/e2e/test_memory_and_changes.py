"""What is remembered from one scan to the next, and what is told as a change."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from simulator import Simulator
from tests.e2e.running import (
    NOW,
    environment,
    keys,
    moved,
    scan_tenant,
    scan_with,
    state_of,
    stored,
    table_of,
    tenant_file,
    variant,
)

if TYPE_CHECKING:
    from pathlib import Path

    from findings.document import FindingsDocument
    from simulator import Tenant

DAY = timedelta(days=1)
DOWN = "connector_groups: {head-office: {connectors: {hq-02: {status: inactive}}}}"
OUTDATED = "connector_groups: {head-office: {connectors: {hq-02: {version: %s}}}}"
FORGOTTEN = """
    connector_groups:
      lab:
        name: Lab
        connectors:
          lab-01: {name: LAB-PNC01, ip: 198.51.100.99, version: 1.5.612.0}
"""
PEOPLE_MOVED = """
    users:
      zoe: {name: Zoe Grant}
    assignments:
      zoe: {principal: zoe, role: application-administrator}
      max: null
      lena-always: {principal: lena, role: application-administrator}
"""


async def scan_day(tenant: Tenant, out: Path, day: int) -> FindingsDocument:
    """Scan a tenant so many days after the first."""
    return await scan_tenant(tenant, out, NOW + day * DAY)


async def test_the_second_scan_of_an_unchanged_tenant_reports_no_change(tmp_path: Path) -> None:
    """Ages grow from day to day; nothing of that is a change."""
    tenant = tenant_file("contoso")
    first = await scan_day(tenant, tmp_path, 0)
    second = await scan_day(tenant, tmp_path, 1)
    assert set(moved(first, tenant).values()) == {"new"}
    assert moved(second, tenant) == {}
    assert (first.scan.first, second.scan.first) == (True, False)
    assert second.summary.changes.model_dump() == {"new": 0, "reopened": 0, "changed": 0, "resolved": 0}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["connectors-denied", "roles-denied"])
async def test_a_day_on_which_a_section_was_unread_resolves_nothing(name: str, tmp_path: Path) -> None:
    """What nobody could look at stays open and is marked as stale, and its return is no change either."""
    tenant = tenant_file("contoso")
    await scan_day(tenant, tmp_path, 0)
    unread = await scan_day(tenant_file(name), tmp_path, 1)
    open_then = {key: found.stale for key, found in state_of(tmp_path, tenant).findings.items()}
    again = await scan_day(tenant, tmp_path, 2)
    assert (moved(unread, tenant), moved(again, tenant)) == ({}, {})
    assert any(open_then.values())
    assert all(found.state == "open" and not found.stale for found in state_of(tmp_path, tenant).findings.values())


async def test_a_repaired_connector_resolves_its_findings_once(tmp_path: Path) -> None:
    """The scan that first sees it tells so, the next one does not."""
    fine = tenant_file("clean")
    await scan_day(variant(tmp_path, DOWN, "clean"), tmp_path, 0)
    second, third = [await scan_day(fine, tmp_path, day) for day in (1, 2)]
    assert moved(second, fine) == {"GRP001 head-office": "resolved", "CON001 hq-02": "resolved"}
    assert moved(third, fine) == {}


async def test_what_breaks_again_is_reopened_and_keeps_its_first_day(tmp_path: Path) -> None:
    """A finding that comes back is the old one."""
    down = variant(tmp_path, DOWN, "clean")
    last = [await scan_day(there, tmp_path, day) for day, there in enumerate([down, tenant_file("clean"), down])][-1]
    assert moved(last, down) == {"GRP001 head-office": "reopened", "CON001 hq-02": "reopened"}
    found = state_of(tmp_path, down).findings[f"CON001/{down.guid('connector', 'hq-02')}"]
    assert (found.first_seen, found.last_seen, found.resolved_at) == (NOW, NOW + 2 * DAY, None)


async def test_a_finding_whose_facts_moved_has_changed(tmp_path: Path) -> None:
    """Another version is another fact; the finding stays the same one."""
    older, oldest = [variant(tmp_path, OUTDATED % version, "clean") for version in ("1.5.4364.0", "1.5.4287.0")]
    await scan_day(older, tmp_path, 0)
    assert moved(await scan_day(oldest, tmp_path, 1), oldest) == {
        "VER003 hq-02": "changed",
        "VER004 hq-02": "changed",
    }


async def test_a_subject_that_is_gone_resolves_its_findings(tmp_path: Path) -> None:
    """A deleted group and its connector are missing from lists that were read in full, which is an answer."""
    with_lab = variant(tmp_path, FORGOTTEN, "clean")
    await scan_day(with_lab, tmp_path, 0)
    second = await scan_day(tenant_file("clean"), tmp_path, 1)
    over = ("GRP001 lab", "VER001 lab-01", "VER003 lab-01", "VER004 lab-01")
    assert moved(second, with_lab) == {**dict.fromkeys(over, "resolved"), "CON002 lab-01": "new"}
    assert {entry.lifecycle.resolved_by for entry in second.gone} == {"subject_gone"}


async def test_a_rule_that_is_switched_off_resolves_its_findings_and_says_so(tmp_path: Path) -> None:
    """They have not been fixed, and the report does not say that they were."""
    down = variant(tmp_path, DOWN, "clean")
    await scan_day(down, tmp_path, 0)
    policy = tmp_path / "quieter.yaml"
    policy.write_text("groups: {Maintenance: {purpose: maintenance}}\nrules: {CON001: {enabled: false}}\n", "utf-8")
    second = await scan_tenant(down, tmp_path, NOW + DAY, policy)
    assert moved(second, down) == {"CON001 hq-02": "resolved"}
    assert {entry.lifecycle.resolved_by for entry in second.gone} == {"rule_disabled"}


def registrars_told(document: FindingsDocument, tenant: Tenant) -> dict[str, object]:
    """Return what REG011 says of whoever it says anything of."""
    names = keys(tenant)
    told = [verdict for verdict in document.verdicts if verdict.rule == "REG011" and verdict.outcome == "fail"]
    return {names[verdict.subject.id]: verdict.evidence["change"] for verdict in told}


async def test_who_appeared_and_who_gained_a_path_stays_open(tmp_path: Path) -> None:
    """Each is new on the day it is seen and open ever after; who can no longer register fails nothing."""
    moves = variant(tmp_path, PEOPLE_MOVED, "clean")
    looks = ((tenant_file("clean"), 0), (moves, 1), (moves, 2), (moves, 9))
    first, new, same, later = [await scan_day(tenant, tmp_path, day) for tenant, day in looks]
    told = {"zoe": "appeared", "lena": "gained"}
    assert [registrars_told(document, moves) for document in (first, new, same, later)] == [{}, told, told, told]
    assert moved(new, moves).items() >= {f"REG011 {name}": "new" for name in told}.items()
    assert moved(same, moves) == {}
    assert moved(later, moves) == {}


async def test_a_day_without_role_data_hides_no_change_of_registrars(tmp_path: Path) -> None:
    """The look after it is held against the last one at which everybody was read."""
    moves = variant(tmp_path, PEOPLE_MOVED, "clean")
    await scan_day(tenant_file("clean"), tmp_path, 0)
    refused = "faults: [{path: /roleManagement/directory/roleDefinitions, kind: denied}]"
    unread = await scan_day(variant(tmp_path, refused, "clean"), tmp_path, 1)
    assert table_of(unread, moves)["REG011"] == {"tenant": ("not_assessed", None)}
    told = registrars_told(await scan_day(moves, tmp_path, 2), moves)
    assert told == {"zoe": "appeared", "lena": "gained"}


async def test_an_older_look_after_a_newer_one_is_kept_and_changes_nothing(tmp_path: Path) -> None:
    """It is stored as superseded; what is remembered and what `latest/` shows stay the newer scan's."""
    tenant, out = tenant_file("clean"), tmp_path / "out"
    newer = await scan_day(tenant, out, 1)
    before = stored(out)
    older = await scan_day(variant(tmp_path, DOWN, "clean"), out, 0)
    after = stored(out)
    assert (newer.scan.superseded, older.scan.superseded) == (False, True)
    assert {name: after[name] for name in before} == before
    assert {name.rsplit("/", 2)[1] for name in after.keys() - before.keys()} == {older.scan.id}
    assert moved(older, tenant) == {}


async def test_the_same_scan_asked_for_twice_is_one_scan(tmp_path: Path) -> None:
    """The second time no Graph is asked and every byte in storage stays as it is."""
    async with Simulator(tenant_file("contoso")) as simulator:
        first = await scan_with(environment(simulator), tmp_path)
        asked, before = simulator.http_requests, stored(tmp_path)
        second = await scan_with(environment(simulator), tmp_path)
        assert simulator.http_requests == asked
    assert stored(tmp_path) == before
    assert second.document == first.document
