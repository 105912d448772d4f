"""The real network: what is signed, what is taken in, and how every way of failing is told."""

from __future__ import annotations

import gzip
import socket
import ssl
import time
import tracemalloc
from typing import TYPE_CHECKING

import pytest
from azure.core.exceptions import ClientAuthenticationError

from common import http_client
from common.errors import FailedError, HeldBackError
from inventory.transport import MEBIBYTE, SdkTransport
from inventory.transport_port import Outgoing
from tests.inventory.certificates import server_context
from tests.inventory.wires import TOKEN, Credential, Says, get, http, transport_to

if TYPE_CHECKING:
    from pathlib import Path

    from inventory.answer import Answer


async def _answer(*parts: bytes, pause: float = 0.0, limit: int = MEBIBYTE, seconds: float = 5.0) -> Answer:
    """Return what the transport makes of these bytes."""
    async with (
        Says(*parts, pause=pause) as server,
        transport_to(server.root, limit=limit, seconds=seconds) as transport,
    ):
        return await get(transport, f"{server.root}/v1.0/x")


async def _error(*parts: bytes, pause: float = 0.0, limit: int = MEBIBYTE, seconds: float = 5.0) -> FailedError:
    with pytest.raises(FailedError) as caught:
        await _answer(*parts, pause=pause, limit=limit, seconds=seconds)
    return caught.value


async def test_a_request_on_the_wire() -> None:
    """A request carries the token, its id, and asks for JSON that may be compressed."""
    async with Says(http(b"{}")) as server, transport_to(server.root) as transport:
        await transport.send(Outgoing(f"{server.root}/v1.0/x?$top=1", b"[1]", {"client-request-id": "11-22"}))
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
        async with transport_to(server.root) as transport:
            answer = await get(transport, f"{server.root}/v1.0/x")

        assert (answer.status, other.heard) == (302, [])


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (http(gzip.compress(b"x" * 5000, mtime=0)[:-9], content_encoding="gzip"), "cut"),
        (http(gzip.compress(b"x", mtime=0) + b"more", content_encoding="gzip"), "encoding"),
        (http(b"no gzip at all", content_encoding="gzip"), "encoding"),
        (http(b"x", content_encoding="br"), "encoding"),
        (http(b"x", content_encoding="gzip, gzip"), "encoding"),
        (http(b"x" * (MEBIBYTE + 1)), "too_large"),
        (http(b"[" + b"[]," * 350_000 + b"[]]"), "too_large"),
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
    async with Says(*parts) as server, transport_to(server.root, limit=2 * MEBIBYTE) as transport:
        with pytest.raises(FailedError, match=r"^the answer is larger than 2 MiB$"):
            await get(transport, f"{server.root}/v1.0/x")
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


async def test_an_answer_of_too_many_values_is_refused_before_objects_are_made() -> None:
    """Few bytes can hold millions of values, each of which would take many times its size."""
    error = await _error(http(b"[" + b"0," * 2_000_001 + b"0]"), limit=8 * MEBIBYTE)

    assert (error.code, "values" in error.reason) == ("too_large", True)


async def test_an_answer_that_unfolds_to_nothing_has_an_end() -> None:
    """Compressed bytes count too: empty blocks without end are too large an answer."""
    endless = gzip.compress(b"")[:10] + b"\x00\x00\x00\xff\xff" * MEBIBYTE
    answer = http(endless, content_encoding="gzip")

    assert (await _error(answer, limit=2 * MEBIBYTE)).code == "too_large"


async def test_an_answer_that_drips_has_an_end() -> None:
    """A server that sends a byte now and then is not listened to for ever."""
    began = time.monotonic()
    error = await _error(http(content_length="1000"), *[b"x"] * 1000, pause=0.02, seconds=0.03)

    assert (error.code, time.monotonic() - began < 1) == ("unreachable", True)


async def test_a_server_that_says_nothing() -> None:
    """A time-out is told as one."""
    error = await _error(http(), pause=10.0, seconds=0.05)

    assert error.reason == "no whole answer from 127.0.0.1 (TimeoutError)"


async def test_a_port_where_nobody_listens() -> None:
    """A refused connection is told as one."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        root = f"http://127.0.0.1:{taken.getsockname()[1]}"
        async with transport_to(root) as transport:
            with pytest.raises(FailedError, match=r"\(ConnectionRefusedError\)$") as caught:
                await get(transport, f"{root}/v1.0/x")

    assert caught.value.code == "unreachable"


async def test_a_name_that_nobody_knows() -> None:
    """A name that cannot be resolved is told as one."""
    root = "https://graph.invalid"
    transport = SdkTransport(Credential(TOKEN), root, client=http_client.AsyncClient(trust_env=False))
    with pytest.raises(FailedError, match=r"^no whole answer from graph.invalid \(gaierror\)$"):
        await get(transport, f"{root}/v1.0/x")
    await transport.close()


async def test_a_certificate_that_nobody_trusts(tmp_path: Path) -> None:
    """A certificate of no known authority ends the request before anything was sent."""
    async with Says(http(b"{}"), context=server_context(tmp_path)) as server, transport_to(server.root) as transport:
        with pytest.raises(FailedError, match=r"\(SSLCertVerificationError\)$"):
            await get(transport, f"{server.root}/v1.0/x")

        assert server.heard == []


async def test_http_2_through_tls(tmp_path: Path) -> None:
    """Over TLS the client offers HTTP/2, and speaks HTTP/1.1 to a server that does not."""
    context = server_context(tmp_path)
    context.set_alpn_protocols(["http/1.1"])
    trusting = ssl.create_default_context(cafile=str(tmp_path / "certificate.pem"))
    plain = http_client.AsyncClient(verify=trusting, http2=True, trust_env=False)
    async with Says(http(b"{}"), context=context) as server:
        transport = SdkTransport(Credential(TOKEN), server.root, client=plain)
        answer = await get(transport, f"{server.root}/v1.0/x")
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
    async with Says(http(b"{}")) as other, transport_to("http://localhost:1") as transport:
        await get(transport, f"{other.root}/v1.0/x")

        assert b"authorization" not in other.heard[0].lower()


@pytest.mark.parametrize(
    "error", [ClientAuthenticationError("s3cret"), ValueError("s3cret"), FileNotFoundError("s3cret")]
)
async def test_without_a_token_nothing_is_sent(error: Exception) -> None:
    """Where the credential fails, the reason names its kind and not its words."""
    async with Says(http(b"{}")) as server, transport_to(server.root, Credential(error=error)) as transport:
        with pytest.raises(FailedError) as caught:
            await get(transport, f"{server.root}/v1.0/x")

        assert (caught.value.code, "s3cret" in caught.value.reason, server.heard) == ("no_token", False, [])


@pytest.mark.parametrize("claims", ["/w==", "a"])
async def test_claims_that_are_no_claims(claims: str) -> None:
    """Claims that nobody can read end the request, not the scan."""
    async with Says(http(b"{}")) as server, transport_to(server.root) as transport:
        with pytest.raises(FailedError, match="no token"):
            await get(transport, f"{server.root}/v1.0/x", claims=claims)


async def test_a_request_that_may_not_go_any_more_is_not_sent() -> None:
    """At the last moment, with token and connection there, nothing is sent if it may not go; the next one may."""
    async with Says(http(b"{}")) as server, transport_to(server.root) as transport:
        with pytest.raises(HeldBackError):
            await transport.send(Outgoing(f"{server.root}/v1.0/x", may_go=lambda: False))
        assert server.heard == []

        assert (await get(transport, f"{server.root}/v1.0/x")).ok
