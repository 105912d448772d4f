"""findings.ocsf.jsonl: one OCSF 1.8 Compliance Finding (class 2003) a line, for whoever collects security events.

Source of the class and its numbers: github.com/ocsf/ocsf-schema, tag 1.8.0 (2026-03-18, read 2026-11-20).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from common.json_bytes import one_line
from common.text import counted, visible
from findings.document import GoneEntry
from findings.reports.json_text import PRODUCT, finding_uid, given, shown, ways_out
from findings.reports.lifecycle_text import life_text, waiver_text
from findings.reports.passes import counts, is_counted
from policies.vocabulary import Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from pydantic import JsonValue

    from findings.document import FindingsDocument, Lifecycle
    from findings.reports.json_text import Entry
    from findings.result_parts import ControlInfo, RuleInfo

    Fields = dict[str, JsonValue]

_VERSION = "1.8.0"
_CLASS = 2003
_CREATE, _UPDATE, _CLOSE = (1, "Create"), (2, "Update"), (3, "Close")
_NEW, _SUPPRESSED, _RESOLVED = (1, "New"), (3, "Suppressed"), (4, "Resolved")
_PASS, _WARNING, _FAIL = (1, "Pass"), (2, "Warning"), (3, "Fail")
_ACTIVITY = {"new": _CREATE, "changed": _UPDATE, "reopened": _UPDATE, "resolved": _CLOSE, None: _UPDATE}
_COMPLIANCE = {
    Outcome.PASS: _PASS,
    Outcome.FAIL: _FAIL,
    Outcome.WAIVED: _FAIL,
    Outcome.NOT_ASSESSED: _WARNING,
    Outcome.NOT_APPLICABLE: None,
}
_SEVERITY = {
    Severity.INFO: (1, "Informational"),
    Severity.LOW: (2, "Low"),
    Severity.MEDIUM: (3, "Medium"),
    Severity.HIGH: (4, "High"),
    Severity.CRITICAL: (5, "Critical"),
}
_RULE = (1, "Rule")
_ENTRA_ACCOUNT = (6, "Azure AD Account")
_TECHNIQUES = "ATT&CK"


def render_ocsf(document: FindingsDocument) -> bytes:
    """Return findings.ocsf.jsonl: a JSON object a line, ASCII alone, times in milliseconds since 1970.

    There is a line for every failure, for what was not assessed, and for every finding, resolved ones included. What
    passes is one line a rule with the number of subjects, or a line for each where the policy says
    `reports.passes: all`. What does not apply to something that never failed has no line.
    """
    scan = _Scan(document)
    lines = (one_line(event) for event in scan.events())
    return "".join(f"{line}\n" for line in lines).encode("ascii")


@dataclass
class _Scan:
    """A document with what all its events share, computed once."""

    document: FindingsDocument
    ways_out: Mapping[str, str] = field(init=False)
    rules: Mapping[str, RuleInfo] = field(init=False)

    def __post_init__(self) -> None:
        self.ways_out = ways_out(self.document)
        self.rules = {rule.id: rule for rule in self.document.rules}
        tenant, scan = self.document.tenant, self.document.scan
        self.time = _milliseconds(scan.finished_at)
        self.account: Fields = {"uid": tenant.id, "name": visible(tenant.name), **_coded("type", _ENTRA_ACCOUNT)}
        self.metadata: Fields = {
            "version": _VERSION,
            "product": {"name": PRODUCT, "vendor_name": PRODUCT},
            "profiles": ["cloud"],
            "tenant_uid": tenant.id,
            "correlation_uid": scan.id,
        }

    def events(self) -> Iterator[Fields]:
        """Yield the events in the order of the document."""
        for verdict in self.document.verdicts:
            if is_counted(self.document, verdict):
                continue
            if verdict.outcome is not Outcome.NOT_APPLICABLE or verdict.lifecycle is not None:
                yield self._event(verdict)
        for rule_id, passed in counts(self.document, Outcome.PASS).items():
            yield self._passes(rule_id, passed)
        for gone in self.document.gone:
            yield self._event(gone)

    def _event(self, entry: Entry) -> Fields:
        activity = _ACTIVITY[entry.lifecycle.change] if entry.lifecycle else _CREATE
        title = entry.title or entry.rule
        return {
            "category_uid": 2,
            "category_name": "Findings",
            "class_uid": _CLASS,
            "class_name": "Compliance Finding",
            "type_uid": _CLASS * 100 + activity[0],
            "type_name": f"Compliance Finding: {activity[1]}",
            **_coded("activity", activity, name="activity_name"),
            **_coded("severity", _SEVERITY[entry.severity]),
            **_coded("status", _status(entry)),
            "time": self.time,
            "message": visible(f"{entry.rule} {entry.subject.name or entry.subject.id}: {entry.message}"),
            **given(status_detail=visible(life_text(entry.lifecycle, entry.subject)), comment=visible(_comment(entry))),
            "metadata": {
                **self.metadata,
                "uid": visible(f"{self.document.scan.id}/{entry.key}"),
                "event_code": entry.rule,
            },
            "cloud": {"provider": "Azure", "account": self.account},
            "finding_info": self._finding(entry, title),
            "compliance": self._compliance(entry, title),
            "resources": [
                given(uid=visible(entry.subject.id), name=visible(entry.subject.name), type=entry.subject.type)
            ],
            **given(remediation=self._remediation(entry), evidences=_evidences(entry)),
        }

    def _passes(self, rule_id: str, passed: int) -> Fields:
        """Return one event for all subjects that pass a rule, with their number in `count`."""
        rule = self.rules.get(rule_id)
        title = visible(rule.title if rule else rule_id)
        status = _coded("status", _PASS)
        return {
            "category_uid": 2,
            "category_name": "Findings",
            "class_uid": _CLASS,
            "class_name": "Compliance Finding",
            "type_uid": _CLASS * 100 + _CREATE[0],
            "type_name": f"Compliance Finding: {_CREATE[1]}",
            **_coded("activity", _CREATE, name="activity_name"),
            **_coded("severity", _SEVERITY[Severity.INFO]),
            "time": self.time,
            "count": passed,
            "message": f"{visible(rule_id)}: {counted(passed, 'subject passes', 'subjects pass')}",
            "metadata": {
                **self.metadata,
                "uid": visible(f"{self.document.scan.id}/{rule_id}/passes"),
                "event_code": visible(rule_id),
            },
            "cloud": {"provider": "Azure", "account": self.account},
            "finding_info": {
                "uid": finding_uid(self.document, f"{rule_id}/passes"),
                "title": title,
                "analytic": {"uid": visible(rule_id), "name": title, **_coded("type", _RULE)},
                **given(desc=visible(rule.why) if rule else None),
            },
            "compliance": {
                **status,
                **self._standards(rule),
                "checks": [{"uid": visible(rule_id), "name": title, **status}],
            },
        }

    def _standards(self, rule: RuleInfo | None) -> Fields:
        """Return the controls of a rule, other than techniques of attackers, as a compliance object names them."""
        controls = [control for control in (rule.controls if rule else ()) if _TECHNIQUES not in control.framework]
        return given(
            control=visible(controls[0].id) if controls else None,
            standards=list(dict.fromkeys(visible(control.framework) for control in controls)),
            requirements=[visible(f"{control.framework} {control.id}: {control.name}") for control in controls],
        )

    def _finding(self, entry: Entry, title: str) -> Fields:
        rule, life = self.rules.get(entry.rule), entry.lifecycle
        return {
            "uid": finding_uid(self.document, entry.key),
            "title": visible(title),
            "analytic": {"uid": entry.rule, "name": visible(title), **_coded("type", _RULE)},
            **given(
                desc=visible(rule.why) if rule else None,
                attacks=[
                    _attack(control) for control in (rule.controls if rule else ()) if _TECHNIQUES in control.framework
                ],
            ),
            **(self._times(life) if life else {}),
        }

    def _times(self, lifecycle: Lifecycle) -> Fields:
        first = _milliseconds(lifecycle.first_seen)
        return given(
            created_time=first,
            first_seen_time=first,
            last_seen_time=_milliseconds(lifecycle.last_seen),
            modified_time=self.time if lifecycle.change else None,
        )

    def _compliance(self, entry: Entry, title: str) -> Fields:
        rule, status = self.rules.get(entry.rule), _coded("status", _compliance_status(entry))
        standards = self._standards(rule)
        check: Fields = {
            "uid": entry.rule,
            "name": visible(title),
            **_coded("severity", _SEVERITY[entry.severity]),
            **status,
        }
        return {
            **status,
            "status_code": entry.outcome.value if not isinstance(entry, GoneEntry) else _gone_word(entry),
            "status_details": [visible(entry.message)],
            **standards,
            "checks": [
                {**check, **given(desc=visible(rule.why) if rule else None, standards=standards.get("standards"))}
            ],
        }

    def _remediation(self, entry: Entry) -> Fields:
        """Return what to do about what fails, was waived or could not be looked at; nothing where nothing is to do."""
        if isinstance(entry, GoneEntry):
            return given(desc=visible(entry.remedy)) if entry.lifecycle.state == "open" else {}
        if entry.outcome is Outcome.NOT_ASSESSED:
            return given(desc=visible(self.ways_out.get(str(entry.evidence.get("section")), "")))
        if entry.outcome not in (Outcome.FAIL, Outcome.WAIVED):
            return {}
        remedy = entry.remediation
        steps = (f"{number}. {step}" for number, step in enumerate(entry.steps or remedy.steps, 1))
        references: list[JsonValue] = [visible(link) for link in remedy.links]
        return {"desc": "\n".join(map(visible, (remedy.summary, *steps))), **given(references=references)}


def _status(entry: Entry) -> tuple[int, str] | None:
    """Return where a finding stands. What is open is new: that somebody works on it, only whoever collects it knows."""
    if isinstance(entry, GoneEntry):
        return _RESOLVED if entry.lifecycle.state == "resolved" else _NEW
    if entry.outcome is Outcome.WAIVED:
        return _SUPPRESSED
    if entry.lifecycle is not None and entry.lifecycle.state == "resolved":
        return _RESOLVED
    never_failed = entry.lifecycle is None and entry.outcome is Outcome.PASS
    return None if never_failed else _NEW


def _compliance_status(entry: Entry) -> tuple[int, str] | None:
    """Return what the check said; None where it said nothing, since its subject is gone or it does not apply."""
    if isinstance(entry, GoneEntry):
        return _WARNING if entry.lifecycle.state == "open" else None
    return _COMPLIANCE[entry.outcome]


def _gone_word(entry: GoneEntry) -> str:
    """Return the outcome of a finding without a verdict in the words of findings.csv."""
    return "not_looked_at" if entry.lifecycle.state == "open" else "resolved"


def _comment(entry: Entry) -> str:
    return "" if isinstance(entry, GoneEntry) else waiver_text(entry.waiver)


def _evidences(entry: Entry) -> list[JsonValue]:
    return [] if isinstance(entry, GoneEntry) or not entry.evidence else [{"data": shown(entry.evidence)}]


def _attack(control: ControlInfo) -> Fields:
    """Return a technique; one such as `T1098.003` (`Account Manipulation: Additional Cloud Roles`) with its part."""
    (technique_id, _, part), (name, _, rest) = control.id.partition("."), control.name.partition(": ")
    if not part:
        return {"technique": {"uid": visible(control.id), "name": visible(control.name)}}
    return {
        "technique": {"uid": visible(technique_id), "name": visible(name)},
        "sub_technique": {"uid": visible(control.id), "name": visible(rest or name)},
    }


def _coded(field: str, code: tuple[int, str] | None, name: str | None = None) -> Fields:
    """Return a number with its caption, such as `status_id` and `status`; nothing where there is none."""
    return {} if code is None else {f"{field}_id": code[0], name or field: code[1]}


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)
