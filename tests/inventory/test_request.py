"""Addresses: what stands in an id or a filter never changes where a request goes."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from common import http_client
from inventory.models import ConnectorGroup
from inventory.request import GraphRequest, GraphService
from tests.inventory.networks import ROOT


def _ask(path: str, **query: str) -> GraphRequest:
    return GraphRequest(
        "beta", path, GraphService.APP_PROXY, "Directory.Read.All", query={f"${k}": v for k, v in query.items()}
    )


def test_an_address_without_options_is_its_path() -> None:
    """Without OData options an address has no question mark."""
    assert _ask("/organization").absolute == "/beta/organization"


def test_options_are_encoded() -> None:
    """Spaces and quotation marks are encoded, and what OData needs to be read stays as it is."""
    ask = _ask("/x", filter="name eq 'a&b#c' and t/any(i:i eq 1)", select="id,name")

    assert ask.relative == "/x?$filter=name%20eq%20%27a%26b%23c%27%20and%20t/any(i:i%20eq%201)&$select=id,name"


@pytest.mark.parametrize(
    "hostile",
    ["../../me", "..", ".", "x?$expand=manager", "x#y", "%2e%2e", "a/b", "a\\b", "x'y", "a&b", "a+b", "", "a\n"],
)
def test_an_id_that_could_lead_elsewhere_is_refused(hostile: str) -> None:
    """A record whose id is no plain name is malformed."""
    with pytest.raises(ValidationError):
        _group(hostile)


@given(st.text() | st.text(alphabet="./\\?#%&'\" \t\u2024éa1-", max_size=12))
def test_no_id_changes_where_a_request_goes(text: str) -> None:
    """Whatever text Graph sends as an id, it is refused or stays one segment of the path, whole."""
    try:
        group = _group(text)
    except ValidationError:
        return
    url = http_client.URL(ROOT + _ask(f"/connectorGroups/{group.id}/members").absolute)

    assert [unquote(part) for part in url.raw_path.decode().split("/")] == [
        "",
        "beta",
        "connectorGroups",
        text,
        "members",
    ]
    assert (url.host, url.query, url.fragment) == ("graph.microsoft.com", b"", "")


def _group(text: str) -> ConnectorGroup:
    return ConnectorGroup.model_validate({"id": text, "connectorGroupType": "applicationProxy", "isDefault": False})
