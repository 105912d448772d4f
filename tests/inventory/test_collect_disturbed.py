"""A whole look at a tenant while something goes wrong."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from inventory.collect import collect
from inventory.graph import Limits
from simulator import Fault, FaultKind
from tests.inventory.networks import Simulated, VirtualLoop, client, in_virtual_time
from tests.inventory.wires import MOMENT, bundled, fault, look, not_read

if TYPE_CHECKING:
    from inventory.snapshot import Snapshot

PROXY = "/onPremisesPublishingProfiles/applicationProxy"
BATCHES = "/$batch"


async def test_sections_that_were_not_read_are_logged() -> None:
    """The log tells which list was not read and why, with the request id for Microsoft's support."""
    with capture_logs() as lines:
        snapshot, _ = await look("contoso", fault(FaultKind.DENIED))
    told = [line for line in lines if line["event"] == "section not read"]

    assert [(line["section"], line["status"]) for line in told] == [("connectors", "denied")]
    assert told[0]["request_id"] == snapshot.connectors.request_id is not None


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (fault(FaultKind.HTML), "not_json"),
        (fault(FaultKind.CONTENT_TYPE, content_type="text/plain"), "not_json"),
        (fault(FaultKind.CUT_JSON), "malformed"),
        (fault(FaultKind.GARBAGE), "odd_records"),
        (fault(FaultKind.EMPTY), "malformed"),
        (fault(FaultKind.BODY, body='{"value":[{"id":"c1"}]}'), "odd_records"),
        (fault(FaultKind.BODY, body='{"value":{"id":"c1"}}'), "malformed"),
        (fault(FaultKind.CUT), "unreachable"),
        (fault(FaultKind.RESET), "unreachable"),
        (fault(FaultKind.STATUS, status=500), "http_500"),
        (fault(FaultKind.STATUS, status=404), "Request_ResourceNotFound"),
        (fault(FaultKind.REDIRECT, to="https://evil.example/"), "redirect"),
        (fault(FaultKind.LOOPING_PAGES), "endless"),
        (fault(FaultKind.ENDLESS_PAGES), "endless"),
        (fault(FaultKind.FOREIGN_NEXT_LINK, url="https://evil.example/v1.0/x"), "foreign_link"),
        (fault(FaultKind.ERROR_CODE_EMPTY), "http_404"),
        (fault(FaultKind.DOUBLE_WRAPPED_ERROR), "InvalidFilter"),
        (fault(FaultKind.LICENSE), "AadPremiumLicenseRequired"),
        (fault(FaultKind.UNAUTHORIZED), "InvalidAuthenticationToken"),
    ],
    ids=lambda value: value.kind.value if isinstance(value, Fault) else None,
)
async def test_a_list_that_fails(fault: Fault, code: str) -> None:
    """Whatever happens to one list, it is unread with a reason, and the rest is read."""
    snapshot, _ = await look("clean", fault, limits=Limits(pages=20))

    assert not_read(snapshot) == {"connectors": code}


@pytest.mark.parametrize(
    "fault",
    [
        fault(FaultKind.RESET, times=2),
        fault(FaultKind.CUT, times=2),
        fault(FaultKind.STATUS, status=502, times=2),
        fault(FaultKind.EXPIRED, times=1),
        fault(FaultKind.CLAIMS),
        fault(FaultKind.EXPIRED, f"{PROXY}/connectorGroups/*/members", times=1),
        fault(FaultKind.CLAIMS, f"{PROXY}/connectorGroups/*/members"),
        fault(FaultKind.STATUS, f"{PROXY}/connectorGroups/*/members", status=504, times=2),
        fault(FaultKind.RESET, f"{PROXY}/connectorGroups/*/members", times=1),
        fault(FaultKind.CLAIMS, BATCHES),
        fault(FaultKind.RESET, BATCHES, times=2),
        fault(FaultKind.HTML, BATCHES),
        fault(FaultKind.CUT_JSON, BATCHES),
        fault(FaultKind.BATCH_MISSING, BATCHES),
        fault(FaultKind.BATCH_DOUBLE, BATCHES),
        fault(FaultKind.BATCH_FOREIGN, BATCHES),
        fault(FaultKind.STATUS, BATCHES, status=400),
        fault(FaultKind.STATUS, BATCHES, status=404),
        fault(FaultKind.STATUS, BATCHES, status=405),
        fault(FaultKind.STATUS, BATCHES, status=501),
    ],
    ids=lambda fault: f"{fault.kind.value} {fault.path.rpartition('/')[2]}",
)
async def test_what_passes_leaves_no_trace(fault: Fault, calm: Snapshot) -> None:
    """A fault that passes, a token that runs out, a challenge, batches that fail: the tenant is read all the same."""
    disturbed, _ = await look("contoso", fault)

    assert _without_counts(disturbed) == _without_counts(calm)


@pytest.fixture(scope="module")
def calm() -> Snapshot:
    """What an undisturbed look at Contoso sees."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(_look_in_virtual_time())[0]


def _without_counts(snapshot: Snapshot) -> Snapshot:
    return snapshot.model_copy(update={"graph": None})


async def _look_in_virtual_time(*faults: Fault, tenant: str = "contoso") -> tuple[Snapshot, Simulated]:
    network = Simulated(bundled(tenant), faults=faults)
    return await collect(client(network), "tenant", lambda: MOMENT), network


@pytest.mark.parametrize(("page", "status"), [(2, 404), (3, 500), (4, 403)])
@in_virtual_time
async def test_a_page_that_fails_in_the_middle(page: int, status: int) -> None:
    """A page in the middle that fails makes the list unread, never shorter."""
    snapshot, _ = await _look_in_virtual_time(fault(FaultKind.FAIL_PAGE, page=page, status=status))

    assert not_read(snapshot) == {"connectors": "broken_off"}
    assert snapshot.connectors.records == ()


@pytest.mark.parametrize(
    "fault",
    [
        fault(FaultKind.THROTTLED, times=3, retry_after=20),
        fault(FaultKind.THROTTLED, times=3),
        fault(FaultKind.STATUS, status=503, times=1, retry_after=10),
        fault(FaultKind.THROTTLED, times=2, retry_after=10, retry_after_date=True),
        fault(FaultKind.THROTTLED, f"{PROXY}/connectorGroups/*/members", times=5, retry_after=10),
    ],
    ids=lambda fault: f"{fault.kind.value} {fault.path.rpartition('/')[2]}",
)
@in_virtual_time
async def test_what_is_refused_for_a_while_is_read(fault: Fault, calm: Snapshot) -> None:
    """Refusals are waited out, none is followed by an early request, and the tenant is read all the same."""
    disturbed, network = await _look_in_virtual_time(fault)

    assert _without_counts(disturbed) == _without_counts(calm)
    assert network.graph.early == []


@pytest.mark.parametrize("retry_after", [None, 20.0, 999_999_999.0])
@in_virtual_time
async def test_what_is_always_refused_is_throttled(retry_after: float | None) -> None:
    """A list that is never served is throttled and says how long it waited; other services are read."""
    snapshot, network = await _look_in_virtual_time(fault(FaultKind.THROTTLED, retry_after=retry_after), tenant="clean")

    assert (snapshot.connectors.status, " s" in str(snapshot.connectors.reason)) == ("throttled", True)
    assert all(section.known for section in (snapshot.organization, snapshot.role_assignments, snapshot.audit))
    assert network.graph.early == []


@pytest.mark.parametrize("kind", [FaultKind.GZIP_BOMB, FaultKind.BIG])
async def test_an_answer_that_is_too_large(kind: FaultKind) -> None:
    """An answer over the limit costs its list only."""
    snapshot, _ = await look("clean", fault(kind, size=3))

    assert not_read(snapshot) == {"connectors": "too_large"}


async def test_a_claims_challenge_costs_one_more_request() -> None:
    """A challenge is met once; what comes after it has the new token already."""
    _, sim = await look("clean", fault(FaultKind.CLAIMS, times=1))
    calm_snapshot, _ = await look("clean")

    assert sim.http_requests == calm_snapshot.graph.requests + 1


async def test_refused_batches_are_remembered() -> None:
    """A Graph that takes no batches is asked for one about as often as batches were under way."""
    _, sim = await look("contoso", fault(FaultKind.STATUS, BATCHES, status=405))

    assert sum(record.path == BATCHES for record in sim.requests) <= 4
