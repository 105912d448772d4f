"""Batches: how they are put together, and which members of an answer can be told apart."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_core import from_json, to_json

from inventory.answer import Answer
from inventory.batch import batch_body, with_members
from inventory.request import GraphRequest, GraphService
from tests.examples import examples
from tests.inventory.networks import JSON, reply


def _told(*responses: object) -> dict[str, Answer]:
    return dict(with_members(reply({"responses": list(responses)})).members)


def test_members_are_asked_for_by_number() -> None:
    """Each ask is a GET below the version, encoded, under its own number."""
    asks = {n: GraphRequest("beta", f"/x/{n}", GraphService.ROLES, "P", query={"$filter": "a eq 'b'"}) for n in (3, 7)}

    assert from_json(batch_body(asks))["requests"] == [
        {"id": str(n), "method": "GET", "url": f"/x/{n}?$filter=a%20eq%20%27b%27"} for n in (3, 7)
    ]


def test_a_member_is_an_answer_of_its_own() -> None:
    """Status, headers in lower case and the body are the member's; its body is JSON."""
    told = _told({"id": "1", "status": 429, "headers": {"Retry-After": "7"}, "body": {"error": {"code": "X"}}})

    assert told["1"] == Answer(
        429, {"retry-after": "7", "content-type": "application/json"}, to_json({"error": {"code": "X"}})
    )


def test_a_member_without_headers_and_body() -> None:
    """A member may have neither headers nor a body."""
    assert _told({"id": "1", "status": 204})["1"].body == b"null"


def test_a_member_that_is_not_json_keeps_its_type() -> None:
    """What comes as text is not taken for JSON, unless it says so."""
    told = _told({"id": "1", "status": 200, "headers": {"Content-Type": "text/html"}, "body": "PGh0bWw+"})

    assert not told["1"].is_json


def test_numbers_in_headers_are_taken_for_text() -> None:
    """A header may be a number."""
    told = _told({"id": "1", "status": 429, "headers": {"Retry-After": 7}, "body": None})

    assert told["1"].headers["retry-after"] == "7"


def test_a_member_that_is_there_twice_is_not_there() -> None:
    """Which of two answers to one question is the right one nobody can say."""
    told = _told({"id": "1", "status": 200}, {"id": "2", "status": 200}, {"id": "1", "status": 404})

    assert set(told) == {"2"}


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, {"content-type": "text/html"}, b"<html>"),
        Answer(200, JSON, b'{"responses":['),
        reply({}),
        reply({"responses": None}),
        reply({"responses": [{"id": "1", "status": 200}, None]}),
        reply({"responses": [{"id": "1", "status": 600}]}),
        reply({"responses": [{"id": "1", "status": 99}]}),
        reply({"responses": [{"id": "1", "status": "many"}]}),
        reply({"responses": [{"id": "1", "status": 200, "headers": [1]}]}),
        reply({"responses": [{"status": 200}]}),
        reply({"responses": [{"id": 1, "status": 200}]}),
        reply({"responses": [{"id": 1.0, "status": 200}]}),
        reply({"responses": []}, 500),
        Answer(400),
    ],
)
def test_an_answer_that_is_no_batchs_has_no_members(answer: Answer) -> None:
    """A proxy's page, a cut body, a malformed member: all of them count as missing, and nothing else changes."""
    assert with_members(answer) == answer


ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(("id", "status", "headers", "body", "responses")) | st.text(), inner)
    ),
)


@settings(max_examples=examples(30))
@given(st.fixed_dictionaries({"responses": st.lists(ANYTHING)}) | ANYTHING)
def test_no_answer_makes_reading_it_fail(document: object) -> None:
    """Whatever stands where a batch should, it has members with HTTP statuses or none."""
    members = with_members(reply(document)).members

    assert all(100 <= member.status <= 599 for member in members.values())
