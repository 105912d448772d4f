"""A scan's verdicts are grouped and counted, and the headline never sounds better than the scan was."""

from __future__ import annotations

import pytest

from findings.document import FindingsDocument, GoneEntry, SectionInfo
from findings.reports import view
from policies.vocabulary import Outcome, Severity
from tests.findings.reports.sample import about, document, document_of, life, scan_summary, verdict

HQ = about("connector", 0, "hq")
PASS = verdict("VER001", HQ, Outcome.PASS)
WHOLE = scan_summary(complete=True)
LOW = verdict("VER004", HQ, Outcome.FAIL, severity=Severity.LOW)
INFO = verdict("GRP004", HQ, Outcome.FAIL, severity=Severity.INFO)
MEDIUM = verdict("VER003", HQ, Outcome.FAIL, severity=Severity.MEDIUM)
UNSEEN = verdict("VER002", HQ, Outcome.NOT_ASSESSED)
WAIVED = verdict("VER003", HQ, Outcome.WAIVED, life=life())
DENIED = SectionInfo(name="connectors", status="denied", count=None)
UNLICENSED = SectionInfo(name="role_eligibilities", status="not_licensed", count=0)
LEFT = GoneEntry(key="k", rule="VER001", severity=Severity.LOW, subject=HQ, message="m", lifecycle=life(stale=True))


@pytest.mark.parametrize(
    ("tone", "scan"),
    [
        ("good", document_of((PASS,), scan=WHOLE)),
        ("good", document_of((PASS, WAIVED), scan=WHOLE)),
        ("good", document_of((PASS,), scan=WHOLE, sections=(UNLICENSED,))),
        ("unsure", document_of((), scan=WHOLE)),
        ("unsure", document_of((PASS,))),
        ("unsure", document_of((PASS, UNSEEN), scan=WHOLE)),
        ("unsure", document_of((PASS,), scan=WHOLE, sections=(DENIED,))),
        ("unsure", document_of((PASS,), scan=WHOLE, gone=(LEFT,))),
        ("unsure", document_of((LOW, UNSEEN), scan=WHOLE)),
        ("low", document_of((LOW, INFO), scan=WHOLE)),
        ("info", document_of((INFO,), scan=WHOLE)),
        ("medium", document_of((MEDIUM, UNSEEN), scan=WHOLE)),
        ("critical", document()),
    ],
)
def test_tone(tone: str, scan: FindingsDocument) -> None:
    """Only a scan that assessed everything and found nothing is good; anything left out is at least unsure."""
    assert view.headline(scan).tone == tone


@pytest.mark.parametrize(
    ("sentences", "scan"),
    [
        (("Nothing fails, and everything was assessed.",), document_of((PASS,), scan=WHOLE)),
        (("Nothing assessed fails.",), document_of((PASS,))),
        (("No check could be made.", "1 list could not be read."), document_of((), sections=(DENIED,))),
        (
            ("Nothing assessed fails.", "1 earlier finding is still open and could not be looked at."),
            document_of((PASS,), gone=(LEFT,)),
        ),
        (
            (
                "3 findings fail: 1 critical, 1 medium, 1 info.",
                "3 lists could not be read.",
                "3 checks could not be made.",
                "2 earlier findings are still open and could not be looked at.",
                "1 failure is waived.",
            ),
            document(),
        ),
    ],
)
def test_sentences(sentences: tuple[str, ...], scan: FindingsDocument) -> None:
    """The headline says what fails first, then everything that could not be said, then what is waived."""
    assert view.headline(scan).sentences == sentences


def test_unread_by_reason() -> None:
    """Lists that one permission or reason cost stand together; the unlicensed is known to be empty, so not there."""
    sections = (
        SectionInfo(name="a", status="denied", count=None, reason="no", permission="P"),
        SectionInfo(name="b", status="failed", count=None, reason="broken"),
        SectionInfo(name="c", status="denied", count=None, reason="not asked for, because of a", permission="P"),
        SectionInfo(name="d", status="failed", count=None, reason="broken otherwise"),
        UNLICENSED,
    )

    assert [(reason.why.status, reason.names) for reason in view.unread(sections)] == [
        ("denied", ("a", "c")),
        ("failed", ("b",)),
        ("failed", ("d",)),
    ]


def test_failing_worst_first() -> None:
    """Failures are listed by severity, the worst first, and severities without one are left out."""
    assert view.failing(document_of((INFO, PASS, MEDIUM, LOW))) == (
        (Severity.MEDIUM, (MEDIUM,)),
        (Severity.LOW, (LOW,)),
        (Severity.INFO, (INFO,)),
    )


def test_said_together() -> None:
    """Subjects of which a rule said the same stand together, and different messages stay apart if asked."""
    other = about("connector", 1, "branch")
    scan = document_of((PASS, verdict("VER001", other, Outcome.PASS, message="is newer than most")))

    apart = view.shared_messages(scan, Outcome.PASS)
    together = view.shared_messages(scan, Outcome.PASS, by_message=False)

    assert [(item.message, item.subjects) for item in apart] == [
        ("is as it should be", (HQ,)),
        ("is newer than most", (other,)),
    ]
    assert [(item.message, item.subjects) for item in together] == [("", (HQ, other))]


def test_unexplained() -> None:
    """What was not assessed for want of a list is explained by that list; anything else stands for itself."""
    assert [(item.rules, item.message) for item in view.unexplained(document())] == [(("VER001",), "tells no version")]


def test_unexplained_by_cause() -> None:
    """One cause is told once with its rules and with each subject once, and the cause that costs most comes first."""
    other = about("connector", 1, "branch")
    told = [("VER001", HQ, "few"), ("VER001", other, "many"), ("VER002", other, "many"), ("VER002", HQ, "many")]
    scan = document_of(tuple(verdict(rule, who, Outcome.NOT_ASSESSED, message=why) for rule, who, why in told))

    assert view.unexplained(scan) == (
        view.Cause("many", (other, HQ), ("VER001", "VER002")),
        view.Cause("few", (HQ,), ("VER001",)),
    )


@pytest.mark.parametrize(
    ("compared", "scan"),
    [
        (True, document_of((PASS,))),
        (True, document_of((verdict("E", HQ, Outcome.FAIL, life=life()),))),
        (False, document_of((MEDIUM,))),
        (False, document_of((PASS,), scan=scan_summary(superseded=True))),
    ],
)
def test_compared(compared: bool, scan: FindingsDocument) -> None:  # noqa: FBT001 - pytest passes it by name
    """Findings without a life, and those of a superseded scan, were compared with nothing."""
    assert view.compared(scan) is compared


def test_moved_in_order() -> None:
    """What moved is listed new first and resolved last, within that the worst first; what stood still is left out."""
    scan = document_of(
        (
            verdict("A", HQ, Outcome.PASS, life=life("resolved", state="resolved", by="fixed")),
            verdict("B", HQ, Outcome.FAIL, severity=Severity.LOW, life=life("new")),
            verdict("C", HQ, Outcome.FAIL, severity=Severity.HIGH, life=life("new")),
            verdict("D", HQ, Outcome.FAIL, life=life("reopened")),
            verdict("E", HQ, Outcome.FAIL, life=life()),
        )
    )

    assert [(entry.change, entry.rule, entry.because) for entry in view.moved(scan)] == [
        ("new", "C", ""),
        ("new", "B", ""),
        ("reopened", "D", ""),
        ("resolved", "A", "fixed, as the check passes on facts that changed"),
    ]


def test_still_open() -> None:
    """Open findings that no verdict confirms are listed, the worst first; failing and waived ones stand elsewhere."""
    assert [(entry.rule, entry.severity, entry.remedy) for entry in view.still_open(document())] == [
        ("REG003", Severity.HIGH, "Take the role from them."),
        ("GRP002", Severity.MEDIUM, "Install a current connector."),
    ]


def test_gone_and_waived() -> None:
    """What is over and what is waived have lists of their own."""
    assert [entry.rule for entry in view.gone(document())] == ["VER003"]
    assert [entry.rule for entry in view.waived(document())] == ["GRP003"]
