"""Where requests for scans wait: the queue of the Functions host's own storage account."""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from common.errors import SettingsError, StorageError
from common.extras import extra
from connectorwatch.platform.storage import STORAGE_SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from azure.storage.queue import QueueClient

    from connectorwatch.settings import Cloud

QUEUE = "scan-requests"
CONNECTION = "AzureWebJobsStorage"
"""The setting, or the family of settings with `__`, that names the host's storage (Functions' own convention)."""
_KEPT_SECONDS = 7 * 24 * 3600


class Requests(Protocol):
    """Where requests for scans are put."""

    def put(self, text: str, delay: int) -> None:
        """Put a message that nobody sees for `delay` seconds.

        Raises:
            StorageError: The queue refused.
        """
        ...


class StorageQueue:
    """A queue of Azure Storage, made when it is missing. Its messages are plain text, as host.json says."""

    def __init__(self, environment: Mapping[str, str], cloud: Cloud, name: str = QUEUE) -> None:
        """Take the environment in which the host's storage is named; nothing is connected yet."""
        self._environment, self._cloud, self._name = environment, cloud, name

    def put(self, text: str, delay: int) -> None:
        """Put a message that nobody sees for `delay` seconds; see `Requests`."""
        from azure.core.exceptions import AzureError, ResourceExistsError, ResourceNotFoundError

        try:
            try:
                self._send(text, delay)
            except ResourceNotFoundError:
                with suppress(ResourceExistsError):  # somebody else was as quick
                    self._client.create_queue()
                self._send(text, delay)
        except AzureError as error:
            raise StorageError(
                f"The queue {self._name} took no message ({type(error).__name__}): check {CONNECTION}, and give this "
                "identity the role Storage Queue Data Contributor."
            ) from error

    def exists(self) -> bool:
        """Return whether the queue is there; nothing is put into it, and it is not made.

        Raises:
            StorageError: It cannot be reached.
        """
        from azure.core.exceptions import AzureError, ResourceNotFoundError

        try:
            self._client.get_queue_properties()
        except ResourceNotFoundError:
            return False
        except AzureError as error:
            raise StorageError(
                f"The queue {self._name} cannot be reached ({type(error).__name__}): check {CONNECTION}, and give this "
                "identity the role Storage Queue Data Contributor."
            ) from error
        return True

    def _send(self, text: str, delay: int) -> None:
        self._client.send_message(text, visibility_timeout=delay, time_to_live=_KEPT_SECONDS)

    @cached_property
    def _client(self) -> QueueClient:
        with extra("azure", "A queue of scan requests"):
            from azure.storage.queue import QueueClient

        connection = self._environment.get(CONNECTION)
        if connection:
            if connection == "UseDevelopmentStorage=true":
                connection = DEVELOPMENT
            try:
                return QueueClient.from_connection_string(connection, self._name)
            except ValueError as error:
                raise SettingsError(f"{CONNECTION} is no connection string: correct it.") from error
        from azure.identity import DefaultAzureCredential

        client_id = self._environment.get(f"{CONNECTION}__clientId")
        return QueueClient(self._address(), self._name, DefaultAzureCredential(managed_identity_client_id=client_id))

    def _address(self) -> str:
        service_uri = self._environment.get(f"{CONNECTION}__queueServiceUri")
        account = self._environment.get(f"{CONNECTION}__accountName")
        if service_uri:
            return service_uri
        if account:
            return f"https://{account}.queue.{STORAGE_SUFFIXES[self._cloud]}"
        raise SettingsError(
            f"No storage is named for the queue {self._name}: set {CONNECTION}__accountName, or {CONNECTION} to a "
            "connection string."
        )


DEVELOPMENT = (
    "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSR"
    "Z6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;QueueEndpoint=http://127.0.0.1:10001/devstoreaccount1;"
)
"""Azurite on its usual port; account and key are its published ones, the same everywhere."""
