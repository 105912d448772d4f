"""A login service of tests: what it answers, what it was asked, and settings that sign in there."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs

from azure.core.pipeline.transport import HttpResponse, HttpTransport

from connectorwatch.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

TENANT, CLIENT = "11111111-2222-4333-8444-555555555555", "99999999-2222-4333-8444-555555555555"
LOGIN = f"https://login.microsoftonline.com/{TENANT}"


def part(content: dict[str, object]) -> str:
    """Return one part of a JSON web token."""
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def id_token(**more: str) -> str:
    """Return an identity token of Ada's."""
    claims: dict[str, object] = {
        "aud": CLIENT,
        "iss": f"{LOGIN}/v2.0",
        "tid": TENANT,
        "oid": "ada",
        "sub": "ada",
        "preferred_username": "ada@contoso.com",
        "exp": 4102444800,
        "iat": 1,
    }
    return ".".join((part({"alg": "none"}), part(claims | more), ""))


ANSWERS: dict[str, dict[str, object]] = {
    "openid-configuration": {
        "token_endpoint": f"{LOGIN}/oauth2/v2.0/token",
        "authorization_endpoint": f"{LOGIN}/oauth2/v2.0/authorize",
        "device_authorization_endpoint": f"{LOGIN}/oauth2/v2.0/devicecode",
        "issuer": f"{LOGIN}/v2.0",
    },
    "devicecode": {
        "device_code": "secret-device-code",
        "user_code": "ABC-123",
        "verification_uri": "https://microsoft.com/devicelogin",
        "expires_in": 900,
        "interval": 1,
        "message": "sign in",
    },
    "token": {
        "access_token": "the-token",
        "refresh_token": "the-refresh-token",
        "id_token": id_token(),
        "client_info": part({"uid": "ada", "utid": TENANT}),
        "expires_in": 3600,
        "token_type": "Bearer",
        "scope": "https://graph.microsoft.com/.default",
    },
}


class Answer(HttpResponse):
    """One answer of the login service."""

    def __init__(self, request: Any, content: dict[str, object]) -> None:  # noqa: ANN401 - azure-core's signature
        super().__init__(request, None)
        self.status_code, self.reason = 200, "OK"
        self.headers = {"Content-Type": "application/json"}
        self.content_type = "application/json"
        self._content = json.dumps(content).encode()

    def body(self) -> bytes:
        """Return the content."""
        return self._content


class Login(HttpTransport[Any, Any]):
    """The login service: remembers what it was asked."""

    def __init__(self, other: dict[str, dict[str, object]] | None = None) -> None:
        self.asked: list[str] = []
        self.answers = ANSWERS | (other or {})

    def send(self, request: Any, **options: Any) -> Any:  # noqa: ANN401 - azure-core's signature
        """Answer as the last part of the address says."""
        del options
        name = request.url.partition("?")[0].rpartition("/")[2]
        self.asked.append(name)
        if name == "devicecode":
            body = request.body if isinstance(request.body, dict) else parse_qs(str(request.body))
            self.asked.append(str(body.get("client_id")))
        return Answer(request, self.answers[name])

    def open(self) -> None:
        """Nothing to open."""

    def close(self) -> None:
        """Nothing to close."""

    def __enter__(self) -> Self:
        """Nothing to open."""
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to close."""


def kept(folder: Path) -> list[Path]:
    """Return what was written into a folder."""
    return list(folder.iterdir())


def settings(**more: Any) -> Settings:  # noqa: ANN401 - any setting
    """Return settings that sign in by code."""
    return Settings(**{"credential": "device_code", "client_id": CLIENT, "tenant_id": TENANT, **more})
