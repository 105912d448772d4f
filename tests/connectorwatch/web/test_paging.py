"""Pages hold everything once, and no continuation leads anywhere but on."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.connectorwatch.web.sites import MINE, OTHER, told, world
from tests.examples import examples

if TYPE_CHECKING:
    from pathlib import Path

    from tests.connectorwatch.web.sites import World


def walked(here: World, name: str, what: str, query: dict[str, str], **route: str) -> list[list[object]]:
    """Return the pages that one gets by following the links."""
    pages = []
    while True:
        answer = json.loads(here.ask(name, query=query, route=route).content)
        pages.append(answer[what])
        if answer["next_link"] is None:
            return pages
        assert answer["next_link"].startswith("?")
        query = dict(parse_qsl(answer["next_link"][1:]))


def test_pages_hold_every_finding_once(here: World) -> None:
    """Following the links tells all findings, each once, and no page is larger than asked."""
    pages = walked(here, "findings", "findings", {"limit": "7"}, tenant=MINE)

    assert [len(page) for page in pages] == [7, 7, 7, 7, 2]
    assert len({json.dumps(row) for page in pages for row in page}) == 30


def test_links_keep_the_filters(here: World) -> None:
    """The second page is filtered like the first."""
    pages = walked(here, "findings", "findings", {"limit": "2", "rule": "GRP001"}, tenant=MINE)

    assert {row["rule"] for page in pages for row in page if isinstance(row, dict)} == {"GRP001"}
    assert sum(map(len, pages)) == 10


def test_pages_hold_every_tenant_once(here: World) -> None:
    """Tenants come by id, those never scanned among them."""
    pages = walked(here, "tenants", "tenants", {"limit": "1"})

    assert [entry["id"][:8] for page in pages for entry in page if isinstance(entry, dict)] == [
        "00000001",
        "00000002",
        "00000003",
    ]


def test_a_key_is_never_repeated(here: World) -> None:
    """The link to the next page holds no function key."""
    answer = here.ask("tenants", query={"limit": "1", "code": "s3cret-key", "clientId": "x"})

    assert (answer.status, b"s3cret" in answer.content) == (200, False)


@pytest.mark.parametrize("limit", ["0", "201", "-1", "1.5", "", "x", "²", "９", "9" * 400])  # noqa: RUF001 - digits too
def test_a_bad_limit_is_told_with_what_is_allowed(here: World, limit: str) -> None:
    """A page holds 1 to 200."""
    answer = here.ask("tenants", query={"limit": limit})

    assert (answer.status, told(answer)["parameter"], told(answer)["allowed"]) == (400, "limit", "1 to 200")


def test_an_unknown_parameter_is_no_filter_that_was_overlooked(here: World) -> None:
    """A misspelt filter is refused, since an unfiltered answer would look like a filtered one."""
    answer = here.ask("findings", query={"severty\x1b": "high"}, tenant=MINE)

    assert answer.status == 400
    assert told(answer)["allowed"] == "state, severity, rule, limit, continuation"


def test_a_continuation_serves_its_own_list_only(here: World) -> None:
    """With other filters, or for another tenant, it is refused."""
    link = str(told(here.ask("findings", query={"limit": "2"}, tenant=MINE))["next_link"])
    query = dict(parse_qsl(link[1:]))
    others = [
        here.ask("findings", query=query | {"state": "open"}, tenant=MINE),
        here.ask("findings", query=query, tenant=OTHER),
    ]

    assert [answer.status for answer in others] == [400, 400]


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Return a service that no test changes."""
    root: Path = tmp_path_factory.mktemp("once")
    return world(root)


@settings(max_examples=examples(200), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.text()
    | st.recursive(st.none() | st.integers() | st.text(), st.lists, max_leaves=5).map(
        lambda value: base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
    )
)
def test_no_made_up_continuation_is_believed(once: World, text: str) -> None:
    """Whatever the platform did not make is 400, never a trace and never somebody else's rows."""
    assert once.ask("findings", query={"continuation": text}, tenant=MINE).status == 400


@settings(max_examples=examples(100), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(min_size=1))
def test_no_key_in_a_continuation_leaves_the_tenant(once: World, after: str) -> None:
    """A well-made continuation with a key of somebody's own invention tells no other tenant's findings."""
    mark = "4f53cda1"
    token = base64.urlsafe_b64encode(json.dumps([1, mark, after]).encode()).decode().rstrip("=")
    answer = once.ask("findings", query={"continuation": token}, tenant=MINE)

    assert answer.status == 400 or all(row["tenant"] == MINE for row in json.loads(answer.content)["findings"])
