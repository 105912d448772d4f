"""Send one request to Graph, signed, and bring back its answer whole; nothing here decides what an answer means.

Signing, national clouds and telemetry are msgraph-core's. Its retry and redirect handlers are left out: they would
retry uncounted inside our gate and follow redirects to other hosts.
"""

from __future__ import annotations

import asyncio
import logging
import time
import zlib
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from azure.core.exceptions import AzureError
from kiota_abstractions.method import Method
from kiota_abstractions.request_information import RequestInformation
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from kiota_http.middleware.user_agent_handler import UserAgentHandler
from msgraph_core import BaseGraphRequestAdapter, GraphClientFactory
from msgraph_core.middleware import GraphTelemetryHandler

from common import http_client
from common.errors import FailedError, HeldBackError
from common.json_bounds import has_more_tokens
from inventory.answer import Answer
from inventory.caller import caller_of
from inventory.transport_port import LOOPBACK, UNREACHABLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from azure.core.credentials import AccessToken
    from azure.core.credentials_async import AsyncTokenCredential

    from inventory.transport_port import Outgoing

__all__ = ["LOOPBACK", "MEBIBYTE", "SdkTransport"]

MOST_TOKENS = 2_000_000
"""The most values and names in one answer, before any object is made of them."""
MEBIBYTE = 1024 * 1024
WHOLE = 5
"""How many times the timeout a whole answer may take, for a server that sends a byte now and then."""
NEARLY_OVER = 300
"""Seconds before its end from which a token is not used any more."""

# HTTP/2's header compression writes what it encodes, the token with it, where a host logs everything.
logging.getLogger("hpack").setLevel(logging.INFO)


class SdkTransport:
    """The real network, through msgraph-core's pipeline.

    Args:
        credential: Where tokens come from; any of azure-identity's asynchronous credentials.
        root: The Graph root, such as `https://graph.microsoft.com`. Plain http only to loopback.
        answer_limit: The largest answer to take in, in bytes, as sent and after decompression.
        timeout: Seconds to wait for a connection or for the next bytes; a whole answer may take `WHOLE` times as long.
        client: Another HTTP client, for a test that needs its own network.
    """

    def __init__(
        self,
        credential: AsyncTokenCredential,
        root: str,
        *,
        answer_limit: int = 64 * MEBIBYTE,
        timeout: float = 60.0,
        client: http_client.AsyncClient | None = None,
    ) -> None:
        origin = http_client.URL(root)
        if origin.scheme != "https" and origin.host not in LOOPBACK:
            raise ValueError(f"{root} is neither https nor loopback; a token must not travel in the clear")
        secure = origin.scheme == "https"
        plain = client or http_client.AsyncClient(
            http2=secure,
            verify=secure,
            follow_redirects=False,
            timeout=http_client.Timeout(timeout, connect=min(timeout, 15.0)),
            limits=http_client.Limits(max_connections=20, max_keepalive_connections=20),
            trust_env=origin.host not in LOOPBACK,
        )
        # The SDK puts wrappers in their place, which pass requests on and never a close.
        self._networks = [plain._transport, *filter(None, plain._mounts.values())]  # noqa: SLF001 - see above
        self._client = GraphClientFactory.create_with_custom_middleware(
            [UserAgentHandler(), GraphTelemetryHandler()], client=plain
        )
        self._tokens = _Tokens(credential)
        self._signer = AzureIdentityAuthenticationProvider(
            cast("AsyncTokenCredential", self._tokens), scopes=[f"{root}/.default"], allowed_hosts=[origin.host]
        )
        self._adapter = BaseGraphRequestAdapter(self._signer, http_client=self._client)
        self._limit = answer_limit
        self._whole = WHOLE * timeout

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()
        for network in self._networks:
            await network.aclose()

    async def send(self, outgoing: Outgoing) -> Answer:
        """See Transport.send."""
        request = await self._sign(outgoing)
        request.extensions["trace"] = partial(_last_look, outgoing.may_go)
        try:
            async with asyncio.timeout(self._whole):
                response = await self._client.send(request, stream=True, follow_redirects=False)
                try:
                    content = await self._body(response)
                finally:
                    await response.aclose()
        except (http_client.HTTPError, TimeoutError) as error:
            # The class name alone: the text may repeat the address and what stands in it.
            raise FailedError(
                f"no whole answer from {request.url.host} ({_cause(error)})",
                code=UNREACHABLE,
                advice="Check the network, the proxy and the cloud setting, then scan again.",
            ) from error
        if response.status_code == HTTPStatus.UNAUTHORIZED:
            self._tokens.refused(request.headers.get("authorization", ""))
        headers = {name.lower(): value for name, value in response.headers.items()}
        caller = caller_of(request.headers.get("authorization", "").removeprefix("Bearer "))
        return Answer(response.status_code, headers, content, caller=caller)

    async def _sign(self, outgoing: Outgoing) -> http_client.Request:
        information = RequestInformation()
        information.url = outgoing.url
        information.http_method = Method(outgoing.method)
        information.content = outgoing.body
        for name, value in {"Accept": "application/json", "Accept-Encoding": "gzip", **outgoing.headers}.items():
            information.headers.add(name, value)
        if outgoing.body is not None:
            information.headers.add("Content-Type", "application/json")
        claims = {"claims": outgoing.claims} if outgoing.claims else {}
        try:
            await self._signer.authenticate_request(information, claims)
            request: http_client.Request = await self._adapter.convert_to_native_async(information)
        except (AzureError, OSError, ValueError) as error:
            raise FailedError(
                f"no token for Graph ({type(error).__name__})",
                code="no_token",
                advice="Sign in again, or check the credential's settings.",
            ) from error
        return request

    async def _body(self, response: http_client.Response) -> bytes:
        """Read and decompress, never holding more than the limit: a small answer can unfold to gigabytes."""
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        if encoding not in ("identity", "gzip"):
            raise FailedError(
                f"Graph answered in the encoding {encoding[:20]!r}, which was not asked for", code="encoding"
            )
        inflater = zlib.decompressobj(wbits=31) if encoding == "gzip" else None
        parts: list[bytes] = []
        taken = unfolded = 0
        async for chunk in response.aiter_raw():
            part = chunk if inflater is None else _inflate(inflater, chunk, self._limit - unfolded + 1)
            taken, unfolded = taken + len(chunk), unfolded + len(part)
            if max(taken, unfolded) > self._limit:
                raise self._too_large()
            parts.append(part)
        if inflater is not None and parts and not inflater.eof:
            raise FailedError("the answer was cut off in the middle", code="cut")
        body = b"".join(parts)
        if has_more_tokens(body, MOST_TOKENS):
            raise FailedError(
                f"the answer holds more than {MOST_TOKENS:,} values",
                code="too_large",
                advice="Report it with the request id: no list of Graph that is read here is known to hold as many.",
                request_id=response.headers.get("request-id", "")[:80] or None,
            )
        return body

    def _too_large(self) -> FailedError:
        return FailedError(
            f"the answer is larger than {self._limit // MEBIBYTE} MiB",
            code="too_large",
            advice="Raise CONNECTORWATCH_ANSWER_LIMIT_MIB if the tenant really is that large.",
        )


class _Tokens:
    """A credential that is asked again only when its token nears its end or Graph has refused it.

    Azure CLI's credential starts a program for each token it is asked for, and a refused token has to be asked for anew
    even where its time is not over.
    """

    def __init__(self, credential: AsyncTokenCredential) -> None:
        self._credential = credential
        self._token: AccessToken | None = None
        self._claims: str | None = None
        self._asking = asyncio.Lock()

    async def get_token(self, *scopes: str, claims: str | None = None, **options: Any) -> AccessToken:  # noqa: ANN401 - azure-core's signature
        """Return a token; all requests that meet the same claims challenge share the answer to it."""
        async with self._asking:
            new_claims = claims is not None and claims != self._claims
            if self._token is None or new_claims or self._token.expires_on < time.time() + NEARLY_OVER:
                self._token = await self._credential.get_token(*scopes, claims=claims, **options)
                self._claims = claims
            return self._token

    def refused(self, authorization: str) -> None:
        """Forget the token that Graph refused, unless another one has taken its place meanwhile."""
        if self._token is not None and authorization == f"Bearer {self._token.token}":
            self._token = None


async def _last_look(may_go: Callable[[], bool], event: str, _: object) -> None:
    """Hear what httpcore is about to do; all but the sending itself is none of our business."""
    if event.endswith(".send_request_headers.started") and not may_go():
        raise HeldBackError("held back at the last moment; it will go when the silence is over")


def _inflate(inflater: zlib._Decompress, chunk: bytes, most: int) -> bytes:
    try:
        part = inflater.decompress(chunk, most)
    except zlib.error as error:
        raise FailedError("the answer could not be decompressed", code="encoding") from error
    if inflater.unused_data:
        raise FailedError("the answer goes on after its end", code="encoding")
    return part


def _cause(error: BaseException) -> str:
    """Return the class of what the system said first: a name that is unknown, a certificate that is bad, a reset."""
    cause, link = error, error.__cause__ or error.__context__
    while link is not None:
        cause = link if isinstance(link, OSError) else cause
        link = link.__cause__ or link.__context__
    return type(cause).__name__
