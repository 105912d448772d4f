"""The inventory in reports counts what was read, and says `not read` by None, never by 0."""

from __future__ import annotations

from common.errors import FailedError
from findings.reports import inventory
from inventory.models import Connector
from inventory.snapshot import GroupContents, Section
from policies.vocabulary import Outcome, Severity
from tests.findings.reports.sample import about, document, document_of, verdict
from tests.findings.reports.sample_snapshot import AUTOMATIC, NEWEST, OLD, blind_snapshot, made_id, snapshot


def test_group_rows() -> None:
    """Groups are listed with their counts, the worst first, then what was not assessed."""
    rows = inventory.group_rows(document(), snapshot()) or ()

    assert [(row.name, row.active, row.connectors, row.applications, row.worst, row.assessed) for row in rows] == [
        ("Branch office Łódź", 0, 1, 2, Severity.CRITICAL, True),
        ("Headquarters", 2, 2, 3, Severity.INFO, True),
        ("Default", 1, 1, 3, None, False),
        ("Legacy SAP", None, None, None, None, False),
    ]
    assert [row.versions for row in rows] == [((OLD, 1),), ((NEWEST, 1), (AUTOMATIC, 1)), (("unknown", 1),), None]


def test_worst_counts_connectors_and_applications() -> None:
    """A group is as bad as the worst of itself, its connectors and its applications."""
    verdicts = (
        verdict("A", about("group", 0, ""), Outcome.FAIL, severity=Severity.LOW),
        verdict("B", about("connector", 1, ""), Outcome.FAIL, severity=Severity.HIGH),
        verdict("C", about("connector", 1, ""), Outcome.FAIL, severity=Severity.MEDIUM),
        verdict("D", about("application", 10, ""), Outcome.FAIL, severity=Severity.CRITICAL),
    )
    rows = inventory.group_rows(document_of(verdicts), snapshot()) or ()

    assert {row.name: row.worst for row in rows} == {
        "Branch office Łódź": Severity.CRITICAL,
        "Headquarters": Severity.HIGH,
        "Default": None,
        "Legacy SAP": None,
    }


def test_group_without_lists() -> None:
    """A group whose lists are missing altogether is shown as not read."""
    bare = snapshot().model_copy(update={"contents": ()})

    rows = inventory.group_rows(document(), bare) or ()

    assert {(row.active, row.applications, row.assessed) for row in rows} == {(None, None, False)}


def test_groups_where_connectors_were_not_read() -> None:
    """Groups count their own members where the tenant's connectors were not read, and are not fully assessed."""
    unread = Section[Connector].unread("connectors", FailedError("broken"))

    rows = inventory.group_rows(document_of(()), snapshot().model_copy(update={"connectors": unread})) or ()

    assert {(row.name, row.active, row.assessed) for row in rows if row.name == "Headquarters"} == {
        ("Headquarters", 2, False)
    }


def test_connector_rows() -> None:
    """Connectors are listed by group and name; while one group was not read, nobody's absence is claimed."""
    seen = snapshot(extra_names=("spare",))
    without = tuple(entry for entry in seen.contents if entry.group_id != made_id("group", 4))
    rows = inventory.connector_rows(seen.model_copy(update={"contents": without})) or ()

    assert [(row.name, row.groups, row.active, row.version) for row in rows] == [
        ("spare", None, True, OLD),
        ("branch-con-01.corp.contoso.com", ("Branch office Łódź",), False, OLD),
        ("", ("Default",), True, ""),
        ("hq-con-01.corp.contoso.com", ("Headquarters",), True, AUTOMATIC),
        ("hq-con-02.corp.contoso.com", ("Headquarters",), True, NEWEST),
    ]


def test_connector_in_two_groups_or_none() -> None:
    """A connector that moved while groups were read stands in both; one in no group stands in none."""
    seen = snapshot()
    lists = [list(seen.connectors.items[:1]), list(seen.connectors.items[:3]), [], []]
    contents = tuple(
        GroupContents(
            group_id=entry.group_id,
            members=Section[Connector].read(entry.members.name, tuple(members)),
            applications=entry.applications,
        )
        for entry, members in zip(seen.contents, lists, strict=True)
    )

    rows = inventory.connector_rows(seen.model_copy(update={"contents": contents})) or ()

    assert {row.name: row.groups for row in rows} == {
        "hq-con-01.corp.contoso.com": ("Headquarters", "Branch office Łódź"),
        "hq-con-02.corp.contoso.com": ("Branch office Łódź",),
        "branch-con-01.corp.contoso.com": ("Branch office Łódź",),
        "": (),
    }


def test_nothing_read() -> None:
    """Where nothing was read there are no rows and no counts, rather than empty ones."""
    blind = blind_snapshot()
    bare = snapshot().model_copy(update={"groups": blind.groups, "contents": ()})

    assert inventory.group_rows(document(), blind) is None
    assert inventory.connector_rows(blind) is None
    assert inventory.version_counts(blind) is None
    assert inventory.names(blind) == {}
    assert {row.groups for row in inventory.connector_rows(bare) or ()} == {None}


def test_version_counts() -> None:
    """Versions are counted over all connectors, newest first, and a missing one is unknown."""
    assert inventory.version_counts(snapshot()) == ((NEWEST, 1), (AUTOMATIC, 1), (OLD, 1), ("unknown", 1))


def test_list_labels() -> None:
    """A group's own lists are called by the group's name, others by their own."""
    labels = inventory.list_labels(snapshot())
    nameless = inventory.list_labels(snapshot().model_copy(update={"groups": blind_snapshot().groups}))
    key = f"connector_groups/{made_id('group', 2)}"

    assert labels["role_eligibilities"] == "role eligibilities"
    assert (labels[f"{key}/members"], labels[f"{key}/applications"]) == (
        "members of connector group Legacy SAP",
        "applications of connector group Legacy SAP",
    )
    assert nameless[f"{key}/members"] == f"members of connector group {made_id('group', 2)}"


def test_explained() -> None:
    """A section's name inside a message becomes what people call that list, and nothing else changes."""
    section = f"connector_groups/{made_id('group', 2)}/members"

    assert inventory.explained(f"because {section} was  not\nread", inventory.list_labels(snapshot())) == (
        "because members of connector group Legacy SAP was  not\nread"
    )


def test_names() -> None:
    """Ids of evidence are looked up among everything the scan saw; what has no name keeps its id."""
    names = inventory.names(snapshot())

    assert names[made_id("application", 10)] == "Expenses"
    assert names[made_id("group", 0)] == "Headquarters"
    assert made_id("connector", 3) not in names
