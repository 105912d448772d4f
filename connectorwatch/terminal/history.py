"""A story as people read it: a tenant's days, a finding's steps, a connector's life; nothing in it is hidden."""

from __future__ import annotations

import sys
from itertools import groupby
from typing import TYPE_CHECKING

from rich.text import Text

from common.cells import cut
from common.text import counted, minute, plain, visible, words
from connectorwatch.terminal.findings import STYLES, UNSURE, subject_text
from findings.reports.json_file import render_part
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
_RESOLVED = {
    "fixed": "resolved: it passes",
    "not_applicable": "resolved: its rule does not apply any more",
    "subject_gone": "resolved: its subject is gone",
    "rule_disabled": "resolved: its rule is switched off",
}
_STEPS = {"gone": "gone", "back": "back again", "inactive": "inactive", "first_seen": "first seen", "new": "new"}


def show(told: History, console: Console, *, of: str, as_json: bool) -> None:
    """Print a story as JSON, or `of` a `tenant` its days, of a `finding` its steps, of a `connector` its life."""
    if as_json:
        sys.stdout.buffer.write(render_part(told))
        return
    lines = {"tenant": _days, "finding": lambda one: _finding(one.findings[0]), "connector": _connectors}[of](told)
    for line in lines:
        console.print(line, soft_wrap=True)


def _finding(story: FindingTimeline) -> Iterator[Text]:
    yield Text.assemble((visible(story.rule), "bold"), "  ", visible(story.title))
    yield Text.assemble(_about(story.subject), f"  {visible(story.subject.id)}")
    yield Text(cut(story.message, _SENTENCE))
    yield Text()
    for number, event in enumerate(story.events):
        yield Text.assemble(f"{minute(event.at)}  ", event_words(event))
        if number == 0 and story.cut:
            yield Text("Steps after this one may be missing: they are not kept for so long.", UNSURE)
    yield Text()
    now = Text(f"Today it is {story.state}", STYLES[story.severity] if story.state == "open" else "")
    waived = ", waived" if story.state == "open" and story.outcome is Outcome.WAIVED else ""
    yield now.append(f"{waived}; last seen failing {minute(story.last_seen)}.")
    if story.stale:
        yield Text("In the newest scan nobody could look.", UNSURE)


def _days(told: History) -> Iterator[Text]:
    """Yield the tenant's story, day by day, newest last."""
    first, last = told.scans[0], told.scans[-1]
    scans = counted(len(told.scans), "scan")
    yield Text.assemble((cut(told.tenant.name), "bold"), f"  {scans}, {minute(first.at)} to {minute(last.at)}")
    steps = sorted(_steps(told), key=lambda step: (step[0], step[1]))
    for day, own in groupby(steps, key=lambda step: step[0][:10]):
        lines = list(own)
        yield Text()
        yield Text(day, "bold")
        for when, _, line in lines[:_LINES_A_DAY]:
            yield Text.assemble(f"  {when[11:16]}  ", line)
        if len(lines) > _LINES_A_DAY:
            yield Text(f"  and {len(lines) - _LINES_A_DAY} more; --json tells all")


def _steps(told: History) -> Iterator[tuple[str, tuple[int, str], Text]]:
    """Yield all that happened: when, its place among what happened then (worst first), and the line."""
    for scan in told.scans:
        if not scan.complete:
            yield minute(scan.at), (-1, ""), Text("not everything could be read", UNSURE)
    for change in told.changes:
        yield minute(change.at), (-1, change.subject.id), _inventory(change)
    for story in told.findings:
        for event in story.events:
            line = Text.assemble(
                (visible(story.rule), STYLES[story.severity]), " ", _about(story.subject), ": ", event_words(event)
            )
            yield minute(event.at), (story.severity.rank, story.key), line


def _inventory(change: ChangeEntry) -> Text:
    return Text.assemble(_about(change.subject), ": ", step_words(change.kind, change.before, change.after))


def step_words(what: str, before: str | None, after: str | None) -> str:
    """Return a step of something in the inventory in words, such as `updated from 1.5.1 to 1.5.2`; all visible."""
    if what in _STEPS:
        return _STEPS[what]
    old, new = (cut(value, _VALUE) if value else "none" for value in (before, after))
    return f"{what} from {old} to {new}"


def _connectors(told: History) -> Iterator[Text]:
    """Yield the story of each connector, told apart by its id, with the findings about it."""
    if len(told.connectors) > 1:
        yield Text(f"{len(told.connectors)} connectors have this machine name.", UNSURE)
    stories = {story.key: story for story in told.findings}
    for number, own in enumerate(told.connectors):
        if number or len(told.connectors) > 1:
            yield Text()
        yield Text.assemble((cut(own.name) or visible(own.id), "bold"), f"  connector {visible(own.id)}")
        yield from _life(own)
        for key in own.findings:
            story = stories[key]
            waived = ", waived" if story.state == "open" and story.outcome is Outcome.WAIVED else ""
            yield Text(f"{visible(story.rule)} {story.state}{waived}, first seen {minute(story.first_seen)}")


def _life(own: ConnectorTimeline) -> Iterator[Text]:
    if own.replaces:
        yield Text(f"On the same machine, by its name, as {visible(own.replaces)} before it.")
    if own.replaced_by:
        yield Text(f"On the same machine, by its name, as the newer {visible(own.replaced_by)}.")
    yield Text()
    for number, step in enumerate(own.steps):
        yield Text(f"{minute(step.at)}  {_connector_step(step, own)}")
        if number == 0 and own.cut:
            yield Text("Older versions or groups than those that follow are not kept.", UNSURE)
    yield Text()
    version, group = (cut(value, _VALUE) if value else "none known" for value in (own.version, own.group))
    active = f", last active {minute(own.last_active)}" if own.last_active else ""
    yield Text(f"Version {version}, group {group}; last seen {minute(own.last_seen)}{active}.")


def _connector_step(step: ConnectorStep, own: ConnectorTimeline) -> str:
    text = step_words(step.what, step.before, step.after)
    if step.what == "first_seen":
        since = f" (the last scan without it: {minute(own.not_seen_at)})" if own.not_seen_at else ""
        return f"{text}, by the first scan of all: it may be older" if own.from_start else text + since
    if step.what == "inactive" and own.gone_at is None:
        return f"{text}; Microsoft is expected to remove it by {minute(step.at + REMOVAL)}"
    return text


def _about(subject: Subject) -> str:
    if subject.type == "tenant":
        return subject_text(subject).plain
    return f"{subject.type} {cut(subject.name) or visible(subject.id)}"


def event_words(event: Event) -> str:
    """Return one step of a finding's life in words, such as `changed: severity high → low`; all visible."""
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
            text = _RESOLVED.get(event.resolved_by or "", "resolved")
        case _:
            text = f"not assessed until {minute(event.until)}" if event.until else "not assessed since then"
    return f"{text} (the policy changed)" if by_policy else text


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
