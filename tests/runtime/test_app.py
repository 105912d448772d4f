"""function_app.py in Microsoft's own Python runtime: bindings, and every trigger for real."""

from __future__ import annotations

import base64
import gzip
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from common.ids import scan_id
from connectorwatch.service.own_state import read_fleet
from connectorwatch.settings import load_settings
from connectorwatch.web.table import ROUTES
from tests.paths import ROOT
from tests.runtime.conftest import OTHER, World
from tests.runtime.driving import hosted

if TYPE_CHECKING:
    from pathlib import Path

    from simulator import Simulator

pytestmark = pytest.mark.runtime

TIMERS = {
    "schedule_scans": "%SCAN_SCHEDULE%",
    "watchdog": "%WATCHDOG_SCHEDULE%",
    "deliver": "%DELIVERY_SCHEDULE%",
    "digest": "%DIGEST_SCHEDULE%",
    "retain": "%RETENTION_SCHEDULE%",
}
QUEUES = {"scan_tenant": "scan-requests", "failed_scan": "scan-requests-poison"}
HEAVY = ("msgraph", "msgraph_core", "azure.identity", "azure.storage", "azure.data", "aiohttp", "httpx", "pydantic")


def moment() -> str:
    """Return the newest full hour, as the host names a timer's next occurrence."""
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0).isoformat()


def test_the_host_sees_every_binding(world: World) -> None:
    """Each timer has its setting and the monitor, each queue its connection, and each route of the table is there."""
    for name, schedule in TIMERS.items():
        (binding,) = world.host.functions.pop(name)
        assert (binding["type"], binding["schedule"], binding["useMonitor"]) == ("timerTrigger", schedule, True)
        assert "runOnStartup" not in binding
    for name, queue in QUEUES.items():
        (binding,) = world.host.functions.pop(name)
        assert (binding["type"], binding["queueName"]) == ("queueTrigger", queue)
        assert binding["connection"] == "AzureWebJobsStorage"
    assert [name for name, retried in world.host.retries.items() if retried] == ["schedule_scans"]
    routes = {
        binding["route"] for bindings in world.host.functions.values() for binding in bindings if "route" in binding
    }
    assert routes >= {route.path for route in ROUTES if route.keys or route.anybody}
    types = {binding["type"] for bindings in world.host.functions.values() for binding in bindings}
    assert types == {"httpTrigger", "http"}


def test_indexing_loads_nothing_heavy(world: World) -> None:
    """When the host has indexed the app, none of the libraries that scan or store are loaded."""
    heavy = [name for name in world.host.indexed if name.startswith(HEAVY)]

    assert heavy == []


def test_from_the_timer_to_the_answers(world: World) -> None:
    """Timer, messages, scans, blobs and rows, HTTP answers; one tenant that fails does not stop the other."""
    following = moment()
    assert world.host.timer("schedule_scans", following)["ok"]
    assert world.host.timer("schedule_scans", following)["ok"]  # fired twice
    answers = world.mail.work(world.host)

    wanted = scan_id(datetime.fromisoformat(following), world.tenant, "schedule")
    assert {name.split("/")[2] for name in world.store.scans.list(f"{world.tenant}/scans/")} == {wanted}
    state = world.store.documents.read(f"{world.tenant}/state.json")
    assert state is not None
    assert [scan["id"] for scan in json.loads(state.content)["scans"]] == [wanted]
    assert json.loads(state.content)["outbox"] == []  # delivered at the end of the scan
    assert world.store.latest.read(f"{world.tenant}/latest/report.html") is not None
    rows = world.store.views.query("ConnectorTenants").rows
    assert [row.values["scan"] for row in rows] == [wanted]

    failures = [answer["failure"] for answer in answers if not answer["ok"]]
    assert len(failures) == 10  # two messages, five attempts each
    assert all("token belongs to tenant" in failure for failure in failures)
    (finding,) = read_fleet(world.store).findings.values()
    assert (finding.key, finding.state, finding.evidence) == (f"SVC001/{OTHER}", "open", {"error": "CredentialError"})
    assert read_fleet(world.store).outbox == ()
    assert not any(name.startswith("msgraph.generated.") for name in answers[-1]["modules"])

    status, _, body = world.host.http("tenants", "/api/tenants")
    assert (status, world.tenant in body.decode()) == (200, True)
    status, _, body = world.host.http("findings", f"/api/tenants/{world.tenant}/findings", tenant=world.tenant)
    assert (status, b"GRP001" in body) == (200, True)
    status, headers, body = world.host.http(
        "artefact", f"/api/tenants/{world.tenant}/scans/latest/report.html",
        tenant=world.tenant, scan="latest", file="report.html",
    )  # fmt: skip
    assert (status, headers["X-Content-Type-Options"], b"<html" in body) == (200, "nosniff", True)


def test_a_message_delivered_again_changes_nothing(world: World, graph: Simulator) -> None:
    """The same message twice is one scan's worth of state and artefacts, and Graph is not asked again."""
    world.host.timer("schedule_scans", moment())
    message = next(one.content for one in world.mail.queue.peek_messages(2) if world.tenant in one.content)
    assert world.host.invoke("scan_tenant", message={"string": message})["ok"]
    state, asked = world.store.documents.read(f"{world.tenant}/state.json"), len(graph.requests)

    assert world.host.invoke("scan_tenant", message={"string": message})["ok"]

    assert world.store.documents.read(f"{world.tenant}/state.json") == state
    assert len(graph.requests) == asked


def test_messages_wait_for_their_turn(world: World, package: Path, tmp_path: Path) -> None:
    """With a spread, messages are in the queue and not to be seen yet."""
    settings = world.settings | {"CONNECTORWATCH_SPREAD_MINUTES": "600"}
    with hosted(package, settings, tmp_path / "other.txt") as host:
        assert host.timer("schedule_scans", moment())["ok"]

    assert world.mail.queue.get_queue_properties().approximate_message_count == 2
    assert world.mail.queue.peek_messages(2) == []


@pytest.mark.parametrize("garbage", ["", "garbage", "{}", '{"schema": "connectorwatch.request/v9"}'])
def test_garbage_on_the_queue_fails_and_is_given_up(world: World, garbage: str) -> None:
    """What is no request fails in a sentence, and the poison queue's function takes it without a finding."""
    answer = world.host.invoke("scan_tenant", message={"string": garbage})
    assert (answer["ok"], answer["failure"].partition(":")[0]) == (False, "RequestError")
    assert world.host.invoke("failed_scan", message={"string": garbage})["ok"]
    assert world.store.documents.read("_fleet/state.json") is None


def test_the_other_timers_run(world: World) -> None:
    """Watchdog, delivery, digest and retention run on an empty installation and on one with a scan."""
    for _ in range(2):
        for name in ("watchdog", "deliver", "digest", "retain"):
            answer = world.host.timer(name, moment())
            assert answer["ok"], answer["trace"]
        world.host.timer("schedule_scans", moment())
        world.mail.work(world.host)

    configured = read_fleet(world.store).configured
    assert set(configured) == {world.tenant, OTHER}


def test_a_scan_asked_for_over_http_is_made(world: World) -> None:
    """POST answers 202 with an id, the same while it waits, and the scan is stored under that id."""
    path = f"/api/tenants/{world.tenant}/scans"
    told = [world.host.http("start_scan", path, "POST", tenant=world.tenant) for _ in range(2)]

    assert [status for status, _, _ in told] == [202, 202]
    assert told[0][2] == told[1][2]
    assert world.mail.queue.get_queue_properties().approximate_message_count == 1
    world.mail.work(world.host)
    (stored,) = {name.split("/")[2] for name in world.store.scans.list(f"{world.tenant}/scans/")}
    assert stored in told[0][2].decode()


def test_every_route_answers_without_a_trace(world: World) -> None:
    """Each route gives an answer of its own for a tenant that is unknown, hostile, or not there yet."""
    for route in ROUTES:
        for tenant in (world.tenant, OTHER, "../_fleet", "\u202e"):
            params = {"tenant": tenant, "scan": "../x", "file": "state.json"}
            for name in [route.name] * (route.keys or route.anybody) + [f"people_{route.name}"] * route.people:
                status, _, body = world.host.http(name, "/api/x", route.method, **params)
                assert status in {200, 202, 400, 401, 403, 404}
                assert b"Traceback" not in body


def test_nothing_that_is_logged_or_stored_holds_a_secret(world: World) -> None:
    """Tokens, account keys and signatures are in no log line and no stored object."""
    world.host.timer("schedule_scans", moment())
    world.mail.work(world.host)
    key = world.settings["CONNECTORWATCH_STORAGE"].partition("AccountKey=")[2].partition(";")[0]
    secrets = [world.settings["CONNECTORWATCH_GRAPH_TOKEN"].encode(), key.encode(), base64.b64decode(key)]

    contents = [world.log.read_bytes()]
    for tenant in (world.tenant, OTHER, "_fleet"):
        state = world.store.documents.read(f"{tenant}/state.json")
        contents += [state.content] if state else []
        for name in world.store.scans.list(f"{tenant}/scans/"):
            content = world.store.scans.read(name) or b""
            contents.append(gzip.decompress(content) if name.endswith(".gz") else content)

    assert b"scan stored" in contents[0]
    assert len(contents) > 5
    assert not [secret for secret in secrets for content in contents if secret in content]


def test_the_example_settings_name_every_schedule() -> None:
    """local.settings.json.example has each setting that a trigger names, and none of ours that is unknown."""
    told = json.loads((ROOT / "local.settings.json.example").read_text(encoding="utf-8"))["Values"]

    assert {f"%{name}%" for name in told if name.endswith("_SCHEDULE")} >= set(TIMERS.values())
    assert load_settings(told).tenant_id is not None
