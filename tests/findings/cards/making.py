"""Announcements by hand, in a line each, and a sample of every kind of card."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from findings.cards import Card, Mention, Notification, RouteFilter, change_card, digest_card, service_card, test_card
from findings.document import ChangeEntry, GoneEntry, Lifecycle, MovedFact, SectionInfo, TenantInfo
from findings.state.announcements import FindingChange, NotAssessed, OutboxEntry
from findings.state.record import FindingState, StoredSubject
from policies.vocabulary import Outcome, Severity, Subject
from tests.findings.reports.sample import about, document_of, verdict

if TYPE_CHECKING:
    from findings.cards import TenantRow
    from findings.document import Change, FindingsDocument, VerdictEntry

NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
REPORT = "https://connectors.contoso.example/tenants/contoso/report.html"
CALLED = (Mention("ada@contoso.example", "Ada Lovelace"),)
CONTOSO = TenantInfo(id="5f6c3a1e-0d55-4c53-9a52-1f0a2f7c9d10", name="Contoso Ltd")


def moved_verdict(  # noqa: PLR0913 - a test names only what matters to it
    change: Change,
    name: str,
    *,
    rule: str = "VER003",
    severity: Severity = Severity.MEDIUM,
    outcome: Outcome = Outcome.FAIL,
    message: str = "version 1.5.3437.0 is older than 1.5.4522.0, which Microsoft installs by itself",
    moved: tuple[MovedFact, ...] = (),
    cause: Literal["policy"] | None = None,
) -> VerdictEntry:
    """Return a verdict whose finding moved in this scan."""
    over = change == "resolved"
    life = Lifecycle(
        state="resolved" if over else "open",
        change=change,
        first_seen=NOW,
        last_seen=NOW,
        resolved_by="fixed" if over else None,
        assessed_at=NOW,
        moved=moved,
        cause=cause,
    )
    subject = Subject(type="connector", id=f"id-of-{name}", name=name)
    shown = Outcome.PASS if over else outcome
    return verdict(rule, subject, shown, severity=severity, message=message, life=life)


def gone(name: str, by: str = "subject_gone") -> GoneEntry:
    """Return a finding that resolved because there is nothing left to look at."""
    life = Lifecycle(
        state="resolved", change="resolved", first_seen=NOW, last_seen=NOW, resolved_by=by, assessed_at=NOW
    )
    subject = about("connector", 9, name)
    return GoneEntry(
        key=f"CON001/{name}",
        rule="CON001",
        severity=Severity.LOW,
        subject=subject,
        message="the connector is inactive",
        lifecycle=life,
    )


def told_of(
    *entries: VerdictEntry | GoneEntry,
    tenant: TenantInfo = CONTOSO,
    unseen: tuple[NotAssessed, ...] = (),
    at: datetime = NOW,
    first: bool = False,
    report: str | None = REPORT,
    **parts: Any,  # noqa: ANN401 - fields of the document
) -> Notification:
    """Return what a scan announces whose document holds these entries; what moved in them is in the announcement."""
    lost = tuple(entry for entry in entries if isinstance(entry, GoneEntry))
    said = tuple(entry for entry in entries if not isinstance(entry, GoneEntry))
    document = document_of(said, gone=lost).model_copy(update={"tenant": tenant, **parts})
    scan = f"{at:%Y%m%dT%H%M%SZ}-0000000a"
    entry = OutboxEntry(
        id=f"{scan}-changes", scan=scan, at=at, first=first, changes=changes_in(document), not_assessed=unseen
    )
    return Notification(tenant=tenant, entry=entry, document=document, report=report)


def changes_in(document: FindingsDocument) -> tuple[FindingChange, ...]:
    """Return what moved in a document."""
    entries: list[VerdictEntry | GoneEntry] = [*document.verdicts, *document.gone]
    return tuple(
        FindingChange(key=entry.key, rule=entry.rule, change=entry.lifecycle.change, severity=entry.severity)
        for entry in entries
        if entry.lifecycle is not None and entry.lifecycle.change is not None
    )


def service_told(rule: str, name: str, message: str, change: Change = "new") -> Notification:
    """Return what the service announces about itself: one finding."""
    key = f"{rule}/{name}"
    found = FindingState(
        key=key,
        rule=rule,
        subject=StoredSubject(type="tenant", id=name, name=name),
        severity=Severity.HIGH,
        message=message,
        evidence={},
        outcome=Outcome.FAIL,
        state="open",
        first_seen=NOW,
        last_seen=NOW,
        assessed_at=NOW,
    )
    moved = FindingChange(key=key, rule=rule, change=change, severity=Severity.HIGH)
    entry = OutboxEntry(id=f"{key}-{change}", scan=key, at=NOW, changes=(moved,))
    return Notification(TenantInfo(id="_fleet", name="connectorwatch"), entry, findings={key: found})


def lost_permission() -> Notification:
    """Return a scan to which Graph refused a list that it gave to the scan before."""
    refused = SectionInfo(name="role_assignments", status="denied", count=None, permission="RoleManagement.Read.All")
    blind = verdict(
        "REG001",
        Subject(type="tenant", id=CONTOSO.id, name=CONTOSO.name),
        Outcome.NOT_ASSESSED,
        title="Only expected people can register connectors",
        message="role assignments could not be read: permission RoleManagement.Read.All is missing",
    )
    return told_of(blind, unseen=(NotAssessed(rule="REG001", subjects=1),), sections=(refused,))


def row(name: str, *, failing: tuple[int, ...] = (0, 0, 0, 0, 0), **columns: str | int | bool) -> TenantRow:
    """Return a tenant's row of the view with so many failing findings, worst severity first."""
    counts = {severity.value: count for severity, count in zip(Severity, failing, strict=True)}
    base: dict[str, str | int | bool] = {"tenant": f"id-of-{name}", "name": name, "scanned_at": "2026-11-20T05:00:00Z"}
    return {**base, **counts, "all_assessed": True, **columns}


def _many() -> Card | None:
    others = (
        told_of(
            moved_verdict("new", f"{name}-con-0{number}", severity=severity),
            moved_verdict("resolved", f"{name}-con-09"),
            tenant=TenantInfo(id=name, name=f"{name.title()} AG"),
            first=name == "adatum",
            at=NOW + timedelta(minutes=number),
        )
        for number, (name, severity) in enumerate(
            (("fabrikam", Severity.CRITICAL), ("tailspin", Severity.LOW), ("adatum", Severity.HIGH))
        )
    )
    outage = told_of(
        moved_verdict("new", "Datacentre", rule="GRP001", severity=Severity.CRITICAL, message="no connector is active"),
        moved_verdict("reopened", "hq-con-01", severity=Severity.HIGH),
        unseen=(NotAssessed(rule="REG001", subjects=1),),
    )
    return change_card([*others, outage], RouteFilter(mentions=CALLED))


def _all_kinds() -> Notification:
    worse = MovedFact(what="severity", before="medium", after="high")
    return told_of(
        moved_verdict("new", "dmz-con-01.corp.contoso.example", rule="CON001", message="the connector is inactive"),
        moved_verdict(
            "reopened", "Branch offices", rule="GRP001", severity=Severity.CRITICAL, message="no connector is active"
        ),
        moved_verdict("changed", "branch-con-02", severity=Severity.HIGH, moved=(worse,)),
        moved_verdict("changed", "branch-con-03", severity=Severity.LOW),
        moved_verdict("new", "hq-con-07", severity=Severity.LOW, cause="policy"),
        moved_verdict("changed", "lab-con-01", outcome=Outcome.WAIVED),
        moved_verdict("resolved", "hq-con-01"),
        gone("old-con-01"),
        verdict(
            "REG001",
            Subject(type="tenant", id=CONTOSO.id, name=CONTOSO.name),
            Outcome.NOT_ASSESSED,
            title="Only expected people can register connectors",
            message="role assignments could not be read: RoleManagement.Read.All is missing",
        ),
        unseen=(NotAssessed(rule="REG001", subjects=1),),
        changes=(
            ChangeEntry(at=NOW, kind="new", subject=about("connector", 1, "dmz-con-01")),
            ChangeEntry(at=NOW, kind="updated", subject=about("connector", 2, "hq-con-01")),
        ),
    )


def _digest() -> Card:
    told: dict[str, str | int | bool] = {"week_before": "1,2,0,4,0", "oldest_rule": "VER003", "purges": 1}
    rows = [
        row(
            f"Tenant {number:02}",
            failing=(number % 3, number, 1, 2, 0),
            oldest_open=f"2026-{number % 9 + 1:02}-02T06:00:00Z",
            oldest_subject=f"con-{number:02}.corp.example",
            next_purge="2026-11-24T06:00:00+00:00",
            waivers_ending=number % 2,
            next_waiver_end="2026-11-28",
            registrars_added=number // 7,
            **told,
        )
        for number in range(14)
    ]
    return digest_card([*rows, row("Quiet"), row("New", all_assessed=False)], NOW, RouteFilter())


def samples() -> dict[str, Card]:
    """Return one card of each kind, by a name that is also its picture's."""
    trouble = [
        service_told("SVC001", "Fabrikam AG", "Scan 20261120T060000Z-1a2b3c4d failed: the certificate has expired."),
        service_told("SVC002", "Tailspin AG", "The tenant was never scanned, and 36 hours are allowed."),
        service_told("SVC003", "soc-channel", "3 announcements were refused by the flow (400)."),
        service_told("SVC001", "Adatum AG", "Scan 20261120T070000Z-1a2b3c4d is stored.", "resolved"),
        lost_permission(),
    ]
    first = told_of(
        *(moved_verdict("new", f"con-0{number}", severity=severity) for number, severity in enumerate(Severity)),
        first=True,
    )
    cards = {
        "changes": change_card([_all_kinds()], RouteFilter(mentions=CALLED)),
        "changes-many": _many(),
        "first": change_card([first], RouteFilter()),
        "digest": _digest(),
        "service": service_card(trouble, RouteFilter()),
        "test": test_card("soc-channel"),
    }
    return {name: card for name, card in cards.items() if card is not None}


HOSTILE = (
    "**bold** _it_ ~~gone~~ `code`",
    "[click](https://evil.example/steal)",
    "<at>Ada Lovelace</at>",
    '<img src=x onerror="owned()"><script>owned()</script>',
    "- one\r- two\n\n1. three",
    "# Head\n> quote\n| a | b |",
    "{{DATE(2026-11-20T06:00:00Z, SHORT)}} ${tenant} @{triggerBody()}",
    "https://evil.example www.evil.example mailto:a@evil.example",
    "admin\u202egnp.exe\u200b\u2066",
    "&lt;b&gt; &#42;x&#42; \\*y\\*",
    "\x1b[31mred\x07 \ud800 \U0001f600",
    "",
)
"""Names that try to be more than names in a card."""


def flood(count: int = 1000) -> Notification:
    """Return a scan with so many new findings, each with a hostile name of 256 characters."""
    names = (
        f"{HOSTILE[number % len(HOSTILE)]} {number} ".ljust(256, "*_[]()<>\U0001f480\u202e"[number % 10])
        for number in range(count)
    )
    severities = list(Severity)
    return told_of(
        *(
            moved_verdict("new", name[:256], severity=severities[number % 5], message=name)
            for number, name in enumerate(names)
        ),
        tenant=TenantInfo(id="hostile", name=HOSTILE[1] + HOSTILE[3]),
    )
