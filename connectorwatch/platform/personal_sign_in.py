"""Signing in as a person, the only documented way to read connectors (Graph, 2026-10): in a browser, or with a code.

Security defaults block codes, in all tenants that are newer than 1 July 2026 (Entra "security defaults", 2026); a
browser on this machine is let in. The application is the installation's own public client (CONNECTORWATCH_CLIENT_ID;
docs/permissions.md describes how to register it): this project has none. Between runs nothing is kept, unless
CONNECTORWATCH_TOKEN_CACHE asks for it; then azure-identity keeps the tokens where the operating system encrypts them,
and refuses where it cannot. Beside that lies whose sign-in it was, which is no secret.
"""

from __future__ import annotations

import asyncio
import threading
from abc import ABC, abstractmethod
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import click
from azure.core.exceptions import AzureError, ClientAuthenticationError

from common.errors import SettingsError
from common.files import make_folder, write_whole
from connectorwatch.settings import AUTHORITIES

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from types import TracebackType

    from azure.core.credentials import AccessToken
    from azure.identity import AuthenticationRecord, DeviceCodeCredential, InteractiveBrowserCredential

    from connectorwatch.settings import Settings

    Inner = DeviceCodeCredential | InteractiveBrowserCredential

CACHE = "connectorwatch"
"""The name of the cache among those of the operating system's user."""


def _show_code(address: str, code: str, _until: datetime) -> None:
    click.echo(f"To sign in, open {address} in any browser and enter the code {code}.", err=True)


class PersonalSignIn(ABC):
    """A credential that asks a person to sign in, once a run or, with a cache, once in a long while.

    Args:
        settings: Whose tenant, which public client, which cloud, and whether tokens are kept.
        home: Where whose sign-in it was is remembered.
        options: Passed on to azure-identity.

    Raises:
        SettingsError: The public client is not set.
    """

    def __init__(
        self,
        settings: Settings,
        home: Path | None = None,
        **options: Any,  # noqa: ANN401 - azure-identity's own
    ) -> None:
        if not settings.client_id:
            raise SettingsError(
                f"CONNECTORWATCH_CREDENTIAL is {settings.credential}, so CONNECTORWATCH_CLIENT_ID must name a public "
                "client of your own: docs/permissions.md describes how to register one."
            )
        self._keeps = settings.token_cache
        self._call = threading.local()
        self._record_file = (home or Path.home() / ".connectorwatch") / "signed-in.json"
        self._record = self._read_record(settings) if self._keeps else None
        self._inner = self._credential({**self._settings(settings), "raw_request_hook": self._go_on, **options})

    @abstractmethod
    def _credential(self, options: dict[str, Any]) -> Inner:
        """Return azure-identity's credential."""

    def _settings(self, settings: Settings) -> dict[str, Any]:
        from azure.identity import TokenCachePersistenceOptions

        kept: dict[str, Any] = {}
        if self._keeps:
            cache = TokenCachePersistenceOptions(name=CACHE, allow_unencrypted_storage=False)
            kept = {"cache_persistence_options": cache}
        if self._record is not None:  # which says client, tenant and authority, and takes no second word on them
            return {**kept, "authentication_record": self._record}
        return {
            **kept,
            "client_id": settings.client_id or "",
            "tenant_id": settings.tenant_id or "organizations",
            "authority": AUTHORITIES[settings.cloud],
        }

    @property
    def remembers(self) -> bool:
        """Whether it is known whose sign-in the cache may hold."""
        return self._record is not None

    async def get_token(self, *scopes: str, **options: Any) -> AccessToken:  # noqa: ANN401 - azure-core's signature
        """Return a token, from the cache or after a person has signed in."""
        stopped = threading.Event()
        answer: Future[AccessToken] = Future()
        # A thread that the program does not wait for when it ends: the person may take minutes.
        threading.Thread(target=self._answer, args=(answer, stopped, scopes, options), daemon=True).start()
        try:
            return await asyncio.wrap_future(answer)
        finally:
            stopped.set()

    def _answer(
        self, answer: Future[AccessToken], stopped: threading.Event, scopes: tuple[str, ...], options: dict[str, Any]
    ) -> None:
        answer.set_running_or_notify_cancel()
        try:
            answer.set_result(self._get(stopped, scopes, options))
        except (AzureError, SettingsError) as error:
            answer.set_exception(error)
        finally:
            if not answer.done():  # else whoever waits would do so for ever
                answer.set_exception(ClientAuthenticationError("the sign-in ended without an answer"))

    def _go_on(self, _request: object) -> None:
        # Asked in the thread of the call that it belongs to.
        stopped: threading.Event = self._call.stopped
        if stopped.is_set():
            raise ClientAuthenticationError("the sign-in was interrupted")

    def _get(self, stopped: threading.Event, scopes: tuple[str, ...], options: dict[str, Any]) -> AccessToken:
        self._call.stopped = stopped
        try:
            if self._keeps and self._record is None:
                self._record = self._inner.authenticate(scopes=scopes, claims=options.get("claims"))
                self._write_record(self._record)
            return self._inner.get_token(*scopes, **options)
        except ClientAuthenticationError as error:
            if not isinstance(error.__cause__, ValueError):
                raise
            raise SettingsError(
                "This machine cannot keep tokens encrypted, and unencrypted they are not kept: unset "
                "CONNECTORWATCH_TOKEN_CACHE, or give it a key store (libsecret with PyGObject on Linux)."
            ) from error

    def _read_record(self, settings: Settings) -> AuthenticationRecord | None:
        """Return whose sign-in is in the cache; None where there is none, or it is of another tenant or client."""
        from azure.identity import AuthenticationRecord

        try:
            record = AuthenticationRecord.deserialize(self._record_file.read_text(encoding="utf-8"))
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None
        matches = record.client_id == settings.client_id and settings.tenant_id in (None, record.tenant_id)
        return record if matches else None

    def _write_record(self, record: AuthenticationRecord) -> None:
        try:
            make_folder(self._record_file.parent)
            write_whole(self._record_file, record.serialize().encode())
        except OSError as error:
            raise SettingsError(
                f"Whose sign-in it was cannot be written to {self._record_file} ({error.strerror}): make it writable, "
                "or unset CONNECTORWATCH_TOKEN_CACHE."
            ) from error

    async def close(self) -> None:
        """Close the connections."""
        self._inner.close()

    async def __aenter__(self) -> Self:
        """Nothing to open."""
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        """Close the connections."""
        await self.close()


class DeviceCode(PersonalSignIn):
    """Sign-in with a code, on any device.

    Args:
        settings: As of `PersonalSignIn`.
        say: Shows address and code to the person.
        home: As of `PersonalSignIn`.
        options: Passed on to azure-identity.
    """

    def __init__(
        self,
        settings: Settings,
        say: Callable[[str, str, datetime], None] = _show_code,
        home: Path | None = None,
        **options: Any,  # noqa: ANN401 - azure-identity's own
    ) -> None:
        self._say = say
        super().__init__(settings, home, **options)

    def _credential(self, options: dict[str, Any]) -> DeviceCodeCredential:
        from azure.identity import DeviceCodeCredential

        return DeviceCodeCredential(prompt_callback=self._say, **options)


class Browser(PersonalSignIn):
    """Sign-in in a browser of this machine, which hands the answer to a loopback address.

    Args:
        settings: As of `PersonalSignIn`.
        home: As of `PersonalSignIn`.
        options: Passed on to azure-identity, which opens the browser and waits for five minutes.
    """

    def _credential(self, options: dict[str, Any]) -> InteractiveBrowserCredential:
        from azure.identity import InteractiveBrowserCredential

        self._announced = False
        return InteractiveBrowserCredential(**options)

    async def get_token(self, *scopes: str, **options: Any) -> AccessToken:  # noqa: ANN401 - azure-core's signature
        """Return a token, from the cache or after a person has signed in."""
        if not self.remembers and not self._announced:
            click.echo("To sign in, use the browser window that opens on this machine.", err=True)
        self._announced = True
        return await super().get_token(*scopes, **options)
