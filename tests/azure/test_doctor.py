"""The doctor with a storage account: compare-and-swap is tried, nothing is left behind, and the queue is reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import SecretStr

from connectorwatch.doctor.installation import storage_checks
from connectorwatch.platform.storage import open_store
from connectorwatch.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectorwatch.doctor.document import Check
    from tests.azurite import Azurite


def checks(account: str, environment: Mapping[str, str]) -> dict[str, Check]:
    """Return what is said of an account, by name."""
    return {check.name: check for check in storage_checks(Settings(storage=SecretStr(account)), environment)}


def test_an_account_that_works(azurite: Azurite, account: str) -> None:
    """Storage is ok, nothing stays behind, and a queue that is not there yet is reachable."""
    environment = {"AzureWebJobsStorage": azurite.with_queues(account)}
    found = checks(account, environment)

    assert {name: check.state for name, check in found.items()} == {"storage": "ok", "queue": "ok"}
    assert "the first request makes it" in found["queue"].message
    assert open_store(Settings(storage=SecretStr(account))).documents.folders() == []


def test_a_queue_that_is_there(azurite: Azurite, account: str) -> None:
    """A queue that somebody made is reachable without more ado."""
    from connectorwatch.service.queue import StorageQueue

    environment = {"AzureWebJobsStorage": azurite.with_queues(account)}
    StorageQueue(environment, "global").put("x", 0)

    assert checks(account, environment)["queue"].message == "reachable"


def test_no_queue_is_named(account: str) -> None:
    """Outside of the cloud's service nobody needs a queue: a note."""
    assert checks(account, {})["queue"].state == "note"


def test_keys_that_are_wrong(azurite: Azurite, account: str) -> None:
    """A refusal is told without the key, for storage and for the queue."""
    wrong = account.replace("AccountKey=", "AccountKey=AAAA")
    environment = {"AzureWebJobsStorage": azurite.with_queues(account).replace("AccountKey=", "AccountKey=AAAA")}

    storage, queue = checks(wrong, environment)["storage"], checks(account, environment)["queue"]
    assert (storage.state, queue.state) == ("missing", "missing")
    assert "AAAA" not in storage.message + queue.message


def test_a_queue_that_is_no_queue(account: str) -> None:
    """A connection string that is none is told; a scan is stored without a queue, so it costs no verdict."""
    queue = checks(account, {"AzureWebJobsStorage": "nonsense"})["queue"]

    assert "no connection string" in queue.message
    assert (queue.state, queue.stops, queue.costs) == ("missing", False, ())
