"""Timelines on the terminal: a tenant by day, the events of a finding, the steps of a connector."""

from __future__ import annotations

import sys
from itertools import groupby
from typing import TYPE_CHECKING

from rich.text import Text

from common.cells import cut
from common.text import counted, minute, plain, visible, words
from connectorwatch.terminal.findings import STYLES, UNSURE, subject_text
from findings.history.change_words import change_word, kind_word
from findings.reports.json_file import render_part
from findings.state.endings import OUT_OF_SIGHT, ending_words
from policies.rules.connectors import REMOVAL
from policies.vocabulary import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import Console

    from findings.document import ChangeEntry
    from findings.history.connectors import ConnectorStep, ConnectorTimeline
    from findings.history.findings import FindingTimeline, History
    from findings.state.parts import Event, EventFact
    from policies.vocabulary import Subject

_LINES_A_DAY = 40
_VALUE, _SENTENCE = 60, 300
_STEPS = {"gone": "gone", "back": "back again", "inactive": "inactive", "first_seen": "first seen", "new": "new"}


def show(history: History, console: Console, *, of: str, as_json: bool) -> None:
    """Print a timeline as JSON, or as text for what `of` names: `tenant`, `finding` or `connector`."""
    if as_json:
        sys.stdout.buffer.write(render_part(history))
        return
    lines = {
        "tenant": _tenant_lines,
        "finding": lambda selected: _finding_lines(selected.findings[0]),
        "connector": _all_connector_lines,
    }[of](history)
    for line in lines:
        console.print(line, soft_wrap=True)


def _finding_lines(timeline: FindingTimeline) -> Iterator[Text]:
    yield Text.assemble((visible(timeline.rule), "bold"), "  ", visible(timeline.title))
    yield Text.assemble(_about(timeline.subject), f"  {visible(timeline.subject.id)}")
    yield Text(cut(timeline.message, _SENTENCE))
    yield Text()
    for number, event in enumerate(timeline.events):
        yield Text.assemble(f"{minute(event.at)}  ", event_words(event, timeline.subject))
        if number == 0 and timeline.cut:
            yield Text("Steps after this one may be missing: they are not kept for so long.", UNSURE)
    yield Text()
    now = Text(f"Today it is {timeline.state}", STYLES[timeline.severity] if timeline.state == "open" else "")
    waived = ", waived" if timeline.state == "open" and timeline.outcome is Outcome.WAIVED else ""
    yield now.append(f"{waived}; last seen failing {minute(timeline.last_seen)}.")
    if timeline.stale:
        yield Text(f"{OUT_OF_SIGHT}.", UNSURE)


def _tenant_lines(history: History) -> Iterator[Text]:
    """Yield the tenant's timeline by day, newest last."""
    first, last = history.scans[0], history.scans[-1]
    scans = counted(len(history.scans), "scan")
    yield Text.assemble((cut(history.tenant.name), "bold"), f"  {scans}, {minute(first.at)} to {minute(last.at)}")
    steps = sorted(_steps(history), key=lambda step: (step[0], step[1]))
    for day, group in groupby(steps, key=lambda step: step[0][:10]):
        lines = list(group)
        yield Text()
        yield Text(day, "bold")
        for when, _, line in lines[:_LINES_A_DAY]:
            yield Text.assemble(f"  {when[11:16]}  ", line)
        if len(lines) > _LINES_A_DAY:
            yield Text(f"  and {len(lines) - _LINES_A_DAY} more; --json shows all")


def _steps(history: History) -> Iterator[tuple[str, tuple[int, str], Text]]:
    """Yield all events: the minute, the order within that minute (worst first), and the line."""
    for scan in history.scans:
        if not scan.complete:
            yield minute(scan.at), (-1, ""), Text("not everything could be read", UNSURE)
    for change in history.changes:
        yield minute(change.at), (-1, change.subject.id), _inventory(change)
    for timeline in history.findings:
        for event in timeline.events:
            line = Text.assemble(
                (visible(timeline.rule), STYLES[timeline.severity]),
                " ",
                _about(timeline.subject),
                ": ",
                event_words(event, timeline.subject),
            )
            yield minute(event.at), (timeline.severity.rank, timeline.key), line


def _inventory(change: ChangeEntry) -> Text:
    return Text.assemble(_about(change.subject), ": ", _step_of(change))


def _step_of(change: ChangeEntry) -> str:
    if change.subject.type == "principal":
        return change_word(change)
    return step_words(change.kind, change.before, change.after)


def step_words(kind: str, before: str | None, after: str | None) -> str:
    """Return a change in the inventory in words, such as `updated from 1.5.1 to 1.5.2`; all visible."""
    if kind in _STEPS:
        return _STEPS[kind]
    old, new = (cut(value, _VALUE) if value else "none" for value in (before, after))
    return f"{kind_word(kind, before, after)} from {old} to {new}"


def _all_connector_lines(history: History) -> Iterator[Text]:
    """Yield the timeline of each connector, identified by its id, with the findings about it."""
    if len(history.connectors) > 1:
        yield Text(f"{len(history.connectors)} connectors have this machine name.", UNSURE)
    timelines = {timeline.key: timeline for timeline in history.findings}
    for number, connector in enumerate(history.connectors):
        if number or len(history.connectors) > 1:
            yield Text()
        yield Text.assemble(
            (cut(connector.name) or visible(connector.id), "bold"), f"  connector {visible(connector.id)}"
        )
        yield from _connector_lines(connector)
        for key in connector.findings:
            timeline = timelines[key]
            waived = ", waived" if timeline.state == "open" and timeline.outcome is Outcome.WAIVED else ""
            yield Text(f"{visible(timeline.rule)} {timeline.state}{waived}, first seen {minute(timeline.first_seen)}")


def _connector_lines(connector: ConnectorTimeline) -> Iterator[Text]:
    if connector.replaces:
        yield Text(f"On the same machine, by its name, as {visible(connector.replaces)} before it.")
    if connector.replaced_by:
        yield Text(f"On the same machine, by its name, as the newer {visible(connector.replaced_by)}.")
    yield Text()
    for number, step in enumerate(connector.steps):
        yield Text(f"{minute(step.at)}  {_connector_step(step, connector)}")
        if number == 0 and connector.cut:
            yield Text("Older versions or groups than those that follow are not kept.", UNSURE)
    yield Text()
    version, group = (cut(value, _VALUE) if value else "none known" for value in (connector.version, connector.group))
    active = f", last active {minute(connector.last_active)}" if connector.last_active else ""
    yield Text(f"Version {version}, group {group}; last seen {minute(connector.last_seen)}{active}.")


def _connector_step(step: ConnectorStep, connector: ConnectorTimeline) -> str:
    text = step_words(step.what, step.before, step.after)
    if step.what == "first_seen":
        since = f" (the last scan without it: {minute(connector.not_seen_at)})" if connector.not_seen_at else ""
        return f"{text}, by the first scan of all: it may be older" if connector.from_start else text + since
    if step.what == "inactive" and connector.gone_at is None:
        return f"{text}; Microsoft is expected to remove it by {minute(step.at + REMOVAL)}"
    return text


def _about(subject: Subject) -> str:
    if subject.type == "tenant":
        return subject_text(subject).plain
    return f"{subject.type} {cut(subject.name) or visible(subject.id)}"


def event_words(event: Event, subject: Subject) -> str:
    """Return one event of a finding about a subject in words, such as `changed: severity high → low`; all visible."""
    by_policy = event.cause == "policy"
    match event.change:
        case "new" | "reopened":
            opened = "opened" if event.change == "new" else "opened again"
            how = ", ".join(filter(None, (event.severity or "", "waived" if event.waived else "")))
            over = "no longer waived" if _outcome(event) == ("waived", "fail") else None
            facts = _facts(event.moved)
            text = "; ".join(filter(None, (f"{opened}: {how}" if how else opened, over, facts)))
        case "changed":
            text = _changed(event, by_policy=by_policy)
        case "resolved":
            text = ": ".join(filter(None, ("resolved", ending_words(event, subject))))
        case _:
            text = f"not assessed until {minute(event.until)}" if event.until else "not assessed since then"
    return f"{text} (the policy changed)" if by_policy and event.ending != "not_asked" else text


def _changed(event: Event, *, by_policy: bool) -> str:
    """Return what a change was: of a waiver in words, of everything else with its values."""
    over = "no longer waived" if by_policy else "no longer waived: the waiver is over or void"
    waiver = {("fail", "waived"): "waived", ("waived", "fail"): over}.get(_outcome(event))
    facts = _facts(event.moved)
    return "; ".join(filter(None, (waiver, f"changed: {facts}" if facts else None))) or "changed"


def _outcome(event: Event) -> tuple[str, str]:
    """Return from what to what the outcome moved; nothing where it did not."""
    return next(((str(fact.before), str(fact.after)) for fact in event.moved if fact.what == "outcome"), ("", ""))


def _facts(moved: Iterable[EventFact]) -> str:
    return "; ".join(_fact(fact) for fact in moved if fact.what != "outcome")


def _fact(fact: EventFact) -> str:
    name = words(fact.what.removeprefix("evidence."))
    if fact.long:
        return visible(name)
    return f"{visible(name)} {cut(plain(fact.before, {}), _VALUE)} → {cut(plain(fact.after, {}), _VALUE)}"
