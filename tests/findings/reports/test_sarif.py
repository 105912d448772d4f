"""findings.sarif is SARIF 2.1.0 that code scanning can take, scan after scan, without losing track of a finding."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from sarif_pydantic import Sarif

from common.text import UNSEEN
from findings.document import WaiverInfo
from findings.reports.passes import listed
from findings.reports.sarif import render_sarif
from findings.result_parts import ControlInfo, RuleInfo, TrendPoint
from policies.vocabulary import Outcome, Severity, Subject
from tests.examples import examples
from tests.findings.reports.arbitrary import MARKUP, Anything, anything
from tests.findings.reports.published import complaints, needs_schemas
from tests.findings.reports.sample import HOSTILE, about, document, document_of, life, scan_summary, verdict
from tests.findings.reports.sample_snapshot import NOW, TENANT

if TYPE_CHECKING:
    from findings.document import FindingsDocument, Lifecycle, VerdictEntry

SCHEMA = "sarif-schema-2.1.0.json"
HQ = about("connector", 7, "hq")
RULE = RuleInfo(
    id="VER001",
    title="Supported",
    why="Old ones are @attacked.",
    severity=Severity.HIGH,
    controls=(ControlInfo(framework="CIS Controls", id="7.4", name="Patches"),),
)


def run_of(scan: FindingsDocument) -> dict[str, Any]:
    """Return the only run of a scan."""
    (run,) = json.loads(render_sarif(scan))["runs"]
    return dict(run)


def results(*verdicts: VerdictEntry) -> list[dict[str, Any]]:
    """Return the results of a scan with these verdicts."""
    return list(run_of(document_of(verdicts))["results"])


def result(outcome: Outcome, lived: Lifecycle | None = None, severity: Severity = Severity.MEDIUM) -> dict[str, Any]:
    """Return the only result of a scan with one verdict."""
    return results(verdict("VER001", HQ, outcome, life=lived, severity=severity, message="is old"))[0]


@pytest.mark.parametrize(
    ("outcome", "kind", "level"),
    [
        (Outcome.PASS, "pass", "none"),
        (Outcome.FAIL, "fail", "warning"),
        (Outcome.WAIVED, "fail", "warning"),
        (Outcome.NOT_APPLICABLE, "notApplicable", "none"),
        (Outcome.NOT_ASSESSED, "open", "none"),
    ],
)
def test_kinds(outcome: Outcome, kind: str, level: str) -> None:
    """Each outcome has its kind, and only what fails has a level."""
    one = result(outcome)

    assert (one["kind"], one["level"]) == (kind, level)


@pytest.mark.parametrize(
    ("severity", "level", "number"),
    [
        (Severity.CRITICAL, "error", 9.5),
        (Severity.HIGH, "error", 8.0),
        (Severity.MEDIUM, "warning", 5.5),
        (Severity.LOW, "note", 2.0),
        (Severity.INFO, "note", 0.1),
    ],
)
def test_severities(severity: Severity, level: str, number: float) -> None:
    """Each severity has its level, and a number in GitHub's range of that name, on the result and on its rule."""
    run = run_of(document_of((verdict("VER001", HQ, Outcome.FAIL, severity=severity),)))
    rule = run["tool"]["driver"]["rules"][0]

    assert (run["results"][0]["level"], rule["defaultConfiguration"]["level"]) == (level, level)
    assert float(run["results"][0]["properties"]["security-severity"]) == number
    assert float(rule["properties"]["security-severity"]) == number


@pytest.mark.parametrize(
    ("outcome", "lived", "state"),
    [
        (Outcome.FAIL, life("new"), "new"),
        (Outcome.FAIL, life("reopened"), "new"),
        (Outcome.FAIL, life("changed"), "updated"),
        (Outcome.FAIL, life(), "unchanged"),
        (Outcome.NOT_ASSESSED, life(stale=True), "unchanged"),
        (Outcome.PASS, life("resolved", state="resolved", by="fixed"), "absent"),
        (Outcome.PASS, life(state="resolved", by="fixed"), None),
        (Outcome.PASS, None, None),
        (Outcome.FAIL, None, None),
    ],
)
def test_baseline(outcome: Outcome, lived: Lifecycle | None, state: str | None) -> None:
    """A result's baseline state follows its finding's life; what was never compared has none."""
    assert result(outcome, lived).get("baselineState") == state


def test_findings_without_a_verdict() -> None:
    """A finding whose subject is gone is absent and fails no more; one that nobody could look at is open."""
    over, unseen = run_of(document())["results"][-2:]

    assert (over["kind"], over["baselineState"]) == ("notApplicable", "absent")
    assert (unseen["kind"], unseen["baselineState"]) == ("open", "unchanged")
    assert over["message"]["text"].endswith("Resolved: left the scope.")


def test_suppressions() -> None:
    """A waiver is an accepted suppression with its justification; a plain failure says that it has none."""
    waiver = WaiverInfo(id="W-1", until=date(2026, 12, 31), reason="is being replaced", owner="Ann")
    waived = verdict("VER001", HQ, Outcome.WAIVED)

    with_words, without, failing, passing = results(
        waived.model_copy(update={"waiver": waiver}), waived, verdict("VER001", HQ, Outcome.FAIL), _pass()
    )

    why = "Waived by Ann until 2026-12-31 (W-1): is being replaced."
    assert with_words["suppressions"] == [{"kind": "external", "status": "accepted", "justification": why}]
    assert without["suppressions"][0]["justification"] == "Waived by the policy."
    assert (failing["suppressions"], "suppressions" in passing) == ([], False)


def _pass() -> VerdictEntry:
    return verdict("VER001", HQ, Outcome.PASS)


def test_fingerprints_outlive_scan_name_and_severity() -> None:
    """Fingerprints, guid and path of a finding are the same in another scan, and others in another tenant."""
    one = verdict("VER001", HQ, Outcome.FAIL)
    renamed = one.model_copy(update={"subject": HQ.model_copy(update={"name": "new"}), "severity": Severity.LOW})
    later = document_of((renamed,), scan=scan_summary().model_copy(update={"id": "20261121T060000Z-1a2b3c4d"}))
    elsewhere = later.model_copy(update={"tenant": later.tenant.model_copy(update={"id": "other"})})

    first, second, third = (run_of(scan)["results"][0] for scan in (document_of((one,)), later, elsewhere))

    stable = ("fingerprints", "partialFingerprints", "correlationGuid")
    assert [first[name] for name in stable] == [second[name] for name in stable]
    assert first["locations"][0]["physicalLocation"] == second["locations"][0]["physicalLocation"]
    assert not any(first[name] == third[name] for name in stable)
    assert list(first["partialFingerprints"]) == ["primaryLocationLineHash"]


def test_location() -> None:
    """A result is at a resource, and at a path that code scanning can show."""
    (place,) = result(Outcome.FAIL)["locations"]

    assert place["physicalLocation"]["artifactLocation"]["uri"] == f"connectorwatch/{TENANT}/connector/{HQ.id}"
    assert place["logicalLocations"] == [
        {"name": "hq", "fullyQualifiedName": f"{TENANT}/connector/{HQ.id}", "kind": "resource"}
    ]


@pytest.mark.parametrize(
    ("own", "part"),
    [("..", "%2E%2E"), ("a/../b c", "a%2F..%2Fb%20c"), ("", "_"), ("expected:ann@x", "expected%3Aann%40x")],
)
def test_a_path_leads_nowhere_else(own: str, part: str) -> None:
    """An id is one part of a path, whatever it is."""
    one = verdict("POL003", Subject(type="tenant", id=own, name="x"), Outcome.FAIL)

    uri = results(one)[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]

    assert uri == f"connectorwatch/{TENANT}/tenant/{part}"


def test_rule() -> None:
    """A rule stands once with its words, its help as text and as Markdown, and what it helps to show as tags."""
    scan = document_of((verdict("VER001", HQ, Outcome.FAIL), _pass())).model_copy(update={"rules": (RULE,)})

    run = run_of(scan)
    (rule,) = run["tool"]["driver"]["rules"]

    assert {one["ruleIndex"] for one in run["results"]} == {0}
    assert (rule["id"], rule["shortDescription"]["text"]) == ("VER001", "Supported")
    assert rule["help"]["text"].startswith("Old ones are @attacked.\nInstall a current connector.\n1. Download")
    assert rule["help"]["markdown"].startswith("**Supported**\n\nOld ones are `@attacked.`\n\nInstall a current")
    assert rule["helpUri"].startswith("https://learn.microsoft.com/")
    assert rule["properties"]["tags"] == ["security", "entra", "CIS Controls 7.4"]
    assert rule["properties"]["security-severity"] == "5.5"


def test_a_rule_that_did_not_fail() -> None:
    """A rule of which nothing fails has its usual severity, and words even where the document has none."""
    scan = document_of((_pass(),)).model_copy(update={"rules": (RULE,), "verdicts": ()})
    nameless = document().model_copy(update={"verdicts": (), "gone": document().gone[:1]})

    assert run_of(scan)["tool"]["driver"]["rules"][0]["defaultConfiguration"]["level"] == "error"
    assert run_of(nameless)["tool"]["driver"]["rules"][0]["help"] == {"text": "VER003", "markdown": "**VER003**"}


def test_notifications() -> None:
    """What could not be assessed is told as notifications with the reason, and the run was no success."""
    scan = document(scan=scan_summary(superseded=True)).model_copy(update={"registrars_unresolved": "too deep"})

    (invocation,) = run_of(scan)["invocations"]
    told = [
        (note["descriptor"]["id"], note["level"], note["message"]["text"])
        for note in invocation["toolExecutionNotifications"]
    ]

    assert invocation["executionSuccessful"] is False
    assert [own for own, _, _ in told] == ["not-read", "not-read", "not-judged", "not-followed", "superseded"]
    assert told[0][2].endswith(
        "Graph asked us to wait for more than 300 seconds. Scan again later, or at another hour."
    )
    assert "Needs RoleEligibilitySchedule.Read.Directory. Grant the permission" in told[1][2]
    assert told[2] == ("not-judged", "warning", "1 subject: tells no version (VER001)")


def test_many_unread_lists() -> None:
    """Of very many lists with one reason the first are named, and the rest is counted."""
    lists = tuple(
        document().sections[0].model_copy(update={"name": f"list {n}", "status": "failed"}) for n in range(25)
    )

    (invocation,) = run_of(document_of((_pass(),), sections=lists))["invocations"]

    assert (
        "list 19 and 5 more: failed: no reason given." in invocation["toolExecutionNotifications"][0]["message"]["text"]
    )


def test_a_complete_scan() -> None:
    """A scan that saw everything was a success without notifications."""
    (invocation,) = run_of(document_of((_pass(),), scan=scan_summary(complete=True)))["invocations"]

    assert (invocation["executionSuccessful"], invocation["toolExecutionNotifications"]) == (True, [])
    assert (invocation["startTimeUtc"], invocation["endTimeUtc"]) == ("2026-11-20T06:00:00Z", "2026-11-20T06:00:07Z")


def test_the_scan_before() -> None:
    """A run names the run before it where the document knows that, by the name which that run has itself."""
    ids = ("20261119T060000Z-00000000", scan_summary().id)
    points = tuple(TrendPoint(scan=own, at=NOW, complete=True, outcomes={}, failing={}) for own in ids)
    before = document_of((), scan=scan_summary().model_copy(update={"id": ids[0]}))

    run = run_of(document_of(()).model_copy(update={"trend": points}))

    assert run["baselineGuid"] == run_of(before)["automationDetails"]["guid"]
    assert run["automationDetails"]["id"] == f"connectorwatch/{TENANT}/{ids[1]}"
    assert "baselineGuid" not in run_of(document_of(()))


def test_messages_are_text() -> None:
    """No name makes a link or a placeholder in a message."""
    one = verdict("VER001", HQ.model_copy(update={"name": "[a](https://evil.example) {0}"}), Outcome.FAIL, message="x")

    assert results(one)[0]["message"]["text"] == "[a] (https://evil.example) { 0}: x."


def test_hostile_names() -> None:
    """The file is one line of ASCII."""
    made = render_sarif(document(extra_names=(*HOSTILE, *MARKUP)))

    assert made.isascii()
    assert UNSEEN.findall(made.decode()) == ["\n"]


@settings(max_examples=examples(120), deadline=None)
@given(anything())
def test_any_document(given_: Anything) -> None:
    """Whatever a document says, the file is what a published library takes, the same each time, without links."""
    made = render_sarif(given_.document)

    assert made == render_sarif(given_.document)
    (run,) = Sarif.model_validate_json(made).runs
    assert len(run.results or []) == len(listed(given_.document)) + len(given_.document.gone)
    for one in run.results or []:
        assert "](" not in (one.message.text or "")
        assert not UNSEEN.search(one.message.text or "")


@needs_schemas
@settings(max_examples=examples(120), deadline=None)
@given(anything())
def test_the_published_schema(given_: Anything) -> None:
    """Whatever a document says, the file is valid by the schema of SARIF 2.1.0."""
    assert complaints(SCHEMA, json.loads(render_sarif(given_.document))) == []


@needs_schemas
def test_the_published_schema_refuses_what_is_wrong() -> None:
    """The schema is really asked: an unknown kind is refused."""
    whole = json.loads(render_sarif(document()))
    whole["runs"][0]["results"][0]["kind"] = "maybe"

    assert len(complaints(SCHEMA, whole)) == 1
