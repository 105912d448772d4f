"""Scans' announcements on their way to Log Analytics: from the outbox, together, again, and when nothing moved."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from connectorwatch.channels.log_analytics import LogsTableChannel
from connectorwatch.delivery.deliver import DeliveryContext, deliver
from connectorwatch.delivery.subscriptions import SENTINEL, Routing
from findings.stores.folder import FolderStore
from simulator import Fault, FaultKind, Simulator
from tests.connectorwatch.telemetry.ingestion import RULE, Ingestion, table
from tests.e2e.running import NOW, environment, scan_tenant, scan_with, tenant_file, variant

if TYPE_CHECKING:
    from pathlib import Path


def work_to(channel: LogsTableChannel, after: timedelta = timedelta(0)) -> DeliveryContext:
    """Return what delivers to the table alone, some time after the first scan."""
    return DeliveryContext(channel.store, lambda: NOW + after, Routing((SENTINEL,)), lambda _: channel)


async def test_a_new_connector_reaches_the_table_with_its_scan(service: Ingestion, tmp_path: Path) -> None:
    """The day after a connector was registered, one row tells of it, and the findings that moved stand beside it."""
    before = tenant_file("contoso")
    after = variant(tmp_path, "connector_groups: {london: {connectors: {new: {name: SRV-NEW}}}}")
    store = FolderStore(tmp_path / "out")
    channel = LogsTableChannel(store, table(service))
    await scan_tenant(before, tmp_path / "out")
    first = deliver(work_to(channel))
    service.calls.clear()
    await scan_tenant(after, tmp_path / "out", NOW + timedelta(days=1))

    second = deliver(work_to(channel, timedelta(days=1)))

    assert (first.sent, second.sent) == (1, 1)
    new = [
        row
        for row in service.rows
        if (row["Source"], row["Change"], row["SubjectType"]) == ("inventory", "new", "connector")
    ]
    assert [row["SubjectName"] for row in new] == ["SRV-NEW"]
    assert {row["FirstScan"] for row in service.rows} == {False}


async def test_what_is_sent_again_can_be_recognised(service: Ingestion, tmp_path: Path) -> None:
    """After a call that failed in the middle everything is sent again, under the ids it had."""
    store = FolderStore(tmp_path)
    await scan_tenant(tenant_file("contoso"), tmp_path)
    small = replace(table(service))
    service.limit, service.answers = 8_000, [413, 413, 413, 204, 500]  # so that the scan is several calls
    channel = LogsTableChannel(store, small)

    failed = deliver(work_to(channel))
    once = {row["ChangeId"] for row in service.rows}
    sent = deliver(work_to(channel, timedelta(minutes=5)))

    again = [row["ChangeId"] for row in service.rows]
    assert ((failed.sent, failed.failed), (sent.sent, sent.failed)) == ((0, 1), (1, 0))
    assert once
    assert len(again) == len(set(again)) + len(once)
    assert deliver(work_to(channel, timedelta(minutes=9))).sent == 0


@pytest.mark.parametrize("content", [None, b"", b"{}", b'{"schema": "connectorwatch.findings/v1"}'], ids=str)
async def test_a_result_that_is_gone_or_damaged_is_told_and_holds_up_nobody(
    service: Ingestion, tmp_path: Path, content: bytes | None
) -> None:
    """Its scan is a row that says so, and the other tenant's rows arrive beside it."""
    store = FolderStore(tmp_path)
    result = await scan_tenant(tenant_file("contoso"), tmp_path)
    other = await scan_tenant(tenant_file("clean"), tmp_path)
    stored = tmp_path / result.tenant.id / "scans" / result.scan.id / "findings.json"
    stored.unlink()
    if content is not None:
        stored.write_bytes(content)

    done = deliver(work_to(LogsTableChannel(store, table(service))))

    of_scans = {row["EntraTenantId"]: row["Change"] for row in service.rows if row["Source"] == "scan"}
    assert (done.sent, done.failed) == (2, 0)
    assert of_scans == {result.tenant.id: "lost", other.tenant.id: "complete"}
    assert {row["Source"] for row in service.rows if row["EntraTenantId"] == result.tenant.id} == {"scan"}


async def test_a_result_of_a_newer_version_waits_for_who_can_read_it(service: Ingestion, tmp_path: Path) -> None:
    """While an update rolls out nothing is told as lost, the other tenant's rows arrive once, and these come later."""
    store = FolderStore(tmp_path)
    result = await scan_tenant(tenant_file("contoso"), tmp_path)
    other = await scan_tenant(tenant_file("clean"), tmp_path)
    stored = tmp_path / result.tenant.id / "scans" / result.scan.id / "findings.json"
    content = stored.read_bytes()
    stored.chmod(0o600)
    stored.write_bytes(b'{"schema": "connectorwatch.findings/v99"}')
    channel = LogsTableChannel(store, table(service))

    old = deliver(work_to(channel))
    told = {row["EntraTenantId"] for row in service.rows}
    service.calls.clear()
    stored.write_bytes(content)
    new = deliver(work_to(channel, timedelta(minutes=5)))

    assert ((old.sent, old.failed), told) == ((1, 1), {other.tenant.id})
    assert (new.sent, new.failed) == (1, 0)
    assert {row["EntraTenantId"] for row in service.rows} == {result.tenant.id}
    assert "lost" not in {row["Change"] for row in service.rows}


async def recorded(service: Ingestion, out: Path, after: timedelta = timedelta(0), *faults: Fault) -> None:
    """Scan a tenant that stands still, with the settings that name the table."""
    named = {"CONNECTORWATCH_LOGS_ENDPOINT": service.root, "CONNECTORWATCH_LOGS_RULE_ID": RULE}
    async with Simulator(tenant_file("contoso"), faults=list(faults)) as simulator:
        await scan_with(environment(simulator) | named, out, NOW + after)


@pytest.mark.slow
async def test_many_announcements_are_few_calls(service: Ingestion, tmp_path: Path) -> None:
    """What waited is sent together, in the order of the scans, since a lease lasts a minute only."""
    store = FolderStore(tmp_path)
    for day in range(3):
        await recorded(service, tmp_path, timedelta(days=day))

    done = deliver(work_to(LogsTableChannel(store, table(service)), timedelta(days=3)))

    at = [str(row["TimeGenerated"]) for row in service.rows if row["Source"] == "scan"]
    assert (done.sent, len(service.calls), len(at)) == (3, 1, 3)
    assert at == sorted(at)


async def test_a_scan_that_found_nothing_is_a_row_and_on_no_card(service: Ingestion, tmp_path: Path) -> None:
    """The second look at a tenant that stood still says that somebody looked, to the table alone."""
    store = FolderStore(tmp_path)
    for day in range(2):
        await recorded(service, tmp_path, timedelta(days=day))
        service.calls.clear()
        deliver(work_to(LogsTableChannel(store, table(service)), timedelta(days=day)))

    (row,) = service.rows
    assert (row["Source"], row["Change"]) == ("scan", "complete")
    assert str(row["Message"]).endswith("checks could not be made. All lists were read.")


async def test_connectors_that_could_not_be_read_are_neither_gone_nor_resolved(
    service: Ingestion, tmp_path: Path
) -> None:
    """The scan is incomplete, each list that was not read is a row with its reason, and nothing else moves."""
    store = FolderStore(tmp_path)
    await recorded(service, tmp_path)
    deliver(work_to(LogsTableChannel(store, table(service))))
    service.calls.clear()
    await recorded(service, tmp_path, timedelta(days=1), Fault(path="/**/connectors", kind=FaultKind.DENIED))

    deliver(work_to(LogsTableChannel(store, table(service)), timedelta(days=1)))

    told = {(row["Source"], row["Change"]) for row in service.rows}
    assert told == {("scan", "incomplete"), ("section", "denied")}
    connectors = next(row for row in service.rows if row["SubjectId"] == "connectors")
    assert connectors["Message"]
    assert connectors["Remedy"]


async def test_roles_that_pim_did_not_tell_are_told_as_not_seen(service: Ingestion, tmp_path: Path) -> None:
    """With PIM's assignments denied the plain ones are read, and the table says that this was not the whole look."""
    pim = Fault(path="/**/roleAssignmentScheduleInstances", kind=FaultKind.DENIED)
    await recorded(service, tmp_path, timedelta(0), pim)

    deliver(work_to(LogsTableChannel(FolderStore(tmp_path), table(service))))

    scan = next(row for row in service.rows if row["Source"] == "scan")
    sections = {str(row["SubjectId"]): row for row in service.rows if row["Source"] == "section"}
    assert (scan["Change"], "role_assignments" in str(scan["Message"])) == ("incomplete", True)
    assert sections.keys() == {"role_assignments"}
    assert sections["role_assignments"]["Change"] in ("denied", "failed")
    assert "plain role assignments" in str(sections["role_assignments"]["Message"])
