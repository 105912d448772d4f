"""From bytes to records: whole, or refused with the place of the fault."""

from __future__ import annotations

import tracemalloc

import pytest

from common.errors import FailedError
from inventory.answer import Answer
from inventory.decode import decode_page, decode_record
from inventory.models import Connector
from tests.inventory.networks import JSON, page, reply

GOOD = {"id": "c1", "machineName": "a", "externalIp": "192.0.2.1", "status": "active", "version": "1.5.1.2"}


def _refused(answer: Answer) -> FailedError:
    with pytest.raises(FailedError) as caught:
        decode_page(answer, Connector)
    return caught.value


def test_a_page() -> None:
    """A page has records and perhaps a next one."""
    read = decode_page(page(GOOD, link="https://graph.microsoft.com/next"), Connector)

    assert (read.value[0].id, read.next_link) == ("c1", "https://graph.microsoft.com/next")


def test_what_is_not_known_costs_nothing() -> None:
    """Fields and enum values that nobody has heard of are no fault, at any place."""
    odd = GOOD | {"status": "hibernating", "newField": {"deep": [1, None, 2**70, 1e300]}, "@odata.etag": "x"}

    assert (
        decode_page(reply({"value": [odd], "@odata.count": 1, "tips": None}), Connector).value[0].status
        == "hibernating"
    )


@pytest.mark.parametrize(
    ("record", "place"),
    [
        (GOOD | {"status": 1}, "record c1, field status"),
        (GOOD | {"status": None}, "record c1, field status"),
        ({"id": "c1"}, "record c1, field status"),
        (GOOD | {"machineName": True}, "record c1, field machineName"),
        (GOOD | {"version": {"a": 1}}, "record c1, field version"),
        (GOOD | {"id": 5}, "record number 1, field id"),
        (GOOD | {"id": "../../me"}, "record number 1, field id"),
        (GOOD | {"id": "x" * 81}, "record number 1, field id"),
        (GOOD | {"id": None}, "record number 1, field id"),
        (None, "record number 1, field itself"),
        ([], "record number 1, field itself"),
        ("c1", "record number 1, field itself"),
    ],
)
def test_a_malformed_record_is_named(record: object, place: str) -> None:
    """The error names the record by its id, where it has one that can be shown, and the field."""
    error = _refused(page(GOOD, record))

    assert (error.code, place in error.reason) == ("malformed", True)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"value":null}',
        b'{"value":{}}',
        b'{"value":[],"@odata.nextLink":7}',
        b'{"value":[]',
        b'\xef\xbb\xbf{"value":[]}',
        '{"value":[]}'.encode("utf-16"),
        b'{"value":[{"id":"\xff\xfe\x80"}]}',
        b'{"value":[{"id":"\\ud800","status":"active"}]}',
        b'{"value":[],"x":' + b"9" * 5000 + b"}",
        b'{"value":[],"x":' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"error":{"code":"x"}}',
    ],
)
def test_what_is_no_page_is_refused(body: bytes) -> None:
    """Cut, encoded otherwise, nested without end or simply something else: never an empty list."""
    assert _refused(Answer(200, JSON, body)).code == "malformed"


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "", "application/jsonx", "application/xml", "é" * 500])
def test_what_does_not_say_that_it_is_json_is_refused(kind: str) -> None:
    """A portal's page with status 200 is no list, and its type is told in a few letters."""
    error = _refused(Answer(200, {"content-type": kind}, b'{"value":[]}'))

    assert (error.code, len(error.reason) < 120) == ("not_json", True)


def test_the_request_id_is_kept() -> None:
    """A malformed answer can be asked about at Microsoft's support."""
    assert _refused(reply({}, request_id="11-22")).request_id == "11-22"


def test_a_single_record() -> None:
    """A thing that was asked for alone is read in the same way."""
    assert decode_record(reply(GOOD), Connector).machine_name == "a"
    with pytest.raises(FailedError, match=r"malformed at status: "):
        decode_record(reply({"id": "c1"}), Connector)


def test_millions_of_malformed_records_take_no_memory() -> None:
    """Reading ends at the first malformed record, and a large answer is not read again to name it."""
    answer = Answer(200, JSON, b'{"value":[' + b"0," * 5_000_000 + b"0]}")
    tracemalloc.start()
    error = _refused(answer)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert "record number 0" in error.reason
    assert most < 1024 * 1024
