"""Changes on their way to Log Analytics: over the wire, in parts, and again after trouble."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from connectorwatch.deliver import Work, deliver
from connectorwatch.lanes import SENTINEL, Routing
from connectorwatch.logs_table import LARGEST_CALL, LogsTable, LogsTableChannel, batches, logs_table
from connectorwatch.routes import routes_of, work_of
from connectorwatch.settings import load_settings
from findings.logrows import COLUMNS
from findings.stores.folder import FolderStore
from inventory.errors import DeliveryError, SettingsError, UndeliverableError
from tests.e2e.running import NOW, scan_tenant, tenant_file, variant
from tests.findings.reports.sample import document
from tests.findings.reports.sample_snapshot import NOW as LOOKED
from tests.telemetry.ingestion import RULE, STREAM, TOKEN, Credential, Ingestion, ingesting

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from connectorwatch.settings import Settings
    from findings.document import FindingsDocument


@pytest.fixture(name="service")
def _service() -> Iterator[Ingestion]:
    with ingesting() as own:
        yield own


def settings_for(service: Ingestion, **more: str) -> Settings:
    """Return settings that send to the service."""
    told = {"LOGS_ENDPOINT": service.root, "LOGS_RULE_ID": RULE, **more}
    return load_settings({f"CONNECTORWATCH_{name}": value for name, value in told.items()})


def table(service: Ingestion) -> LogsTable:
    """Return the table behind the service."""
    return logs_table(settings_for(service), Credential())


def many(number: int) -> FindingsDocument:
    """Return a document with so many changes of the inventory, each with long names."""
    from findings.document import ChangeEntry  # noqa: PLC0415
    from policies.model import Subject  # noqa: PLC0415

    changes = tuple(
        ChangeEntry(at=LOOKED, kind="new", subject=Subject(type="connector", id=f"c-{n}", name="é" * 250))
        for n in range(number)
    )
    return document().model_copy(update={"changes": changes})


def test_rows_arrive_under_rule_and_stream(service: Ingestion) -> None:
    """A scan's changes are one call, signed with a token for Azure Monitor, to the rule's stream."""
    credential = Credential()

    number = logs_table(settings_for(service), credential).send(document())

    assert (number, len(service.rows)) == (len(service.rows), number)
    assert list(service.rows[0]) == list(COLUMNS)
    assert service.paths == {f"/dataCollectionRules/{RULE}/streams/{STREAM}?api-version=2023-01-01"}
    assert (service.tokens, credential.scopes) == ({f"Bearer {TOKEN}"}, {"https://monitor.azure.com/.default"})


def test_many_rows_are_sent_in_calls_below_the_limit(service: Ingestion) -> None:
    """Five thousand changes arrive once each, in order, and no call is larger than the service takes."""
    number = table(service).send(many(5000))

    ids = [row["ChangeId"] for row in service.rows]
    assert (len(ids), len(set(ids))) == (number, number)
    assert max(service.sizes) <= LARGEST_CALL
    assert len(service.calls) > 2


def test_batches_are_as_large_as_they_may_be() -> None:
    """No batch is larger than allowed as it is written, none could take the next row, and nothing is lost."""
    rows: list[dict[str, object]] = [{"n": n, "text": "x" * (n % 37)} for n in range(300)]

    parts = list(batches(rows, 1000))  # type: ignore[arg-type]  # plain values are JSON

    assert [row for part in parts for row in part] == rows
    assert all(len(json.dumps(part)) <= 1000 for part in parts)
    assert all(len(json.dumps([*one, after[0]])) > 998 for one, after in pairwise(parts))


def test_a_row_larger_than_a_batch_goes_alone() -> None:
    """It is for the service to refuse it."""
    assert [len(part) for part in batches([{"a": 1}, {"a": "x" * 100}, {"a": 2}], 50)] == [1, 1, 1]


def test_a_batch_that_is_too_large_is_halved(service: Ingestion) -> None:
    """A service that takes less than it says gets every row all the same."""
    service.limit = 20_000

    number = table(service).send(many(100))

    assert len({row["ChangeId"] for row in service.rows}) == number == len(service.rows)


def test_a_row_that_is_too_large_alone_is_an_error(service: Ingestion) -> None:
    """It cannot be halved."""
    service.limit = 10

    with pytest.raises(DeliveryError, match="413"):
        table(service).send(document())


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "Monitoring Metrics Publisher"),
        (403, "Monitoring Metrics Publisher"),
        (404, "CONNECTORWATCH_LOGS_RULE_ID"),
        (429, "answered 429"),
        (500, "answered 500"),
        (503, "answered 503"),
    ],
)
def test_a_refusal_says_what_to_do_and_waits_for_nothing(service: Ingestion, status: int, words: str) -> None:
    """The outbox tries again, not the client, whatever Retry-After says; and the service's own words are not told."""
    service.answers = [status]
    began = time.monotonic()

    with pytest.raises(DeliveryError, match=words) as told:
        table(service).send(document())

    assert time.monotonic() - began < 5
    assert "planted" not in str(told.value)
    assert len(service.sizes) == 1


def test_a_service_that_is_not_there_is_an_error(service: Ingestion) -> None:
    """A closed port ends the attempt at once, and the address is not repeated."""
    settings = settings_for(service).model_copy(update={"logs_endpoint": "http://127.0.0.1:9"})

    with pytest.raises(DeliveryError, match="not reached") as told:
        logs_table(settings, Credential()).send(document())

    assert "127.0.0.1" not in str(told.value)


@pytest.mark.parametrize("cloud", ["usgov", "china"])
def test_other_clouds_have_tokens_of_their_own(service: Ingestion, cloud: str) -> None:
    """A token is asked for the cloud's own Azure Monitor."""
    credential = Credential()

    logs_table(settings_for(service, CLOUD=cloud), credential).send(document())

    assert credential.scopes == {f"https://monitor.azure.{'us' if cloud == 'usgov' else 'cn'}/.default"}


@pytest.mark.parametrize(
    "told",
    [
        {"LOGS_ENDPOINT": "http://logs.example.com"},
        {"LOGS_ENDPOINT": "https://evil.example/.ingest.monitor.azure.com"},
        {"LOGS_ENDPOINT": "https://x.westeurope-1.ingest.monitor.azure.com.evil.example"},
        {"LOGS_RULE_ID": "../dcr-1"},
        {"LOGS_STREAM": "Microsoft-Table"},
    ],
    ids=str,
)
def test_settings_that_would_send_elsewhere_are_refused(told: dict[str, str]) -> None:
    """A token for Azure Monitor goes to Azure Monitor only."""
    with pytest.raises(SettingsError, match="CONNECTORWATCH_LOGS"):
        load_settings({f"CONNECTORWATCH_{name}": value for name, value in told.items()})


def test_the_real_service_is_an_address_that_settings_take() -> None:
    """Addresses of collection rules and endpoints are taken."""
    told = "https://connectorwatch-ab12.westeurope-1.ingest.monitor.azure.com"

    assert load_settings({"CONNECTORWATCH_LOGS_ENDPOINT": told}).logs_endpoint == told


@pytest.mark.parametrize("name", ["CONNECTORWATCH_LOGS_ENDPOINT", "CONNECTORWATCH_LOGS_RULE_ID"])
def test_half_a_table_cannot_be_opened(tmp_path: Path, name: str) -> None:
    """Endpoint and rule belong together; the route stays, so that its trouble is told."""
    value = RULE if name.endswith("ID") else "https://x.ingest.monitor.azure.com"
    work = work_of(load_settings({name: value}), FolderStore(tmp_path), {})

    with pytest.raises(UndeliverableError, match="belong together"):
        work.open(SENTINEL)


def test_without_a_table_there_is_no_route_for_it() -> None:
    """No setting, no channel."""
    assert SENTINEL not in routes_of(load_settings({}))


def test_with_a_table_there_is_a_route_for_it(service: Ingestion, tmp_path: Path) -> None:
    """It stands beside all others, and opens as the table."""
    work = work_of(settings_for(service), FolderStore(tmp_path), {})

    assert work.routing.routes[-1] is SENTINEL
    assert isinstance(work.open(SENTINEL), LogsTableChannel)


def test_a_route_cannot_have_the_tables_name(service: Ingestion, tmp_path: Path) -> None:
    """Two routes of one name would take each other's announcements."""
    policy = tmp_path / "policy.yaml"
    policy.write_text("version: 1\nroutes:\n  - {id: Log-Analytics, webhook: 'env:HOOK'}\n", encoding="utf-8")

    with pytest.raises(SettingsError, match="rename it"):
        routes_of(settings_for(service, POLICY=str(policy)))


def work_to(channel: LogsTableChannel, after: timedelta = timedelta(0)) -> Work:
    """Return what delivers to the table alone, some time after the first scan."""
    return Work(channel.store, lambda: NOW + after, Routing((SENTINEL,)), lambda _: channel)


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


async def test_an_announcement_without_a_scan_is_no_row(service: Ingestion, tmp_path: Path) -> None:
    """What the service says of itself, and a scan that retention has removed, send nothing and are done."""
    store = FolderStore(tmp_path)
    result = await scan_tenant(tenant_file("contoso"), tmp_path)
    (tmp_path / result.tenant.id / "scans" / result.scan.id / "findings.json").unlink()

    done = deliver(work_to(LogsTableChannel(store, table(service))))

    assert (done.sent, service.calls) == (1, [])
