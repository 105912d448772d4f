"""Tokens without a secret: a managed identity's token as the credential of a multi-tenant app."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs, urlsplit

import pytest
from azure.core.pipeline.transport import AsyncHttpResponse, AsyncHttpTransport
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from common.errors import SettingsError
from connectorwatch.platform.credentials import credential_of, federated
from connectorwatch.settings import Settings
from tests.connectorwatch.service.making import A, B
from tests.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from azure.core.pipeline.transport import HttpRequest


class Answer(AsyncHttpResponse):
    """The login service's answer: a token."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request, None)
        self.status_code, self.reason = 200, "OK"
        self.headers = {"Content-Type": "application/json"}
        self.content_type = "application/json"

    def body(self) -> bytes:
        """Return a token that names its tenant."""
        tenant = self.request.url.split("/")[3]
        return json.dumps({"access_token": f"token for {tenant}", "expires_in": 3600, "token_type": "Bearer"}).encode()


class Login(AsyncHttpTransport[Any, Any]):
    """The login service: remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []

    async def send(self, request: Any, **options: Any) -> Any:  # noqa: ANN401 - azure-core's signature
        """Answer with a token."""
        del options
        self.asked.append((request.url, dict(request.data)))
        return Answer(request)

    async def open(self) -> None:
        """Nothing to open."""

    async def close(self) -> None:
        """Nothing to close."""

    async def __aenter__(self) -> Self:
        """Nothing to open."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing to close."""


@pytest.mark.parametrize(
    ("cloud", "host"), [("global", "login.microsoftonline.com"), ("china", "login.chinacloudapi.cn")]
)
async def test_each_tenant_has_a_token_of_its_own_and_no_secret_is_sent(cloud: Any, host: str) -> None:  # noqa: ANN401 - a Literal
    """The app asks each customer's tenant for a token, with the managed identity's as its proof and nothing else."""
    login = Login()
    tokens = []
    for tenant in (A, B):
        settings = Settings(tenant_id=tenant, client_id="the-app", credential="federated", cloud=cloud)
        credential = federated(settings, lambda: "identity-token", transport=login)
        tokens.append((await credential.get_token(f"{settings.root}/.default")).token)

    assert tokens == [f"token for {A}", f"token for {B}"]
    assert [url for url, _ in login.asked] == [f"https://{host}/{tenant}/oauth2/v2.0/token" for tenant in (A, B)]
    for _, body in login.asked:
        assert body["client_assertion"] == "identity-token"
        assert body["client_id"] == "the-app"
        assert body["grant_type"] == "client_credentials"
        assert not {"client_secret", "password"} & body.keys()


class Identity(BaseHTTPRequestHandler):
    """The platform's identity endpoint: tells which audience it was asked for, as App Service answers."""

    def do_GET(self) -> None:
        """Answer with a token that names its audience and the identity."""
        asked = parse_qs(urlsplit(self.path).query)
        token = f"{asked['resource'][0]} as {asked.get('client_id', ['system'])[0]}"
        told = json.dumps({"access_token": token, "expires_on": "4102444800", "resource": "", "token_type": "Bearer"})
        self.send_response(200)
        self.end_headers()
        self.wfile.write(told.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("client", "cloud", "expected"),
    [
        (None, "global", "api://AzureADTokenExchange as system"),
        ("mine", "usgov", "api://AzureADTokenExchangeUSGov as mine"),
    ],
)
def test_the_proof_is_the_managed_identitys_token_for_exchange(client: str | None, cloud: str, expected: str) -> None:
    """The identity is asked for the audience that an app's federated credential trusts, system or user-assigned."""
    code = (
        "from connectorwatch.platform.credentials import managed_identity; "
        f"print(managed_identity({client!r}, {cloud!r})())"
    )
    with HTTPServer(("127.0.0.1", 0), Identity) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/msi"
        settings = os.environ | {"IDENTITY_ENDPOINT": address, "IDENTITY_HEADER": "x"}
        told = subprocess.run(  # noqa: S603 - our own code
            [sys.executable, "-c", code],
            cwd=ROOT,
            env=os.environ | settings,
            capture_output=True,
            text=True,
            check=True,
        )
        server.shutdown()

    assert told.stdout.strip() == expected


@pytest.mark.parametrize("missing", [{"client_id": "app"}, {"tenant_id": A}])
def test_what_federated_needs_is_named(missing: dict[str, str]) -> None:
    """Without tenant or app there is nobody to ask for."""
    with pytest.raises(SettingsError, match="CONNECTORWATCH_CLIENT_ID"):
        credential_of(Settings(credential="federated", **missing))  # type: ignore[arg-type]  # texts only


def test_the_settings_choose_it() -> None:
    """The credential federated is the app's, for the tenant that is scanned; nothing is asked yet."""
    chosen = credential_of(Settings(credential="federated", client_id="app", tenant_id=A, identity_client_id="own"))

    assert type(chosen).__name__ == "ClientAssertionCredential"


def test_a_certificate_whose_key_has_a_password(tmp_path: Path) -> None:
    """A key that is locked is told in words, with the setting that names it."""
    locked = BestAvailableEncryption(b"password")
    key = rsa.generate_private_key(65537, 2048).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked)
    (tmp_path / "locked.pem").write_bytes(key)
    chosen = {"client_id": "app", "tenant_id": A, "certificate_path": str(tmp_path / "locked.pem")}

    with pytest.raises(SettingsError, match=r"CONNECTORWATCH_CERTIFICATE_PATH cannot be used: .*without a password"):
        credential_of(Settings(credential="certificate", **chosen))  # type: ignore[arg-type]  # texts only
