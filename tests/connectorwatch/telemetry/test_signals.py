"""What scans and deliveries measure, seen in memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import pytest

from common.errors import DeliveryError, FailedError, NothingReadError, UndeliverableError
from common.telemetry import METRICS, request_measured, span
from connectorwatch.delivery.deliver import DeliveryContext, deliver
from connectorwatch.delivery.subscriptions import Routing
from findings.stores.folder import FolderStore
from inventory.gate import Gate, Patience
from inventory.request import GraphService
from inventory.sender import HttpCall, Sender
from policies.policy_file.routes import TeamsRoute
from simulator import Fault, FaultKind, Simulator
from tests.e2e.running import NOW, environment, scan_with, tenant_file
from tests.inventory.wires import Hurry

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from connectorwatch.channels.port import Message, SendResult
    from findings.cards import RouteFilter
    from findings.document import FindingsDocument
    from inventory.answer import Answer
    from inventory.transport_port import Outgoing
    from tests.connectorwatch.telemetry.conftest import Measured

SECTIONS = {"tenant", "connectors", "connector groups", "Private Access applications", "role holders", "audit log"}


async def scanned(folder: Path, tenant: str, *faults: Fault) -> tuple[FindingsDocument, Simulator]:
    """Scan a bundled tenant into a folder, and return the result and the Graph that was asked."""
    async with Simulator(tenant_file(tenant), faults=list(faults)) as simulator:
        return (await scan_with(environment(simulator), folder)).document, simulator


async def test_a_scan_is_one_trace(measured: Measured, tmp_path: Path) -> None:
    """The scan holds the reading, with one span for each part, the judging, the remembering and the publishing."""
    await scanned(tmp_path, "contoso")

    steps = {("scan", "read"), ("scan", "judge"), ("scan", "remember"), ("scan", "publish")}
    assert measured.tree() == {(None, "scan"), *steps, *(("read", f"read {part}") for part in SECTIONS)}


async def test_the_span_of_a_scan_says_which_and_how_it_ended(measured: Measured, tmp_path: Path) -> None:
    """Tenant and scan stand in the span by their ids."""
    document, _ = await scanned(tmp_path, "contoso")

    own = next(span for span in measured.spans if span.name == "scan")
    assert dict(own.attributes or {}) == {
        "connectorwatch.tenant.id": document.tenant.id,
        "connectorwatch.scan.id": document.scan.id,
        "connectorwatch.scan.trigger": "manual",
        "connectorwatch.scan.result": "complete",
    }


async def test_a_scan_counts_what_its_document_says(measured: Measured, tmp_path: Path) -> None:
    """Scans, verdicts, changes and requests are exactly those of the stored result and of the Graph's own journal."""
    document, simulator = await scanned(tmp_path, "contoso")

    points = measured.points()
    outcomes = {outcome.value: number for outcome, number in document.summary.outcomes.items() if number}
    assert points.keys() == {
        "http.client.request.duration",
        "connectorwatch.scan.duration",
        "connectorwatch.scans",
        "connectorwatch.verdicts",
        "connectorwatch.finding.changes",
    }
    result = (("connectorwatch.scan.result", "complete"),)
    assert points["connectorwatch.scans"] == points["connectorwatch.scan.duration"] == {result: 1}
    assert points["connectorwatch.verdicts"] == {
        (("connectorwatch.verdict.outcome", outcome),): number for outcome, number in outcomes.items()
    }
    assert points["connectorwatch.finding.changes"] == {
        (("connectorwatch.finding.change", "new"),): document.summary.changes.new
    }
    assert sum(points["http.client.request.duration"].values()) == document.scan.graph.requests
    assert document.scan.graph.requests + document.scan.graph.batched == len(simulator.requests)


async def test_metrics_have_the_attributes_they_promise_and_no_others(measured: Measured, tmp_path: Path) -> None:
    """Each point has attributes of its metric's list only."""
    await scanned(tmp_path, "hostile", Fault(path="/organization", kind=FaultKind.THROTTLED, times=1, retry_after=0))

    known = {metric.name: set(metric.attributes) for metric in METRICS}
    for name, points in measured.points().items():
        assert {key for attributes in points for key, _ in attributes} <= known[name]


@pytest.mark.slow
async def test_refusals_are_counted_by_service(measured: Measured, tmp_path: Path) -> None:
    """A request that Graph refuses for its limits counts as throttled, and as a request with that status."""
    fault = Fault(path="/organization", kind=FaultKind.THROTTLED, times=2, retry_after=0)

    document, _ = await scanned(tmp_path, "clean", fault)

    points = measured.points()
    assert points["connectorwatch.graph.throttled"] == {(("connectorwatch.graph.service", "directory"),): 2}
    assert document.scan.graph.throttled == 2
    refused = [
        attributes for attributes in points["http.client.request.duration"] if ("error.type", "429") in attributes
    ]
    assert len(refused) == 1


async def test_a_gap_makes_a_scan_incomplete(measured: Measured, tmp_path: Path) -> None:
    """A section that could not be read shows in the scan's result and in the section's span."""
    await scanned(tmp_path, "clean", Fault(path="/auditLogs/directoryAudits", kind=FaultKind.DENIED))

    assert (("connectorwatch.scan.result", "incomplete"),) in measured.points()["connectorwatch.scans"]
    audit = next(span for span in measured.spans if span.name == "read audit log")
    assert dict(audit.attributes or {}) == {"connectorwatch.section.status": "denied"}


async def test_a_failed_scan_is_told_by_the_class_of_its_error(measured: Measured, tmp_path: Path) -> None:
    """Nothing of the error's text is in metrics and spans, which say failed."""
    with pytest.raises(NothingReadError):
        await scanned(tmp_path, "clean", Fault(path="/**", kind=FaultKind.DENIED))

    ended = (("connectorwatch.scan.result", "failed"), ("error.type", "NothingReadError"))
    assert measured.points()["connectorwatch.scans"] == {ended: 1}
    own = next(span for span in measured.spans if span.name == "scan")
    assert (own.status.is_ok, own.status.description, own.events) == (False, None, ())


def test_a_span_without_trouble_says_nothing_of_errors(measured: Measured) -> None:
    """Only an error that passes marks a span."""
    with span("quiet"):
        pass

    assert (measured.spans[0].status.is_ok, dict(measured.spans[0].attributes or {})) == (True, {})


@dataclass
class PostChannel:
    """A channel that takes everything, or raises an error."""

    kind: ClassVar[str] = "post"
    error: DeliveryError | None = None

    def test(self, route_id: str, digest: Callable[[], Message]) -> SendResult:
        """Take the test, whatever the error."""
        del route_id, digest
        return "delivered"

    def send(self, message: Message, route_filter: RouteFilter) -> SendResult:
        """Take news, or refuse it."""
        del message, route_filter
        if self.error:
            raise self.error
        return "delivered"


async def test_deliveries_are_counted_by_channel_and_result(measured: Measured, tmp_path: Path) -> None:
    """What a channel takes, misses and refuses is told apart; routes are told by their kind, not their name."""
    await scanned(tmp_path, "contoso")
    errors = {"Alpha": None, "Beta": DeliveryError("no"), "Gamma": UndeliverableError("never")}
    routes = tuple(TeamsRoute(id=name, webhook="env:HOOK", service=False, digest=False) for name in errors)

    deliver(
        DeliveryContext(
            FolderStore(tmp_path), lambda: NOW, Routing(routes), lambda route: PostChannel(errors[route.id])
        )
    )

    channel = ("connectorwatch.delivery.channel", "post")
    result = "connectorwatch.delivery.result"
    assert measured.points()["connectorwatch.deliveries"] == {
        (channel, (result, "delivered")): 1,
        (channel, (result, "failed")): 1,
        (channel, (result, "refused")): 1,
    }


@pytest.mark.parametrize(
    ("root", "port"), [("https://graph.microsoft.com", 443), ("http://127.0.0.1:81", 81), ("http://localhost", 80)]
)
def test_a_request_is_told_by_host_port_method_and_status(measured: Measured, root: str, port: int) -> None:
    """No path and no query of an address is told."""
    request_measured(root, "GET", 0.2, status=200)

    (attributes,) = measured.points()["http.client.request.duration"]
    host = root.partition("://")[2].partition(":")[0]
    assert dict(attributes) == {
        "http.request.method": "GET",
        "http.response.status_code": 200,
        "server.address": host,
        "server.port": port,
    }


@dataclass
class Broken:
    """A network that answers nothing."""

    code: str

    async def send(self, outgoing: Outgoing) -> Answer:
        """Fail."""
        del outgoing
        raise FailedError("no", code=self.code)

    async def close(self) -> None:
        """Nothing to close."""


@pytest.mark.parametrize(
    ("code", "told"), [("unreachable", {"unreachable": 3}), ("", {"FailedError": 3}), ("no_token", {})]
)
async def test_requests_without_an_answer_are_told_by_what_went_wrong(
    measured: Measured, code: str, told: dict[str, int]
) -> None:
    """A request that never left, for want of a token, is no request."""
    exchange = Sender(Broken(code), "https://graph.microsoft.com", Gate(clock=Hurry().clock))

    with pytest.raises(FailedError):
        await exchange.send(
            HttpCall("https://graph.microsoft.com/v1.0/organization", GraphService.DIRECTORY), Patience()
        )

    points = measured.points().get("http.client.request.duration", {})
    assert {dict(attributes)["error.type"]: count for attributes, count in points.items()} == told
