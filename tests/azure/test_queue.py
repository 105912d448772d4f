"""The queue of scan requests, and lists, policies and catalogues that lie in Blob Storage, against the emulator."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueClient
from pydantic import SecretStr

from common.errors import CatalogueError, PolicyError, SettingsError, StorageError
from connectorwatch.platform.blob_files import read_blob, shown_address, write_blob
from connectorwatch.service.queue import StorageQueue
from connectorwatch.settings import Settings
from connectorwatch.tenants.edit_list import add_tenant, take_tenant
from connectorwatch.tenants.tenant_list import TenantEntry, tenants_of
from connectorwatch.wiring import policy_of, releases_of
from policies.policy_file.model import Policy
from policies.policy_file.read import LoadedPolicy
from policies.releases.update import catalogue_text
from tests.connectorwatch.service.making import A, B
from tests.making import RELEASES

if TYPE_CHECKING:
    from tests.azurite import Azurite


def test_a_message_can_be_put_for_later(azurite: Azurite, account: str) -> None:
    """The queue is made when it is missing; one message is there at once, the other in an hour; both are plain text."""
    connection = azurite.with_queues(account)
    queue = StorageQueue({"AzureWebJobsStorage": connection}, "global", "requests")

    queue.put('{"a": 1}', 0)
    queue.put('{"b": 2}', 3600)

    with QueueClient.from_connection_string(connection, "requests") as reader:
        assert [message.content for message in reader.peek_messages(5)] == ['{"a": 1}']
        assert reader.get_queue_properties().approximate_message_count == 2


@pytest.mark.parametrize(
    ("environment", "complaint"),
    [
        ({}, "AzureWebJobsStorage__accountName"),
        ({"AzureWebJobsStorage": "nonsense"}, "no connection string"),
    ],
)
def test_storage_that_is_not_named_is_told(environment: dict[str, str], complaint: str) -> None:
    """What the host calls its storage must name one."""
    with pytest.raises(SettingsError, match=complaint):
        StorageQueue(environment, "global").put("x", 0)


def test_a_queue_that_refuses_is_told(azurite: Azurite, account: str) -> None:
    """A queue of somebody else's account takes no message, and the sentence holds no key."""
    connection = azurite.with_queues(account).replace("AccountKey=", "AccountKey=AAAA")

    with pytest.raises(StorageError, match="took no message") as told:
        StorageQueue({"AzureWebJobsStorage": connection}, "global").put("x", 0)
    assert "AAAA" not in str(told.value)


def blob(account: str, content: str, name: str = "config/tenants.yaml") -> str:
    """Store a blob, and return its address."""
    container, _, path = name.partition("/")
    service = BlobServiceClient.from_connection_string(account)
    with service.get_container_client(container) as client:
        if not client.exists():
            client.create_container()
        client.upload_blob(path, content, overwrite=True)
        return f"{service.url.rstrip('/')}/{name}"


def test_the_list_of_tenants_may_lie_in_a_blob(account: str) -> None:
    """It is read, added to and taken from there; a policy beside it holds for its tenant."""
    address = blob(account, f"# ours\ntenants:\n  - id: {A}\n    policy: strict.yaml\n")
    blob(account, "max_scan_age_hours: 25\n", "config/strict.yaml")
    settings = Settings(storage=SecretStr(account), tenants=address)

    add_tenant(settings, TenantEntry(id=B))
    first, second = tenants_of(settings)

    assert (first.id, second.id) == (A, B)
    assert policy_of(first.settings).policy.max_scan_age_hours == 25
    assert take_tenant(settings, A)
    assert not take_tenant(settings, A)
    assert [tenant.id for tenant in tenants_of(settings)] == [B]
    assert read_blob(address, settings, 100)[0].startswith(b"# ours")


def test_a_blob_that_somebody_else_changed_is_not_overwritten(account: str) -> None:
    """A list that was read before another's change is refused when it is written."""
    address = blob(account, "tenants:\n")
    settings = Settings(storage=SecretStr(account), tenants=address)
    _, etag = read_blob(address, settings, 100)
    blob(account, "tenants:\n# changed\n")

    with pytest.raises(StorageError, match="was not written"):
        write_blob(address, settings, b"x", etag)


def test_a_blob_that_is_not_there_is_told_without_its_signature(account: str) -> None:
    """The address is named, what follows the question mark is not."""
    address = blob(account, "x") + ".missing?sig=s3cr3t"
    settings = Settings(storage=SecretStr(account), tenants=address)

    with pytest.raises(SettingsError, match="cannot be read") as told:
        tenants_of(settings)
    assert "s3cr3t" not in str(told.value)
    assert shown_address(address) in str(told.value)


def test_a_policy_in_a_blob_is_read_as_strictly_as_a_file(account: str) -> None:
    """Its mistakes are told with their lines."""
    address = blob(account, "version: 1\nretention_days: never\n", "config/policy.yaml")

    with pytest.raises(PolicyError, match="line 2"):
        policy_of(Settings(storage=SecretStr(account), policy=address))


@pytest.mark.parametrize("name", ["releases.yaml", "{account}/config/releases.yaml"], ids=["beside", "by address"])
def test_a_release_catalogue_may_lie_in_a_blob(account: str, name: str) -> None:
    """A policy in a blob, or in a file, points to it beside itself or by its address."""
    catalogue = blob(account, catalogue_text(RELEASES), "config/releases.yaml")
    named = name.format(account=catalogue.removesuffix("/config/releases.yaml"))
    address = blob(account, f"releases: {named}\n", "config/policy.yaml")
    settings = Settings(storage=SecretStr(account), policy=address)

    assert releases_of(policy_of(settings), settings) == RELEASES


def test_a_release_catalogue_that_is_not_there_is_told_without_its_signature(account: str) -> None:
    """The policy and the address are named, what follows the question mark is not."""
    missing = blob(account, "x") + ".missing?sig=s3cr3t"
    settings = Settings(storage=SecretStr(account))

    with pytest.raises(
        CatalogueError, match=r"that policy\.yaml points to is missing\. http\S+ cannot be read"
    ) as told:
        releases_of(LoadedPolicy(Policy(releases=missing), "policy.yaml", ""), settings)
    assert "s3cr3t" not in str(told.value)
