"""Rows for a log store: one a scan, and one for each change, the same every time."""

from __future__ import annotations

import json
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from findings.document import ChangeEntry, FindingsDocument, MovedFact, SectionInfo
from findings.state.announcements import OutboxEntry
from findings.views.log_rows import COLUMNS, LONGEST_FACT, LONGEST_TEXT, MOST_FACTS, LogRow, log_rows, lost_row
from policies.vocabulary import Outcome, Severity, Subject
from tests.findings.reports.sample import about, document, document_of, life, verdict
from tests.findings.reports.sample_snapshot import NOW

NEW = ChangeEntry(at=NOW, kind="new", subject=Subject(type="connector", id="c-1", name="SRV-1"))
MOVED = ChangeEntry(
    at=NOW, kind="moved", subject=Subject(type="connector", id="c-2", name="SRV-2"), before="London", after="Berlin"
)


def with_changes(*changes: ChangeEntry) -> FindingsDocument:
    """Return the sample with these changes of the inventory."""
    return document().model_copy(update={"changes": changes})


def findings_of(told: FindingsDocument) -> tuple[LogRow, ...]:
    """Return the rows of findings."""
    return tuple(row for row in log_rows(told) if row.source == "finding")


def test_a_scan_that_read_all_is_a_row_that_says_so() -> None:
    """Of a scan in which nothing moved there is one row: somebody looked."""
    (row,) = log_rows(document_of(()))

    assert (row.source, row.change, row.subject_type, row.subject_id) == (
        "scan",
        "complete",
        "tenant",
        row.entra_tenant_id,
    )
    assert (row.message, row.rule_id) == ("All lists were read.", "")


def test_a_scan_that_could_not_judge_all_says_so() -> None:
    """Having read every list is not the same as having judged everything."""
    told = document_of(tuple(entry for entry in document().verdicts if entry.outcome is Outcome.NOT_ASSESSED))
    (row, *_) = log_rows(told)

    assert len(told.verdicts) > 1
    assert row.message == f"{len(told.verdicts)} checks could not be made. All lists were read."


def test_a_list_that_was_not_read_is_a_row_with_its_reason() -> None:
    """The scan is incomplete and names the lists; those that the tenant cannot have count as read."""
    denied = SectionInfo(name="connectors", status="denied", count=None, reason="no permission", advice="Grant it.")
    cannot = SectionInfo(name="audit log", status="not_licensed", count=None, reason="no licence")
    told = document_of((), sections=(denied, cannot))

    scan, section = log_rows(told)

    assert (scan.source, scan.change, scan.message) == ("scan", "incomplete", "Not read: connectors.")
    assert (section.source, section.change, section.subject_id) == ("section", "denied", "connectors")
    assert (section.message, section.remedy) == ("no permission", "Grant it.")


def test_a_list_for_which_another_stood_in_is_no_complete_scan() -> None:
    """Where PIM's assignments were denied, plain ones are read: no row says that all was seen, and one says why."""
    plain = SectionInfo(
        name="role_assignments",
        status="read",
        count=3,
        code="PermissionScopeNotGranted",
        permission="RoleAssignmentSchedule.Read.Directory",
        reason="from plain role assignments, since PIM's list was not read: no permission",
        advice="Grant it.",
    )

    scan, section = log_rows(document_of((), sections=(plain,)))

    assert (scan.change, scan.message) == ("incomplete", "Another list stood in for: role_assignments.")
    assert (section.source, section.change, section.subject_id) == ("section", "denied", "role_assignments")
    assert section.message == f"Another list stood in, which tells less: {plain.reason}"
    assert section.remedy == "Grant it."


def test_without_the_licence_there_is_no_better_list_to_miss() -> None:
    """Plain role assignments of a tenant that cannot have PIM are all there is: nothing was left unseen."""
    plain = SectionInfo(name="role_assignments", status="read", count=3, code="AadPremiumLicenseRequired", reason="so")

    (row,) = log_rows(document_of((), sections=(plain,)))

    assert (row.change, row.message) == ("complete", "All lists were read.")


def test_a_scan_whose_result_is_gone_is_a_row_that_says_so() -> None:
    """It has the time, the tenant and the id that the announcement knows, and an id of its own."""
    entry = OutboxEntry(id="s-changes", scan="s", at=NOW, first=True)

    row = lost_row(document().tenant, entry)

    assert (row.source, row.change, row.scan_id, row.first_scan) == ("scan", "lost", "s", True)
    assert (row.time_generated, row.entra_tenant_id) == (NOW, document().tenant.id)


def test_each_finding_that_moved_is_a_row() -> None:
    """Findings whose lifecycle has no change are no news, and those without a verdict are told too."""
    told = document()
    moved = {entry.key for entry in told.verdicts if entry.lifecycle and entry.lifecycle.change}
    moved |= {entry.key for entry in told.gone if entry.lifecycle.change}

    rows = findings_of(told)

    assert len(moved) > 2
    assert sorted(row.finding_key for row in rows) == sorted(moved)


def test_a_row_says_what_a_finding_is() -> None:
    """Rule, severity, subject, message and remedy are the finding's, tenant and scan those of the document."""
    failing = verdict("CON001", about("connector", 7, "SRV-7"), Outcome.FAIL, severity=Severity.HIGH, life=life("new"))

    (row,) = findings_of(document_of((failing,)))

    assert (row.source, row.change, row.rule_id, row.severity) == ("finding", "new", "CON001", "high")
    assert (row.subject_type, row.subject_id, row.subject_name) == ("connector", failing.subject.id, "SRV-7")
    assert (row.message, row.remedy) == (failing.message, "Install a current connector.")
    assert (row.scan_id, row.time_generated) == ("20261120T060000Z-1a2b3c4d", NOW.replace(second=7))


def test_a_cause_and_what_moved_are_told() -> None:
    """A change that the policy made says so, with the facts that moved."""
    own = life("changed").model_copy(
        update={"cause": "policy", "moved": (MovedFact(what="severity", before="low", after="high"),)}
    )

    (row,) = findings_of(document_of((verdict("CON001", about("connector", 7, "SRV-7"), Outcome.FAIL, life=own),)))

    assert (row.by_policy, row.moved) == (True, [{"what": "severity", "before": "low", "after": "high"}])


def test_each_thing_of_the_inventory_that_moved_is_a_row() -> None:
    """A new connector and one that moved are told with what was and what is, and without a rule."""
    new, moved = log_rows(with_changes(NEW, MOVED))[-2:]

    assert (new.source, new.change, new.subject_id, new.before, new.after) == ("inventory", "new", "c-1", "", "")
    assert (moved.change, moved.before, moved.after, moved.rule_id) == ("moved", "London", "Berlin", "")


def test_the_same_scan_has_the_same_ids() -> None:
    """Made again, every row has the id it had."""
    told = with_changes(NEW, MOVED)

    assert [row.change_id for row in log_rows(told)] == [row.change_id for row in log_rows(told)]


def test_every_change_has_an_id_of_its_own() -> None:
    """No two changes of a scan, and no two scans, share an id."""
    gone = NEW.model_copy(update={"kind": "gone"})
    told = with_changes(NEW, gone, MOVED)
    later = told.model_copy(update={"scan": told.scan.model_copy(update={"id": "20261121T060000Z-1a2b3c4d"})})

    rows = [*log_rows(told), *log_rows(later)]

    assert len({row.change_id for row in rows}) == len(rows)


def test_columns_are_those_of_the_rows() -> None:
    """The table's columns are the keys that rows are sent with, none of them reserved."""
    *_, row = log_rows(document_of((), gone=()).model_copy(update={"changes": (NEW,)}))

    assert list(row.model_dump(mode="json")) == list(COLUMNS)
    assert COLUMNS.keys().isdisjoint({"TenantId", "Type", "resource", "resourceid", "subscriptionid"})
    assert {COLUMNS[name] for name in ("TimeGenerated", "FirstScan", "Moved", "ChangeId")} == {
        "datetime",
        "boolean",
        "dynamic",
        "string",
    }


def test_facts_that_are_long_are_left_out() -> None:
    """A value longer than a line of a table is null, and the facts are counted."""
    facts = [MovedFact(what=f"evidence.{n}", before="x" * LONGEST_FACT, after=n) for n in range(MOST_FACTS + 5)]
    own = life("changed").model_copy(update={"moved": tuple(facts)})

    (row,) = findings_of(document_of((verdict("CON001", about("connector", 7, "SRV-7"), Outcome.FAIL, life=own),)))

    assert len(row.moved) == MOST_FACTS
    assert row.moved[3] == {"what": "evidence.3", "before": None, "after": 3}


@given(st.text(st.characters(), max_size=50) | st.just("W" * 2 * LONGEST_TEXT) | st.just("half \ud800 a pair"))
def test_any_name_makes_a_row_that_is_json(name: str) -> None:
    """Whatever a tenant writes, the row is UTF-8 JSON of bounded length, and reads as one row."""
    odd = ChangeEntry(at=NOW, kind="renamed", subject=Subject(type="group", id="g", name=name), before=name, after=name)
    failing = verdict("CON001", about("connector", 7, name), Outcome.FAIL, message=name, life=life("new"))

    for row in log_rows(document_of((failing,)).model_copy(update={"changes": (odd,)})):
        written = json.dumps(row.model_dump(mode="json"), ensure_ascii=False).encode()
        assert len(written) < 64_000
        assert LogRow.model_validate_json(written) == row


def test_a_tenants_first_scan_says_so() -> None:
    """What is new only because nothing was known before can be told apart."""
    told = with_changes(NEW)
    first = told.model_copy(update={"scan": told.scan.model_copy(update={"first": True})})

    assert {row.first_scan for row in log_rows(first)} == {True}
    assert log_rows(told)[0].time_generated - NOW < timedelta(minutes=1)
