"""Refusals: every shape in which Graph says no, and what it means."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_core import to_json

from common.errors import DeniedError, FailedError, NotLicensedError, ReadError
from inventory.answer import NO_DIRECTORY_ROLE, Answer, error_of, fault_of, says_empty
from inventory.request import ANY_404, GraphRequest, GraphService
from tests.examples import examples
from tests.inventory.networks import refusal, reply

ASK = GraphRequest(
    "v1.0", "/things", GraphService.DIRECTORY, "Things.Read.All", empty=frozenset({"Nothing_Here", "http_404"})
)
NESTED = st.recursive(
    st.none() | st.text() | st.integers(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(("error", "code", "message", "innerError")), inner),
)
PREMIUM = GraphRequest("v1.0", "/pim", GraphService.ROLES, "Pim.Read", premium=True)


def _codes(error: object) -> tuple[str, ...]:
    return fault_of(to_json(error)).codes


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        ({"error": {"code": "A", "message": "m"}}, ("A",)),
        ({"error": {"code": "A", "innerError": {"code": "B", "innererror": {"code": "C"}}}}, ("A", "B", "C")),
        ({"error": {"code": "A", "innererror": {"code": "B"}}}, ("A", "B")),
        ({"error": {"error": {"code": "InvalidFilter"}}}, ("InvalidFilter",)),
        ({"error": {"error": {"error": {"error": {"error": {"code": "A"}}}}}}, ("A",)),
        ({"error": {"code": "", "innerError": {"code": "B"}}}, ("B",)),
        ({"error": {"code": "", "message": "No HTTP resource was found"}}, ()),
        ({"error": {"code": 5, "message": 6}}, ()),
        ({"error": "invalid_grant"}, ()),
        ({"error": {"code": "UnknownError", "message": '{"errorCode":"PermissionScopeNotGranted"}'}},
         ("UnknownError", "PermissionScopeNotGranted")),
        ({"error": {"code": "A", "message": '{"errorCode":7}'}}, ("A",)),
        ({"error": {"code": "A", "message": '{"errorCode":""}'}}, ("A",)),
        ({"error": {"code": "A", "message": "{not json"}}, ("A",)),
        ([], ()),
        (None, ()),
    ],
)  # fmt: skip
def test_codes_are_found_in_every_shape(body: object, codes: tuple[str, ...]) -> None:
    """Codes are read from the outside in, whatever an error is wrapped in."""
    assert _codes(body) == codes


def test_a_body_that_is_no_json_has_no_codes() -> None:
    """A proxy's page is no error of Graph's."""
    assert fault_of(b"<html>") == fault_of(b"")


def test_wrapping_has_an_end() -> None:
    """An error wrapped without end is looked into only so far."""
    body: object = {"code": "X"}
    for _ in range(50):
        body = {"error": body}

    assert _codes(body) == ()


def test_codes_and_messages_are_cut_to_length() -> None:
    """What somebody else wrote takes a bounded room in reasons and logs."""
    error = error_of(refusal(400, "C" * 10_000, "m" * 10_000), ASK)

    assert (len(error.code), len(error.reason) < 400) == (100, True)


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (refusal(401, "InvalidAuthenticationToken"), DeniedError, "InvalidAuthenticationToken"),
        (refusal(403, "Authorization_RequestDenied"), DeniedError, "Authorization_RequestDenied"),
        (refusal(403, NO_DIRECTORY_ROLE), DeniedError, NO_DIRECTORY_ROLE),
        (refusal(403, "UnknownError", '{"errorCode":"PermissionScopeNotGranted"}'), DeniedError,
         "PermissionScopeNotGranted"),
        (Answer(403), DeniedError, "http_403"),
        (refusal(404, ""), FailedError, "http_404"),
        (refusal(400, "InvalidFilter"), FailedError, "InvalidFilter"),
        (refusal(400, "AadPremiumLicenseRequired"), FailedError, "AadPremiumLicenseRequired"),
        (Answer(500), FailedError, "http_500"),
        (refusal(500, "ConnectorGroup_NotFound"), FailedError, "http_500"),
        (refusal(302, "ConnectorGroup_NotFound"), FailedError, "http_302"),
    ],
)  # fmt: skip
def test_a_refusal_becomes_an_error(answer: Answer, kind: type[ReadError], code: str) -> None:
    """Denied and failed are told apart, and the code is the one that says most."""
    error = error_of(answer, ASK)

    assert (type(error), error.code) == (kind, code)


def test_a_reason_repeats_what_graph_said() -> None:
    """The reason has the status, the code and the message, as far as Graph gave them."""
    said = [
        error_of(refusal(500, "Code", "No."), ASK),
        error_of(refusal(404, "", "No."), ASK),
        error_of(Answer(502), ASK),
    ]

    assert [error.reason for error in said] == [
        "Graph answered 500 Code (No.)",
        "Graph answered 404 (No.)",
        "Graph answered 502",
    ]


def test_a_missing_permission_is_named() -> None:
    """A refusal names the permission that is missing, and what to do."""
    error = error_of(refusal(403, "Authorization_RequestDenied"), ASK)

    assert (error.permission, error.advice) == (
        "Things.Read.All",
        "Grant Things.Read.All to the identity that scans and consent to it as an administrator.",
    )


def test_an_ask_can_advise_better() -> None:
    """Where granting the permission is not enough, the ask's own advice is given."""
    ask = GraphRequest("v1.0", "/x", GraphService.DIRECTORY, "P", advice="Ask Anna.")

    assert error_of(refusal(403, "X"), ask).advice == "Ask Anna."


def test_app_proxys_own_refusal_asks_for_a_directory_role() -> None:
    """App Proxy checks directory roles, so a permission would not help."""
    assert "directory role" in str(error_of(refusal(403, NO_DIRECTORY_ROLE), ASK).permission)


def test_a_missing_licence_means_none_where_there_can_be_none() -> None:
    """Without Entra ID P2 there are no eligible assignments: known to be empty, not unknown."""
    assert isinstance(error_of(refusal(400, "AadPremiumLicenseRequired"), PREMIUM), NotLicensedError)


def test_a_fault_is_no_missing_licence() -> None:
    """A server error proves nothing about licences, whatever code it carries."""
    assert not isinstance(error_of(refusal(500, "AadPremiumLicenseRequired"), PREMIUM), NotLicensedError)


@pytest.mark.parametrize(
    ("answer", "empty"),
    [
        (refusal(404, "Nothing_Here"), True),
        (refusal(404, ""), True),
        (refusal(404, "Other"), False),
        (refusal(400, ""), False),
        (refusal(500, "Nothing_Here"), False),
        (reply({"value": []}), False),
        (reply({"value": [{"id": "x"}]}, 404), False),
        (reply({"error": "Nothing_Here"}, 404), False),
        (Answer(404, {"content-type": "text/html"}, b"<html>"), False),
    ],
)
def test_only_the_lists_own_words_say_that_it_is_empty(answer: Answer, *, empty: bool) -> None:
    """An empty list is said by a code that belongs to it, never by a proxy's page or a fault."""
    assert says_empty(answer, ASK) is empty


@pytest.mark.parametrize(("status", "empty"), [(404, True), (403, False), (500, False)])
def test_a_list_can_be_empty_by_not_being_found(status: int, *, empty: bool) -> None:
    """For some lists a 404 of Graph's says that there is none, whatever its code."""
    ask = GraphRequest("v1.0", "/x", GraphService.ROLES, "P", empty=frozenset({ANY_404}))

    assert says_empty(refusal(status, "AnyThing"), ask) is empty


@pytest.mark.parametrize(
    ("said", "kept"),
    [("2f3e-11", "2f3e-11"), ("", None), ("a b", None), ("x" * 65, None), ("<script>", None), ("é", None)],
)
def test_a_request_id_is_an_id_or_nothing(said: str, kept: str | None) -> None:
    """What stands for a request id in a log line is an id."""
    assert Answer(200, {"request-id": said}).request_id == kept


@settings(max_examples=examples(50))
@given(st.binary() | NESTED.map(to_json))
def test_any_body_can_be_looked_into(body: bytes) -> None:
    """No error body makes reading it fail, and nothing of it is longer than allowed."""
    fault = fault_of(body)

    assert all(0 < len(code) <= 100 for code in fault.codes)
    assert len(fault.message) <= 200
