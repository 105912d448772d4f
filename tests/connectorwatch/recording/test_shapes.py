"""What is kept of an answer: places, types, sizes and listed words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectorwatch.recording.shapes import Shapes
from connectorwatch.recording.templates import template_of

if TYPE_CHECKING:
    from connectorwatch.recording.document import PropertyShape


def shapes(*bodies: object) -> dict[str, PropertyShape]:
    """Return the shapes of some answers taken together."""
    seen = Shapes()
    for body in bodies:
        seen.add(body)
    return seen.result()


def test_types_sizes_and_words_add_up() -> None:
    """Two pages of a list are one shape with the types, sizes and words of both."""
    found = shapes(
        {"value": [{"status": "active"}, {"status": None}]}, {"value": [{"status": "asleep", "isDefault": True}]}
    )

    assert found["value"].sizes is not None
    assert (found["value"].sizes.least, found["value"].sizes.most, found["value"].sizes.total) == (1, 2, 3)
    assert found["value[].status"].types == {"string": 2, "null": 1}
    assert found["value[].status"].words == {"active": 1, "other": 1}
    assert found["value[].isDefault"].types == {"boolean": 1}


def test_names_of_other_case_or_none_of_microsofts() -> None:
    """A listed name with other capitals keeps its listed form, any other name is counted and not followed."""
    found = shapes({"SingleSignOnMode": 1, "extension_0a_secret": {"id": "x"}})

    assert set(found) == {"", "singleSignOnMode (other case)", "(unknown property)"}


def test_the_same_word_counts_only_at_its_own_property() -> None:
    """A name that a tenant gave is no word of Microsoft's, even where it is spelt like one."""
    found = shapes({"displayName": "active", "modifiedProperties": [{"displayName": "ConnectorId"}]})

    assert found["displayName"].words == {}
    assert found["modifiedProperties[].displayName"].words == {"ConnectorId": 1}


def test_an_answer_that_is_made_to_fill_memory_is_bounded() -> None:
    """However many places an answer has, only so many are kept, and depth ends, too."""
    names = sorted(["id", "status", "tags", "value", "name", "type", "key", "code", "date", "details"])

    def deep(depth: int) -> dict[str, object]:
        return {name: deep(depth - 1) for name in names} if depth else {"id": 1}

    nested: object = 1
    for _ in range(500):
        nested = [nested]

    assert len(shapes(deep(4))) <= 5001
    assert len(shapes(nested)) < 20


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ("/v1.0/organization?$select=id,displayName", "GET v1.0/organization?$select=id,displayName"),
        ("/v1.0/groups/0a1b/members?$top=999", "GET v1.0/groups/{id}/members?$top=999"),
        ("/v1.0/groups/0a1b/members?$top=99999", "GET v1.0/groups/{id}/members?$top={value}"),
        ("/v1.0/users/ann%40contoso.example/x", "GET v1.0/users/{id}/{id}"),
        (
            "/v1.0/auditLogs/directoryAudits?$filter=loggedByService%20eq%20'eq%20secret'",
            "GET v1.0/auditLogs/directoryAudits?$filter=loggedByService eq",
        ),
        ("/v1.0/organization?secret=secret&$select=secret", "GET v1.0/organization?$select=other&other"),
        ("/v1.0/organization?" + "&".join(["a=b"] * 50), "GET v1.0/organization?other"),
        ("/v1.0/organization?$search=secret", "GET v1.0/organization?$search={value}"),
    ],
)
def test_a_template_holds_nothing_of_the_tenant(address: str, text: str) -> None:
    """Ids, values and options that are not Graph's are replaced."""
    assert template_of("GET", address).text == text


@given(st.text())
def test_any_address_has_a_template(text: str) -> None:
    """No address, however odd, ends a recording."""
    assert template_of("GET", f"/v1.0/{text}").text.startswith("GET v1.0")


@pytest.mark.parametrize(("query", "next_page"), [("$skiptoken=x", True), ("$skip=5", True), ("$top=5", False)])
def test_a_next_page_is_known_by_its_token(query: str, next_page: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Requests for further pages count as such, under the name of the first."""
    assert template_of("GET", f"/v1.0/groups?{query}").next_page is next_page
