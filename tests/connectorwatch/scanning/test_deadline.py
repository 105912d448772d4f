"""A scan's deadline from end to end: what was read in time is judged, stored and published."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from common.clock import Clock, Deadline
from common.errors import CredentialError, NothingReadError, SettingsError
from connectorwatch.__main__ import main
from connectorwatch.platform.credentials import tenant_in_time
from connectorwatch.scanning.job import Scan
from connectorwatch.scanning.latest_and_views import stored_state
from connectorwatch.scanning.scan import run
from connectorwatch.service.scan_request import LONGEST_SCAN
from connectorwatch.settings import SCAN_TIMEOUT, Settings, load_settings
from connectorwatch.wiring import Choices, settings_of
from findings.reports.formats import BY_FILE
from findings.stores.folder import FolderStore
from inventory.graph import GraphClient, Limits
from policies.policy_file.read import LoadedPolicy
from policies.releases.catalogue import built_in_catalogue
from policies.vocabulary import Outcome
from simulator import Fault, FaultKind, Simulator
from tests.common.test_clock import sender
from tests.e2e.running import NOW, environment, tenant_file
from tests.inventory.networks import Simulated, in_virtual_time, now
from tests.inventory.wires import Credential
from tests.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from azure.core.credentials import AccessToken

BUSY = Fault(path="/auditLogs/directoryAudits", kind=FaultKind.THROTTLED, retry_after=290)
"""An audit log that asks for almost five minutes of waiting, again and again."""
TENANT = tenant_file("contoso").tenant.id


def _scan(store: FolderStore, network: Simulated, seconds: float, day: int = 0) -> Scan:
    return Scan(
        tenant_id=TENANT,
        graph=GraphClient(sender(network, seconds), Limits(patience=1e6, tries=1000)),
        store=store,
        policy=LoadedPolicy.built_in(),
        releases=built_in_catalogue(),
        now=lambda: NOW + timedelta(days=day, seconds=now()),
        own_clock=False,
    )


@in_virtual_time
async def test_a_list_that_is_not_read_in_time_costs_itself_alone(tmp_path: Path) -> None:
    """The scan ends before its deadline with every other list, and is judged, stored and published."""
    store = FolderStore(tmp_path)

    result = await run(_scan(store, Simulated(tenant_file("contoso"), faults=[BUSY]), SCAN_TIMEOUT))

    unread = {section.name: section.code for section in result.snapshot.sections if not section.known}
    state = stored_state(store, TENANT)[0]
    files = {name.rpartition("/")[2] for name in store.scans.list(f"{TENANT}/scans/{result.document.scan.id}/")}
    assert unread["audit"] == "out_of_time"
    assert now() <= SCAN_TIMEOUT
    assert (state.unpublished, [scan.id for scan in state.scans]) == ((), [result.document.scan.id])
    assert files == {*BY_FILE, "evidence.json.gz"}
    assert "out of time" in (store.latest.read(f"{TENANT}/latest/report.html") or b"").decode()


@pytest.mark.parametrize("latency", [10, 30, 60, 90])
@in_virtual_time
async def test_what_a_slow_graph_leaves_unread_is_not_assessed_and_resolves_nothing(
    tmp_path: Path, latency: float
) -> None:
    """After a whole scan, a slow one closes no finding: rules on what is missing are not assessed."""
    store = FolderStore(tmp_path)
    await run(_scan(store, Simulated(tenant_file("contoso")), 1e6))
    before = {key for key, record in stored_state(store, TENANT)[0].findings.items() if record.state == "open"}

    slow = await run(_scan(store, Simulated(tenant_file("contoso"), latency=latency), 100, day=1))

    after = {key for key, record in stored_state(store, TENANT)[0].findings.items() if record.state == "open"}
    assert before <= after
    assert slow.document.summary.outcomes[Outcome.NOT_ASSESSED] > 0
    assert not slow.document.scan.complete


@in_virtual_time
async def test_a_scan_that_read_nothing_in_time_stores_nothing(tmp_path: Path) -> None:
    """A Graph that answers nothing before the deadline is a failed scan that says why."""
    with pytest.raises(NothingReadError, match="out of time"):
        await run(_scan(FolderStore(tmp_path), Simulated(tenant_file("contoso"), latency=1e5), 10))
    assert now() == 10


class _Waiting(Credential):
    """A credential whose identity endpoint is not heard from again."""

    async def get_token(self, *scopes: str, claims: str | None = None, **_: object) -> AccessToken:
        """Wait for an hour."""
        await asyncio.sleep(3600)
        return await super().get_token(*scopes, claims=claims)


@in_virtual_time
async def test_a_sign_in_that_hangs_ends_with_the_deadline() -> None:
    """No token by then is a failed sign-in, with the advice of one."""
    with pytest.raises(CredentialError, match=r"no token for Graph yet: out of time.*az login"):
        await tenant_in_time(_Waiting("token"), Settings(), Deadline(60, Clock(now)))
    assert now() == 60


def test_functions_are_not_killed_before_a_scan_has_ended() -> None:
    """`functionTimeout` leaves at least five minutes to judge and store what the longest scan of the service read."""
    hours, minutes, seconds = map(int, json.loads((ROOT / "host.json").read_bytes())["functionTimeout"].split(":"))

    assert SCAN_TIMEOUT <= LONGEST_SCAN <= 3600 * hours + 60 * minutes + seconds - 300


def test_the_option_goes_before_the_setting() -> None:
    """`--timeout` is the deadline of one command, CONNECTORWATCH_SCAN_TIMEOUT_SECONDS that of all."""
    settings = {"CONNECTORWATCH_SCAN_TIMEOUT_SECONDS": "77"}

    assert load_settings({}).scan_timeout_seconds == SCAN_TIMEOUT
    assert settings_of(Choices(), settings).scan_timeout_seconds == 77
    assert settings_of(Choices(timeout=5), settings).scan_timeout_seconds == 5


@pytest.mark.parametrize("text", ["0", "-1", "soon", "86401", "nan", "inf"])
def test_a_timeout_that_is_none_is_refused(text: str) -> None:
    """No endless scan, and none that ends before it begins."""
    done = CliRunner().invoke(main, ["scan", "--demo", "--timeout", text])

    assert done.exit_code == 2
    assert "--timeout" in done.output


@pytest.mark.parametrize("text", ["0", "-1", "soon", "86401", "nan", "inf"])
def test_a_setting_that_is_no_time_is_refused(text: str) -> None:
    """The setting takes what the option takes."""
    with pytest.raises(SettingsError, match="CONNECTORWATCH_SCAN_TIMEOUT_SECONDS has a bad value"):
        load_settings({"CONNECTORWATCH_SCAN_TIMEOUT_SECONDS": text})


def test_a_command_ends_in_time(tmp_path: Path) -> None:
    """Over a real connection that hangs, `scan --timeout` ends, reports what it read, and exits with its gaps."""
    hanging = Fault(path="/auditLogs/directoryAudits", kind=FaultKind.HANG)
    with Simulator(tenant_file("clean"), faults=[hanging]).in_thread() as graph:
        arguments = ["scan", "--out", str(tmp_path), "--timeout", "3", "--at", NOW.isoformat(), "--json"]
        done = CliRunner(env=environment(graph)).invoke(main, arguments)

    lists = {entry["name"]: entry for entry in json.loads(done.stdout)["sections"]}
    assert (lists["audit"]["status"], lists["audit"]["code"]) == ("failed", "out_of_time")
    assert done.exit_code in (3, 4)
