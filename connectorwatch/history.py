"""The use case: tell the story of a tenant, of one finding, with dates, from what is remembered."""

from __future__ import annotations

import difflib
import sys
from itertools import groupby
from typing import TYPE_CHECKING

from rich.text import Text

from connectorwatch.registrars import only_tenant
from connectorwatch.terminal import STYLES, UNSURE, cut
from findings.history import FindingStory, History, history
from findings.reports.jsonfile import render_part
from findings.reports.text import counted, minute, plain, visible, words
from findings.state import State
from inventory.errors import SettingsError
from policies.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import Console

    from findings.kept import Event, EventFact
    from findings.stores.ports import Store
    from policies.model import Subject

_LINES_A_DAY = 40
_NEAR, _SHOWN = 5, 80
_VALUE, _SENTENCE = 60, 300
_RESOLVED = {
    "fixed": "resolved: it passes",
    "not_applicable": "resolved: its rule does not apply any more",
    "subject_gone": "resolved: its subject is gone",
    "rule_disabled": "resolved: its rule is switched off",
}


def stored_state(store: Store, tenant_id: str | None) -> State:
    """Return what is remembered of a tenant; of the only tenant there is where none is named.

    Raises:
        SettingsError: Nothing is remembered, or several tenants are and none is named.
        EvidenceError: The state is damaged or of a newer version.
        StorageError: Storage refused.
    """
    tenant = tenant_id or only_tenant(store)
    name = f"{tenant}/state.json"
    stored = store.documents.read(name)
    state = State.from_bytes(stored.content, name) if stored else None
    if state is None or not state.scans:
        raise SettingsError(
            f"No scan of tenant {visible(tenant)} is stored: run `connectorwatch scan` first, "
            "or name another tenant (--tenant) or folder (--out)."
        )
    return state


def told_history(state: State, finding: str | None = None) -> History:
    """Return the tenant's story, or that of one finding.

    Args:
        state: What is remembered.
        finding: The finding's key, in either case; the whole story without.

    Raises:
        SettingsError: There never was such a finding; the message names those that are near.
    """
    whole = history(state)
    if finding is None:
        return whole
    found = tuple(story for story in whole.findings if story.key.casefold() == finding.strip().casefold())
    if not found:
        raise SettingsError(_unknown("finding", finding, {story.key: story.subject.name for story in whole.findings}))
    return whole.model_copy(update={"findings": found})


def _unknown(kind: str, asked: str, names: dict[str, str]) -> str:
    """Return that something was never seen, with what is near: by key, or by a name that is part of what was asked."""
    wanted = asked.strip().casefold()
    by_key = {key.casefold(): key for key in names}
    near = [by_key[key] for key in difflib.get_close_matches(wanted, list(by_key), n=_NEAR)]
    last = wanted.rpartition("/")[2]
    near += [key for key, name in names.items() if last and last in name.casefold() and key not in near]
    hint = "; ".join(f"{visible(key)} ({cut(names[key])})" for key in near[:_NEAR])
    advice = f"Near it: {hint}." if hint else "`connectorwatch history` tells of all there are."
    return f"No {kind} {cut(asked, _SHOWN)!r} is remembered. {advice}"


def show(told: History, console: Console, *, one: bool, as_json: bool) -> None:
    """Print a story: as JSON, one finding step by step, or the tenant's days."""
    if as_json:
        sys.stdout.buffer.write(render_part(told))
        return
    lines = _finding(told.findings[0]) if one else _days(told)
    for line in lines:
        console.print(line, soft_wrap=True)


def _finding(story: FindingStory) -> Iterator[Text]:
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
    for story in told.findings:
        for event in story.events:
            line = Text.assemble(
                (visible(story.rule), STYLES[story.severity]), " ", _about(story.subject), ": ", event_words(event)
            )
            yield minute(event.at), (story.severity.rank, story.key), line


def _about(subject: Subject) -> str:
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
