"""The map shows what hangs on each connector group, worst first, and never draws an unread list as an empty one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from findings.reports import inventory
from findings.reports import map as tenant_map
from findings.reports.html import render_html
from policies.vocabulary import Outcome, Severity, Subject
from tests.findings.reports.page import Page
from tests.findings.reports.sample import about, document, document_of, verdict
from tests.findings.reports.sample_snapshot import AUTOMATIC, NEWEST, OLD, blind_snapshot, made_id, snapshot

if TYPE_CHECKING:
    from inventory.snapshot import Snapshot

CRITICAL, HIGH = Severity.CRITICAL, Severity.HIGH


def nodes() -> dict[str, tenant_map.Node]:
    """Return the sample's groups on the map, by name."""
    found = tenant_map.regions(document(), snapshot()) or ()
    return {node.row.name: node for region in found for node in region.nodes}


def in_region(region: str | None) -> Snapshot:
    """Return the sample with all of its groups in one region."""
    groups = snapshot().groups
    moved = tuple(group.model_copy(update={"region": region}) for group in groups.items)
    return snapshot().model_copy(update={"groups": groups.model_copy(update={"records": moved})})


def test_regions_worst_first() -> None:
    """The region with the worst group stands first, and so does the worst group in it."""
    found = tenant_map.regions(document(), snapshot()) or ()

    assert [(region.code, region.name, [node.row.name for node in region.nodes]) for region in found] == [
        ("nam", "North America", ["Branch office Łódź"]),
        ("eur", "Europe", ["Headquarters", "Default", "Legacy SAP"]),
    ]


@pytest.mark.parametrize(
    ("region", "called"), [("JAPAN", "Japan"), ("mars", "mars"), (None, "Region not given"), ("", "Region not given")]
)
def test_region_names(region: str | None, called: str) -> None:
    """A region is called as people call it; an unknown one keeps its word, and a missing one says so."""
    assert [found.name for found in tenant_map.regions(document(), in_region(region)) or ()] == [called]


def test_what_hangs_on_a_group() -> None:
    """A group shows its connectors, those that do not work first, its applications, and what fails about itself."""
    branch, headquarters = nodes()["Branch office Łódź"], nodes()["Headquarters"]

    assert [(place.name, place.status, place.version, place.worst) for place in branch.connectors or ()] == [
        ("branch-con-01.corp.contoso.com", "inactive", OLD, Severity.MEDIUM)
    ]
    assert [place.version for place in headquarters.connectors or ()] == [AUTOMATIC, NEWEST]
    assert [place.name for place in branch.applications or ()] == ["Expenses", "Expenses"]
    assert [reason.rule for reason in branch.reasons] == ["GRP001"]


def test_at_risk() -> None:
    """A group is at risk by a critical or high finding about itself, a connector or an application, and no less."""
    verdicts = (
        verdict("A", about("application", 1, ""), Outcome.FAIL, severity=HIGH),
        verdict("B", about("connector", 2, ""), Outcome.FAIL, severity=CRITICAL),
        verdict("C", about("group", 3, ""), Outcome.FAIL, severity=Severity.MEDIUM),
    )
    found = tenant_map.at_risk(tenant_map.regions(document_of(verdicts), snapshot()) or ())

    assert [(node.row.name, node.row.worst) for node in found] == [
        ("Branch office Łódź", CRITICAL),
        ("Headquarters", HIGH),
    ]


def test_unread_is_unknown() -> None:
    """A list that was not read is None on the map, and no group at all is told apart from groups nobody could list."""
    legacy = nodes()["Legacy SAP"]
    empty = snapshot().model_copy(update={"groups": snapshot().groups.model_copy(update={"records": ()})})
    without = tenant_map.regions(document(), snapshot().model_copy(update={"contents": ()})) or ()

    assert (legacy.connectors, legacy.applications) == (None, None)
    assert {(node.connectors, node.applications) for region in without for node in region.nodes} == {(None, None)}
    assert tenant_map.regions(document(), empty) == ()
    assert tenant_map.regions(document(), blind_snapshot()) is None


@pytest.mark.parametrize(
    ("mark", "place"),
    [
        ("inactive", tenant_map.Place(id="c", name="", worst=HIGH, active=False)),
        ("behind", tenant_map.Place(id="c", name="", worst=HIGH, assessed=False)),
        ("unsure", tenant_map.Place(id="c", name="", worst=None, assessed=False)),
        ("well", tenant_map.Place(id="c", name="", worst=None)),
    ],
)
def test_marks(mark: str, place: tenant_map.Place) -> None:
    """A connector that does not work is marked before one with a finding, and that before one in doubt."""
    assert place.mark == mark


@pytest.mark.parametrize(("more", "opened"), [(16, 20), (17, 0)])
def test_large_tenants_are_folded(more: int, opened: int) -> None:
    """Up to twenty groups show their details at once; more of them wait folded, and all are there."""
    page = Page(render_html(document(), snapshot(extra_names=tuple(f"g{n}" for n in range(more)))))
    found = [
        dict(attrs) for tag, attrs in page.elements if tag == "details" and "place " in str(dict(attrs).get("class"))
    ]

    assert (len(found), sum("open" in attrs for attrs in found)) == (more + 4, opened)


def test_page_says_who_is_at_risk() -> None:
    """The page counts the groups at risk, draws one sign a connector, and writes unknown for what was not read."""
    page = Page(render_html(document(), snapshot()))
    text = re.sub(r"\s+", " ", page.text)
    drawn = [value for value in page.values("href") if value.startswith("#mark-")]

    assert "1 of 4 connector groups at risk" in text
    assert "Legacy SAP not fully assessed connectors not read · applications not read" in text
    assert "not read: how many there are is not known. Carries not read: what it carries is not known." in text
    assert drawn[5:8] == ["#mark-inactive", "#mark-inactive", "#mark-well"]


def test_page_with_very_many_connectors_in_a_group() -> None:
    """A group with very many connectors and applications shows some on the map and counts the rest."""
    seen = snapshot(extra_names=tuple(f"c{n}" for n in range(80)))
    first = seen.contents[0]
    crowded = first.model_copy(
        update={
            "members": first.members.model_copy(update={"records": seen.connectors.items}),
            "applications": first.applications.model_copy(
                update={"records": tuple(each for own in seen.contents for each in own.applications.records)}
            ),
        }
    )
    text = Page(render_html(document(), seen.model_copy(update={"contents": (crowded, *seen.contents[1:])}))).text

    assert "and 24 more, all in the table of connectors" in text
    assert re.search(r"and \d+ more, all in the table of applications", text)


def test_nobody_at_risk() -> None:
    """Without a critical or high finding the page says that nothing is known, rather than that all is well."""
    assert "None of 4 connector groups is known to be at risk" in Page(render_html(document_of(()), snapshot())).text


def test_application_rows() -> None:
    """Applications are listed by name with group and publishing in words; groups without a list are named apart."""
    seen = snapshot()
    first = seen.contents[0]
    published = {
        "onPremisesPublishing": {
            "externalUrl": "https://a.example",
            "internalUrl": "http://a",
            "applicationType": "enterpriseapp",
            "externalAuthenticationType": "aadPreAuthentication",
        }
    }
    told = [
        {"id": "a", "displayName": "B", **published},
        {"id": "b", "displayName": "A", "tags": ("PrivateAccessNonWebApplication",)},
        {"id": "c", "displayName": "C", "onPremisesPublishing": {"applicationType": "somethingNew"}},
    ]
    records = tuple(type(first.applications.items[0]).model_validate(each) for each in told)
    one = first.model_copy(update={"applications": first.applications.model_copy(update={"records": records})})
    seen = seen.model_copy(update={"contents": (one, seen.contents[2])})

    rows = inventory.application_rows(seen)

    assert [(row.name, row.kind, row.external_url, row.internal_url, row.sign_in) for row in rows] == [
        ("A", "Private Access", "", "", ""),
        ("B", "application proxy", "https://a.example", "http://a", "Entra ID"),
        ("C", "somethingNew", "", "", ""),
    ]
    assert {row.group for row in rows} == {"Headquarters"}
    assert inventory.unread_applications(seen) == ("Legacy SAP",)
    assert rows[0].id == "b"
    assert made_id("group", 2) == seen.contents[1].group_id


def test_waived_findings_leave_a_mark() -> None:
    """A group shows how many findings are waived about itself and what hangs on it, and is then not without finding."""
    seen = snapshot()
    group = next(one for one in seen.groups.items if one.name == "Headquarters")
    connector = seen.members(group.id)[0]
    waived = (
        verdict("GRP002", Subject(type="group", id=group.id, name="Headquarters"), Outcome.WAIVED),
        verdict("VER003", Subject(type="connector", id=connector.id, name="hq"), Outcome.WAIVED),
        verdict("VER004", Subject(type="connector", id="elsewhere", name="x"), Outcome.WAIVED),
    )
    scan = document_of(waived)
    found = {node.row.name: node for region in tenant_map.regions(scan, seen) or () for node in region.nodes}

    assert {name: node.waived for name, node in found.items() if node.waived} == {"Headquarters": 2}
    assert "Headquarters 2 waived" in re.sub(r"\s+", " ", Page(render_html(scan, seen)).text)
