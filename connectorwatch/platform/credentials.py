"""Where tokens come from, and whose they are. azure-identity is imported only when it is used: it is slow to load."""

from __future__ import annotations

import re
import time
from functools import cache
from typing import TYPE_CHECKING, Any, Self

import jwt
from azure.core.credentials import AccessToken
from azure.core.exceptions import AzureError

from common.errors import CredentialError, FailedError, SettingsError
from common.ids import is_object_id
from common.text import visible
from connectorwatch.settings import AUTHORITIES, GRAPH_ROOTS, PERSONAL, Cloud, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from azure.core.credentials_async import AsyncTokenCredential

    from common.clock import Deadline

_CREDENTIAL = re.compile(r"^\s*(\w+Credential):", re.MULTILINE)
ADVICE = (
    "Sign in with `az login` (Azure CLI), or set CONNECTORWATCH_CREDENTIAL to the way this machine signs in "
    "(managed_identity, federated, certificate, cli, browser, device_code, token)."
)
GRAPH_APP_ID = "00000003-0000-0000-c000-000000000000"
"""Microsoft Graph's own application, the same in every tenant and cloud (Graph "permissions reference", 2026)."""
LONGEST_CLAIM = 200
"""The most characters of a claim that are used."""

EXCHANGE: Mapping[Cloud, str] = {
    "global": "api://AzureADTokenExchange",
    "usgov": "api://AzureADTokenExchangeUSGov",
    "usgov-dod": "api://AzureADTokenExchangeUSGov",
    "china": "api://AzureADTokenExchangeChina",
}
"""The audience of a token that is exchanged for an app's (Microsoft Learn, "Configure an application to trust a
managed identity", 2025)."""


class StaticToken:
    """A token given by hand; it is never renewed."""

    def __init__(self, token: str) -> None:
        self._token = token

    async def get_token(self, *scopes: str, **options: Any) -> AccessToken:  # noqa: ANN401 - azure-core's signature
        """Return the token, whatever it is asked for."""
        del scopes, options
        return AccessToken(self._token, int(time.time()) + 3600)

    async def close(self) -> None:
        """Nothing to close."""

    async def __aenter__(self) -> Self:
        """Nothing to open."""
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        """Nothing to close."""


def credential_of(settings: Settings) -> AsyncTokenCredential:
    """Return the credential that the settings choose.

    Raises:
        SettingsError: Something that the credential needs is not set.
    """
    if settings.credential == "token":
        if settings.graph_token is None:
            raise SettingsError("CONNECTORWATCH_CREDENTIAL is token, so CONNECTORWATCH_GRAPH_TOKEN must be set.")
        token = settings.graph_token.get_secret_value().strip()
        if not (token.isascii() and token.isprintable()) or " " in token:
            raise SettingsError(
                "CONNECTORWATCH_GRAPH_TOKEN holds characters that no token has: set it to the token alone, on one line."
            )
        return StaticToken(token)
    if settings.credential in PERSONAL:
        from connectorwatch.platform.personal_sign_in import Browser, DeviceCode

        return Browser(settings) if settings.credential == "browser" else DeviceCode(settings)
    from azure.identity import aio

    authority = AUTHORITIES[settings.cloud]
    if settings.credential == "managed_identity":
        return aio.ManagedIdentityCredential(client_id=settings.client_id)
    if settings.credential == "federated":
        return federated(settings, managed_identity(settings.identity_client_id, settings.cloud))
    if settings.credential == "cli":
        return aio.AzureCliCredential(tenant_id=settings.tenant_id or "")
    if settings.credential == "certificate":
        return _certificate(settings)
    return aio.DefaultAzureCredential(authority=authority, managed_identity_client_id=settings.client_id)


def _certificate(settings: Settings) -> AsyncTokenCredential:
    from azure.identity.aio import CertificateCredential

    if not (settings.tenant_id and settings.client_id and settings.certificate_path):
        raise SettingsError(
            "CONNECTORWATCH_CREDENTIAL is certificate, so CONNECTORWATCH_TENANT_ID, CONNECTORWATCH_CLIENT_ID and "
            "CONNECTORWATCH_CERTIFICATE_PATH must be set."
        )
    try:
        return CertificateCredential(
            settings.tenant_id, settings.client_id, settings.certificate_path, authority=AUTHORITIES[settings.cloud]
        )
    except OSError as error:
        raise _unusable(settings.certificate_path, f"{error.strerror or error}. Check the path.") from error
    except (ValueError, TypeError) as error:  # a key with a password is a TypeError
        why = "it is no PEM or PKCS#12 file with certificate and RSA key, or its key has a password"
        advice = "Export both into one file without a password."
        raise _unusable(settings.certificate_path, f"{why}. {advice}") from error


def _unusable(path: str, why: str) -> SettingsError:
    return SettingsError(f"The certificate {path} of CONNECTORWATCH_CERTIFICATE_PATH cannot be used: {why}")


def federated(
    settings: Settings,
    assertion: Callable[[], str],
    **options: Any,  # noqa: ANN401 - azure-identity's own
) -> AsyncTokenCredential:
    """Return a credential of a multi-tenant app that proves itself with another token instead of a secret.

    Args:
        settings: Whose tenant, which app (CONNECTORWATCH_CLIENT_ID), which cloud.
        assertion: Returns the token that the app trusts, as its federated identity credential says.
        options: Passed on to azure-identity.

    Raises:
        SettingsError: The tenant or the app is not set.
    """
    from azure.identity.aio import ClientAssertionCredential

    if not (settings.tenant_id and settings.client_id):
        raise SettingsError(
            "The credential federated needs the tenant's id and CONNECTORWATCH_CLIENT_ID (or client_id in the list of "
            "tenants), the multi-tenant app's client: set both."
        )
    return ClientAssertionCredential(
        settings.tenant_id, settings.client_id, assertion, authority=AUTHORITIES[settings.cloud], **options
    )


@cache
def managed_identity(client_id: str | None, cloud: Cloud) -> Callable[[], str]:
    """Return what asks the managed identity for the token that a multi-tenant app trusts.

    One for the whole process: it remembers the token, so that thousands of tenants are not thousands of questions.

    Args:
        client_id: A user-assigned identity's client; None for the system-assigned one.
        cloud: Whose login service the app belongs to.
    """
    from azure.identity import ManagedIdentityCredential

    identity, scope = ManagedIdentityCredential(client_id=client_id), f"{EXCHANGE[cloud]}/.default"
    return lambda: identity.get_token(scope).token


async def tenant_in_time(credential: AsyncTokenCredential, settings: Settings, deadline: Deadline) -> str:
    """Return the tenant to scan as `tenant_of` does, before a scan's deadline.

    Raises:
        CredentialError: See `tenant_of`, or the deadline came first.
    """
    try:
        async with deadline.bounding():
            return await tenant_of(credential, settings)
    except FailedError as error:
        raise CredentialError(f"There is no token for Graph yet: {error}. {ADVICE}") from error


async def tenant_of(credential: AsyncTokenCredential, settings: Settings, advice: str = ADVICE) -> str:
    """Return the tenant to scan: as set, else as the token says. Asks for a first token, so that failing fails early.

    Args:
        credential: Where the token comes from.
        settings: Which tenant is meant, and in which cloud.
        advice: What to do where there is no token.

    Raises:
        CredentialError: There is no token, or one for another service or tenant, or one that does not say its tenant
            and no setting does.
    """
    try:
        token = (await credential.get_token(f"{settings.root}/.default")).token
    except AzureError as error:
        raise CredentialError(f"There is no token for Graph: {_error_text(error)}. {advice}") from error
    audience, token_tenant = _claim(token, "aud"), _claim(token, "tid")
    _is_for_graph(audience, settings, token_tenant)
    if settings.tenant_id:
        if token_tenant and token_tenant != settings.tenant_id.lower():
            raise CredentialError(
                f"The token belongs to tenant {token_tenant}, and CONNECTORWATCH_TENANT_ID (or --tenant) says "
                f"{settings.tenant_id}: sign in to that tenant, or correct the setting; it has to be the tenant's id."
            )
        return settings.tenant_id.lower()
    if token_tenant is None:
        raise CredentialError(
            "The token does not say its tenant, so it is opaque or not whole: set CONNECTORWATCH_TENANT_ID (or "
            "--tenant), or get a new token."
        )
    return token_tenant


def _error_text(error: AzureError) -> str:
    """Return the first line of azure-identity's message, and the credentials that it tried."""
    first, _, rest = str(error).strip().partition("\n")
    tried = dict.fromkeys(_CREDENTIAL.findall(rest))
    return first[:200].rstrip(". ") + (f" (tried {', '.join(tried)})" if tried else "")


def _is_for_graph(audience: str | None, settings: Settings, tenant: str | None) -> None:
    """Raise CredentialError for a token that names another service; Graph's own answer would not name the reason."""
    root = GRAPH_ROOTS[settings.cloud]
    if audience is None or audience.rstrip("/") in (root, GRAPH_APP_ID):
        return
    raise CredentialError(
        f"The token is for {visible(audience[:LONGEST_CLAIM])}, and not for Microsoft Graph ({root}): get one with "
        f"`{token_command(settings.tenant_id or tenant)}`."
    )


def token_command(tenant: str | None) -> str:
    """Return the command by which a person comes by a token for Graph; what is no id of a tenant is left to them."""
    shown_tenant = tenant if tenant is not None and is_object_id(tenant) else "ID"
    return (
        f"az account get-access-token --tenant {shown_tenant} --resource-type ms-graph --query accessToken --output tsv"
    )


def _claim(token: str, name: str) -> str | None:
    """Return a claim of a token in lower case; None for an opaque token. Graph verifies the signature, not we."""
    try:
        claims = jwt.decode(token, options={"verify_signature": False, "verify_exp": False, "verify_aud": False})
    except jwt.InvalidTokenError:
        return None
    value = claims.get(name)
    return value.lower() if isinstance(value, str) and value else None
