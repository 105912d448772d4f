"""What a storage account that says no is told as: which account, what it said, what to do; and never a secret."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from azure.core.exceptions import ClientAuthenticationError

from common.errors import ConflictError, RetainedError, StorageError
from findings.stores.azure import AzureStore
from findings.stores.azure_calls import Calls, Patience
from tests.azure.conftest import HASTE
from tests.azurite import connection_string
from tests.findings.views.view_rows import summary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from azure.core.credentials import AccessToken

STATE = "t/state.json"
Answer = tuple[int, str]
"""A status, and storage's code for it."""


class _Handler(BaseHTTPRequestHandler):
    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, code = self.server.script(f"{self.command} {self.path}")  # type: ignore[attr-defined] # set below
        self.send_response(status)
        self.send_header("x-ms-error-code", code)
        self.send_header("Retry-After", "0")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _answer  # noqa: N815 - the names that http.server looks for

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its own name for it
        """Say nothing."""


@contextmanager
def scripted(script: Callable[[str], Answer]) -> Iterator[AzureStore]:
    """Yield a store whose account answers each request, told by method and path, by a script."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.script = script  # type: ignore[attr-defined] # for the handler above
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        port = server.server_address[1]
        yield AzureStore.from_connection_string(connection_string("test0000", port, port), HASTE)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def everything(store: AzureStore) -> list[Callable[[], object]]:
    """Return one call of each kind."""
    return [
        lambda: store.documents.read(STATE),
        lambda: store.documents.write(STATE, b"", None),
        lambda: store.documents.write(STATE, b"", "0x1"),
        store.documents.folders,
        lambda: store.scans.create(STATE, b""),
        lambda: store.scans.delete(STATE),
        lambda: store.scans.list(""),
        lambda: store.latest.put(STATE, b""),
        lambda: store.views.query("ConnectorScans"),
        lambda: store.views.replace("t", 1, [summary("t", 1)]),
        lambda: store.views.remove("t"),
        store.check_writable,
        store.views.check_writable,
    ]


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        ((403, "AuthorizationPermissionMismatch"), "grant the identity the roles Storage Blob Data Contributor"),
        ((403, "AuthorizationFailure"), "let this network through its firewall"),
        ((403, "AuthenticationFailed"), "is wrong or has expired"),
        ((403, "KeyBasedAuthenticationNotPermitted"), "set CONNECTORWATCH_STORAGE to its address"),
        ((403, "SomethingNew"), "grant the identity the roles"),
        ((403, "AccountIsDisabled"), "it is switched off"),
        ((409, "ContainerBeingDeleted"), "being deleted: try again in a minute"),
        ((400, "InvalidHeaderValue"), "400 InvalidHeaderValue: look the code up"),
        ((400, "<script>sig=secret</script>"), "400 and no code: look the code up"),
    ],
)
def test_every_refusal_says_what_to_do(answer: Answer, advice: str) -> None:
    """Whatever is asked, a refusal is an error that names the account and the way out."""
    with scripted(lambda _: answer) as store:
        for ask in everything(store):
            with pytest.raises(StorageError, match=r"^The storage account test0000 \((container|table) ") as caught:
                ask()
            assert advice in str(caught.value)
            assert "secret" not in str(caught.value)
            assert not isinstance(caught.value, ConflictError)


@pytest.mark.parametrize("kind", ["container", "table"])
def test_what_cannot_be_made(kind: str) -> None:
    """Where a container or a table is missing and may not be made, the error says to make it."""

    def script(request: str) -> Answer:
        if "restype=container" in request or "/Tables" in request:
            return 403, "AuthorizationPermissionMismatch"
        return 404, "ContainerNotFound" if kind == "container" else "TableNotFound"

    with scripted(script) as store:
        check = store.check_writable if kind == "container" else store.views.check_writable
        with pytest.raises(StorageError) as caught:
            check()
    assert f"has no {kind} " in str(caught.value)
    assert "cannot be made (AuthorizationPermissionMismatch): make it, or grant" in str(caught.value)


@pytest.mark.parametrize("code", ["ContainerAlreadyExists", "TableAlreadyExists"])
def test_what_somebody_else_made_meanwhile(code: str) -> None:
    """A container or table that another process makes at the same moment is no error."""
    asked: list[str] = []

    def script(request: str) -> Answer:
        asked.append(request)
        if "restype=container" in request or "/Tables" in request:
            return 409, code
        if len(asked) == 1:
            return 404, code.replace("AlreadyExists", "NotFound")
        return (201, "") if code.startswith("C") else (404, "ResourceNotFound")

    with scripted(script) as store:
        if code.startswith("C"):
            store.latest.put(STATE, b"")
        else:
            store.views.check_writable()
    assert len(asked) >= 3


@pytest.mark.parametrize("code", ["BlobImmutableDueToPolicy", "BlobImmutableDueToLegalHold"])
def test_what_a_rule_of_the_storage_keeps(code: str) -> None:
    """A kept scan cannot be deleted, which is told as such, counts as existing, and forgetting a tenant goes on."""
    with scripted(lambda _: (409, code)) as store:
        with pytest.raises(RetainedError, match="is kept by an immutability policy or a legal hold"):
            store.scans.delete(STATE)
        assert store.scans.create(STATE, b"") is False


def test_forgetting_goes_on_past_what_is_kept(azurite_with_holds: AzureStore) -> None:
    """Everything that may go is gone when the error about what is kept comes."""
    store = azurite_with_holds
    for name in ("t/scans/1/a.json", "t/scans/2/a.json"):
        store.scans.create(name, b"x")
    store.documents.write(STATE, b"x", None)
    store.views.replace("t", 1, [summary("t", 1)])

    with pytest.raises(RetainedError):
        store.forget("t")

    assert store.documents.read(STATE) is None
    assert store.views.query("ConnectorTenants").rows == ()


@pytest.fixture(name="azurite_with_holds")
def _azurite_with_holds(account: str) -> AzureStore:
    """Return a store whose scans container is another one's, in which nothing can be deleted."""
    store = AzureStore.from_connection_string(account, HASTE)
    keeping = AzureStore.from_connection_string(account, HASTE)

    class Keeping(type(keeping._scans)):  # type: ignore[misc] # noqa: SLF001 - a container that keeps everything
        """A container under a legal hold."""

        def delete(self, name: str) -> bool:
            """Refuse."""
            raise RetainedError(name)

    store._scans = Keeping(keeping._scans.client, keeping._scans.calls)  # noqa: SLF001 - put in place of the own one
    return store


def test_rows_that_others_always_change() -> None:
    """Rows that are different at each attempt are an error in the end."""

    def script(request: str) -> Answer:
        return (404, "TableNotFound") if request.startswith("GET") else (412, "UpdateConditionNotSatisfied")

    with scripted(script) as store, pytest.raises(StorageError, match="were changed by others 20 times in a row"):
        store.views.replace("t", 1, [summary("t", 1)])


class NoToken:
    """A credential that has none."""

    def get_token(self, *scopes: str, **options: object) -> AccessToken:
        """Fail as azure-identity does."""
        del scopes, options
        raise ClientAuthenticationError("secret details")


def test_no_token() -> None:
    """Where nobody is signed in, that is said at once, for blobs and for tables."""
    store = AzureStore.from_identity("https://fleet.blob.core.windows.net", NoToken(), HASTE)

    for ask in (lambda: store.documents.read(STATE), lambda: store.views.query("ConnectorScans")):
        with pytest.raises(StorageError, match=r"fleet cannot be reached, since there is no token.*az login") as caught:
            ask()
        assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "says"),
    [("https://nowhere.invalid", "is not known by that name"), ("http://127.0.0.1:9", "the connection failed")],
)
def test_an_account_out_of_reach(address: str, says: str) -> None:
    """A name that does not exist and a port that nobody listens on are told apart."""
    secret = f"AccountName=fleet;AccountKey=c2VjcmV0;BlobEndpoint={address};TableEndpoint={address};"
    store = AzureStore.from_connection_string(secret, Patience(attempts=2, first_wait=0.0, timeout=2))

    with pytest.raises(StorageError, match=says):
        store.documents.read(STATE)
    with pytest.raises(StorageError, match=says):
        store.views.query("ConnectorScans")


def test_no_answer_in_time() -> None:
    """An account that takes longer than is waited for is told as that."""

    def slow(_: str) -> Answer:
        time.sleep(0.3)
        return 200, ""

    calls = Patience(attempts=1, timeout=0.1)
    with scripted(slow) as fast:
        account = fast.documents.container.client.primary_endpoint.split("/connectorwatch")[0]
        secret = f"AccountName=test0000;AccountKey=c2VjcmV0;BlobEndpoint={account};TableEndpoint={account};"
        store = AzureStore.from_connection_string(secret, calls)
        with pytest.raises(StorageError, match="no answer in time"):
            store.documents.read(STATE)
        time.sleep(0.4)


def test_waiting_follows_what_storage_says() -> None:
    """`Retry-After` is waited for, up to a bound; without it, or with nonsense in it, the own wait counts."""
    patience = Patience(first_wait=0.0, longest_wait=0.05)

    for header, least in (("30", 0.05), ("soon", 0.0), ("-5", 0.0)):
        error = OSError()
        error.response = type("Response", (), {"headers": {"Retry-After": header}})()  # type: ignore[attr-defined] # as the SDKs have it
        began = time.monotonic()
        patience.wait(0, error)
        assert least <= time.monotonic() - began < 1


def test_a_call_that_is_never_made() -> None:
    """At least one attempt is made."""
    assert Calls("x", Patience(attempts=1)).ask(lambda: 7) == 7
