"""What is told of one tenant: filtered findings, registrars, reports as they were stored, and scans to come."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectorwatch.web.callers import READ_ONE, SCAN
from connectorwatch.web.messages import LOCKED
from connectorwatch.web.tenant import FILES
from findings.reports.json_file import render_json
from findings.views.tables import COLUMNS
from tests.connectorwatch.web.sites import EVERYTHING, MINE, NEW, OTHER, UNKNOWN, principal, told, world
from tests.connectorwatch.web.sites import SCAN as SCAN_ID
from tests.examples import examples
from tests.findings.reports.sample import document, document_of
from tests.findings.reports.sample_registrars import registrar

if TYPE_CHECKING:
    from tests.connectorwatch.web.sites import World

JSON_TYPE = {"content-type": "application/json; charset=utf-8"}


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ({}, 30),
        ({"state": "open"}, 24),
        ({"severity": "critical"}, 15),
        ({"rule": "VER002", "state": "resolved"}, 2),
        ({"severity": "high"}, 0),
    ],
)
def test_findings_are_filtered(here: World, query: dict[str, str], number: int) -> None:
    """State, severity and rule narrow the list together."""
    answer = told(here.ask("findings", query=query, tenant=MINE))

    assert (answer["tenant"], len(json.dumps(answer["findings"]).split('"finding":')) - 1) == (MINE, number)


@pytest.mark.parametrize("name", ["state", "severity", "rule"])
@pytest.mark.parametrize("value", ["", "OPEN", "x' or 1 eq 1", "open,resolved", "\ud800", "\x00"])
def test_a_bad_filter_is_told_with_what_is_allowed(here: World, name: str, value: str) -> None:
    """The refusal names the parameter and the values that it knows."""
    answer = here.ask("findings", query={name: value}, tenant=MINE)

    assert (answer.status, told(answer)["parameter"]) == (400, name)
    assert {"state": "open", "severity": "critical", "rule": "GRP001"}[name] in str(told(answer)["allowed"])


def test_every_finding_has_every_member(here: World) -> None:
    """What a finding does not have is null, not missing."""
    answer = json.loads(here.ask("findings", query={"limit": "1"}, tenant=MINE).content)

    assert set(answer["findings"][0]) == set(COLUMNS["ConnectorFindings"])
    assert (answer["last_scan"], answer["not_known"], answer["findings"][0]["resolved_at"]) == (SCAN_ID, [], None)


def test_ids_of_tenants_have_no_case(here: World) -> None:
    """An id in capitals is the same tenant."""
    assert told(here.ask("findings", tenant=MINE.upper()))["tenant"] == MINE


def test_a_tenant_that_is_watched_and_not_scanned_has_no_findings_yet(here: World) -> None:
    """It is known, so it is not 404; there are no findings, no registrars and no reports."""
    answer = told(here.ask("findings", tenant=NEW))

    assert (answer["findings"], answer["last_scan"], answer["not_known"]) == ([], None, ["No scan of it is stored."])
    assert here.ask("registrars", tenant=NEW).status == 404
    assert here.ask("artefact", tenant=NEW, scan="latest", file="report.html").status == 404


def test_registrars_come_with_the_lists_they_rest_on(here: World) -> None:
    """Who can register is told with what was read, since an unread list may hide somebody."""
    here.put(MINE, {"findings.json": render_json(document())})
    answer = told(here.ask("registrars", tenant=MINE))

    assert answer["scan"] == document().scan.id
    assert json.dumps(answer["registrars"]).count('"can_register"') == len(document().registrars)
    assert '"status"' in json.dumps(answer["sections"])


def test_registrars_come_in_pages(here: World) -> None:
    """Each registrar is on one page."""
    people = tuple(registrar(number, f"Person {number}") for number in range(5))
    here.put(MINE, {"findings.json": render_json(document_of((), people=people))})
    first = told(here.ask("registrars", query={"limit": "3"}, tenant=MINE))
    rest = dict(part.split("=") for part in str(first["next_link"])[1:].split("&"))
    second = told(here.ask("registrars", query=rest, tenant=MINE))

    assert [json.dumps(page["registrars"]).count('"can_register"') for page in (first, second)] == [3, 2]
    assert second["next_link"] is None


def test_a_damaged_result_tells_no_details(here: World) -> None:
    """What is stored and cannot be read is 500 with advice, and the log knows more."""
    here.put(MINE, {"findings.json": b"{damaged"})
    answer = here.ask("registrars", tenant=MINE)

    assert (answer.status, b"damaged" in answer.content) == (500, False)


@pytest.mark.parametrize("scan", ["latest", SCAN_ID])
@pytest.mark.parametrize("file", FILES)
def test_reports_are_served_as_they_were_stored(here: World, scan: str, file: str) -> None:
    """Every report has its own type, is never sniffed, stored, framed or run in the service's name."""
    here.put(MINE, {file: b"content"})
    answer = here.ask("artefact", tenant=MINE, scan=scan, file=file)
    headers = answer.all_headers

    assert (answer.status, answer.content, headers["Content-Type"]) == (200, b"content", FILES[file])
    assert (headers["X-Content-Type-Options"], headers["Cache-Control"], headers["Referrer-Policy"]) == (
        "nosniff",
        "no-store",
        "no-referrer",
    )
    assert {"frame-ancestors 'none'", "default-src 'none'"} < set(headers["Content-Security-Policy"].split("; "))
    assert "sandbox" in headers["Content-Security-Policy"]


def test_tables_are_downloaded(here: World) -> None:
    """A spreadsheet's file is saved under its name; other files open in the browser."""
    here.put(MINE, {"findings.csv": b"a", "findings.json": b"{}"})
    table, data = (
        here.ask("artefact", tenant=MINE, scan="latest", file=f"findings.{kind}") for kind in ("csv", "json")
    )

    assert table.all_headers["Content-Disposition"] == 'attachment; filename="findings.csv"'
    assert "Content-Disposition" not in data.all_headers
    assert data.all_headers["Content-Security-Policy"] == LOCKED


@pytest.mark.parametrize(
    ("scan", "file"),
    [
        ("latest", "evidence.json.gz"),
        ("latest", "scan.txt"),
        ("latest", ""),
        (SCAN_ID, "../../../state.json"),
        (SCAN_ID, "REPORT.HTML"),
        ("20261120T060000Z-0000000b", "report.html"),
        ("..", "report.html"),
        ("LATEST", "report.html"),
        ("", "report.html"),
    ],
)
def test_only_known_reports_are_served(here: World, scan: str, file: str) -> None:
    """Evidence, marks and whatever else lies there have no route."""
    here.put(MINE, {"evidence.json.gz": b"secret", "report.html": b"x"})
    answer = here.ask("artefact", tenant=MINE, scan=scan, file=file)

    assert (answer.status, b"secret" in answer.content) == (404, False)


PARTS = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        [
            "..",
            ".",
            "%2e%2e%2f",
            "..%5c..%5c",
            "../" + OTHER,
            f"{MINE}/../{OTHER}",
            f"{MINE}\\..\\{OTHER}",
            f"{MINE}\x00",
            f"{MINE}\n",
            f"{MINE}/",
            "_fleet",
            "x" * 100_000,
            "\u0660" * 36,
            "state.json",
            "latest/../../state.json",
        ]
    ),
)


@settings(max_examples=examples(300), deadline=None)
@given(PARTS, PARTS | st.just("latest"), PARTS | st.sampled_from(sorted(FILES)))
def test_no_path_leads_out_of_the_tenants_folder(served: World, tenant: str, scan: str, file: str) -> None:
    """Dots, slashes, encoded ones, NUL, any script and any length: 404, nothing is served and nothing is raised."""
    for route in ({"tenant": tenant, "scan": scan, "file": file}, {"tenant": MINE, "scan": scan, "file": file}):
        answer = served.ask("artefact", route=route)
        allowed = route["tenant"] == MINE and scan == "latest" and file == "report.html"
        assert (answer.status, b"planted" in answer.content) == ((200, True) if allowed else (404, False))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Return a service with documents that nobody may fetch, beside one report."""
    here = world(tmp_path_factory.mktemp("served"))
    here.put(MINE, {"report.html": b"planted"})
    for name in (f"{MINE}/state.json", "_fleet/state.json", f"{OTHER}/latest/report.html"):
        here.store.latest.put(name, b"planted")
    return here


def test_a_scan_is_asked_for(here: World) -> None:
    """202 with the scan's id and the place where its result will be, relative to the request."""
    answer = here.ask("start_scan", tenant=NEW)

    assert (answer.status, told(answer)["scan"], here.asking.tenants) == (202, SCAN_ID, [NEW])
    assert answer.all_headers["Location"] == f"scans/{SCAN_ID}/findings.json"


def test_starting_scans_takes_a_role_of_its_own(here: World) -> None:
    """Who may only read gets 403, and nothing is asked for."""
    answer = here.ask("start_scan", EVERYTHING | JSON_TYPE, keyed=False, tenant=MINE)

    assert (answer.status, here.asking.tenants) == (403, [])


def test_who_may_read_one_tenant_may_start_its_scans_only(here: World) -> None:
    """The role for scans reaches as far as the roles for reading."""
    headers = principal(READ_ONE + MINE, SCAN) | JSON_TYPE
    answers = [here.ask("start_scan", headers, keyed=False, tenant=tenant).status for tenant in (MINE, OTHER)]

    assert (answers, here.asking.tenants) == ([202, 404], [MINE])


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_form_on_another_site_starts_nothing(here: World, kind: str) -> None:
    """What a browser sends across sites without asking is refused, since the person's sign-in would go with it."""
    headers = principal(READ_ONE + MINE, SCAN) | {"content-type": kind}
    answer = here.ask("start_scan", headers, keyed=False, tenant=MINE)

    assert (answer.status, here.asking.tenants) == (415, [])


def test_no_scan_of_an_unknown_tenant_is_asked_for(here: World) -> None:
    """An id that nobody watches is 404, with a key too."""
    assert (here.ask("start_scan", tenant=UNKNOWN).status, here.asking.tenants) == (404, [])
