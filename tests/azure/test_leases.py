"""Leases on blobs that are lost, or that storage does not give."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from azure.storage.blob import BlobLeaseClient, BlobServiceClient

from common.errors import StorageError
from findings.stores.azure import STATE_CONTAINER
from findings.stores.azure_leases import BlobLease
from tests.azure.test_refusals import scripted

if TYPE_CHECKING:
    from findings.stores.azure import AzureStore


def test_a_lost_lease_says_so(store: AzureStore, account: str) -> None:
    """A lease that was broken, as one that has ended, is not renewed; giving it back is no error."""
    mine = store.leases.take("teams")
    assert mine is not None
    with BlobServiceClient.from_connection_string(account) as service:
        BlobLeaseClient(service.get_blob_client(STATE_CONTAINER, "_leases/teams")).break_lease(0)

    assert not mine.renew()
    again = store.leases.take("teams")
    assert again is not None
    mine.release()
    assert again.renew()


def test_storage_that_refuses_a_lease() -> None:
    """A refusal names the account and what to do, when a lease is taken and when it is held."""

    def answer(asked: str) -> tuple[int, str]:
        if "comp=lease" in asked:
            return 403, "AuthorizationPermissionMismatch"
        return (404, "BlobNotFound") if asked.startswith("GET") else (201, "")

    with scripted(answer) as store:
        with pytest.raises(StorageError, match="grant the identity the roles"):
            store.leases.take("teams")
        blob = store.leases.container.client.get_blob_client("_leases/teams")
        with pytest.raises(StorageError, match="grant the identity the roles"):
            BlobLease(BlobLeaseClient(blob), store.leases.container).renew()
