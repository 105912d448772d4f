"""Tokens: asked for once, renewed in time, and never written down."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from hpack import Encoder

from tests.inventory.wires import TOKEN, Credential, Says, get, http, transport_to

if TYPE_CHECKING:
    import pytest


async def _tokens(credential: Credential, *claims: str | None, status: int = 200) -> list[str]:
    """Return the tokens that requests with these claims carry."""
    async with Says(http(b"{}", status)) as server, transport_to(server.root, credential) as transport:
        for one in claims:
            await get(transport, f"{server.root}/v1.0/x", one)
        lines = [line for heard in server.heard for line in heard.decode().split("\r\n")]
    return [line.rpartition(" ")[2] for line in lines if line.lower().startswith("authorization")]


async def test_a_token_is_asked_for_once() -> None:
    """Requests share a token, since some credentials start a program for each."""
    credential = Credential("one", "two")

    assert (await _tokens(credential, None, None, None), credential.asked) == (["one"] * 3, [None])


async def test_requests_at_the_same_time_ask_for_one_token() -> None:
    """Six requests at once ask the credential once."""
    credential = Credential("one", "two")
    async with Says(http(b"{}")) as server, transport_to(server.root, credential) as transport:
        await asyncio.gather(*(get(transport, f"{server.root}/v1.0/x") for _ in range(6)))

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
        await _tokens(Credential(TOKEN), None, status=401)

    assert len(caplog.records) > 0
    assert TOKEN not in caplog.text
