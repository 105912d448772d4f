"""A scan's result: what was judged, read, remembered and gone, put together without loss."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from findings.build import build_document, superseded, tenant_info
from findings.document import ChangeCounts, TenantInfo
from findings.state.document import State
from inventory.models import Organization
from inventory.snapshot import GraphCounts
from policies.rules.supported import VER001
from policies.vocabulary import Outcome, Severity
from tests.findings.state.lifecycle_data import KEY, TENANT, Day, after, rest, said, scan, verdict
from tests.making import NOW, RELEASES, connector, evidence, group, holds, snapshot, unread
from tests.making import TENANT as TENANT_ID
from tests.policies.policy_file.waiving import waiver

if TYPE_CHECKING:
    from findings.document import FindingsDocument
    from inventory.snapshot import Snapshot
    from policies.rule import Verdict

PASS, FAIL, WAIVED, NOT_ASSESSED = Outcome.PASS, Outcome.FAIL, Outcome.WAIVED, Outcome.NOT_ASSESSED


def built(*verdicts: Verdict, state: State | None = None, seen: Snapshot | None = None) -> FindingsDocument:
    """Return the result of the scan that the state knows as its newest, or of any scan without a state."""
    judged = evidence(seen, scan_id=state.scans[-1].id) if state else evidence(seen)
    return build_document(judged, verdicts, state)


@pytest.mark.parametrize(
    ("organization", "expected"),
    [
        ([Organization(id=TENANT_ID, display_name="Contoso")], "Contoso"),
        ([Organization(id=TENANT_ID), Organization(id=TENANT_ID, display_name="Contoso")], "Contoso"),
        ([Organization(id=TENANT_ID, display_name="")], TENANT_ID),
        ([], TENANT_ID),
        (unread(), TENANT_ID),
    ],
)
def test_tenant(organization: Any, expected: str) -> None:  # noqa: ANN401 - records, or a list that was not read
    """The tenant goes by its name where one was read, and by its id elsewhere."""
    assert tenant_info(snapshot(organization=organization)) == TenantInfo(id=TENANT_ID, name=expected)


def test_scan_and_what_judged() -> None:
    """The result names the scan with its times and costs, the policy with its hash, and the catalogue."""
    seen = snapshot().model_copy(update={"graph": GraphCounts(requests=7, bytes=512)})
    judged = evidence(seen)
    info = judged.scan.model_copy(
        update={"trigger": "schedule", "policy_source": "policy.yaml", "policy_sha256": "5e" * 32}
    )
    found = build_document(judged.model_copy(update={"scan": info}), (), None)

    assert found.scan.model_dump() == {
        "id": info.id,
        "started_at": NOW,
        "finished_at": NOW,
        "trigger": "schedule",
        "complete": True,
        "first": False,
        "superseded": False,
        "graph": {"requests": 7, "batched": 0, "retried": 0, "throttled": 0, "bytes": 512},
    }
    assert (found.policy.source, found.policy.sha256) == ("policy.yaml", "5e" * 32)
    assert found.releases.model_dump(mode="json") == {
        "revised": "2026-11-01",
        "newest": "1.5.4892.0",
        "newest_auto_upgrade": "1.5.4522.0",
    }


def test_catalogue_without_automatic_releases() -> None:
    """Where Microsoft installs nothing by itself the result says so."""
    manual = RELEASES.model_copy(update={"releases": RELEASES.releases[:1]})

    assert build_document(evidence(releases=manual), (), None).releases.newest_auto_upgrade is None


@pytest.mark.parametrize(
    ("state", "expected"),
    [(None, False), (after(said()), True), (after(said(), said()), False)],
    ids=["no state", "one scan", "two scans"],
)
def test_first_scan(state: State | None, expected: bool) -> None:  # noqa: FBT001 - the table's answer
    """Only a scan that is the first in the tenant's memory is called so."""
    assert built(state=state).scan.first is expected


def test_sections() -> None:
    """Each list is told with its count, or with why it was not read and without any count."""
    seen = snapshot(
        {group("Paris"): holds(connector(), apps=unread(status="throttled"))},
        private_access=unread(status="not_licensed"),
        audit=unread(),
    )
    found = {section.name: section for section in built(seen=seen).sections}

    assert [section.name for section in seen.sections] == list(found)
    assert (found["connectors"].status, found["connectors"].count) == ("read", 1)
    assert (found["private_access"].status, found["private_access"].count) == ("not_licensed", 0)
    assert found["connector_groups/id-Paris/applications"].count is None
    assert found["audit"].model_dump() == {
        "name": "audit",
        "status": "denied",
        "count": None,
        "unreadable": 0,
        "code": "denied",
        "reason": "Graph said denied.",
        "permission": "Some.Read.All",
        "advice": "Ask again.",
        "request_id": seen.audit.request_id,
    }
    assert not built(seen=seen).scan.complete


def test_a_list_known_to_be_empty_leaves_the_scan_complete() -> None:
    """A tenant that cannot have something is not read incompletely."""
    assert built(seen=snapshot(eligibilities=unread(status="not_licensed"))).scan.complete


def test_verdicts_keep_their_words_and_show_their_ages() -> None:
    """An entry holds all that the verdict says, the aside with the evidence, and no life without a history."""
    (entry,) = built(verdict(evidence={"active": 1}, volatile={"days": 3}, message="One is active.")).verdicts

    assert entry.model_dump() == {
        "key": KEY,
        "rule": "GRP001",
        "title": "A title",
        "outcome": FAIL,
        "severity": Severity.HIGH,
        "subject": {"type": "group", "id": "a", "name": "Group a"},
        "message": "One is active.",
        "evidence": {"active": 1, "days": 3},
        "remediation": {"summary": "Add another connector.", "steps": (), "links": ()},
        "steps": (),
        "lifecycle": None,
        "waiver": None,
    }


def test_verdicts_come_in_their_order() -> None:
    """The order of the rules is the order of the result."""
    spoken = [verdict(rule=rule, subject=subject) for rule in ("VER001", "GRP001") for subject in "ba"]

    assert [entry.key for entry in built(*spoken).verdicts] == [one.key for one in spoken]


def test_lives_are_told_beside_verdicts() -> None:
    """A verdict's finding has its life beside it, with this scan's change only; what never failed has none."""
    spoken = (verdict(), verdict(PASS, subject="b"))
    first, second = after(said(*spoken)), after(said(*spoken), said(*spoken))
    lives = [[entry.lifecycle for entry in built(*spoken, state=state).verdicts] for state in (first, second)]

    assert [life and (life.state, life.change, life.first_seen, life.last_seen) for life in lives[0]] == [
        ("open", "new", scan(1).taken_at, scan(1).taken_at),
        None,
    ]
    assert [life and (life.state, life.change, life.first_seen, life.last_seen) for life in lives[1]] == [
        ("open", None, scan(1).taken_at, scan(2).taken_at),
        None,
    ]


def test_summary_counts_outcomes_and_severities() -> None:
    """Every outcome and severity has a number, and severities count failures only, waived ones not among them."""
    summary = built(
        verdict(subject="a"),
        verdict(subject="b", severity=Severity.LOW),
        verdict(WAIVED, subject="c"),
        verdict(PASS, subject="d"),
        rest(),
    ).summary

    assert summary.outcomes == {PASS: 1, FAIL: 2, WAIVED: 1, Outcome.NOT_APPLICABLE: 0, NOT_ASSESSED: 1}
    assert summary.failing == {
        Severity.CRITICAL: 0,
        Severity.HIGH: 1,
        Severity.MEDIUM: 0,
        Severity.LOW: 1,
        Severity.INFO: 0,
    }
    assert summary.changes == ChangeCounts()


def test_summary_counts_what_this_scan_moved() -> None:
    """New, changed, reopened and resolved findings of this scan are counted, those of earlier scans are not."""
    lasting, b = verdict(subject="lasting"), verdict(subject="b")
    before = said(lasting, b, verdict(subject="a"), verdict(subject="d"))
    between = said(lasting, b, verdict(subject="a"), verdict(PASS, subject="d"))
    now = (
        lasting,
        verdict(subject="b", severity=Severity.LOW),
        verdict(PASS, subject="a"),
        verdict(subject="d"),
        verdict(subject="e"),
        verdict(subject="f"),
    )

    changes = built(*now, state=after(before, between, said(*now))).summary.changes
    assert changes == ChangeCounts(new=2, changed=1, reopened=1, resolved=1)


def test_findings_without_a_verdict() -> None:
    """A finding that nobody spoke about is told while it is open, and once in the scan that resolves it."""
    gone, unseen = verdict(subject="b"), verdict(rule="VER001", subject="a")
    cut_short = rest("VER001")
    states = [after(said(gone, unseen), *[said(cut_short)] * days) for days in (1, 2)]
    told = [
        [
            (entry.key, entry.severity, entry.lifecycle.state, entry.lifecycle.change, entry.lifecycle.stale)
            for entry in built(cut_short, state=state).gone
        ]
        for state in states
    ]

    assert told[0] == [
        ("GRP001/b", "high", "resolved", "resolved", False),
        ("VER001/a", "high", "open", None, True),
    ]
    assert told[1] == [("VER001/a", "high", "open", None, True)]


def test_unseen_findings_keep_their_words() -> None:
    """What nobody could look at is counted and keeps its rule's title and remedy; a rule of old times has none."""
    spoken = (verdict(rule="VER001", subject="a"), verdict(rule="OLD001", subject="b"))
    once = Day(spoken, ran=frozenset({"VER001", "OLD001"}))
    state = after(once, said(rest("VER001")))
    document = built(rest("VER001"), state=state)
    told = {entry.rule: entry for entry in document.gone}

    assert (told["VER001"].title, told["VER001"].remedy) == (VER001.title, VER001.remedy.summary)
    assert (told["OLD001"].title, told["OLD001"].remedy) == ("", "")
    assert {rule: entry.lifecycle.state for rule, entry in told.items()} == {"VER001": "open", "OLD001": "resolved"}
    assert document.summary.unseen == 1


def test_findings_with_a_verdict_are_not_told_twice() -> None:
    """What a verdict speaks about stands among the verdicts and nowhere else."""
    now = (verdict(PASS, subject="a"), verdict(NOT_ASSESSED, subject="b"))

    assert built(*now, state=after(said(verdict(), verdict(subject="b")), said(*now))).gone == ()


def test_findings_of_a_disabled_rule_are_told_as_gone() -> None:
    """Switching a rule off resolves its findings, and the result says so."""
    (entry,) = built(state=after(said(verdict()), Day(ran=frozenset({"VER001"})))).gone

    assert (entry.key, entry.message, entry.subject.name) == (KEY, "It has one connector.", "Group a")
    assert entry.lifecycle.resolved_by == "rule_disabled"


def test_without_a_state_nothing_is_gone() -> None:
    """Judged outside any history, a scan has no earlier findings."""
    assert built(verdict()).gone == ()
    assert built(state=after(said())).gone == ()


def test_superseded() -> None:
    """The result of a scan that came too late says so, and is otherwise the same."""
    document = built(verdict())
    late = superseded(document)

    assert (document.scan.superseded, late.scan.superseded) == (False, True)
    assert late.model_copy(update={"scan": document.scan}) == document


def test_state_of_a_new_tenant_is_a_state() -> None:
    """A state that knows no scan yet is one all the same: nothing in it has a life."""
    document = build_document(evidence(), (verdict(),), State.new(TENANT))

    assert (document.verdicts[0].lifecycle, document.gone, document.scan.first) == (None, (), False)


def test_a_waived_failure_tells_its_waiver() -> None:
    """Which waiver covers a failure stands beside it: its id, days, reason, owner and ticket."""
    own = waiver("w1", ticket="CHG-1", tenant=TENANT_ID)
    (told,) = built(replace(verdict(WAIVED), waiver=own)).verdicts
    (bare,) = built(replace(verdict(WAIVED), waiver=waiver("w2"))).verdicts

    assert told.waiver is not None
    assert told.waiver.model_dump(mode="json") == {
        "id": "w1",
        "from": "2026-11-10",
        "until": "2026-12-20",
        "reason": "a new server is on its way",
        "owner": "ada@contoso.example",
        "ticket": "CHG-1",
    }
    assert (bare.waiver and bare.waiver.ticket) is None
