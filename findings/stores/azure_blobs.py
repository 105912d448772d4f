"""Documents, artefacts and latest reports as block blobs: one container for what changes, one for what never does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError

from common.errors import ConflictError, RetainedError, StorageError
from findings.stores.azure_calls import code_of, status_of
from findings.stores.ports import PART, Stored, check_name, check_prefix

if TYPE_CHECKING:
    from collections.abc import Callable

    from azure.storage.blob import ContainerClient

    from findings.stores.azure_calls import Calls

T = TypeVar("T")

_MISSING = "ContainerNotFound"
_KEPT = frozenset({"BlobImmutableDueToPolicy", "BlobImmutableDueToLegalHold"})
_CHANGED = frozenset({"BlobAlreadyExists", "BlobNotFound", "ConditionNotMet", "TargetConditionNotMet", _MISSING})
_PROBE = "_writable"
_PROBE_BLOCK = "cHJvYmU="
"""Base64, as storage asks of a block's id; always the same, so that however many checks leave one block."""


@dataclass(frozen=True)
class Container:
    """One container, created at the first write."""

    client: ContainerClient
    calls: Calls

    def read(self, name: str) -> Stored | None:
        """Return a blob with its tag, or None if there is none."""
        blob = self.client.get_blob_client(check_name(name))

        def download() -> Stored:
            download = blob.download_blob()
            return Stored(download.readall(), str(download.properties.etag))

        try:
            return self.calls.ask(download)
        except HttpResponseError as error:
            if status_of(error) == 404:  # noqa: PLR2004 - HTTP's word for "there is none"
                return None
            raise self.refused(error) from None

    def upload(self, name: str, content: bytes, etag: str | None, *, always: bool = False) -> str | None:
        """Write a blob whole or not at all, and return its new tag; None if its tag is not `etag` any more."""
        blob = self.client.get_blob_client(check_name(name))
        terms: dict[str, Any] = {"etag": etag, "match_condition": MatchConditions.IfNotModified} if etag else {}

        def put() -> str:
            done = blob.upload_blob(content, overwrite=always or etag is not None, **terms)
            return str(done["etag"])

        def landed() -> str | None:
            stored = self.read(name)
            return stored.etag if stored is not None and stored.content == content else None

        try:
            return self._into(lambda: self.calls.ask(put, landed=landed), made_for=etag is None)
        except HttpResponseError as error:
            if not always and _somebody_was_there(error, first=etag is None):
                return None
            raise self.refused(error) from None

    def delete(self, name: str) -> bool:
        """Remove a blob for good; return False if there was none.

        Raises:
            RetainedError: A rule of the storage keeps it.
        """
        blob = self.client.get_blob_client(check_name(name))

        def remove() -> bool:
            blob.delete_blob()
            return True

        try:
            return self.calls.ask(remove, landed=lambda: self.read(name) is None or None)
        except HttpResponseError as error:
            if status_of(error) == 404:  # noqa: PLR2004 - HTTP's word for "there is none"
                return False
            if code_of(error) in _KEPT:
                raise RetainedError(
                    f"{name} in the container {self.client.container_name} is kept by an immutability policy or a "
                    "legal hold: it can be removed when that ends."
                ) from None
            raise self.refused(error) from None

    def names(self, prefix: str) -> list[str]:
        """Return the names of all blobs that begin with a prefix, sorted."""
        return self._list(lambda: list(self.client.list_blob_names(name_starts_with=check_prefix(prefix))))

    def folders(self) -> list[str]:
        """Return the first parts of all names, sorted, without listing what lies below them."""
        folders = self._list(lambda: [str(item.name) for item in self.client.walk_blobs(delimiter="/")])
        return [name.removesuffix("/") for name in folders if name.endswith("/")]

    def check_writable(self) -> None:
        """Write a block that is never committed to a blob: no reader or list shows it, and storage discards it."""
        blob = self.client.get_blob_client(_PROBE)
        try:
            self._into(lambda: self.calls.ask(lambda: blob.stage_block(_PROBE_BLOCK, b"probe")), made_for=True)
        except HttpResponseError as error:
            raise self.refused(error) from None

    def _list(self, call: Callable[[], list[str]]) -> list[str]:
        try:
            answer = self.calls.ask(call)
        except HttpResponseError as error:
            if code_of(error) == _MISSING:
                return []
            raise self.refused(error) from None
        return sorted(name for name in answer if all(map(PART.fullmatch, name.removesuffix("/").split("/"))))

    def _into(self, call: Callable[[], T], *, made_for: bool) -> T:
        """Write; if the container is not there and this may be the first write to it, make it and write again."""
        try:
            return call()
        except HttpResponseError as error:
            if code_of(error) != _MISSING or not made_for:
                raise
        try:
            self.calls.ask(self.client.create_container)
        except HttpResponseError as error:
            if code_of(error) != "ContainerAlreadyExists":
                raise StorageError(
                    f"The storage account {self.calls.account} has no container {self.client.container_name}, and it "
                    f"cannot be made ({code_of(error) or status_of(error)}): make it, or grant the identity the role "
                    "Storage Blob Data Contributor on the account."
                ) from None
        return call()

    def refused(self, error: HttpResponseError) -> StorageError:
        """Return the error to raise for an answer that has no more specific meaning."""
        return self.calls.refused(error, f"container {self.client.container_name}")


def _somebody_was_there(error: HttpResponseError, *, first: bool) -> bool:
    """Return whether a write was refused since the blob is there, is another by now, or is gone."""
    code = code_of(error)
    return status_of(error) == 412 or code in _CHANGED or (first and code in _KEPT)  # noqa: PLR2004 - HTTP's own


@dataclass(frozen=True)
class BlobDocuments:
    """Blobs that change by compare-and-swap on their ETag; see `ports.Documents`."""

    container: Container

    def read(self, name: str) -> Stored | None:
        """Return a document, or None if there is none."""
        return self.container.read(name)

    def write(self, name: str, content: bytes, etag: str | None) -> str:
        """Write a document whole or not at all, and return its new tag.

        Raises:
            ConflictError: Its tag is another by now; nothing was written.
            StorageError: Storage refused, or did not answer.
        """
        written = self.container.upload(name, content, etag)
        if written is None:
            raise ConflictError(f"{name} was changed by somebody else since it was read: read it again and repeat.")
        return written

    def folders(self) -> list[str]:
        """Return the first parts of the names of all documents, sorted."""
        return self.container.folders()


@dataclass(frozen=True)
class BlobArtefacts:
    """Blobs that are written once; see `ports.Artefacts`."""

    container: Container

    def create(self, name: str, content: bytes) -> bool:
        """Write a blob whole or not at all; return False, and leave it as it is, if it exists already."""
        return self.container.upload(name, content, None) is not None

    def read(self, name: str) -> bytes | None:
        """Return a blob, or None if there is none."""
        content = self.container.read(name)
        return None if content is None else content.content

    def delete(self, name: str) -> bool:
        """Remove a blob for good; return False if there was none.

        Raises:
            RetainedError: A rule of the storage keeps it.
        """
        return self.container.delete(name)

    def list(self, prefix: str) -> list[str]:
        """Return the names of all blobs that begin with `prefix`, sorted."""
        return self.container.names(prefix)


@dataclass(frozen=True)
class BlobLatest:
    """Blobs that are overwritten; see `ports.Latest`."""

    container: Container
    scans: Container

    def show(self, artefact: str, name: str) -> bool:
        """Write a blob that is a copy of a scan's."""
        content = self.scans.read(artefact)
        if content is not None:
            self.put(name, content.content)
        return content is not None

    def put(self, name: str, content: bytes) -> None:
        """Write a blob whole or not at all, over whatever is there."""
        self.container.upload(name, content, None, always=True)

    def read(self, name: str) -> bytes | None:
        """Return a blob, or None if there is none."""
        content = self.container.read(name)
        return None if content is None else content.content
