"""findings.ocsf.jsonl holds OCSF 1.8 Compliance Findings that say what the scan said, and nothing that is not known."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding

from common.text import UNSEEN
from findings.document import SectionInfo, WaiverInfo
from findings.reports.ocsf import render_ocsf
from findings.result_parts import ControlInfo, RuleInfo
from policies.vocabulary import Outcome, Severity
from tests.examples import examples
from tests.findings.reports.arbitrary import MARKUP, Anything, anything
from tests.findings.reports.published import complaints, needs_schemas
from tests.findings.reports.sample import HOSTILE, about, document, document_of, life, scan_summary, verdict
from tests.findings.reports.sample_snapshot import TENANT

if TYPE_CHECKING:
    from findings.document import FindingsDocument, Lifecycle

SCHEMA = "ocsf-1.8.0-compliance_finding.json"
HQ = about("connector", 7, "hq")


def events(scan: FindingsDocument) -> list[dict[str, Any]]:
    """Return the events of a scan."""
    return [json.loads(line) for line in render_ocsf(scan).splitlines()]


def event(outcome: Outcome, lived: Lifecycle | None = None, severity: Severity = Severity.MEDIUM) -> dict[str, Any]:
    """Return the only event of a scan with one verdict."""
    (one,) = events(document_of((verdict("VER001", HQ, outcome, life=lived, severity=severity, message="is old"),)))
    return one


def hold_to_the_models(scan: FindingsDocument) -> None:
    """Hold every event against py-ocsf-models.

    They are of OCSF 1.5: what 1.8 has besides (`cloud`, `status` and `status_details` of compliance, `attacks` with a
    technique alone) they leave aside. What they do know has to come back as it was written.
    """
    for one in events(scan):
        known = ComplianceFinding.model_validate(one).model_dump(mode="json", exclude_none=True)
        plain = {name: value for name, value in known.items() if not isinstance(value, dict | list)}
        assert plain == {name: one[name] for name in plain}
        assert known["compliance"].get("status_id") == one["compliance"].get("status_id")
        assert known["finding_info"]["uid"] == one["finding_info"]["uid"]


def test_a_new_finding() -> None:
    """A finding that is new is created, with the numbers and captions of the class and times in milliseconds."""
    one = event(Outcome.FAIL, life("new"), Severity.CRITICAL)

    numbers = ("category_uid", "class_uid", "type_uid", "activity_id", "severity_id", "status_id", "time")
    captions = ("category_name", "class_name", "type_name", "activity_name", "severity", "status")
    assert [one[name] for name in numbers] == [2, 2003, 200301, 1, 5, 1, 1795154407000]
    assert [one[name] for name in captions] == [
        "Findings",
        "Compliance Finding",
        "Compliance Finding: Create",
        "Create",
        "Critical",
        "New",
    ]
    assert one["message"] == "VER001 hq: is old"


def test_where_it_is_from() -> None:
    """An event names the schema's version, the product, the tenant, the scan and the rule."""
    one = event(Outcome.FAIL)

    assert one["metadata"] == {
        "version": "1.8.0",
        "product": {"name": "connectorwatch", "vendor_name": "connectorwatch"},
        "profiles": ["cloud"],
        "tenant_uid": TENANT,
        "correlation_uid": "20261120T060000Z-1a2b3c4d",
        "uid": f"20261120T060000Z-1a2b3c4d/VER001/connector/{HQ.id}",
        "event_code": "VER001",
    }
    assert one["cloud"]["account"]["uid"] == TENANT


def test_what_it_is_about() -> None:
    """An event tells the finding by a name that never changes, its resource, its evidence and what to do."""
    one = event(Outcome.FAIL, life())

    finding = one["finding_info"]
    assert finding["uid"] == f"{TENANT}/VER001/connector/{HQ.id}"
    assert (finding["created_time"], finding["last_seen_time"]) == (1793599200000, 1795154400000)
    assert finding["analytic"] == {"uid": "VER001", "name": "Versions are current", "type_id": 1, "type": "Rule"}
    assert one["resources"] == [{"uid": HQ.id, "name": "hq", "type": "connector"}]
    assert one["remediation"]["desc"].startswith("Install a current connector.\n1. Download the installer")
    assert one["remediation"]["references"][0].startswith("https://learn.microsoft.com/")


def test_its_own_steps() -> None:
    """A finding with steps of its own is told by these."""
    own = verdict("VER001", HQ, Outcome.FAIL).model_copy(update={"steps": ("On HQ, wait.",)})
    (one,) = events(document_of((own,)))

    assert one["remediation"]["desc"] == "Install a current connector.\n1. On HQ, wait."


@pytest.mark.parametrize(
    ("severity", "number"),
    [(Severity.INFO, 1), (Severity.LOW, 2), (Severity.MEDIUM, 3), (Severity.HIGH, 4), (Severity.CRITICAL, 5)],
)
def test_severities(severity: Severity, number: int) -> None:
    """Each severity has its number."""
    assert event(Outcome.FAIL, severity=severity)["severity_id"] == number


@pytest.mark.parametrize(
    ("outcome", "lived", "activity", "status", "compliance"),
    [
        (Outcome.FAIL, None, 1, 1, 3),
        (Outcome.FAIL, life("new"), 1, 1, 3),
        (Outcome.FAIL, life(), 2, 1, 3),
        (Outcome.FAIL, life("changed"), 2, 1, 3),
        (Outcome.FAIL, life("reopened"), 2, 1, 3),
        (Outcome.WAIVED, life("new"), 1, 3, 3),
        (Outcome.WAIVED, life(), 2, 3, 3),
        (Outcome.PASS, life("resolved", state="resolved", by="fixed"), 3, 4, 1),
        (Outcome.PASS, life(state="resolved", by="fixed"), 2, 4, 1),
        (Outcome.PASS, None, 1, None, 1),
        (Outcome.NOT_ASSESSED, None, 1, 1, 2),
        (Outcome.NOT_ASSESSED, life(stale=True), 2, 1, 2),
        (Outcome.NOT_APPLICABLE, life("resolved", state="resolved", by="not_applicable"), 3, 4, None),
    ],
)
def test_life(
    outcome: Outcome, lived: Lifecycle | None, activity: int, status: int | None, compliance: int | None
) -> None:
    """Activity and status follow the finding's life, and the compliance status what the rule said."""
    one = event(outcome, lived)

    assert (one["activity_id"], one.get("status_id"), one["compliance"].get("status_id")) == (
        activity,
        status,
        compliance,
    )


def test_what_does_not_apply_is_left_out() -> None:
    """What does not apply to something that never failed is no event."""
    assert events(document_of((verdict("VER001", HQ, Outcome.NOT_APPLICABLE),))) == []


def test_findings_without_a_verdict() -> None:
    """A finding whose subject is gone is closed, and one that nobody could look at stays open as not known."""
    over, unseen = events(document())[-2:]

    assert (over["activity_id"], over["status_id"], over["compliance"]["status_code"]) == (3, 4, "resolved")
    assert (over["status_detail"], "status_id" in over["compliance"]) == ("Resolved: left the scope.", False)
    assert (unseen["activity_id"], unseen["status_id"], unseen["compliance"]["status_id"]) == (2, 1, 2)
    assert unseen["remediation"] == {"desc": "Take the role from them."}
    assert unseen["status_detail"] == "Out of sight: this scan could not assess it, which ends nothing."


def test_not_assessed() -> None:
    """What was not assessed for want of a list says how to have the list read."""
    lists = (SectionInfo(name="audit", status="denied", count=None, advice="Grant it."),)
    one = verdict("VER001", HQ, Outcome.NOT_ASSESSED, evidence={"section": "audit"}, message="was not read")

    (told,) = events(document_of((one,), sections=lists))

    assert told["compliance"]["status"] == "Warning"
    assert told["compliance"]["status_details"] == ["was not read"]
    assert told["remediation"] == {"desc": "Grant it."}


def test_waiver() -> None:
    """A waiver is told as the comment."""
    waiver = WaiverInfo(id="W-1", until=date(2026, 12, 31), reason="is being replaced", owner="Ann", ticket="T-9")
    one = verdict("VER001", HQ, Outcome.WAIVED, life=life()).model_copy(update={"waiver": waiver})

    (told,) = events(document_of((one,)))

    assert told["comment"] == "Waived by Ann until 2026-12-31 (W-1): is being replaced. Ticket T-9."


def test_controls() -> None:
    """Controls that a rule helps to show become control, standards and requirements; techniques become attacks."""
    rule = RuleInfo(
        id="VER001",
        title="Supported",
        why="Old ones are attacked.",
        severity=Severity.HIGH,
        controls=(
            ControlInfo(framework="NIST SP 800-53", id="SI-2", name="Flaw Remediation"),
            ControlInfo(framework="MITRE ATT&CK", id="T1190", name="Exploit Public-Facing Application"),
            ControlInfo(framework="MITRE ATT&CK", id="T1098.003", name="Account Manipulation: Additional Cloud Roles"),
        ),
    )
    scan = document_of((verdict("VER001", HQ, Outcome.FAIL),)).model_copy(update={"rules": (rule,)})

    (told,) = events(scan)

    compliance = told["compliance"]
    assert (compliance["control"], compliance["standards"]) == ("SI-2", ["NIST SP 800-53"])
    assert compliance["requirements"] == ["NIST SP 800-53 SI-2: Flaw Remediation"]
    assert compliance["checks"][0]["desc"] == told["finding_info"]["desc"] == "Old ones are attacked."
    assert told["finding_info"]["attacks"] == [
        {"technique": {"uid": "T1190", "name": "Exploit Public-Facing Application"}},
        {
            "technique": {"uid": "T1098", "name": "Account Manipulation"},
            "sub_technique": {"uid": "T1098.003", "name": "Additional Cloud Roles"},
        },
    ]


def test_the_name_of_a_finding_outlives_scan_and_name() -> None:
    """In another scan and under another name it is the same finding, in another tenant another one."""
    one = verdict("VER001", HQ, Outcome.FAIL)
    renamed = one.model_copy(update={"subject": HQ.model_copy(update={"name": "new"}), "severity": Severity.LOW})
    later = document_of((renamed,), scan=scan_summary().model_copy(update={"id": "20261121T060000Z-1a2b3c4d"}))
    elsewhere = later.model_copy(update={"tenant": later.tenant.model_copy(update={"id": "other"})})

    uids = [events(scan)[0]["finding_info"]["uid"] for scan in (document_of((one,)), later, elsewhere)]

    assert uids[0] == uids[1] != uids[2]


def test_hostile_names() -> None:
    """Every event is one line of ASCII, and no text in it hides or steers."""
    made = render_ocsf(document(extra_names=(*HOSTILE, *MARKUP)))

    assert made.isascii()
    assert set(UNSEEN.findall(made.decode())) == {"\n"}
    assert [line for line in made.splitlines() if UNSEEN.search(_all_text(json.loads(line)))] == []


def _all_text(value: Any) -> str:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        return "".join(key + _all_text(item) for key, item in value.items())
    if isinstance(value, list):
        return "".join(map(_all_text, value))
    # The steps of a remedy stand on lines of their own.
    return value.replace("\n", "") if isinstance(value, str) else ""


@settings(max_examples=examples(120), deadline=None)
@given(anything())
def test_any_document(given_: Anything) -> None:
    """Whatever a document says, its events are a line each, the same each time, and what a published library takes."""
    made = render_ocsf(given_.document)

    assert made == render_ocsf(given_.document)
    assert made.count(b"\n") == len(made.splitlines()) == len(events(given_.document))
    hold_to_the_models(given_.document)


@needs_schemas
@settings(max_examples=examples(120), deadline=None)
@given(anything())
def test_the_published_schema(given_: Anything) -> None:
    """Whatever a document says, its events are valid by OCSF 1.8.0."""
    assert [wrong for one in events(given_.document) for wrong in complaints(SCHEMA, one)] == []


@needs_schemas
def test_the_published_schema_refuses_what_is_wrong() -> None:
    """The schema is really asked: seconds in place of milliseconds are refused."""
    one = event(Outcome.FAIL)

    assert complaints(SCHEMA, one) == []
    assert len(complaints(SCHEMA, one | {"time": one["time"] // 1000})) == 1
