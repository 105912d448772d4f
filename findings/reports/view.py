"""A scan's verdicts sorted, grouped and counted, shared by the report page and the terminal."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from common.text import counted
from findings.document import GoneEntry
from findings.state.endings import BY_TIME, ending_words
from findings.state.one_update import as_one, named, together
from policies.vocabulary import Outcome, Severity, Subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from findings.document import Change, FindingsDocument, Lifecycle, SectionInfo, VerdictEntry
    from policies.vocabulary import Remediation

_ORDER: tuple[Change, ...] = ("new", "reopened", "changed", "resolved")
_BY_POLICY = "the policy changed, not the tenant"


@dataclass(frozen=True)
class Unread:
    """One reason why lists could not be read, and the names of those lists."""

    why: SectionInfo
    names: tuple[str, ...]


@dataclass(frozen=True)
class SharedMessage:
    """Subjects for which one rule gave the same message."""

    rule: str
    title: str
    message: str
    subjects: tuple[Subject, ...]


@dataclass(frozen=True)
class Cause:
    """One reason, other than an unread list, why rules could not judge these subjects."""

    message: str
    subjects: tuple[Subject, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True)
class Moved:
    """A finding that moved in this scan."""

    change: Change
    rule: str
    severity: Severity
    subject: Subject
    message: str
    because: str


@dataclass(frozen=True)
class StillOpen:
    """An open finding of an earlier scan that this scan could not assess."""

    rule: str
    severity: Severity
    subject: Subject
    message: str
    remedy: str
    life: Lifecycle


@dataclass(frozen=True)
class Headline:
    """The result of a scan at a glance.

    `tone` is the worst severity that fails, `unsure` where nothing worse than low fails and something was not
    assessed, and `good` only where nothing fails and everything was assessed.
    """

    tone: str
    sentences: tuple[str, ...]


def unread(sections: Iterable[SectionInfo]) -> tuple[Unread, ...]:
    """Return why lists could not be read, one entry a reason, in the order of the sections.

    Lists that one permission would open are one reason, whatever Graph said of each: some were never asked for, since
    another one was refused. An unlicensed list is not among them: it is known to be empty.
    """
    reasons: dict[tuple[str | None, ...], list[SectionInfo]] = defaultdict(list)
    for section in sections:
        if not section.known:
            said_so = None if section.permission else section.reason
            reasons[section.status, section.code, said_so, section.permission, section.advice].append(section)
    return tuple(Unread(same[0], tuple(section.name for section in same)) for same in reasons.values())


def failing(document: FindingsDocument) -> tuple[tuple[Severity, tuple[VerdictEntry, ...]], ...]:
    """Return the failing verdicts by severity, worst first; severities without a failure are left out.

    Reports count these and not the document's summary, so that a number and its list always agree.
    """
    return _by_severity(_with(document, Outcome.FAIL))


def failing_as_one(document: FindingsDocument) -> tuple[tuple[Severity, tuple[VerdictEntry, ...]], ...]:
    """Return the failing verdicts by severity, for people to read: those that one update fixes are one entry."""
    return _by_severity(as_one(_with(document, Outcome.FAIL)))


def _by_severity(verdicts: Iterable[VerdictEntry]) -> tuple[tuple[Severity, tuple[VerdictEntry, ...]], ...]:
    by_severity: dict[Severity, list[VerdictEntry]] = defaultdict(list)
    for verdict in verdicts:
        by_severity[verdict.severity].append(verdict)
    return tuple((severity, tuple(by_severity[severity])) for severity in Severity if severity in by_severity)


def alike(verdicts: Iterable[VerdictEntry]) -> tuple[tuple[VerdictEntry, ...], ...]:
    """Group the verdicts of one rule that share a remedy, so that a report prints the remedy once."""
    same: dict[tuple[str, str, Remediation], list[VerdictEntry]] = defaultdict(list)
    for verdict in verdicts:
        same[verdict.rule, verdict.title, verdict.remediation].append(verdict)
    return tuple(map(tuple, same.values()))


def shared_messages(
    document: FindingsDocument, outcome: Outcome, *, by_message: bool = True
) -> tuple[SharedMessage, ...]:
    """Return the verdicts of one outcome, with subjects that share a message grouped.

    Args:
        document: The scan.
        outcome: Which verdicts.
        by_message: Whether verdicts of one rule with different messages stay apart; if not, the message is empty.
    """
    return _together(_with(document, outcome), by_message=by_message)


def unexplained(document: FindingsDocument) -> tuple[Cause, ...]:
    """Return why subjects could not be judged although the lists were read; the cause with most subjects first."""
    lists = {section.name for section in document.sections if not section.known}
    verdicts = (entry for entry in _with(document, Outcome.NOT_ASSESSED) if entry.evidence.get("section") not in lists)
    causes: dict[str, list[VerdictEntry]] = defaultdict(list)
    for entry in verdicts:
        causes[entry.message].append(entry)
    together = (_cause(message, same) for message, same in causes.items())
    return tuple(sorted(together, key=lambda cause: len(cause.subjects), reverse=True))


def _cause(message: str, same: Iterable[VerdictEntry]) -> Cause:
    subjects = {(entry.subject.type, entry.subject.id): entry.subject for entry in same}
    return Cause(message, tuple(subjects.values()), tuple(dict.fromkeys(entry.rule for entry in same)))


def waived(document: FindingsDocument) -> tuple[VerdictEntry, ...]:
    """Return the failures that the policy waives."""
    return tuple(_with(document, Outcome.WAIVED))


def compared(document: FindingsDocument) -> bool:
    """Return whether this scan's findings were compared with earlier ones; only then are changes known."""
    return not document.scan.superseded and all(entry.lifecycle for entry in _with(document, Outcome.FAIL))


def moved(document: FindingsDocument) -> tuple[Moved, ...]:
    """Return the findings that changed in this scan: new and reopened, then changed, then resolved; worst first."""
    entries = (
        Moved(life.change, entry.rule, entry.severity, entry.subject, entry.message, _because(life, entry.subject))
        for entry, life in _lives(document)
        if life.change
    )
    return tuple(sorted(entries, key=lambda entry: (_ORDER.index(entry.change), entry.severity.rank)))


def moved_as_one(document: FindingsDocument) -> tuple[Moved, ...]:
    """Return the findings that moved, for people to read: those that one update made or ended are one entry."""
    return tuple(
        entry
        for change in _ORDER
        for entry in _as_one(finding for finding in moved(document) if finding.change == change)
    )


def _as_one(same: Iterable[Moved]) -> Iterator[Moved]:
    for entry, others in together(same, lambda moved: moved.subject.id):
        names = named(other.rule for other in others)
        if not names:
            yield entry
        elif entry.change == "resolved":
            yield replace(entry, because=f"{entry.because}; {names} ended with it")
        else:
            yield replace(entry, message=f"{entry.message}; the same update also fixes {names}")


def still_open(document: FindingsDocument) -> tuple[StillOpen, ...]:
    """Return the findings that were open before and that this scan could not assess, worst first."""
    shown = {verdict.key for verdict in document.verdicts if verdict.outcome in (Outcome.FAIL, Outcome.WAIVED)}
    entries = (
        StillOpen(entry.rule, entry.severity, entry.subject, entry.message, _remedy(entry), life)
        for entry, life in _lives(document)
        if life.state == "open" and entry.key not in shown
    )
    return tuple(sorted(entries, key=lambda entry: entry.severity.rank))


def _remedy(entry: VerdictEntry | GoneEntry) -> str:
    """Return what to do about a finding, in one line; empty where its rule does not exist any more."""
    return entry.remedy if isinstance(entry, GoneEntry) else entry.remediation.summary


def gone(document: FindingsDocument) -> tuple[GoneEntry, ...]:
    """Return the findings that ended without a verdict: their subject is gone or their rule is off."""
    return tuple(entry for entry in document.gone if entry.lifecycle.state == "resolved")


def _because(lifecycle: Lifecycle, subject: Subject) -> str:
    """Return in words why a finding moved, where more is known than that it did."""
    by_time = BY_TIME if lifecycle.correction == "time" else ""
    return ending_words(lifecycle, subject) or by_time or (_BY_POLICY if lifecycle.cause == "policy" else "")


def headline(document: FindingsDocument) -> Headline:
    """Return the headline of a report: its sentence and its tone."""
    sentences = (_failing_sentence(document), *_not_assessed_sentences(document), *_waived_sentences(document))
    return Headline(_tone(document), sentences)


def _tone(document: FindingsDocument) -> str:
    """Return the headline's tone; silence about something is never green."""
    failures = failing(document)
    if failures and failures[0][0].rank <= Severity.MEDIUM.rank:
        return failures[0][0]
    if not _assessed(document):
        return "unsure"
    return failures[0][0] if failures else "good"


def _assessed(document: FindingsDocument) -> bool:
    """Return whether everything was looked at: every list read, every check made, nothing left aside."""
    missing = unread(document.sections) or still_open(document) or any(_with(document, Outcome.NOT_ASSESSED))
    return bool(document.scan.complete and document.verdicts and not missing)


def _failing_sentence(document: FindingsDocument) -> str:
    """Return how much fails, by severity."""
    if not document.verdicts:
        return "No check could be made."
    failures = failing(document)
    if not failures:
        return "Nothing fails, and everything was assessed." if _assessed(document) else "Nothing assessed fails."
    number = sum(len(verdicts) for _, verdicts in failures)
    parts = ", ".join(f"{len(verdicts)} {severity}" for severity, verdicts in failures)
    return f"{counted(number, 'finding fails', 'findings fail')}: {parts}."


def _not_assessed_sentences(document: FindingsDocument) -> Iterator[str]:
    """Yield what nobody could say today, and why."""
    lists = sum(len(reason.names) for reason in unread(document.sections))
    if lists:
        yield f"{counted(lists, 'list')} could not be read."
    missing = sum(1 for _ in _with(document, Outcome.NOT_ASSESSED))
    if missing:
        yield f"{counted(missing, 'check')} could not be made."
    if stale := len(still_open(document)):
        yield f"{counted(stale, 'earlier finding is', 'earlier findings are')} still open and could not be looked at."


def _waived_sentences(document: FindingsDocument) -> Iterator[str]:
    """Yield how many failures the policy waives."""
    if number := len(waived(document)):
        yield f"{counted(number, 'failure is', 'failures are')} waived."


def _together(verdicts: Iterable[VerdictEntry], *, by_message: bool) -> tuple[SharedMessage, ...]:
    """Put together subjects of which one rule said the same."""
    alike: dict[tuple[str, str, str], list[Subject]] = defaultdict(list)
    for verdict in verdicts:
        alike[verdict.rule, verdict.title, verdict.message if by_message else ""].append(verdict.subject)
    return tuple(SharedMessage(*shared, tuple(subjects)) for shared, subjects in alike.items())


def _with(document: FindingsDocument, outcome: Outcome) -> Iterator[VerdictEntry]:
    """Yield the verdicts of one outcome."""
    return (verdict for verdict in document.verdicts if verdict.outcome is outcome)


def _lives(document: FindingsDocument) -> Iterable[tuple[VerdictEntry | GoneEntry, Lifecycle]]:
    """Yield everything that ever failed, with its life."""
    entries: tuple[VerdictEntry | GoneEntry, ...] = (*document.verdicts, *document.gone)
    for entry in entries:
        if entry.lifecycle is not None:
            yield entry, entry.lifecycle
