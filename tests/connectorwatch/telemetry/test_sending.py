"""What goes over the wire: to a collector that the standard variables name, and to nobody otherwise."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from aiohttp import web

from common.telemetry import METRICS
from connectorwatch.platform.telemetry import PATIENCE, TIMEOUT, Sending, set_up
from simulator import Simulator
from tests.connectorwatch.telemetry.collector import Collector, collecting
from tests.connectorwatch.telemetry.loopback import serving
from tests.e2e.commands import Ran, run
from tests.e2e.running import environment, tenant_file
from tests.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY = "planted-collector-key-7f3a"
AT = "2026-11-20T06:00:00Z"


def scan(out: Path, collector: str | None, tenant: str = "contoso", **variables: str) -> tuple[Ran, Simulator]:
    """Scan a bundled tenant from the command line, with these variables."""
    told = {f"OTEL_{name.upper()}": value for name, value in variables.items()}
    if collector is not None:
        told["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector
    with Simulator(tenant_file(tenant)).in_thread() as simulator:
        ran = run(
            "--log-level", "warning", "scan", "--out", str(out), "--at", AT, settings=environment(simulator) | told
        )
        return ran, simulator


@pytest.fixture(name="collector")
def _collector() -> Iterator[Collector]:
    with collecting() as own:
        yield own


def test_a_scan_sends_its_trace_and_its_metrics(collector: Collector, tmp_path: Path) -> None:
    """Over the wire come the spans of the scan and of the delivery, and the metrics, from a resource that says who."""
    ran, _ = scan(tmp_path, collector.root)

    assert ran.code == 3
    assert sorted(Counter(span.trace_id for span in collector.spans).values()) == [1, 11]
    assert collector.metrics.keys() == {metric.name for metric in METRICS} - {"connectorwatch.graph.throttled"}
    assert {name: metric.unit for name, metric in collector.metrics.items()}.items() <= {
        (metric.name, metric.unit) for metric in METRICS
    }
    assert collector.resources["service.name"] == "connectorwatch"
    assert {"service.version", "service.instance.id"} <= collector.resources.keys()


def test_nothing_that_a_tenant_wrote_is_sent(collector: Collector, tmp_path: Path) -> None:
    """No name, no address with its query, no token and no key of the collector's is in what was sent."""
    ran, simulator = scan(tmp_path, collector.root, "hostile", exporter_otlp_headers=f"api-key={KEY}")

    (stored,) = tmp_path.glob("*/scans/*/findings.json")
    document = json.loads(stored.read_text(encoding="utf-8"))
    names = {verdict["subject"]["name"] for verdict in document["verdicts"]} | {document["tenant"]["name"]}
    names |= {entry["principal"]["name"] for entry in document["registrars"]}
    ids = {verdict["subject"]["id"] for verdict in document["verdicts"]} - {document["tenant"]["id"]}
    sent = b"\n".join(collector.bodies)
    assert len(names) > 10
    assert [name for name in (names | ids) - {""} if name.encode() in sent] == []
    assert [
        secret for secret in (simulator.token, KEY, "$filter", "?$", "/v1.0/", "/beta/") if secret.encode() in sent
    ] == []
    assert any(KEY in headers for headers in collector.headers)
    assert KEY not in ran.stdout + ran.stderr


@pytest.mark.parametrize(
    "variables",
    [
        {"sdk_disabled": "true"},
        {"traces_exporter": "none", "metrics_exporter": "none"},
        {"exporter_otlp_protocol": "grpc"},
        {"traces_exporter": "console", "metrics_exporter": "prometheus"},
    ],
    ids=lambda own: next(iter(own)),
)
def test_nothing_is_sent_where_the_variables_do_not_ask_for_it(
    collector: Collector, tmp_path: Path, variables: dict[str, str]
) -> None:
    """Switched off, or asked for in a way that is not ours, the scan goes on and sends nothing."""
    ran, _ = scan(tmp_path, collector.root, "clean", **variables)

    assert (ran.code in (0, 3, 4), collector.bodies) == (True, [])


def test_a_way_that_is_not_ours_is_told(collector: Collector, tmp_path: Path) -> None:
    """A log line says that nothing is sent and which way is known."""
    ran, _ = scan(tmp_path, collector.root, "clean", exporter_otlp_protocol="grpc")

    assert "telemetry is not sent" in ran.stderr
    assert "http/protobuf" in ran.stderr


def test_each_signal_can_be_sent_alone(collector: Collector, tmp_path: Path) -> None:
    """An endpoint for metrics alone sends no span."""
    scan(tmp_path, None, "clean", exporter_otlp_metrics_endpoint=f"{collector.root}/v1/metrics")

    assert (collector.spans, "connectorwatch.scans" in collector.metrics) == ([], True)


def test_resources_can_be_named_by_hand(collector: Collector, tmp_path: Path) -> None:
    """OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES go before what is said by default."""
    named = {"service_name": "ours", "resource_attributes": "deployment.environment.name=test,service.version=9"}
    scan(tmp_path, collector.root, "clean", **named)

    told = collector.resources
    assert (told["service.name"], told["service.version"]) == ("ours", "9")
    assert told["deployment.environment.name"] == "test"


@pytest.mark.slow
def test_without_a_setting_the_sdk_is_not_even_loaded(tmp_path: Path) -> None:
    """A scan in a process of its own ends without any module of the SDK or of an exporter."""
    code = (
        "import sys\nfrom connectorwatch.__main__ import main\n"
        f"try:\n    main(['scan', '--demo', '--out', {str(tmp_path)!r}])\n"
        "except SystemExit:\n    pass\n"
        "print([name for name in sys.modules if name.startswith(('opentelemetry.sdk', 'opentelemetry.exporter'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - our own code

    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.slow
def test_a_collector_that_is_away_costs_seconds_and_no_result(tmp_path: Path) -> None:
    """The scan ends as it would without, a bounded time later, and says so in the log."""
    began = time.monotonic()
    away, _ = scan(tmp_path / "away", "http://127.0.0.1:9", "clean")
    took = time.monotonic() - began
    usual, _ = scan(tmp_path / "usual", None, "clean")

    assert away.code == usual.code
    assert took < PATIENCE + 5
    assert "telemetry could not be sent" in away.stderr


@pytest.mark.slow
def test_a_collector_that_hangs_is_left_alone_after_some_seconds(tmp_path: Path) -> None:
    """Even one that takes the connection and never answers holds nothing up for longer."""
    with collecting(hang=20) as collector:
        began = time.monotonic()
        ran, _ = scan(tmp_path, collector.root, "clean")
        took = time.monotonic() - began

    assert ran.code in (0, 3, 4)
    assert took < PATIENCE + 5


def test_a_signal_can_have_a_timeout_of_its_own(tmp_path: Path) -> None:
    """What one signal's variable says goes before the seconds that are ours by default."""
    with collecting(hang=20) as collector:
        began = time.monotonic()
        scan(
            tmp_path,
            None,
            "clean",
            exporter_otlp_traces_endpoint=f"{collector.root}/v1/traces",
            exporter_otlp_traces_timeout="0.1",
        )

    assert time.monotonic() - began < TIMEOUT


@pytest.mark.parametrize("status", [301, 302, 307, 401, 500])
def test_a_receiver_that_takes_nothing_is_told(tmp_path: Path, status: int) -> None:
    """A refusal, and an answer that points to another receiver, which then gets nothing, stand in the log."""
    with collecting() as elsewhere:

        async def refuse(request: web.Request) -> web.Response:
            await request.read()
            return web.Response(status=status, headers={"Location": f"{elsewhere.root}{request.path}"})

        with serving(refuse) as root:
            ran, _ = scan(tmp_path, root, "clean", exporter_otlp_headers=f"api-key={KEY}")

    assert (ran.code, elsewhere.bodies) == (0, [])
    assert "telemetry could not be sent" in ran.stderr
    assert str(status) in ran.stderr


@pytest.mark.parametrize(
    ("endpoint", "headers"),
    [
        ("http://127.0.0.1:9", "api-key: {key}"),
        ("http://127.0.0.1:9", "{key}"),
        ("http://127.0.0.1:9", "a=b;{key}"),
        ("http://127.0.0.1:9?key={key}", ""),
        ("127.0.0.1:9?key={key}", ""),
        ("127.0.0.1:9#{key}", ""),
        ("http//user:{key}@127.0.0.1:9", ""),
        ("http:\\\\user:{key}@127.0.0.1:9", ""),
        ("user:{key}@127.0.0.1:9", ""),
        ("http:///us/er:{key}@127.0.0.1:9", ""),
        ("https://user:{key}@127.0.0.1:9", ""),
    ],
)
def test_a_key_in_the_wrong_place_is_not_logged(tmp_path: Path, endpoint: str, headers: str) -> None:
    """Of a header that is written wrongly and of an address with a key in it, the trouble is told without the key."""
    key = uuid4().hex  # one of its own: a key that another test has planted is hidden already
    told = {"exporter_otlp_headers": headers.format(key=key), "exporter_otlp_timeout": "0.2"}
    ran, _ = scan(tmp_path, endpoint.format(key=key), "clean", **told)

    assert ran.code == 0
    assert "telemetry could not be sent" in ran.stderr
    assert key not in ran.stdout + ran.stderr


BAD_ADDRESSES = ["http://[x{key}", "http://user:{key}@h\u2100x/"]


@pytest.mark.parametrize("address", BAD_ADDRESSES)
@pytest.mark.parametrize("name", ["exporter_otlp_endpoint", "exporter_otlp_metrics_endpoint"])
def test_an_address_that_is_none_is_named_by_its_variable_alone(tmp_path: Path, address: str, name: str) -> None:
    """No traceback and no password: a sentence says which variable is to be corrected, and nothing is read."""
    key = uuid4().hex
    ran, simulator = scan(tmp_path, None, "clean", **{name: address.format(key=key)})

    assert (ran.code, simulator.requests) == (1, [])
    assert f"OTEL_{name.upper()} is no address" in ran.stderr
    assert key not in ran.stdout + ran.stderr


@pytest.mark.slow
@pytest.mark.parametrize("address", BAD_ADDRESSES)
def test_the_service_names_the_variable_alone_too(tmp_path: Path, address: str) -> None:
    """A Functions app whose collector's address is none fails with that sentence, and its log holds no password."""
    key = uuid4().hex
    own = {
        "CONNECTORWATCH_STORAGE": str(tmp_path),
        "AzureWebJobsStorage": "UseDevelopmentStorage=true",
        "OTEL_EXPORTER_OTLP_ENDPOINT": address.format(key=key),
    }
    code = "from connectorwatch.service.composition import own_service\nown_service()"
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], cwd=ROOT, env=own, capture_output=True, text=True, check=False
    )

    assert "SettingsError: OTEL_EXPORTER_OTLP_ENDPOINT is no address" in done.stderr
    assert key not in done.stdout + done.stderr


@pytest.mark.parametrize(
    "variables",
    [{"python_exporter_otlp_http_credential_provider": "nobody"}, {"bsp_max_queue_size": "0"}],
    ids=lambda own: next(iter(own)),
)
def test_what_the_sdk_cannot_begin_with_is_an_error_that_says_so(tmp_path: Path, variables: dict[str, str]) -> None:
    """No traceback, and nothing is read."""
    ran, simulator = scan(tmp_path, "http://127.0.0.1:9", "clean", **variables)

    assert (ran.code, "OTEL_" in ran.stderr, simulator.requests) == (1, True, [])


def test_a_bad_interval_is_an_error_that_says_so(tmp_path: Path) -> None:
    """What the SDK does not take is told before anything is read."""
    ran, _ = scan(tmp_path, "http://127.0.0.1:9", "clean", metric_export_interval="0")

    assert (ran.code, "OTEL_" in ran.stderr) == (1, True)


def test_nothing_to_send_takes_no_time() -> None:
    """Without a setting, flushing and closing do nothing."""
    own = set_up({})

    own.flush()
    own.close()

    assert own == Sending()
