"""The real network: what is signed, what is taken in, and how every way of failing is told."""

from __future__ import annotations

import asyncio
import gzip
import logging
import socket
import ssl
import time
import tracemalloc
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx
import pytest
from azure.core.exceptions import ClientAuthenticationError
from hpack import Encoder

from inventory.errors import FailedError
from inventory.transport import MEBIBYTE, SdkTransport
from tests.inventory.certificates import server_context
from tests.inventory.wires import Credential, Says, http

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from inventory.answer import Answer

TOKEN = "t0ken-of-the-first-hour"


@asynccontextmanager
async def _transport(root: str, credential: Credential | None = None, **options: float) -> AsyncIterator[SdkTransport]:
    limit, timeout = int(options.get("limit", MEBIBYTE)), options.get("timeout", 5.0)
    transport = SdkTransport(credential or Credential(TOKEN), root, answer_limit=limit, timeout=timeout)
    try:
        yield transport
    finally:
        await transport.close()


async def _get(transport: SdkTransport, url: str, claims: str | None = None) -> Answer:
    return await transport.send("GET", url, body=None, headers={"client-request-id": "11-22"}, claims=claims)


async def _answer(*parts: bytes, **options: float) -> Answer:
    """Return what the transport makes of these bytes."""
    async with (
        Says(*parts, pause=options.pop("pause", 0.0)) as server,
        _transport(server.root, None, **options) as transport,
    ):
        return await _get(transport, f"{server.root}/v1.0/x")


async def _error(*parts: bytes, **options: float) -> FailedError:
    with pytest.raises(FailedError) as caught:
        await _answer(*parts, **options)
    return caught.value


async def test_a_request_on_the_wire() -> None:
    """A request carries the token, its id, and asks for JSON that may be compressed."""
    async with Says(http(b"{}")) as server, _transport(server.root) as transport:
        await transport.send(
            "POST", f"{server.root}/v1.0/x?$top=1", body=b"[1]", headers={"client-request-id": "11-22"}
        )
        heard = server.heard[0].decode().split("\r\n")

    assert heard[0] == "POST /v1.0/x?$top=1 HTTP/1.1"
    named = {line.partition(": ")[0].lower(): line.partition(": ")[2] for line in heard[1:] if line}
    expected = {
        "authorization": f"Bearer {TOKEN}",
        "client-request-id": "11-22",
        "accept": "application/json",
        "accept-encoding": "gzip",
        "content-type": "application/json",
        "content-length": "3",
    }
    assert {name: named.get(name) for name in expected} == expected


async def test_an_answer_as_it_came() -> None:
    """Status, headers in lower case and body are handed on, whatever they are."""
    answer = await _answer(http(b'{"a":1}', 418, X_Odd="\xe9\xff", retry_after="3"))

    assert (answer.status, answer.body, answer.headers["retry-after"]) == (418, b'{"a":1}', "3")
    assert answer.headers["x-odd"]


async def test_a_compressed_answer() -> None:
    """An answer in gzip is unfolded, however it was cut into parts."""
    packed = gzip.compress(b'{"value":[]}')
    head, body = http(packed, content_encoding="gzip").split(b"\r\n\r\n", 1)

    assert (await _answer(head + b"\r\n\r\n", body[:7], body[7:])).body == b'{"value":[]}'


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
async def test_an_answer_without_a_body(encoding: str) -> None:
    """An empty body is empty in every encoding."""
    assert (await _answer(http(b"", 204, content_encoding=encoding))).body == b""


async def test_a_redirect_is_handed_on() -> None:
    """A redirect is an answer like any other: nobody goes there."""
    async with Says(http(b"")) as other, Says(http(b"", 302, location=f"{other.root}/x")) as server:
        async with _transport(server.root) as transport:
            answer = await _get(transport, f"{server.root}/v1.0/x")

        assert (answer.status, other.heard) == (302, [])


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (http(gzip.compress(b"x" * 5000)[:-9], content_encoding="gzip"), "cut"),
        (http(gzip.compress(b"x") + b"more", content_encoding="gzip"), "encoding"),
        (http(b"no gzip at all", content_encoding="gzip"), "encoding"),
        (http(b"x", content_encoding="br"), "encoding"),
        (http(b"x", content_encoding="gzip, gzip"), "encoding"),
        (http(b"x" * (MEBIBYTE + 1)), "too_large"),
        (http(b"x", content_length="9"), "unreachable"),
        (b"", "unreachable"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "unreachable"),
        (b"HTTP/1.1 200 OK\r\nx: " + b"a" * 200_000 + b"\r\n\r\n", "unreachable"),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", "unreachable"),
    ],
)
async def test_an_answer_that_is_not_whole(answer: bytes, code: str) -> None:
    """Cut off, damaged, in another encoding or too large: never an answer."""
    assert (await _error(answer)).code == code


async def test_a_large_answer_is_refused_before_it_is_read_whole() -> None:
    """The connection is closed when the limit is passed, however much more is to come."""
    parts = [http(content_length=str(512 * MEBIBYTE)), *[b" " * MEBIBYTE] * 64]
    async with Says(*parts) as server, _transport(server.root, limit=2 * MEBIBYTE) as transport:
        with pytest.raises(FailedError, match=r"^the answer is larger than 2 MiB$"):
            await _get(transport, f"{server.root}/v1.0/x")
        taken = server.said

    assert taken < 32 * MEBIBYTE


async def test_a_bomb_is_not_unfolded() -> None:
    """A small answer that unfolds to many MiB takes no more memory than the limit."""
    bomb = http(gzip.compress(b" " * 64 * MEBIBYTE, 9), content_encoding="gzip")
    tracemalloc.start()
    error = await _error(bomb, limit=2 * MEBIBYTE)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert (error.code, most < 8 * MEBIBYTE) == ("too_large", True)


async def test_an_answer_that_unfolds_to_nothing_has_an_end() -> None:
    """Compressed bytes count too: empty blocks without end are too large an answer."""
    endless = gzip.compress(b"")[:10] + b"\x00\x00\x00\xff\xff" * MEBIBYTE
    answer = http(endless, content_encoding="gzip")

    assert (await _error(answer, limit=2 * MEBIBYTE)).code == "too_large"


async def test_an_answer_that_drips_has_an_end() -> None:
    """A server that sends a byte now and then is not listened to for ever."""
    began = time.monotonic()
    error = await _error(http(content_length="1000"), *[b"x"] * 1000, pause=0.02, timeout=0.03)

    assert (error.code, time.monotonic() - began < 1) == ("unreachable", True)


async def test_a_server_that_says_nothing() -> None:
    """A time-out is told as one."""
    error = await _error(http(), pause=10.0, timeout=0.05)

    assert error.reason == "no whole answer from 127.0.0.1 (TimeoutError)"


async def test_a_port_where_nobody_listens() -> None:
    """A refused connection is told as one."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        root = f"http://127.0.0.1:{taken.getsockname()[1]}"
        async with _transport(root) as transport:
            with pytest.raises(FailedError, match=r"\(ConnectionRefusedError\)$") as caught:
                await _get(transport, f"{root}/v1.0/x")

    assert caught.value.code == "unreachable"


async def test_a_name_that_nobody_knows() -> None:
    """A name that cannot be resolved is told as one."""
    root = "https://graph.invalid"
    transport = SdkTransport(Credential(TOKEN), root, client=httpx.AsyncClient(trust_env=False))
    with pytest.raises(FailedError, match=r"^no whole answer from graph.invalid \(gaierror\)$"):
        await _get(transport, f"{root}/v1.0/x")
    await transport.close()


async def test_a_certificate_that_nobody_trusts(tmp_path: Path) -> None:
    """A certificate of no known authority ends the request before anything was sent."""
    async with Says(http(b"{}"), context=server_context(tmp_path)) as server, _transport(server.root) as transport:
        with pytest.raises(FailedError, match=r"\(SSLCertVerificationError\)$"):
            await _get(transport, f"{server.root}/v1.0/x")

        assert server.heard == []


async def test_http_2_through_tls(tmp_path: Path) -> None:
    """Over TLS the client offers HTTP/2, and speaks HTTP/1.1 to a server that does not."""
    context = server_context(tmp_path)
    context.set_alpn_protocols(["http/1.1"])
    trusting = ssl.create_default_context(cafile=str(tmp_path / "certificate.pem"))
    plain = httpx.AsyncClient(verify=trusting, http2=True, trust_env=False)
    async with Says(http(b"{}"), context=context) as server:
        transport = SdkTransport(Credential(TOKEN), server.root, client=plain)
        answer = await _get(transport, f"{server.root}/v1.0/x")
        await transport.close()

    assert answer.body == b"{}"


@pytest.mark.parametrize(
    "root", ["http://graph.microsoft.com", "ftp://graph.microsoft.com", "http://127.0.0.1.evil.example"]
)
def test_no_token_travels_in_the_clear(root: str) -> None:
    """Plain HTTP is for loopback only."""
    with pytest.raises(ValueError, match="neither https nor loopback"):
        SdkTransport(Credential(TOKEN), root)


async def test_another_host_gets_no_token() -> None:
    """Even if a request to another host came this far, it would carry no token."""
    async with Says(http(b"{}")) as other, _transport("http://localhost:1") as transport:
        await _get(transport, f"{other.root}/v1.0/x")

        assert b"authorization" not in other.heard[0].lower()


@pytest.mark.parametrize(
    "error", [ClientAuthenticationError("s3cret"), ValueError("s3cret"), FileNotFoundError("s3cret")]
)
async def test_without_a_token_nothing_is_sent(error: Exception) -> None:
    """Where the credential fails, the reason names its kind and not its words."""
    async with Says(http(b"{}")) as server, _transport(server.root, Credential(error=error)) as transport:
        with pytest.raises(FailedError) as caught:
            await _get(transport, f"{server.root}/v1.0/x")

        assert (caught.value.code, "s3cret" in caught.value.reason, server.heard) == ("no_token", False, [])


@pytest.mark.parametrize("claims", ["/w==", "a"])
async def test_claims_that_are_no_claims(claims: str) -> None:
    """Claims that nobody can read end the request, not the scan."""
    async with Says(http(b"{}")) as server, _transport(server.root) as transport:
        with pytest.raises(FailedError, match="no token"):
            await _get(transport, f"{server.root}/v1.0/x", claims=claims)


async def _tokens(credential: Credential, *claims: str | None, status: int = 200) -> list[str]:
    """Return the tokens that requests with these claims carry."""
    async with Says(http(b"{}", status)) as server, _transport(server.root, credential) as transport:
        for one in claims:
            await _get(transport, f"{server.root}/v1.0/x", one)
        lines = [line for heard in server.heard for line in heard.decode().split("\r\n")]
    return [line.rpartition(" ")[2] for line in lines if line.lower().startswith("authorization")]


async def test_a_token_is_asked_for_once() -> None:
    """Requests share a token, since some credentials start a program for each."""
    credential = Credential("one", "two")

    assert (await _tokens(credential, None, None, None), credential.asked) == (["one"] * 3, [None])


async def test_requests_at_the_same_time_ask_for_one_token() -> None:
    """Six requests at once ask the credential once."""
    credential = Credential("one", "two")
    async with Says(http(b"{}")) as server, _transport(server.root, credential) as transport:
        await asyncio.gather(*(_get(transport, f"{server.root}/v1.0/x") for _ in range(6)))

    assert credential.asked == [None]


async def test_a_token_that_nears_its_end_is_renewed() -> None:
    """A token with less than five minutes left is not used."""
    assert await _tokens(Credential("one", "two", "three", seconds=299), None, None) == ["one", "two"]


async def test_a_refused_token_is_forgotten() -> None:
    """After a 401 the credential is asked again, though the token's time is not over."""
    assert await _tokens(Credential("one", "two"), None, None, status=401) == ["one", "two"]


async def test_claims_are_asked_for_once() -> None:
    """A claims challenge reaches the credential in plain text; requests that meet the same one share its answer."""
    credential = Credential("one", "two", "three")

    assert await _tokens(credential, None, "e30=", "e30=", None, "e319") == ["one", "two", "two", "two", "three"]
    assert credential.asked == [None, "{}", "{}}"]


def test_header_compression_logs_no_token(caplog: pytest.LogCaptureFixture) -> None:
    """Where a host logs everything, the token that HTTP/2 encodes is not in the log."""
    with caplog.at_level(logging.DEBUG):
        Encoder().encode([("authorization", f"Bearer {TOKEN}")], huffman=False)

    assert TOKEN not in caplog.text


async def test_nothing_logs_a_token(caplog: pytest.LogCaptureFixture) -> None:
    """With every logger at its most talkative, no line holds the token."""
    with caplog.at_level(logging.DEBUG):
        await _answer(http(b"{}", 401))
        await _error(b"")

    assert len(caplog.records) > 0
    assert TOKEN not in caplog.text
