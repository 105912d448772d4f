"""The report's list of findings, failing and waived, grouped by rule, and the choices of its filters."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from findings.history.change_words import change_word
from findings.state.one_update import as_one, together, with_others
from policies.vocabulary import Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from findings.document import ChangeEntry, FindingsDocument, VerdictEntry
    from findings.result_parts import ControlInfo, RuleInfo
    from policies.vocabulary import Remediation

STATES = ("new", "reopened", "changed", "open", "waived")
"""How a finding stands after this scan; `open` was there before and did not move."""
_INVENTORY = ("gone", "new", "back", "moved", "updated", "renamed")


@dataclass(frozen=True)
class Item:
    """One finding, and under it those that the same update fixes.

    `anchor` is the id that the page's top links to: the severity, on the first of each.
    """

    verdict: VerdictEntry
    state: str
    anchor: str
    others: tuple[Item, ...] = ()

    @property
    def message(self) -> str:
        """What is wrong, and which rules the same update satisfies."""
        return with_others(self.verdict, (other.verdict for other in self.others)).message


@dataclass(frozen=True)
class Block:
    """The findings of one rule that share one remedy, worst first; `controls` are by framework."""

    rule: str
    title: str
    why: str
    remediation: Remediation
    controls: Mapping[str, tuple[ControlInfo, ...]]
    items: tuple[Item, ...]

    @property
    def failing(self) -> int:
        """How many of the findings fail; the others are waived."""
        return sum(item.state != "waived" for item in self.items)


@dataclass(frozen=True)
class Choices:
    """What the filters offer, each with its number of findings: severities worst first, rules, states; and all."""

    severities: Mapping[str, int]
    rules: Mapping[str, int]
    states: Mapping[str, int]
    total: int


def blocks(document: FindingsDocument) -> tuple[Block, ...]:
    """Return the findings by rule and remedy: blocks and what is in them worst first, what is waived last."""
    rules = {rule.id: rule for rule in document.rules}
    seen: set[str] = set()
    together: dict[tuple[str, str, Remediation], list[Item]] = defaultdict(list)
    for verdict, others in _grouped(sorted(_listed(document), key=_order)):
        first = _item(verdict, seen)
        item = replace(first, others=tuple(_item(other, seen) for other in others))
        together[verdict.rule, verdict.title, verdict.remediation].append(item)
    return tuple(
        _block(rule, title, remedy, tuple(items), rules.get(rule)) for (rule, title, remedy), items in together.items()
    )


def worst(document: FindingsDocument, limit: int = 5) -> tuple[VerdictEntry, ...]:
    """Return the few worst failures, for the top of the page."""
    return as_one(sorted(_failing(document), key=_order))[:limit]


def choices(blocks: Iterable[Block]) -> Choices:
    """Return what the filters over these blocks offer."""
    items = [each for block in blocks for item in block.items for each in (item, *item.others)]
    severities = Counter(item.verdict.severity for item in items)
    states = Counter(item.state for item in items)
    return Choices(
        {word: severities[word] for word in Severity if word in severities},
        dict(sorted(Counter(item.verdict.rule for item in items).items())),
        {word: states[word] for word in STATES if word in states},
        len(items),
    )


def by_framework(controls: Iterable[ControlInfo]) -> Mapping[str, tuple[ControlInfo, ...]]:
    """Return controls under their framework, in the order in which they were given."""
    by_rule: dict[str, list[ControlInfo]] = defaultdict(list)
    for control in controls:
        by_rule[control.framework].append(control)
    return {framework: tuple(same) for framework, same in by_rule.items()}


def inventory_changes(document: FindingsDocument) -> tuple[tuple[str, int], ...]:
    """Return the number of inventory changes by kind in words, disappearances first and renames last."""
    words = Counter(change_word(change) for change in changes(document))
    return tuple(words.items())


def changes(document: FindingsDocument) -> tuple[ChangeEntry, ...]:
    """Return the inventory changes, ordered by kind, type and name."""
    return tuple(
        sorted(
            document.changes,
            key=lambda block: (
                _INVENTORY.index(block.kind),
                block.subject.type,
                block.subject.name.casefold(),
                block.subject.id,
            ),
        )
    )


def _grouped(verdicts: Iterable[VerdictEntry]) -> Iterator[tuple[VerdictEntry, tuple[VerdictEntry, ...]]]:
    """Yield failures, each with those that the same update fixes, then what is waived."""
    listed = tuple(verdicts)
    failing = (verdict for verdict in listed if verdict.outcome is Outcome.FAIL)
    yield from together(failing, lambda verdict: verdict.subject.id)
    yield from ((verdict, ()) for verdict in listed if verdict.outcome is not Outcome.FAIL)


def _listed(document: FindingsDocument) -> Iterable[VerdictEntry]:
    return (verdict for verdict in document.verdicts if verdict.outcome in (Outcome.FAIL, Outcome.WAIVED))


def _failing(document: FindingsDocument) -> Iterable[VerdictEntry]:
    return (verdict for verdict in document.verdicts if verdict.outcome is Outcome.FAIL)


def _order(verdict: VerdictEntry) -> tuple[bool, int]:
    return verdict.outcome is Outcome.WAIVED, verdict.severity.rank


def _item(verdict: VerdictEntry, seen: set[str]) -> Item:
    """Return a finding of the list; the first failing one of a severity carries that severity's anchor."""
    first = verdict.outcome is Outcome.FAIL and verdict.severity not in seen
    if first:
        seen.add(verdict.severity)
    return Item(verdict, _state(verdict), verdict.severity if first else "")


def _state(verdict: VerdictEntry) -> str:
    if verdict.outcome is Outcome.WAIVED:
        return "waived"
    return (verdict.lifecycle.change if verdict.lifecycle else None) or "open"


def _block(rule: str, title: str, remedy: Remediation, items: tuple[Item, ...], known: RuleInfo | None) -> Block:
    controls = by_framework(known.controls) if known else {}
    return Block(rule, title, known.why if known else "", remedy, controls, items)
