"""Posting to a webhook that answers well and badly: what is repeated, what is final, and how fast it goes."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest

from common import http_client
from common.errors import DeliveryError, UndeliverableError
from connectorwatch.channels.posting import TRIES, Pace, Poster
from tests.connectorwatch.channels.workflow import SIGNATURE, Answer, endless, error, half, reset, slow, status

if TYPE_CHECKING:
    from tests.connectorwatch.channels.workflow import Workflow

QUICKLY = 0.3


def post(flow: Workflow, *answers: Answer) -> tuple[int, list[float]]:
    """Post a body to a webhook that answers so, and return the status and for how long was waited between."""
    flow.answers[:] = answers
    waits: list[float] = []
    poster = Poster(http_client.URL(flow.url), Pace(0), waits.append, QUICKLY)
    return poster.post(b'{"a":"\xc3\xa9"}', {"Content-Type": "application/json; charset=utf-8"}), waits


def refusal(flow: Workflow, *answers: Answer) -> DeliveryError:
    """Return the error that posting ends in."""
    with pytest.raises(DeliveryError) as caught:
        post(flow, *answers)
    assert SIGNATURE not in repr(caught.value)
    assert caught.value.__cause__ is None
    return caught.value


@pytest.mark.parametrize("answer", [status(202), status(200, "1"), status(200, '{"ok": true}'), status(204), endless])
def test_what_is_taken(flow: Workflow, answer: Answer) -> None:
    """Any 2xx that reports no failure is success, told once; an answer is read no further than needed."""
    code, waits = post(flow, answer)

    assert (code, waits, len(flow.heard)) == (code, [], 1)
    assert flow.heard[0].body == b'{"a":"\xc3\xa9"}'
    assert flow.heard[0].headers["content-type"] == "application/json; charset=utf-8"
    assert flow.heard[0].path.endswith(f"sig={SIGNATURE}")


@pytest.mark.parametrize(
    "answer", [status(429), status(500), status(502), status(503), status(408), reset, half, slow(0.5)]
)
def test_what_passes_is_tried_again(flow: Workflow, answer: Answer) -> None:
    """Throttling, faults, resets and silence are tried again after one second, then two."""
    assert post(flow, answer, answer) == (202, [1.0, 2.0])


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (status(429), "it answered 429"),
        (error(503, "ServiceUnavailable"), "it answered 503 ServiceUnavailable"),
        (reset, "the connection failed (RemoteProtocolError)"),
        (slow(0.5), "there was no answer in time"),
    ],
)
def test_after_three_tries_it_is_left_for_later(flow: Workflow, answer: Answer, said: str) -> None:
    """What does not pass is an error that may be tried later, and says what happened."""
    found = refusal(flow, answer, answer, answer)

    assert (str(found), type(found)) == (said, DeliveryError)
    assert len(flow.heard) == TRIES


def test_a_short_silence_is_kept_at_once(flow: Workflow) -> None:
    """A `Retry-After` of a few seconds is waited for, and one that asks for less than we wait changes nothing."""
    assert post(flow, status(429, Retry_After="4"), status(429, Retry_After="0")) == (202, [4.0, 2.0])


@pytest.mark.parametrize(("told", "wait"), [("120", 120), ("1e99", 24 * 3600), ("in two hours", 7200)])
def test_a_long_silence_is_left_for_later(flow: Workflow, told: str, wait: float) -> None:
    """A `Retry-After` that nobody can wait for is told to whoever tries later; nobody believes more than a day."""
    if told == "in two hours":
        told = format_datetime(datetime.now(UTC) + timedelta(hours=2), usegmt=True)
    found = refusal(flow, status(429, Retry_After=told))

    assert found.wait == pytest.approx(wait, abs=60)
    assert len(flow.heard) == 1


@pytest.mark.parametrize(
    "told",
    [
        "soon",
        "",
        "-5",
        "nan",
        "Mon, 99 Xxx 2026 00:00:00 GMT",
        "Mon, 01 Jan 99999999999 00:00:00 GMT",
        "Mon, 01 Jan 0001 00:00:00 +2359",
        "Fri, 20 Nov 2026 06:00:00 -0000",
    ],
)
def test_a_silence_that_makes_no_sense_counts_for_nothing(flow: Workflow, told: str) -> None:
    """Without a usable `Retry-After` the usual waiting holds."""
    assert post(flow, status(429, Retry_After=told)) == (202, [1.0])


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (error(400, "InvalidRequestContent"), "it answered 400 InvalidRequestContent: it does not take what is posted"),
        (error(401, "DirectApiAuthorizationRequired"), "401 DirectApiAuthorizationRequired: its signature is wrong"),
        (status(403), "it lets nobody in from here"),
        (error(404, "WorkflowNotFound"), "it answered 404 WorkflowNotFound: it is gone"),
        (status(410), "it answered 410: it is gone"),
        (status(413), "it takes no message of this size"),
        (status(302, Location="https://elsewhere.example/"), "it answered 302, which leads elsewhere"),
        (status(304), "it answered 304"),
        (status(200, '{"error": {"code": "Nope"}}'), "it answered 200 Nope, and its words say that it failed"),
        (status(200, '{"status": "Failed"}'), "its words say that it failed"),
        (
            status(200, "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429"),
            "it answered 200, and its words say that it failed",
        ),
    ],
)
def test_what_is_final(flow: Workflow, answer: Answer, said: str) -> None:
    """A refusal, a redirect and a 2xx whose words report a failure are not tried again, and say what to do."""
    found = refusal(flow, answer)

    assert said in str(found)
    assert isinstance(found, UndeliverableError)
    assert len(flow.heard) == 1


@pytest.mark.parametrize(
    "body", ['{"error": {"code": "a b"}}', '{"error": {"code": 5}}', '{"error": 5}', "[]", "[" * 4000, "\x00"]
)
def test_a_body_is_never_shown(flow: Workflow, body: str) -> None:
    """Of what an answer says only a plain code is told."""
    assert str(refusal(flow, status(400, body))) == "it answered 400: it does not take what is posted"


def test_nobody_listens() -> None:
    """A port on which nobody listens is tried three times."""
    poster = Poster(http_client.URL("http://127.0.0.1:9/x"), Pace(0), lambda _: None, QUICKLY)

    with pytest.raises(DeliveryError, match=r"^the connection failed \(ConnectError\)$"):
        poster.post(b"", {})


@pytest.mark.slow
def test_never_more_than_four_a_second(flow: Workflow) -> None:
    """Ten requests at once, over several routes and threads, are spread so that no second sees more than four."""
    pace = Pace()
    posters = [Poster(http_client.URL(f"{flow.url}&route={number}"), pace) for number in range(10)]
    began = time.monotonic()

    with ThreadPoolExecutor(10) as pool:
        codes = list(pool.map(lambda poster: poster.post(b"{}", {}), posters))

    assert codes == [202] * 10
    assert time.monotonic() - began >= 10 * 0.26  # the first one, too, comes after whatever was before this process
    assert len(flow.heard) == 10


def test_an_address_is_not_in_a_repr(flow: Workflow) -> None:
    """What is printed of a poster, in a traceback say, does not hold its address."""
    assert SIGNATURE not in repr(Poster(http_client.URL(flow.url)))
