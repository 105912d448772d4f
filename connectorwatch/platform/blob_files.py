"""Files that people write and that may lie in Blob Storage instead: the list of tenants, a policy, a catalogue."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from common.errors import SettingsError, StorageError
from common.extras import extra
from connectorwatch.platform.storage import STORAGE_SUFFIXES, is_account, own_identity

if TYPE_CHECKING:
    from azure.storage.blob import BlobClient

    from connectorwatch.settings import Settings

SCHEMES = ("https://", "http://")
_EMULATOR = re.compile(r"https?://(?:127\.0\.0\.1|localhost|\[::1\]):\d{1,5}/")
"""Where the storage emulator listens; a signed address there carries no token of ours."""


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
        return f"{scheme}://{posixpath.normpath(PurePosixPath(rest).parent / name)}"
    return str(Path(place).parent / name)


def _client(address: str, settings: Settings) -> BlobClient:
    """Return a client: by the storage's connection string where the blob lies in that account, else by identity."""
    with extra("azure", "A file in a storage account"):
        from azure.storage.blob import BlobClient, BlobServiceClient

    storage = settings.storage.get_secret_value()
    if "AccountName=" in storage:
        service = BlobServiceClient.from_connection_string(storage, permit_redirects=False)
        root = service.url.rstrip("/") + "/"
        if address.startswith(root):
            container, _, name = address.removeprefix(root).partition("/")
            return service.get_blob_client(container, name)
    signed = "?" in address
    if not is_account(address, settings.cloud) and not (signed and _EMULATOR.match(address)):
        # A policy may name it: whoever edits one is not to receive a token that opens our storage, nor to ask any
        # host from where this runs.
        raise SettingsError(
            f"{shown_address(address)} is not asked, since it would be shown a token for storage: name a blob as "
            f"https://ACCOUNT.blob.{STORAGE_SUFFIXES[settings.cloud]}/CONTAINER/NAME, or a file."
        )
    credential = None if signed else own_identity(settings)
    return BlobClient.from_blob_url(address, credential, permit_redirects=False)
