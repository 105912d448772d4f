"""findings.sarif: a scan as SARIF 2.1.0, for code scanning and other viewers of results.

Source: OASIS, SARIF 2.1.0 with errata 01 (2023-08-28); what GitHub reads of it: its page "SARIF support for code
scanning". Both read 2026-11-20.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from common.json_bytes import one_line
from common.text import counted, sentences, timestamp, unless_named, visible
from findings.document import GoneEntry
from findings.reports import view
from findings.reports.json_text import PRODUCT, finding_uid, fingerprint, given, guid, shown
from findings.reports.lifecycle_text import life_text, waiver_text
from findings.reports.passes import listed
from findings.reports.sarif_rules import LEVEL, RULE_SEVERITY, driver
from policies.vocabulary import Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import JsonValue

    from findings.document import FindingsDocument, Lifecycle
    from findings.reports.json_text import Entry
    from policies.vocabulary import Subject

    Fields = dict[str, JsonValue]

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_KIND = {
    Outcome.PASS: "pass",
    Outcome.FAIL: "fail",
    Outcome.WAIVED: "fail",
    Outcome.NOT_APPLICABLE: "notApplicable",
    Outcome.NOT_ASSESSED: "open",
}
_BASELINE = {"new": "new", "reopened": "new", "changed": "updated", "resolved": "absent"}
_PLACEHOLDER = re.compile(r"\{(?=\d)")
_NAMES_SHOWN = 20
_MOST = 25_000


_NOTIFICATIONS = {
    "not-read": (
        "A list could not be read.",
        "Rules that need it could not decide.",
        "Follow the advice in the notification, or run connectorwatch doctor.",
    ),
    "not-judged": (
        "A rule could not decide.",
        "What it needs to know was not there.",
        "Read the notification: it names the subjects and the reason.",
    ),
    "not-followed": (
        "The paths to roles could not be followed.",
        "Other people may be able to register connectors.",
        "Follow the advice in the notification, or run connectorwatch doctor.",
    ),
    "left-out": (
        "There are more results than a viewer takes.",
        "The worst of them are in this file.",
        "Read findings.json, which holds all of them.",
    ),
    "superseded": (
        "A newer scan was remembered first.",
        "This scan changed no finding.",
        "Read the results of the newer scan.",
    ),
}
"""Notifications by name: title, meaning, advice."""


def render_sarif(document: FindingsDocument) -> bytes:
    """Return findings.sarif: one run, on one line, ASCII alone.

    Failures, what was not assessed and every finding, resolved ones included, are results, the worst first. What passes
    or does not apply stands as a number with its rule, or one by one where the policy says `reports.passes: all`. Of
    more than `_MOST` results the worst stand there, and a notification says how many do not: GitHub takes 25,000 a run
    and shows 5,000 ("SARIF support for code scanning", read 2026-12-01).
    """
    tool = driver(document)
    shown_alone: tuple[Entry, ...] = (*listed(document), *document.gone)
    results = sorted(shown_alone, key=_badness)
    places = {rule: place for place, rule in enumerate(tool.rule_ids)}
    run: Fields = {
        "tool": {"driver": {**tool.fields, "notifications": _descriptors()}},
        "automationDetails": {
            "id": f"{PRODUCT}/{visible(document.tenant.id)}/{visible(document.scan.id)}",
            "guid": guid(document.tenant.id, document.scan.id),
        },
        **given(baselineGuid=_baseline(document)),
        "language": "en",
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(document, max(len(results) - _MOST, 0))],
        "results": [_result(document, entry, places) for entry in results[:_MOST]],
        "properties": _about(document),
    }
    return f"{one_line({'$schema': _SCHEMA, 'version': '2.1.0', 'runs': [run]})}\n".encode("ascii")


def _message(text: str) -> Fields:
    """Return a message that is nothing but text: a viewer finds neither a link nor a placeholder in it."""
    return {"text": _PLACEHOLDER.sub("{ ", visible(text).replace("](", "] ("))}


def _result(document: FindingsDocument, entry: Entry, places: Mapping[str, int]) -> Fields:
    kind, mark = _kind(entry), fingerprint(document, entry.key)
    name = entry.subject.name or entry.subject.id
    return {
        "ruleId": visible(entry.rule),
        "ruleIndex": places[entry.rule],
        "kind": kind,
        "level": LEVEL[entry.severity] if kind == "fail" else "none",
        "message": _message(sentences(f"{name}: {entry.message}", life_text(entry.lifecycle, entry.subject))),
        "locations": [_location(document, entry.subject)],
        "correlationGuid": guid(document.tenant.id, entry.key),
        "fingerprints": {f"{PRODUCT}/v1": mark},
        "partialFingerprints": {"primaryLocationLineHash": f"{mark}:1"},
        **given(baselineState=_baseline_state(entry.lifecycle)),
        **({"suppressions": _suppressions(entry)} if kind == "fail" else {}),
        "properties": _properties(document, entry),
    }


def _badness(entry: Entry) -> int:
    """Return what sorts failures first, the worst of them before the others; all others stay in their order."""
    return entry.severity.rank if _kind(entry) == "fail" else len(Severity)


def _kind(entry: Entry) -> str:
    """Return what the rule said; of what no verdict speaks about either nothing is known, or there is nothing left."""
    if isinstance(entry, GoneEntry):
        return "open" if entry.lifecycle.state == "open" else "notApplicable"
    return _KIND[entry.outcome]


def _baseline_state(lifecycle: Lifecycle | None) -> str | None:
    """Return what became of a finding since the scan before; None for what was no finding in either."""
    if lifecycle is None or (lifecycle.state == "resolved" and lifecycle.change is None):
        return None
    return _BASELINE[lifecycle.change] if lifecycle.change else "unchanged"


def _location(document: FindingsDocument, subject: Subject) -> Fields:
    """Return where a result is: a resource, and a path for viewers that know files alone, the same in every scan."""
    path = (PRODUCT, document.tenant.id, subject.type, subject.id)
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": "/".join(map(_part, path))},
            "region": {"startLine": 1},
        },
        "logicalLocations": [
            {
                "name": visible(subject.name or subject.id),
                "fullyQualifiedName": visible(f"{document.tenant.id}/{subject.type}/{subject.id}"),
                "kind": "resource",
            }
        ],
    }


def _part(name: str) -> str:
    """Return a name as one part of a path, which leads nowhere else whatever the name is."""
    part = quote(visible(name), safe="")
    return part if part.strip(".") else part.replace(".", "%2E") or "_"


def _suppressions(entry: Entry) -> list[JsonValue]:
    """Return why a failure is waived; an empty list says that it is not."""
    if isinstance(entry, GoneEntry) or entry.outcome is not Outcome.WAIVED:
        return []
    why = visible(waiver_text(entry.waiver)) or "Waived by the policy."
    return [{"kind": "external", "status": "accepted", "justification": why}]


def _properties(document: FindingsDocument, entry: Entry) -> Fields:
    life = entry.lifecycle
    return {
        "key": visible(entry.key),
        "uid": finding_uid(document, entry.key),
        "severity": entry.severity.value,
        "security-severity": RULE_SEVERITY[entry.severity],
        "subjectType": entry.subject.type,
        "subjectId": visible(entry.subject.id),
        **({} if isinstance(entry, GoneEntry) else {"outcome": entry.outcome.value, "evidence": shown(entry.evidence)}),
        **(
            given(
                state=life.state,
                change=life.change,
                cause=life.cause,
                firstSeen=timestamp(life.first_seen),
                lastSeen=timestamp(life.last_seen),
                resolvedAt=timestamp(life.resolved_at) if life.resolved_at else None,
                resolvedBy=life.resolved_by,
                ending=life.ending,
                stale=life.stale,
            )
            if life
            else {}
        ),
    }


def _invocation(document: FindingsDocument, left_out: int) -> Fields:
    scan = document.scan
    return {
        # A look that could not see everything is no success: the notifications say what is missing.
        "executionSuccessful": scan.complete,
        "startTimeUtc": timestamp(scan.started_at),
        "endTimeUtc": timestamp(scan.finished_at),
        "toolExecutionNotifications": list(_notifications(document, left_out)),
        "properties": {"scan": visible(scan.id), "trigger": visible(scan.trigger), "first": scan.first},
    }


def _notifications(document: FindingsDocument, left_out: int) -> Iterator[Fields]:
    """Yield why something could not be assessed: lists that were not read, then other causes."""
    for reason in view.unread(document.sections):
        why = reason.why
        permission = unless_named(why.permission, why.reason, why.advice)
        needs = f"Needs {permission}" if permission else ""
        lists = f"Not read: {_some(reason.names)}: {why.outcome}: {why.reason or 'no reason given'}"
        yield _notification("not-read", "error", sentences(lists, needs, why.advice))
    for cause in view.unexplained(document):
        subjects = counted(len(cause.subjects), "subject")
        yield _notification("not-judged", "warning", f"{subjects}: {cause.message} ({', '.join(cause.rules)})")
    if document.registrars_unresolved is not None:
        yield _notification("not-followed", "warning", f"Paths to roles: {document.registrars_unresolved}")
    if left_out:
        yield _notification("left-out", "warning", f"{counted(left_out, 'result')} more stand in findings.json alone.")
    if document.scan.superseded:
        yield _notification("superseded", "note", "A newer scan was remembered before this one; no finding changed.")


def _notification(rule_id: str, level: str, text: str) -> Fields:
    return {"descriptor": {"id": rule_id}, "level": level, "message": _message(text)}


def _descriptors() -> list[JsonValue]:
    """Return what notifications mean, with all the words that GitHub asks of a descriptor."""
    return [
        {
            "id": name,
            "shortDescription": {"text": title},
            "fullDescription": {"text": f"{title} {meaning}"},
            "help": {"text": advice, "markdown": advice},
        }
        for name, (title, meaning, advice) in _NOTIFICATIONS.items()
    ]


def _some(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
    return ", ".join(names[:_NAMES_SHOWN]) + more


def _baseline(document: FindingsDocument) -> str | None:
    """Return the name of the scan before, where the document knows it."""
    scans = [point.scan for point in document.trend]
    if len(scans) > 1 and scans[-1] == document.scan.id:
        return guid(document.tenant.id, scans[-2])
    return None


def _about(document: FindingsDocument) -> Fields:
    return {
        "tenant": visible(document.tenant.id),
        "tenantName": visible(document.tenant.name),
        "policy": visible(document.policy.source),
        "policySha256": visible(document.policy.sha256),
        "releasesRevised": document.releases.revised.isoformat(),
    }
