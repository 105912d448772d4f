"""What is told of all tenants: page, table and list agree."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from common.errors import SettingsError, StorageError
from connectorwatch.web.dispatch import WebService
from connectorwatch.web.messages import HttpRequest
from tests.connectorwatch.web.sites import MINE, NEW, OTHER, UNKNOWN, tenant_row, told, world
from tests.findings.reports.page import Page

if TYPE_CHECKING:
    from pathlib import Path

    from connectorwatch.web.context import RequestContext
    from tests.connectorwatch.web.sites import World


@pytest.mark.parametrize(("path", "before"), [("/api/", ""), ("/api", "api/"), ("/api/people", "people/")])
def test_the_pages_links_are_right_with_and_without_a_slash(here: World, path: str, before: str) -> None:
    """Links are relative, so they keep to the routes by which one came, and hold no key."""
    request = HttpRequest(path, query={"code": "s3cret"})
    page = Page(here.service().answer("page", request, keyed=True).content)

    assert f"{before}tenants/{MINE}/scans/latest/report.html" in page.values("href")
    assert f"{before}fleet.csv" in page.values("href")
    assert not any("s3cret" in link or link.startswith("/") for link in page.values("href"))


def test_the_page_may_run_its_own_script_only(here: World) -> None:
    """The header lets the page's own style and script run by their hashes, in a sandbox."""
    policy = here.ask("page").all_headers["Content-Security-Policy"]

    assert policy.count("'sha256-") == 2
    assert {"frame-ancestors 'none'", "default-src 'none'"} < set(policy.split("; "))
    assert ("unsafe" in policy, policy.rpartition("sandbox")[2].split()[-1]) == (False, "allow-scripts")


def test_page_table_and_list_say_the_same(here: World) -> None:
    """Each tenant stands the same way in all three."""
    listed = json.loads(here.ask("tenants").content)["tenants"]
    page, table = (here.ask(name).content.decode() for name in ("page", "fleet_csv"))

    assert [(entry["id"], entry["state"], entry["failing"]) for entry in listed] == [
        (MINE, "nothing failing", {}),
        (OTHER, "high", {"high": 2}),
        (NEW, "never scanned", None),
    ]
    assert all(f'data-s="{entry["state"]}"' in page and entry["id"] in table for entry in listed)


def test_a_row_without_a_scan_is_never_well(tmp_path: Path) -> None:
    """A tenant whose first scan is still to come stands as never scanned, whatever else its row holds."""
    empty = tenant_row(MINE)
    values = {name: value for name, value in empty.values.items() if name not in ("scan", "scanned_at", "sparkline")}
    answer = json.loads(world(tmp_path, [replace(empty, values=values)]).ask("tenants").content)

    assert answer["tenants"][0]["state"] == "never scanned"


def test_what_the_policy_says_of_one_tenant_counts(tmp_path: Path) -> None:
    """Two tenants were scanned at the same moment; for one of them that is too long ago, wherever it is told."""
    rows = [tenant_row(MINE), tenant_row(OTHER)]
    context = replace(world(tmp_path, rows).service().context(), max_ages=lambda: {MINE: timedelta(hours=2)})
    service = WebService(lambda: context, trusted=True)

    def ask(name: str, **route: str) -> Any:  # noqa: ANN401 - any JSON
        return told(service.answer(name, HttpRequest("/api/", route), keyed=True))

    assert ask("health_details")["last_scan"] == {"in_time": 1, "late": 1, "never": 1}
    unknown = {one["id"]: one["not_known"] for one in ask("tenants")["tenants"]}
    assert (unknown[MINE], unknown[OTHER]) == (["Its last scan is 3 hours old."], [])
    assert [ask("findings", tenant=tenant)["not_known"] for tenant in (MINE, OTHER)] == [unknown[MINE], []]


@pytest.mark.parametrize(("error", "status"), [(StorageError, 503), (SettingsError, 500)])
def test_what_goes_wrong_inside_is_not_told(error: type[Exception], status: int) -> None:
    """Storage that refuses is 503 with a time to come back, a bad setting 500; neither message leaves the service."""

    def broken() -> RequestContext:
        raise error("AccountKey=s3cret at /home/app")

    answer = WebService(broken, trusted=False).answer("tenants", HttpRequest("/api/tenants"), keyed=True)

    assert (answer.status, b"s3cret" in answer.content, b"Traceback" in answer.content) == (status, False, False)
    assert (answer.headers.get("Retry-After") is not None) == (status == 503)


def test_names_cannot_steer_whoever_prints_the_answer(tmp_path: Path) -> None:
    """JSON answers are plain ASCII, and the table's cells are no formulas."""
    here = world(tmp_path, [tenant_row(MINE, "\x1b[31m=cmd|'/C calc'!A0\u202e"), tenant_row(OTHER, "=1+1")])

    assert here.ask("tenants").content.isascii()
    assert b"\x1b" not in here.ask("tenants").content
    assert b",'=1+1," in here.ask("fleet_csv").content


def test_an_unknown_tenant_is_not_on_the_page(here: World) -> None:
    """Only tenants that are watched or were scanned are shown."""
    assert UNKNOWN.encode() not in here.ask("page").content
