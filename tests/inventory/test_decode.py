"""From bytes to records: whole, or refused with the place of the fault."""

from __future__ import annotations

import tracemalloc

import pytest
from pydantic_core import to_json

from common.errors import FailedError
from inventory.answer import Answer
from inventory.decode import MOST_ODD, MOST_TO_NAME, decode_page, decode_record, decode_records
from inventory.models import Connector, Principal, RoleDefinition
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


@pytest.mark.parametrize(
    ("odd", "named", "name", "says"),
    [
        (GOOD | {"id": "c2", "status": None}, "c2", "a", "field status"),
        (GOOD | {"id": "c2", "version": {"a": 1}}, "c2", "a", "field version"),
        (GOOD | {"id": 5}, None, "a", "field id"),
        (GOOD | {"id": "../../me", "machineName": 7}, None, None, "field id"),
        (None, None, None, "field itself"),
        (7, None, None, "field itself"),
    ],
)
def test_an_odd_record_costs_itself(odd: object, named: str | None, name: str | None, says: str) -> None:
    """The other records are read; the odd one is named by its id where that can be shown, with the field."""
    records, _ = decode_records(page(GOOD, odd, GOOD | {"id": "c3"}), Connector)
    (record,) = records.unreadable

    assert [connector.id for connector in records] == ["c1", "c3"]
    assert (record.number, record.id, record.name, says in record.reason) == (2, named, name, True)


@pytest.mark.parametrize("text", [b'"\\ud83d"', b'"\\ud83d\\ud83d"', b'"\xff\xfe"', b'"\\ude00"'])
def test_text_that_cannot_be_parsed_costs_its_record(text: bytes) -> None:
    """Half a surrogate pair, or bytes that are no UTF-8, in one name leave the other records readable."""
    good = to_json(GOOD)
    body = b'{"value":[%s,{"id":"c2","status":"active","machineName":%s}],"@odata.nextLink":"x"}' % (good, text)
    records, link = decode_records(Answer(200, JSON, body), Connector)
    (record,) = records.unreadable

    assert ([connector.id for connector in records], link) == (["c1"], "x")
    assert (record.id, record.reason) == ("c2", "its text is no Unicode")
    assert record.name is not None
    assert record.name.encode()


@pytest.mark.parametrize(
    "body",
    [
        b'{"value":[{"id":1}],"@odata.nextLink":7}',
        b'{"value":[{"id":NaN}]}',
        b'{"value":{"id":1}}',
        b'[{"id":1}]',
        b'{"value":[{"id":1}',
        b'{"value":[],"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"value":[' + b",".join([b"1"] * (MOST_ODD + 1)) + b"]}",
        b'{"value":[{"id":1}' + b" " * MOST_TO_NAME + b"]}",
    ],
)
def test_a_page_that_is_none_or_too_odd_is_refused(body: bytes) -> None:
    """Reading record by record is bounded in size and in odd records, and makes no page of what is none."""
    with pytest.raises(FailedError) as caught:
        decode_records(Answer(200, JSON, body), Connector)

    assert caught.value.code == "malformed"


def test_a_principal_with_odd_attributes_keeps_its_type_and_id() -> None:
    """That is what Graph itself sends of whoever may not be read: who it is, and no attributes."""
    odd = {"@odata.type": "#microsoft.graph.user", "id": "u1", "displayName": "Ann", "accountEnabled": "yes"}
    records, _ = decode_records(page(odd, odd | {"id": 7}, {"id": 8}), Principal)
    (ann,) = records

    assert (ann.id, ann.kind, ann.display_name, ann.account_enabled) == ("u1", "user", "Ann", None)
    assert [record.number for record in records.unreadable] == [2, 3]


def test_a_role_that_may_be_built_in_is_not_taken_as_such() -> None:
    """Graph's metadata let `isBuiltIn` be null, which proves nothing."""
    records, _ = decode_records(page({"id": "r1", "isBuiltIn": None, "rolePermissions": []}), RoleDefinition)

    assert [role.is_built_in for role in records] == [False]


def test_an_address_that_is_no_text_makes_the_list_unread() -> None:
    """A next link of bytes that are no UTF-8 leads nowhere, however the records read."""
    body = b'{"value": [], "@odata.nextLink": "\xff"}'

    with pytest.raises(FailedError, match="malformed"):
        decode_records(reply(body), Connector)
