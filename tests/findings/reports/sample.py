"""A scan of one small tenant by hand: much is well, some fails, some could not be read, and some names are hostile."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, TypedDict

from findings.document import (
    ChangeCounts,
    FindingsDocument,
    GoneEntry,
    Lifecycle,
    PolicyInfo,
    ReleasesInfo,
    ScanSummary,
    SectionInfo,
    Summary,
    TenantInfo,
    VerdictEntry,
)
from inventory.snapshot import GraphCounts
from policies.vocabulary import Outcome, Remediation, Severity, Subject
from tests.findings.reports.sample_registrars import registrars
from tests.findings.reports.sample_snapshot import (
    AUTOMATIC,
    GROUPS,
    NEWEST,
    NOW,
    OLD,
    TENANT,
    made_id,
    sections_of,
    snapshot,
)

if TYPE_CHECKING:
    from pydantic import JsonValue

    from findings.document import Change, RegistrarEntry
    from policies.vocabulary import SubjectType

HOSTILE = (
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    '"><img src=x onerror=alert(1)>',
    "two\nlines\r\nand | a\ttab",
    "admin\u202egnp.exe\u200b",
    "[bold red]loud[/bold red] [link=https://evil.example]x[/link]",
    "\x1b[31mred\x1b]8;;https://evil.example\x07\x9b1m",
    "{{ 7*7 }}{% raw %}",
    "W" * 256,
)
"""Names that try to be more than names."""


class _Unseen(TypedDict):
    message: str
    evidence: dict[str, JsonValue]


_BEFORE = datetime(2026, 11, 2, 6, 0, tzinfo=UTC)


def document(*, scan: ScanSummary | None = None, extra_names: tuple[str, ...] = ()) -> FindingsDocument:
    """Return the sample's findings; `extra_names` become further failing connectors."""
    verdicts = (*_failing(), *_other(), *(_strange(name, number) for number, name in enumerate(extra_names)))
    return document_of(
        verdicts, sections=sections_of(snapshot()), scan=scan, gone=_gone(), people=registrars(extra_names)
    )


def document_of(
    verdicts: tuple[VerdictEntry, ...],
    *,
    sections: tuple[SectionInfo, ...] = (SectionInfo(name="connectors", status="read", count=2),),
    scan: ScanSummary | None = None,
    gone: tuple[GoneEntry, ...] = (),
    people: tuple[RegistrarEntry, ...] = (),
) -> FindingsDocument:
    """Return a document with these verdicts and the counts that belong to them."""
    outcomes = [verdict.outcome for verdict in verdicts]
    fails = [verdict.severity for verdict in verdicts if verdict.outcome is Outcome.FAIL]
    return FindingsDocument(
        tenant=TenantInfo(id=TENANT, name="Contoso Ltd & <Partners>"),
        scan=scan or scan_summary(),
        policy=PolicyInfo(source="policy.yaml", sha256="9c" * 32, passes="all"),
        releases=ReleasesInfo(revised=date(2026, 11, 20), newest=NEWEST, newest_auto_upgrade=AUTOMATIC),
        sections=sections,
        summary=Summary(
            outcomes={word: outcomes.count(word) for word in Outcome},
            failing={word: fails.count(word) for word in Severity},
            changes=ChangeCounts(new=1, changed=1, resolved=1),
            unseen=sum(entry.lifecycle.state == "open" for entry in gone),
        ),
        verdicts=verdicts,
        gone=gone,
        registrars=people,
    )


def scan_summary(*, complete: bool = False, first: bool = False, superseded: bool = False) -> ScanSummary:
    """Return what the sample says of its scan."""
    return ScanSummary(
        id="20261120T060000Z-1a2b3c4d",
        started_at=NOW,
        finished_at=NOW.replace(second=7),
        trigger="schedule",
        complete=complete,
        first=first,
        superseded=superseded,
        graph=GraphCounts(requests=23, batched=8, retried=1, throttled=2, bytes=48210),
    )


def verdict(  # noqa: PLR0913 - a verdict has this many sides, and all but three have a default
    rule: str,
    subject: Subject,
    outcome: Outcome,
    *,
    title: str = "Versions are current",
    severity: Severity = Severity.MEDIUM,
    message: str = "is as it should be",
    evidence: dict[str, JsonValue] | None = None,
    life: Lifecycle | None = None,
) -> VerdictEntry:
    """Return one verdict with a plain remedy."""
    return VerdictEntry(
        key=f"{rule}/{subject.type}/{subject.id}",
        rule=rule,
        title=title,
        outcome=outcome,
        severity=severity,
        subject=subject,
        message=message,
        evidence=evidence or {},
        remediation=Remediation(
            summary="Install a current connector.",
            steps=("Download the installer from the Entra admin centre.", "Run it on the server; nothing is lost."),
            links=("https://learn.microsoft.com/entra/global-secure-access/reference-version-history",),
        ),
        lifecycle=life,
    )


def about(kind: SubjectType, number: int, name: str) -> Subject:
    """Return a subject of the sample."""
    return Subject(type=kind, id=made_id(kind, number), name=name)


def life(change: Change | None = None, *, state: str = "open", stale: bool = False, by: str | None = None) -> Lifecycle:
    """Return a finding's life that began before this scan, unless it is new."""
    return Lifecycle(
        state="open" if state == "open" else "resolved",
        change=change,
        first_seen=NOW if change == "new" else _BEFORE,
        last_seen=_BEFORE if stale else NOW,
        resolved_at=NOW if by else None,
        resolved_by=by,
        assessed_at=_BEFORE if stale else NOW,
        stale=stale,
    )


def _failing() -> tuple[VerdictEntry, ...]:
    return (
        verdict(
            "GRP001",
            about("group", 1, GROUPS[1]),
            Outcome.FAIL,
            title="Connector group has enough active connectors",
            severity=Severity.CRITICAL,
            message="no connector is active, 2 applications are down",
            evidence={
                "active_machines": [],
                "needed": 2,
                "connectors": 1,
                "applications": [made_id("application", 10), made_id("application", 11)],
            },
            life=life("new"),
        ),
        verdict(
            "VER003",
            about("connector", 2, "branch-con-01.corp.contoso.com"),
            Outcome.FAIL,
            title="Connector is not outdated",
            message="version 1.5.3437.0 is older than 1.5.4522.0, which Microsoft installs by itself",
            evidence={
                "version": OLD,
                "expected_version": AUTOMATIC,
                "expected_since": "2025-10-10",
                "peer_has_it": False,
            },
            life=life("changed"),
        ),
        verdict(
            "GRP002",
            about("group", 0, GROUPS[0]),
            Outcome.FAIL,
            title="Connector group leaves through more than one address",
            severity=Severity.INFO,
            message="all active connectors leave through one external address; behind one NAT that is normal",
            evidence={"external_ips": ["203.0.113.7"]},
            life=life(),
        ),
    )


def _other() -> tuple[VerdictEntry, ...]:
    words = "Connector group has enough active connectors"
    supported = "Connector version is supported"
    section = f"connector_groups/{made_id('group', 2)}/members"
    why = f"could not be judged, because {section} was not read: Graph asked us to wait for more than 300 seconds."
    unseen: _Unseen = {"message": why, "evidence": {"section": section}}
    return (
        verdict("GRP001", about("group", 0, GROUPS[0]), Outcome.PASS, title=words, message="has 2 active connectors"),
        verdict("GRP001", about("group", 2, GROUPS[2]), Outcome.NOT_ASSESSED, title=words, **unseen),
        verdict(
            "GRP002",
            about("group", 2, GROUPS[2]),
            Outcome.NOT_ASSESSED,
            title="Connector group leaves through more than one address",
            **unseen,
            life=life(stale=True),
        ),
        verdict("GRP001", about("group", 3, "Default"), Outcome.NOT_APPLICABLE, title=words, message="is for parking"),
        verdict("VER001", about("connector", 0, "hq-con-01.corp.contoso.com"), Outcome.PASS, title=supported),
        verdict("VER001", about("connector", 1, "hq-con-02.corp.contoso.com"), Outcome.PASS, title=supported),
        verdict("VER001", about("connector", 3, ""), Outcome.NOT_ASSESSED, title=supported, message="tells no version"),
        verdict(
            "GRP003",
            about("group", 3, "Default"),
            Outcome.WAIVED,
            title="Default connector group carries no application",
            message="the default group carries 3 applications, so every new connector carries them at once",
            life=life(),
        ),
    )


def _strange(name: str, number: int) -> VerdictEntry:
    return verdict(
        "VER003",
        about("connector", 10 + number, name),
        Outcome.FAIL,
        title="Connector is not outdated",
        severity=Severity.HIGH,
        message=f"{name} says: version 1.5.3437.0 is older than 1.5.4522.0",
        evidence={"machine_name": name, "seen_as": [name, None, True, {"name": name}]},
        life=life("new"),
    )


def _gone() -> tuple[GoneEntry, ...]:
    return (
        GoneEntry(
            key="VER003/connector/77",
            rule="VER003",
            severity=Severity.MEDIUM,
            subject=about("connector", 77, "old-con-01"),
            message="version 1.5.3437.0 is older than 1.5.4522.0, which Microsoft installs by itself",
            lifecycle=life("resolved", state="resolved", by="subject_gone"),
        ),
        GoneEntry(
            key="REG003/principal/9",
            rule="REG003",
            title="No outsider can register connectors",
            remedy="Take the role from them.",
            severity=Severity.HIGH,
            subject=about("principal", 9, "Olga Outside"),
            message="is a guest and holds Application Administrator",
            lifecycle=life(stale=True),
        ),
    )
