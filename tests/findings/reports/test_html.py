"""report.html says first what matters, says nothing untrue, and cannot be taken over by a name."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from common.text import visible
from findings.reports.html import render_html
from policies.vocabulary import Outcome, Severity
from tests.examples import examples
from tests.findings.reports.page import Page
from tests.findings.reports.sample import HOSTILE, about, document, document_of, scan_summary, verdict
from tests.findings.reports.sample_snapshot import blind_snapshot, sections_of, snapshot

if TYPE_CHECKING:
    from pydantic import JsonValue

    from findings.document import VerdictEntry

PASS = verdict("VER001", about("connector", 0, "hq"), Outcome.PASS)
FAIL = verdict("VER001", about("connector", 0, "hq"), Outcome.FAIL)


@pytest.fixture(name="page", scope="module")
def _page() -> Page:
    return Page(render_html(document(extra_names=HOSTILE), snapshot(extra_names=HOSTILE)))


def test_same_bytes() -> None:
    """The same scan gives the same bytes."""
    assert render_html(document(), snapshot()) == render_html(document(), snapshot())


def test_nothing_runs_and_nothing_loads(page: Page) -> None:
    """The page has one script, which is ours, no frame, no picture, no style in an attribute, and loads nothing."""
    html = render_html(document(extra_names=HOSTILE), snapshot(extra_names=HOSTILE)).decode()
    style = html.partition("<style>")[2].partition("</style>")[0]

    assert not {"iframe", "object", "embed", "img", "link", "base", "image", "foreignObject"} & set(page.tags)
    assert [attrs for tag, attrs in page.elements if tag == "script"] == [()]
    assert not [name for _, attrs in page.elements for name, _ in attrs if name.startswith("on") or name == "style"]
    assert page.values("src") == []
    assert not re.search(r"url\(|@import", style)


def test_hostile_names_are_text(page: Page) -> None:
    """Every hostile name stands in the text, whole and visible."""
    assert [name for name in HOSTILE if visible(name) not in page.text] == []


@settings(max_examples=examples(40), deadline=None)
@given(st.text(min_size=1, max_size=80))
@example('\'" onmouseover=alert(1) x="')
@example("--></style></title><script>alert(1)</script>")
def test_no_name_changes_the_anatomy(name: str) -> None:
    """Whatever a name is, the page's elements and attributes are those of a page with a harmless name."""
    page = Page(render_html(document(extra_names=(name,)), snapshot(extra_names=(name,))))
    plain = Page(render_html(document(extra_names=("x",)), snapshot(extra_names=("x",))))

    assert page.anatomy == plain.anatomy
    assert visible(name) in page.text


def test_hostile_remedy_link() -> None:
    """Only https addresses become links; anything else stays text."""
    bad = ("javascript:alert(1)", "http://example.com", "https://learn.microsoft.com/x")
    one = FAIL.model_copy(update={"remediation": FAIL.remediation.model_copy(update={"links": bad})})

    page = Page(render_html(document_of((one,)), snapshot()))

    assert [link for link in page.values("href") if not link.startswith("#")] == ["https://learn.microsoft.com/x"]
    assert bad[0] in page.text


def test_steps_of_one_finding() -> None:
    """A finding shows those of its own steps that differ, with their numbers; what stands in backticks is code."""
    own = (FAIL.remediation.steps[0], "On PAR01, run `Get-Service <b>`.")
    page = Page(render_html(document_of((FAIL.model_copy(update={"steps": own}),)), snapshot()))

    assert "On PAR01, run Get-Service <b>." in page.text
    assert ("li", (("value", "2"),)) in page.elements
    assert page.text.count(own[0]) == 1


def test_structure(page: Page) -> None:
    """The page has a language, landmarks, one title, headings without a gap, and references that lead somewhere."""
    levels = [int(tag[1]) for tag in page.tags if re.fullmatch("h[1-6]", tag)]
    ids = page.values("id")
    anchors = [link[1:] for link in page.values("href") if link.startswith("#")]

    assert ("html", (("lang", "en"),)) in page.elements
    assert [page.tags.count(tag) for tag in ("header", "main", "footer", "h1")] == [1, 1, 1, 1]
    assert levels[0] == 1
    assert [pair for pair in pairwise(levels) if pair[1] > pair[0] + 1] == []
    assert len(ids) == len(set(ids))
    assert set(anchors) | set(page.values("aria-labelledby")) <= set(ids)


def test_unread_stands_at_the_top(page: Page) -> None:
    """What was not read stands right below the answer, with reason, code, permission and advice."""
    top = page.text.partition("Changed since")[0]

    assert [
        words
        for words in (
            "Not everything could be assessed",
            "members of connector group Legacy SAP",
            "Graph asked us to wait for more than 300 seconds.",
            "Authorization_RequestDenied",
            "RoleEligibilitySchedule.Read.Directory",
            "Grant the permission to the scanning identity and give admin consent.",
        )
        if words not in top
    ] == []


def test_many_unread_lists_stay_short() -> None:
    """A reason that cost very many lists names some and counts the rest."""
    names = [
        section.model_copy(update={"name": f"list_{n}"})
        for n in range(40)
        for section in sections_of(blind_snapshot())[:1]
    ]

    page = Page(render_html(document_of((PASS,), sections=tuple(names)), snapshot()))

    assert re.search(r"list_11\s+and 28 more", page.text)


@pytest.mark.parametrize("verdicts", [(), (PASS,)])
def test_never_green_when_blind(verdicts: tuple[VerdictEntry, ...]) -> None:
    """A scan that could not read shows no green, says why where a table would be, and never says that there is none."""
    blind = blind_snapshot()
    page = Page(render_html(document_of(verdicts, sections=sections_of(blind)), blind))

    assert "box tone-unsure" in page.values("class")
    assert page.text.count("not read: Graph refused") == 6
    assert "Not read: role definitions, role assignments, principals. So who can register" in page.text
    assert "Nobody holds a role" not in page.text


def test_all_well() -> None:
    """A complete scan without a failure is green and says that everything was assessed."""
    page = Page(render_html(document_of((PASS,), scan=scan_summary(complete=True)), snapshot()))

    assert "box tone-good" in page.values("class")
    assert "Nothing fails, and everything was assessed." in page.text
    assert "No finding changed in this scan." in page.text
    assert "Not everything could be assessed" not in page.text


def test_first_scan() -> None:
    """A first scan says that there is nothing to compare with, and lists no change."""
    page = Page(render_html(document(scan=scan_summary(first=True)), snapshot()))

    assert "This is the first scan of this tenant" in page.text
    assert "Changed since the last scan" not in page.text


def test_superseded_scan() -> None:
    """A superseded scan says so, and does not claim that nothing changed."""
    page = Page(render_html(document_of((PASS,), scan=scan_summary(superseded=True)), snapshot()))

    assert "A newer scan was remembered before this one." in page.text
    assert "No finding changed" not in page.text


def test_findings_without_history() -> None:
    """Evidence judged outside any history says that nothing was compared, rather than that nothing changed."""
    page = Page(render_html(document_of((FAIL,)), snapshot()))

    assert "These findings were not compared with those of earlier scans." in page.text
    assert "No finding changed" not in page.text


def test_not_assessed_for_other_reasons() -> None:
    """What could not be judged though every list was read stands at the top too, some of it and the rest counted."""
    verdicts = tuple(
        verdict(f"VER00{number}", about("connector", 0, "hq"), Outcome.NOT_ASSESSED, message=f"reason {number}")
        for number in range(7)
    )

    page = Page(render_html(document_of((PASS, *verdicts)), snapshot()))

    top = re.sub(r"\s+", " ", page.text.partition("All checks that could not be made")[0])
    assert "What could not be assessed 1 subject: reason 0 (VER000)" in top
    assert "and 2 more reasons" in top
    assert "Not everything could be assessed" not in page.text


def test_finding(page: Page) -> None:
    """A failing finding shows subject, message, expectation, evidence with names, remedy and since when."""
    text = re.sub(r"\s+", " ", page.text)

    assert "group Branch office Łódź: no connector is active, 2 applications are down" in text
    assert "GRP001 Connector group has enough active connectors 1 finding" in text
    assert "applicationsExpenses, Expenses" in text
    assert "What to do: Install a current connector." in text
    assert "first seen 2026-11-20 06:00 UTC; new in this scan" in text


def test_empty_evidence_is_not_shown() -> None:
    """Evidence that holds nothing is left out, of one finding and of several of one rule."""
    facts: dict[str, JsonValue] = {"owns": [], "version": "1.5.1.0"}
    several = tuple(verdict("V", about("connector", n, "hq"), Outcome.FAIL, evidence=facts) for n in range(3))

    for verdicts in (several[:1], several):
        text = Page(render_html(document_of(verdicts), snapshot())).text
        assert "1.5.1.0" in text
        assert "owns" not in text


def test_names_stand_for_ids_alone() -> None:
    """A fact that holds ids shows names; any other text of the tenant stays as it is, though it equals an id."""
    app = next(app for entry in snapshot().contents for app in entry.applications.records)
    facts: dict[str, JsonValue] = {"applications": [app.id], "status": app.id}
    page = Page(
        render_html(
            document_of((verdict("GRP001", about("group", 1, "hq"), Outcome.FAIL, evidence=facts),)), snapshot()
        )
    )

    assert f"applications{app.display_name}" in page.text
    assert f"status{app.id}" in page.text


def test_finding_about_the_tenant_without_life() -> None:
    """A finding about the tenant names no subject, and one that is not remembered has no date."""
    one = verdict("REG002", about("tenant", 0, "Contoso"), Outcome.FAIL, severity=Severity.LOW)

    text = re.sub(r"\s+", " ", Page(render_html(document_of((one,)), snapshot())).text)

    assert "the tenant: is as it should be" in text
    assert "first seen" not in text


def test_inventory(page: Page) -> None:
    """Tables show counts and what was not read."""
    text = re.sub(r"\s+", " ", page.text)

    assert "Legacy SAP eur not read not read not read not fully assessed" in text
    assert "branch-con-01.corp.contoso.com Branch office Łódź inactive 1.5.3437.0 198.51.100.23" in text


def test_empty_tenant() -> None:
    """A tenant without connectors and groups says so in words."""
    seen = snapshot()
    empty = {name: getattr(seen, name).model_copy(update={"records": ()}) for name in ("connectors", "groups")}
    bare = seen.model_copy(update=empty | {"contents": (), "other_groups": ()})

    text = Page(render_html(document_of((PASS,)), bare)).text

    assert "The tenant has no connector." in text
    assert "The tenant has no connector group" in text


def test_appendix(page: Page) -> None:
    """Passes are folded away, and the end says what was asked, by which policy and which catalogue."""
    text = re.sub(r"\s+", " ", page.text)

    assert [attrs for tag, attrs in page.elements if tag == "details"][-3:] == [(), (), ()]
    assert "3 checks passed" in text
    assert "23 requests, 8 more inside batches, 1 retry, 2 refused for too many, 48210 bytes received" in text
    assert "catalogue of 2026-11-20; newest 1.5.4892.0" in text
    assert "policy.yaml, SHA-256 9c9c" in text
    assert "left the scope, 2026-11-20 06:00 UTC" in text
