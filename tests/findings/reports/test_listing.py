"""Findings are listed by rule, the worst first, with the words by which readers filter them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from findings.document import ChangeEntry
from findings.reports import listing
from findings.result_parts import ControlInfo, RuleInfo
from policies.vocabulary import Outcome, Severity
from tests.findings.reports.sample import about, document, document_of, life, verdict
from tests.findings.reports.sample_snapshot import NOW

if TYPE_CHECKING:
    from findings.document import Change

HQ = about("connector", 0, "hq")
LOW = verdict("VER004", HQ, Outcome.FAIL, severity=Severity.LOW, life=life())
HIGH = verdict("VER004", HQ, Outcome.FAIL, severity=Severity.HIGH, life=life("new"))
WAIVED = verdict("VER004", HQ, Outcome.WAIVED, severity=Severity.CRITICAL, life=life())
NIST = ControlInfo(framework="NIST SP 800-53", id="SI-2", name="Flaw Remediation")
CIS = ControlInfo(framework="CIS Controls", id="7.4", name="Patches")
NIST_TOO = ControlInfo(framework="NIST SP 800-53", id="CM-8", name="Inventory")


def test_by_rule_worst_first() -> None:
    """Findings of one rule stand together, the worst first and what is waived last; blocks go by their worst."""
    other = verdict("GRP001", HQ, Outcome.FAIL, severity=Severity.MEDIUM)
    passed = verdict("GRP009", HQ, Outcome.PASS)

    found = listing.blocks(document_of((LOW, WAIVED, other, passed, HIGH)))

    assert [(block.rule, block.failing, [item.verdict for item in block.items]) for block in found] == [
        ("VER004", 2, [HIGH, LOW, WAIVED]),
        ("GRP001", 1, [other]),
    ]


def test_other_remedy_is_another_block() -> None:
    """Findings of one rule with different remedies stand apart, so that each block says what to do once."""
    remedy = LOW.remediation.model_copy(update={"summary": "Do something else."})

    assert len(listing.blocks(document_of((LOW, LOW.model_copy(update={"remediation": remedy}))))) == 2


def test_states() -> None:
    """A finding is new, reopened or changed by its life, waived by its outcome, and else open."""
    lives: tuple[Change | None, ...] = ("new", "reopened", "changed", None)
    told = (*(verdict("A", HQ, Outcome.FAIL, life=life(change)) for change in lives), verdict("A", HQ, Outcome.FAIL))

    (block,) = listing.blocks(document_of((*told, WAIVED.model_copy(update={"rule": "A"}))))

    assert [item.state for item in block.items] == ["new", "reopened", "changed", "open", "open", "waived"]


def test_anchors() -> None:
    """The first failing finding of each severity carries its name, for links; a waived one never does."""
    (block,) = listing.blocks(document_of((LOW, LOW, HIGH, WAIVED)))

    assert [item.anchor for item in block.items] == ["high", "low", "", ""]


def test_choices() -> None:
    """Filters offer what there is with its number: severities worst first, rules by name, states in their order."""
    other = verdict("GRP001", HQ, Outcome.FAIL, severity=Severity.LOW, life=life("new"))

    assert listing.choices(listing.blocks(document_of((LOW, other, WAIVED)))) == listing.Choices(
        {"critical": 1, "low": 2}, {"GRP001": 1, "VER004": 2}, {"new": 1, "open": 1, "waived": 1}, 3
    )


def test_worst() -> None:
    """The top of the page names the worst failures first, no more than asked for, and nothing waived."""
    assert listing.worst(document_of((LOW, WAIVED, HIGH)), limit=5) == (HIGH, LOW)
    assert listing.worst(document_of((LOW, WAIVED, HIGH)), limit=1) == (HIGH,)


def test_rule_words() -> None:
    """A block tells why its rule matters and which controls it helps to show, by framework, where that is known."""
    rule = RuleInfo(id="VER004", title="T", why="It matters.", severity=Severity.LOW, controls=(NIST, CIS, NIST_TOO))
    known = document_of((LOW,)).model_copy(update={"rules": (rule,)})

    (told,), (silent,) = listing.blocks(known), listing.blocks(document_of((LOW,)))

    assert (told.why, dict(told.controls)) == (
        "It matters.",
        {"NIST SP 800-53": (NIST, NIST_TOO), "CIS Controls": (CIS,)},
    )
    assert (silent.why, dict(silent.controls)) == ("", {})


def test_inventory_changes() -> None:
    """Changes of the inventory are counted by kind and listed in the same order, what is gone first."""
    gone = ChangeEntry(at=NOW, kind="gone", subject=HQ)
    moved = ChangeEntry(at=NOW, kind="moved", subject=HQ, before="a", after="b")
    later, sooner = (ChangeEntry(at=NOW, kind="new", subject=about("group", 1, name)) for name in ("b", "A"))
    scan = document().model_copy(update={"changes": (moved, later, sooner, gone)})

    assert listing.inventory_changes(scan) == (("gone", 1), ("new", 2), ("moved", 1))
    assert listing.changes(scan) == (gone, sooner, later, moved)
