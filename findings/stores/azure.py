"""A store in an Azure Storage account: two containers for blobs and three tables for views.

Not tried against a real account yet: everything here is tested against Azurite. The SDKs are loaded with this module,
so import it only where such a store is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from azure.data.tables import TableServiceClient
from azure.storage.blob import BlobServiceClient

from common.errors import RetainedError, SettingsError
from findings.stores.azure_blobs import BlobArtefacts, BlobDocuments, BlobLatest, Container
from findings.stores.azure_calls import Calls, Patience
from findings.stores.azure_leases import BlobLeases
from findings.stores.azure_tables import AzureViews
from findings.stores.ports import check_name

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

STATE_CONTAINER = "connectorwatch-state"
SCANS_CONTAINER = "connectorwatch-scans"
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class AzureStore:
    """Documents and views in one account; containers and tables are created at the first write.

    Its clients keep connections open and may be shared by threads: make one a process.

    Attributes:
        documents: The documents that change.
        scans: What each scan left, written once.
        latest: The newest scan's reports.
        views: The tables made from the documents.
        leases: Rights that one process at a time has.
    """

    def __init__(self, blobs: BlobServiceClient, tables: TableServiceClient, patience: Patience) -> None:
        """Take a client for blobs and one for tables; neither is asked for anything yet."""
        calls = Calls(str(blobs.account_name), patience)
        self._state = Container(blobs.get_container_client(STATE_CONTAINER), calls)
        self._scans = Container(blobs.get_container_client(SCANS_CONTAINER), calls)
        self.documents = BlobDocuments(self._state)
        self.latest = BlobLatest(self._state, self._scans)
        self.scans = BlobArtefacts(self._scans)
        self.views = AzureViews(tables, calls)
        self.leases = BlobLeases(self._state)

    @classmethod
    def from_identity(cls, address: str, credential: TokenCredential, patience: Patience | None = None) -> AzureStore:
        """Return the store at an address such as `https://ACCOUNT.blob.core.windows.net`, in any cloud.

        Args:
            address: Of the account's blobs; that of its tables differs from it in one word.
            credential: Where tokens come from. Their audience is the same in all clouds (Microsoft Learn, "Authorize
                access to blobs using Microsoft Entra ID").
            patience: How long to try.
        """
        patience = patience or Patience()
        options: dict[str, Any] = dict(patience.options)
        return cls(
            BlobServiceClient(address, credential=credential, **options),
            TableServiceClient(address.replace(".blob.", ".table.", 1), credential=credential, **options),
            patience,
        )

    @classmethod
    def from_connection_string(cls, secret: str, patience: Patience | None = None) -> AzureStore:
        """Return the store that a connection string opens.

        Raises:
            SettingsError: It is none, lacks something, or would send its signature over plain http to another machine.
        """
        patience = patience or Patience()
        options: dict[str, Any] = dict(patience.options)
        try:
            blobs = BlobServiceClient.from_connection_string(secret, **options)
            tables = TableServiceClient.from_connection_string(secret, **options)
            addresses = [urlsplit(blobs.url), urlsplit(tables.url)]
        except ValueError:
            raise SettingsError(
                "The connection string in CONNECTORWATCH_STORAGE is not whole: copy it again from the storage "
                "account's page `Access keys`; it names both blobs and tables."
            ) from None
        if any(address.scheme != "https" and address.hostname not in _LOOPBACK for address in addresses):
            raise SettingsError(
                "The connection string in CONNECTORWATCH_STORAGE asks for plain http: use https, or an emulator on "
                "this machine."
            )
        return cls(blobs, tables, patience)

    def forget(self, tenant_id: str) -> None:
        """Remove everything of a tenant; see `ports.Store.forget`."""
        prefix = f"{check_name(tenant_id)}/"
        kept: RetainedError | None = None
        for container in (self._state, self._scans):
            for name in container.names(prefix):
                try:
                    container.delete(name)
                except RetainedError as error:
                    kept = error
        self.views.remove(tenant_id)
        if kept is not None:
            raise kept

    def check_writable(self) -> None:
        """Make sure that a scan could be stored; makes containers and tables, and leaves nothing in them.

        Raises:
            StorageError: It could not; the message names the account and says what to do.
        """
        self._state.check_writable()
        self._scans.check_writable()
        self.views.check_writable()
