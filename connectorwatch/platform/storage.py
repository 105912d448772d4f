"""Which kind of storage CONNECTORWATCH_STORAGE names, and its store. Azure's libraries are loaded only for Azure."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from common.errors import SettingsError
from common.extras import extra
from connectorwatch.settings import AUTHORITIES
from findings.stores.folder import FolderStore

if TYPE_CHECKING:
    from collections.abc import Mapping

    from azure.core.credentials import TokenCredential

    from connectorwatch.settings import Cloud, Settings
    from findings.stores.ports import Store

SCANS_CONTAINER = "connectorwatch-scans"
"""Where a storage account keeps what each scan left."""
STORAGE_SUFFIXES: Mapping[Cloud, str] = {
    "global": "core.windows.net",
    "usgov": "core.usgovcloudapi.net",
    "usgov-dod": "core.usgovcloudapi.net",
    "china": "core.chinacloudapi.cn",
}
"""How the addresses of storage accounts end (Azure SDK "national clouds", 2026-11)."""
_ACCOUNT = r"https://[a-z0-9]{3,24}\.blob\."
_SECRET_PARTS = re.compile(
    r"\b(AccountName|AccountKey|SharedAccessSignature|BlobEndpoint|DefaultEndpointsProtocol|UseDevelopmentStorage)=",
    re.IGNORECASE,
)


def is_account(address: str, cloud: Cloud) -> bool:
    """Return whether an address begins with a storage account of a cloud, so that a token for storage may go there."""
    return re.match(_ACCOUNT + re.escape(STORAGE_SUFFIXES[cloud]) + "(?:/|$)", address) is not None


def folder_of(settings: Settings) -> Path | None:
    """Return the folder that the setting names; None where it names an account."""
    text = settings.storage.get_secret_value()
    return None if "://" in text or _SECRET_PARTS.search(text) else Path(text)


def open_store(settings: Settings) -> Store:
    """Return the store that the settings choose; no request is sent yet.

    Raises:
        SettingsError: The address or the connection string is not a whole one, or of another cloud than the settings.
        MissingExtraError: It is an account, and Azure's libraries are not installed.
    """
    folder = folder_of(settings)
    if folder is not None:
        return FolderStore(folder)
    # Loaded here: a third of a second that a folder does not need.
    with extra("azure", "CONNECTORWATCH_STORAGE in a storage account"):
        from findings.stores.azure import AzureStore

    text = settings.storage.get_secret_value().strip()
    if _SECRET_PARTS.search(text):
        return AzureStore.from_connection_string(text)
    suffix = STORAGE_SUFFIXES[settings.cloud]
    if not re.fullmatch(_ACCOUNT + re.escape(suffix) + "/?", text):
        # The value is not shown: an address may carry a signature.
        raise SettingsError(
            f"CONNECTORWATCH_STORAGE is neither a folder nor an address of the form https://ACCOUNT.blob.{suffix} "
            f"(as the cloud {settings.cloud} has them) nor a connection string: correct it."
        )
    return AzureStore.from_identity(text.rstrip("/"), own_identity(settings))


def own_identity(settings: Settings) -> TokenCredential:
    """Return the identity that stores and sends changes on: this machine's own, never a scanned tenant's."""
    from azure.identity import DefaultAzureCredential, ManagedIdentityCredential

    client_id = managed_identity_of(settings)
    if settings.credential == "managed_identity":
        return ManagedIdentityCredential(client_id=client_id)
    # Without the option the library reads AZURE_CLIENT_ID.
    options = {"managed_identity_client_id": client_id} if client_id else {}
    return DefaultAzureCredential(authority=AUTHORITIES[settings.cloud], **options)


def managed_identity_of(settings: Settings) -> str | None:
    """Return the client of the managed identity that stores here, if it is named; an app that scans is none."""
    if settings.credential == "federated":
        return settings.identity_client_id
    return settings.client_id if settings.credential in ("managed_identity", "default") else None
