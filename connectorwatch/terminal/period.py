"""A period as text for the terminal, as Markdown, and as JSON. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.text import counted, minute, visible
from findings.reports.json_file import render_part
from findings.reports.markup import code, words_of
from findings.state.document import SCANS_KEPT
from findings.state.endings import answer_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectorwatch.usecases.period import Gap, PeriodAnswer, PeriodReport, PeriodScan

_STATES = {True: "complete", False: "INCOMPLETE", None: "not known whether complete"}


def rendered(report: PeriodReport, form: str) -> bytes:
    """Return the report as `text`, `md` or `json`."""
    if form == "json":
        return render_part(report)
    lines = _markdown(report) if form == "md" else _text(report)
    return ("\n".join(lines) + "\n").encode("utf-8", errors="backslashreplace")


def _text(report: PeriodReport) -> Iterator[str]:
    yield f"{visible(report.tenant.name)} ({visible(report.tenant.id)})"
    yield from _head(report)
    if report.missed:
        yield from ("", "Missed")
        yield from (f"  {_gap(gap)}" for gap in report.missed)
    if report.answers:
        yield from ("", "Answers")
        yield from (f"  {minute(answer.at)}  {visible(_answer(answer))}" for answer in report.answers)
    if report.scans:
        yield from ("", "Scans, with the SHA-256 of their files")
    for scan in report.scans:
        yield f"  {minute(scan.at)}  {scan.id}  {visible(_description(scan))}"
        yield from (f"      not read: {visible(line)}" for line in _unread(scan))
        for file in scan.artefacts:
            mark = "" if file.status == "stored" else f"  {file.status.upper()}"
            yield f"      {file.sha256 or '-' * 64}  {file.name}{mark}"


def _markdown(report: PeriodReport) -> Iterator[str]:
    yield f"# Scans of {words_of(report.tenant.name)}"
    yield ""
    yield f"Tenant {code(report.tenant.id)}."
    yield from (f"{line}  " for line in _head(report))
    if report.missed:
        yield from ("", "## Missed", "")
        yield from (f"- {_gap(gap)}" for gap in report.missed)
    if report.answers:
        yield from ("", "## Answers", "")
        yield from (f"- {minute(answer.at)}: {words_of(_answer(answer))}" for answer in report.answers)
    if report.scans:
        yield from ("", "## Scans")
    for scan in report.scans:
        yield from ("", f"### {minute(scan.at)}", "", f"{code(scan.id)}: {words_of(_description(scan))}")
        unread = list(_unread(scan))
        if unread:
            yield from ("", *(f"- not read: {words_of(line)}" for line in unread))
        yield from ("", "| file | SHA-256 | |", "|---|---|---|")
        for file in scan.artefacts:
            digest = f"`{file.sha256}`" if file.sha256 else ""
            yield f"| `{file.name}` | {digest} | {'' if file.status == 'stored' else f'**{file.status}**'} |"


def _head(report: PeriodReport) -> Iterator[str]:
    """Yield the period in a few lines, the same in every form."""
    yield f"From {minute(report.start)} to {minute(report.end)}."
    yield (
        f"A scan is expected every {report.every_hours:g} hours; "
        f"up to {report.every_hours / 2:g} hours late is not missed."
    )
    missed = sum(gap.missed for gap in report.missed)
    damaged = f", {len(report.damaged)} with files missing or altered" if report.damaged else ""
    yield (
        f"{counted(len(report.scans), 'scan')} done, {len(report.incomplete)} of them incomplete{damaged}; "
        f"{missed} missed."
    )
    if report.later:
        yield f"Left out: {counted(report.later, 'stored scan')} after {minute(report.end)}."
    if report.watched_from > report.start:
        yield f"Nothing is known of the time before {minute(report.watched_from)}, when the first known scan was made."
    if report.all_remembered:
        yield f"Memory reaches back to the first scan, {minute(report.remembered_from)}."
    else:
        yield (
            f"Memory reaches back to {minute(report.remembered_from)} ({SCANS_KEPT} scans are listed); older scans are "
            "known by their files alone, as long as these are kept."
        )


def _answer(answer: PeriodAnswer) -> str:
    return f"{answer.key} {answer_words(answer)}: {answer.reason}"


def _gap(gap: Gap) -> str:
    until = f"to {minute(gap.before)}" if gap.before else "on, no scan has followed"
    return f"{gap.missed} missed from {minute(gap.after)} {until}"


def _description(scan: PeriodScan) -> str:
    """Return what a scan was in a few words."""
    if scan.remembered:
        place = None
    elif scan.superseded is None:
        place = "never finished, or its result is lost"
    else:
        place = "superseded by a newer scan" if scan.superseded else "older than memory"
    return ", ".join(part for part in (scan.trigger, _STATES[scan.complete], place) if part)


def _unread(scan: PeriodScan) -> Iterator[str]:
    for section in scan.unread:
        yield f"{section.name}: {section.status}{f', {section.reason}' if section.reason else ''}"
