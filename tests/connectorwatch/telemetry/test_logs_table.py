"""Rows on their way to Log Analytics: over the wire, in parts, refused, and by settings."""

from __future__ import annotations

import json
import time
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from azure.core.exceptions import ClientAuthenticationError

from common.errors import DeliveryError, SettingsError, UndeliverableError
from connectorwatch.channels.log_analytics import LARGEST_CALL, LogsTableChannel, batches, logs_table
from connectorwatch.delivery.open_routes import delivery_context, routes_of
from connectorwatch.delivery.subscriptions import SENTINEL
from connectorwatch.settings import load_settings
from findings.stores.folder import FolderStore
from findings.views.log_rows import COLUMNS, log_rows
from tests.connectorwatch.telemetry.ingestion import RULE, STREAM, TOKEN, Credential, Ingestion, settings_for, table
from tests.findings.reports.sample import document
from tests.findings.reports.sample_snapshot import NOW as LOOKED

if TYPE_CHECKING:
    from pathlib import Path

    from azure.core.credentials import AccessToken

    from findings.document import FindingsDocument


def many(number: int) -> FindingsDocument:
    """Return a document with so many changes of the inventory, each with long names."""
    from findings.document import ChangeEntry
    from policies.vocabulary import Subject

    changes = tuple(
        ChangeEntry(at=LOOKED, kind="new", subject=Subject(type="connector", id=f"c-{n}", name="é" * 250))
        for n in range(number)
    )
    return document().model_copy(update={"changes": changes})


def test_rows_arrive_under_rule_and_stream(service: Ingestion) -> None:
    """A scan's changes are one call, signed with a token for Azure Monitor, to the rule's stream."""
    credential = Credential()

    number = logs_table(settings_for(service), credential).send(log_rows(document()))

    assert (number, len(service.rows)) == (len(service.rows), number)
    assert list(service.rows[0]) == list(COLUMNS)
    assert service.paths == {f"/dataCollectionRules/{RULE}/streams/{STREAM}?api-version=2023-01-01"}
    assert (service.tokens, credential.scopes) == ({f"Bearer {TOKEN}"}, {"https://monitor.azure.com/.default"})


def test_many_rows_are_sent_in_calls_below_the_limit(service: Ingestion) -> None:
    """Five thousand changes arrive once each, in order, and no call is larger than the service takes."""
    number = table(service).send(log_rows(many(5000)))

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

    number = table(service).send(log_rows(many(100)))

    assert len({row["ChangeId"] for row in service.rows}) == number == len(service.rows)


def test_a_row_that_is_too_large_alone_is_an_error(service: Ingestion) -> None:
    """It cannot be halved."""
    service.limit = 10

    with pytest.raises(DeliveryError, match="413"):
        table(service).send(log_rows(document()))


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
        table(service).send(log_rows(document()))

    assert time.monotonic() - began < 5
    assert "planted" not in str(told.value)
    assert len(service.sizes) == 1


def test_a_service_that_is_not_there_is_an_error(service: Ingestion) -> None:
    """A closed port ends the attempt at once, and the address is not repeated."""
    settings = settings_for(service).model_copy(update={"logs_endpoint": "http://127.0.0.1:9"})

    with pytest.raises(DeliveryError, match="not reached") as told:
        logs_table(settings, Credential()).send(log_rows(document()))

    assert "127.0.0.1" not in str(told.value)


def test_without_a_token_the_trouble_says_so(service: Ingestion) -> None:
    """A machine without an identity is told apart from a service that refuses."""

    class Nobody:
        """A credential that has no token."""

        def get_token(self, *scopes: str, **options: object) -> AccessToken:
            """Fail as Azure's do."""
            del scopes, options
            raise ClientAuthenticationError("planted text")

    with pytest.raises(DeliveryError, match="no token") as told:
        logs_table(settings_for(service), Nobody()).send(log_rows(document()))

    assert (service.sizes, "planted" in str(told.value)) == ([], False)


@pytest.mark.parametrize("cloud", ["usgov", "china"])
def test_other_clouds_have_tokens_of_their_own(service: Ingestion, cloud: str) -> None:
    """A token is asked for the cloud's own Azure Monitor."""
    credential = Credential()

    logs_table(settings_for(service, CLOUD=cloud), credential).send(log_rows(document()))

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
    work = delivery_context(load_settings({name: value}), FolderStore(tmp_path), {})

    with pytest.raises(UndeliverableError, match="belong together"):
        work.open(SENTINEL)


def test_without_a_table_there_is_no_route_for_it() -> None:
    """No setting, no channel."""
    assert SENTINEL not in routes_of(load_settings({}))


def test_with_a_table_there_is_a_route_for_it(service: Ingestion, tmp_path: Path) -> None:
    """It stands beside all others, and opens as the table."""
    work = delivery_context(settings_for(service), FolderStore(tmp_path), {})

    assert work.routing.routes[-1] is SENTINEL
    assert isinstance(work.open(SENTINEL), LogsTableChannel)


def test_a_route_cannot_have_the_tables_name(service: Ingestion, tmp_path: Path) -> None:
    """Two routes of one name would take each other's announcements."""
    policy = tmp_path / "policy.yaml"
    policy.write_text("version: 1\nroutes:\n  - {id: Log-Analytics, webhook: 'env:HOOK'}\n", encoding="utf-8")

    with pytest.raises(SettingsError, match="rename it"):
        routes_of(settings_for(service, POLICY=str(policy)))
