"""Files that people write and that may lie in Blob Storage instead: the list of tenants, a policy, a catalogue."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from common.errors import SettingsError, StorageError
from connectorwatch.platform.storage import STORAGE_SUFFIXES, is_account, own_identity

if TYPE_CHECKING:
    from azure.storage.blob import BlobClient

    from connectorwatch.settings import Settings

SCHEMES = ("https://", "http://")


def is_blob(name: str) -> bool:
    """Return whether a setting names a blob by its address rather than a file."""
    return name.startswith(SCHEMES)


def read_blob(address: str, settings: Settings, largest: int) -> tuple[bytes, str]:
    """Return a blob's first `largest` + 1 bytes at most, and its ETag.

    Raises:
        SettingsError: There is no such blob, it may not be read, or its host is none of Azure Storage's.
    """
    from azure.core.exceptions import AzureError

    try:
        with _client(address, settings) as client:
            stream = client.download_blob(offset=0, length=largest + 1)
            return stream.readall(), stream.properties.etag
    except (AzureError, ValueError) as error:
        raise SettingsError(
            f"{shown_address(address)} cannot be read ({type(error).__name__}): check the address, and give this "
            "identity the role Storage Blob Data Reader there."
        ) from error


def write_blob(address: str, settings: Settings, content: bytes, etag: str) -> None:
    """Write a blob over the one that was read with that ETag.

    Raises:
        StorageError: It was changed since, or may not be written.
    """
    from azure.core import MatchConditions
    from azure.core.exceptions import AzureError

    try:
        with _client(address, settings) as client:
            client.upload_blob(content, overwrite=True, etag=etag, match_condition=MatchConditions.IfNotModified)
    except AzureError as error:
        raise StorageError(
            f"{shown_address(address)} was not written ({type(error).__name__}): if somebody else changed it, "
            "repeat; else give this identity the role Storage Blob Data Contributor there."
        ) from error


def shown_address(address: str) -> str:
    """Return an address without its query, which may be a signature."""
    return address.partition("?")[0]


def beside(place: str, name: str) -> str:
    """Return what a name in a file means: an address or an absolute path as it is, else relative to that file."""
    if is_blob(name):
        return name
    if is_blob(place):
        scheme, _, rest = shown_address(place).partition("://")
        return f"{scheme}://{PurePosixPath(rest).parent / name}"
    return str(Path(place).parent / name)


def _client(address: str, settings: Settings) -> BlobClient:
    """Return a client: by the storage's connection string where the blob lies in that account, else by identity."""
    from azure.storage.blob import BlobClient, BlobServiceClient

    storage = settings.storage.get_secret_value()
    if "AccountName=" in storage:
        service = BlobServiceClient.from_connection_string(storage)
        root = service.url.rstrip("/") + "/"
        if address.startswith(root):
            container, _, name = address.removeprefix(root).partition("/")
            return service.get_blob_client(container, name)
    if "?" in address:
        return BlobClient.from_blob_url(address)
    if not is_account(address, settings.cloud):
        # A policy may name it: whoever edits one is not to receive a token that opens our storage.
        raise SettingsError(
            f"{shown_address(address)} is not asked, since it would be shown a token for storage: name a blob as "
            f"https://ACCOUNT.blob.{STORAGE_SUFFIXES[settings.cloud]}/CONTAINER/NAME, or a file."
        )
    return BlobClient.from_blob_url(address, own_identity(settings))
