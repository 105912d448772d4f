"""docs/rules.md: every rule with its words, from the rules themselves."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from policies.policy_file.model import Policy
from policies.rules import RULES

if TYPE_CHECKING:
    from policies.frameworks import Control
    from policies.rule import AnyRule

_FAMILIES = {
    "GRP": "Connector groups",
    "CON": "Connectors",
    "VER": "Versions",
    "REG": "Who can register a connector",
    "POL": "The policy itself",
    "CAP": "Capacity",
}
_HEAD = """# Rules

What connectorwatch checks, one entry a rule: what must hold, why, the facts it gives as evidence, what to do step by
step, which settings steer it, and which controls it helps to show. `connectorwatch rules ID` prints one. This page is
made from the code by `make docs`.

A rule says of each subject `pass`, `fail`, `waived`, `not_applicable` or `not_assessed`; the last one names what could
not be read. The severity is the usual one of a failure; single failures may be worse or milder, and say so. Every rule
can be switched off and given another severity in the policy file: `rules: {GRP001: {enabled: false}}`. A passing rule
is evidence for the controls named with it, never all of it; the mapping is this project's own.

Evidence is what a verdict rests on, by the names it has in `findings.json`; times are in UTC, ids are those of Graph. A
verdict holds what its outcome needs, not always every entry. Where a list could not be read, any rule may hold nothing
but `section`: the name of that list.

The steps are worded for anybody. A failing finding holds them once more as `steps`, with its own machine, group and
version filled in, and with the names of services, event channels and commands that its version uses: Microsoft renamed
these at 1.5.3829.0, and this page has the names since then. Names that could do harm in a command are not filled in.
Commands are for Windows PowerShell on the server itself, or for connectorwatch.
"""

_KINDS = {
    "state": "A failure is a state: it ends when it is no longer so.",
    "event": "A failure is an event: it ends when its subject is gone, never because days have passed.",
    "news": "A failure is news.",
}


def rules_page() -> str:
    """Return docs/rules.md."""
    parts = [_HEAD]
    for family, rules in groupby(RULES, key=lambda rule: rule.id[:3]):
        parts += [f"## {_FAMILIES[family]}\n", *(_entry(rule) for rule in rules)]
    return "\n".join(parts)


def _entry(rule: AnyRule) -> str:
    off = "" if rule.enabled else "; **off** unless the policy turns it on"
    lines = [
        f"### {rule.id} {rule.title}",
        "",
        f"About each {rule.subject}; usually **{rule.severity}**{off}. {_KINDS[rule.kind]}",
        "",
        _plain(rule.why),
        "",
        "**Evidence.**",
        "",
        *(f"- `{key}`: {_plain(meaning)}" for key, meaning in rule.evidence.items()),
        "",
        f"**What to do.** {_plain(rule.remedy.summary)}",
        "",
        *(f"{number}. {_plain(step)}" for number, step in enumerate(rule.remedy.steps, 1)),
        "",
        *([f"**Settings.** {', '.join(map(_setting, rule.settings))}.", ""] if rule.settings else []),
        f"**Controls.** {_controls(rule.controls)}.",
        "",
        f"**Read on.** {', '.join(f'<{link}>' for link in rule.remedy.links)}",
        "",
    ]
    return "\n".join(lines)


def _plain(text: str) -> str:
    """Return a rule's words as Markdown that shows them as they are; commands in backticks are shown as code."""
    return text.replace("<", "&lt;")


def _setting(name: str) -> str:
    """Return a setting's name, with its default where it is a number."""
    field = Policy.model_fields.get(name)
    default = field.default if field else None
    return f"`{name}` ({default})" if isinstance(default, int) else f"`{name}`"


def _controls(controls: tuple[Control, ...]) -> str:
    by_framework = groupby(controls, key=lambda control: control.framework)
    return "; ".join(
        f"{framework}: {', '.join(f'{control.id} {control.name}' for control in of_framework)}"
        for framework, of_framework in by_framework
    )
