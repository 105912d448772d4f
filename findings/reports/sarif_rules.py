"""The tool section of findings.sarif: each evaluated rule with its texts, once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from common.text import visible
from common.version import VERSION
from findings.document import GoneEntry
from findings.reports.json_text import PRODUCT, entries, given
from findings.reports.markup import link, step_of, words_of
from findings.reports.passes import counts
from policies.vocabulary import Outcome, Remediation, Severity

if TYPE_CHECKING:
    from pydantic import JsonValue

    from findings.document import FindingsDocument
    from findings.reports.json_text import Entry
    from findings.result_parts import RuleInfo

    Fields = dict[str, JsonValue]

LEVEL = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
"""The three loudnesses of SARIF."""
_ABOUT = "https://learn.microsoft.com/en-us/entra/global-secure-access/concept-connectors"
"""What is checked. Viewers want an address of the tool, and this product has none of its own."""
RULE_SEVERITY = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "2.0",
    Severity.INFO: "0.1",
}
"""In the middle of GitHub's ranges: over 9.0 critical, 7.0 to 8.9 high, 4.0 to 6.9 medium, below that low."""


@dataclass(frozen=True)
class Driver:
    """The SARIF tool object, and the ids of its rules in their order there."""

    fields: dict[str, JsonValue]
    rule_ids: tuple[str, ...]


def driver(document: FindingsDocument) -> Driver:
    """Return the tool with every rule that the document mentions, ordered by id."""
    rule_info = {rule.id: rule for rule in document.rules}
    entries_by_rule: dict[str, list[Entry]] = {rule_id: [] for rule_id in rule_info}
    for entry in entries(document):
        entries_by_rule.setdefault(entry.rule, []).append(entry)
    own_ids = tuple(sorted(entries_by_rule))
    passed, inapplicable = counts(document, Outcome.PASS), counts(document, Outcome.NOT_APPLICABLE)
    rules: list[JsonValue] = [
        _rule(
            rule_id,
            rule_info.get(rule_id),
            entries_by_rule[rule_id],
            given(passed=passed.get(rule_id), notApplicable=inapplicable.get(rule_id)),
        )
        for rule_id in own_ids
    ]
    about = {"name": PRODUCT, "semanticVersion": VERSION, "informationUri": _ABOUT}
    return Driver({**about, "rules": rules}, own_ids)


def _rule(rule_id: str, rule_info: RuleInfo | None, entries: list[Entry], numbers: Fields) -> Fields:
    """Return a rule with its words, and with the numbers of subjects that have no result of their own."""
    title = rule_info.title if rule_info else next((entry.title for entry in entries if entry.title), rule_id)
    why = rule_info.why if rule_info else ""
    remedy = _remedy(entries)
    severity = _severity(rule_info, entries)
    controls = [f"{control.framework} {control.id}" for control in (rule_info.controls if rule_info else ())]
    return {
        "id": visible(rule_id),
        "shortDescription": {"text": visible(title)},
        "fullDescription": {"text": visible(why or title)},
        "help": {"text": _plain(why, remedy) or visible(title), "markdown": _markdown(title, why, remedy)},
        **given(helpUri=next(filter(_is_web, remedy.links), None)),
        "defaultConfiguration": {"level": LEVEL[severity]},
        "properties": {
            "security-severity": RULE_SEVERITY[severity],
            "precision": "high",
            **numbers,
            "tags": list(dict.fromkeys(["security", "entra", *map(visible, controls)])),
        },
    }


def _severity(rule_info: RuleInfo | None, entries: list[Entry]) -> Severity:
    """Return the worst severity that fails, since a viewer knows one a rule; the usual one where nothing fails."""
    failing = [
        entry.severity for entry in entries if not isinstance(entry, GoneEntry) and entry.outcome is Outcome.FAIL
    ]
    usual = [rule_info.severity] if rule_info else [entry.severity for entry in entries]
    return min(failing or usual, key=lambda severity: severity.rank)


def _remedy(entries: list[Entry]) -> Remediation:
    """Return the rule's words about what to do, from whatever it said first."""
    for entry in entries:
        remedy = Remediation(summary=entry.remedy) if isinstance(entry, GoneEntry) else entry.remediation
        if remedy.summary:
            return remedy
    return Remediation(summary="")


def _is_web(url: str) -> bool:
    """Return whether it is a web address in which nothing hides."""
    return url.isascii() and url.isprintable() and " " not in url and urlsplit(url).scheme == "https"


def _plain(why: str, remedy: Remediation) -> str:
    steps = (f"{number}. {step}" for number, step in enumerate(remedy.steps, 1))
    return "\n".join(visible(line) for line in (why, remedy.summary, *steps, *remedy.links) if line)


def _markdown(title: str, why: str, remedy: Remediation) -> str:
    paragraphs = [f"**{words_of(title)}**", words_of(why) if why else "", words_of(remedy.summary)]
    steps = "\n".join(f"{number}. {step_of(step)}" for number, step in enumerate(remedy.steps, 1))
    links = "\n".join(f"- {link(url)}" for url in remedy.links)
    return "\n\n".join(part for part in (*paragraphs, steps, links) if part)
