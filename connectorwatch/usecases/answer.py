"""The use case: answer a finding about an event. The answer is checked against the findings that are remembered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from common.errors import SettingsError
from common.text import minute, timestamp, visible
from connectorwatch.scanning.answers import change_answers
from connectorwatch.usecases.policy_edit import with_addition, write_policy
from connectorwatch.usecases.suggestions import listed, nearest
from findings.state.answers import LARGEST, MOST_TO_ONE
from findings.state.endings import ending_words
from policies.policy_file.answers import LONGEST_KEY, LONGEST_NAME, LONGEST_REASON, Answer, answers_by_key
from policies.policy_file.edit import NEW_FILE
from policies.policy_file.read import parse_policy, policy_content
from policies.rules import EVENT_RULE_IDS, RULE_IDS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from findings.state.answers import StoredAnswers
    from findings.state.document import State
    from findings.state.record import FindingState
    from findings.stores.ports import Store
    from policies.policy_file.answers import AnswerVerdict

_SHOWN, _SUGGESTIONS = 60, 3
_SKEW = timedelta(minutes=5)
"""How far two clocks may differ: whoever answers last counts, though the earlier answer came from a faster clock."""
_MEANS = {
    "expected": "It ends the finding.",
    "wrong": "It confirms the finding, which stays open and high until its subject is gone.",
    "handled": "It ends the finding until its subject acts anew.",
}


class UnknownFindingError(SettingsError):
    """No finding with this key is remembered of this tenant."""


class NotAnswerableError(SettingsError):
    """The finding takes no answer: it is not about an event, it has ended, or as many are kept as can be."""


@dataclass(frozen=True)
class AnswerRequest:
    """An answer to give; `at` is now where it is None."""

    key: str
    verdict: AnswerVerdict
    reason: str
    by: str
    at: datetime | None = None


@dataclass(frozen=True)
class GivenAnswer:
    """An answer that was given.

    Attributes:
        answer: The answer.
        about: What kind of subject the finding has.
        name: What that is called.
        before: The answer that counted until now; None where there was none.
        repeated: Whether the same was answered before, so that nothing was added: `answer` is that earlier one.
    """

    answer: Answer
    about: str
    name: str
    before: Answer | None = None
    repeated: bool = False


def checked_answer(state: State, request: AnswerRequest, known: Sequence[Answer], now: datetime) -> GivenAnswer:
    """Return the answer to give, or the one that says the same already.

    Args:
        state: What is remembered of the tenant.
        request: What somebody answers.
        known: Earlier answers in the tenant that no scan may have counted yet, in the order in which they were given.
        now: The moment it is.

    Raises:
        UnknownFindingError, NotAnswerableError: There is no such finding, or it takes no answer.
        SettingsError: The request is invalid.
    """
    record = _finding(state, request.key)
    reason, by = _text("reason", request.reason, LONGEST_REASON), _text("name of who answers", request.by, LONGEST_NAME)
    earlier = answers_by_key((*record.answers, *known), state.tenant.id, now + _SKEW).get(record.key.casefold(), ())
    before = earlier[-1] if earlier else None
    latest = now if before is None else max(now, before.at)
    at = latest if request.at is None else _checked_moment(request.at, now, record, before)
    answer = Answer(key=record.key, verdict=request.verdict, reason=reason, by=by, at=at, tenant=state.tenant.id)
    about, name = record.subject.type, record.subject.name
    if before is not None and before.says_the_same(answer) and before.at >= _opened(record):
        return GivenAnswer(before, about, name, repeated=True)
    # Counted by person, so that nobody can have the last word by giving all the answers that are kept.
    if sum(other.by.casefold() == by.casefold() for other in earlier) >= MOST_TO_ONE:
        raise NotAnswerableError(
            f"{visible(record.key)} has {MOST_TO_ONE} answers by {visible(by)}, which is the most that are kept of one "
            "person: somebody else may answer it."
        )
    return GivenAnswer(answer, about, name, before)


def answer_in_store(
    store: Store, state: State, request: AnswerRequest, more: Sequence[Answer], now: datetime
) -> GivenAnswer:
    """Check an answer and keep it with the stored scans, by compare-and-swap.

    Args:
        store: Where.
        state: What is remembered of the tenant.
        request: What somebody answers.
        more: Earlier answers that are kept elsewhere.
        now: The moment it is.

    Raises:
        UnknownFindingError, NotAnswerableError, SettingsError: See `checked_answer`; nothing was written.
        EvidenceError: The stored answers are damaged or of a newer version.
        StorageError: Storage refused, or other writers won each time.
    """
    checked: list[GivenAnswer] = []

    def change(answers: StoredAnswers) -> StoredAnswers:
        checked.append(checked_answer(state, request, (*more, *answers.answers), now))
        if checked[-1].repeated:
            return answers
        after = answers.added(checked[-1].answer)
        if len(after.to_bytes()) > LARGEST:
            raise NotAnswerableError(
                f"The stored answers of tenant {visible(state.tenant.id)} have {LARGEST >> 20} MiB, which is the most "
                "that is read: answer in the policy file, or let old answers go (`connectorwatch retain`)."
            )
        return after

    change_answers(store, state.tenant.id, change)
    return checked[-1]


def answer_in_policy(
    path: Path, state: State, request: AnswerRequest, more: Sequence[Answer], now: datetime
) -> GivenAnswer:
    """Check an answer and add it to a policy file, which is made where there is none.

    Args:
        path: The policy file.
        state: What is remembered of the tenant.
        request: What somebody answers.
        more: Earlier answers that are kept elsewhere.
        now: The moment it is.

    Raises:
        UnknownFindingError, NotAnswerableError, SettingsError: See `checked_answer`; nothing was written.
        PolicyError: The file is no policy, has no place for another line, or cannot be written; it is as it was.
    """
    created = not path.exists()
    content = NEW_FILE if created else policy_content(path)
    policy = parse_policy(content, str(path), RULE_IDS)
    given = checked_answer(state, request, (*more, *policy.for_tenant(state.tenant.id).policy.answers), now)
    if not given.repeated:
        note = visible(given.name)[:_SHOWN].strip()
        write_policy(path, with_addition(content, policy, "answers", given.answer, note), None if created else content)
    return given


def answer_text(given: GivenAnswer, where: str) -> str:
    """Return a message for people: what was answered, what it does, and which answer it takes the place of."""
    answer = given.answer
    subject = f"{given.about} {visible(given.name)[:_SHOWN]}"
    head = f"{visible(answer.key)}, {subject}: {answer.verdict}, by {visible(answer.by)}"
    if given.repeated:
        return f"{head}. The same was answered at {minute(answer.at)}; nothing was added."
    lines = [f"{head}.", f"{_MEANS[answer.verdict]} It counts from the next scan on, and is kept in {where}."]
    if given.before is not None:
        before = given.before
        same = before.verdict == answer.verdict
        earlier = f"the answer {before.verdict} by {visible(before.by)} of {minute(before.at)}"
        lines.append(f"It confirms {earlier}." if same else f"It replaces {earlier}: the newest answer counts.")
    return "\n".join(lines)


def _finding(state: State, key: str) -> FindingState:
    """Return the finding to answer.

    Raises:
        UnknownFindingError: There is none with this key.
        NotAnswerableError: It takes no answer.
    """
    wanted = key.strip().casefold()
    record = next((record for finding_key, record in state.findings.items() if finding_key.casefold() == wanted), None)
    if record is None:
        names = {
            finding_key: entry.subject.name
            for finding_key, entry in state.findings.items()
            if entry.rule in EVENT_RULE_IDS
        }
        suggestions = nearest(key[:LONGEST_KEY], names)[:_SUGGESTIONS]
        hint = f"Did you mean {listed(suggestions, names, ' or ')}?" if suggestions else "findings.csv has the keys."
        raise UnknownFindingError(
            f"There is no finding {visible(key[:_SHOWN])!r} in tenant {visible(state.tenant.id)}. {hint}"
        )
    if record.rule not in EVENT_RULE_IDS:
        raise NotAnswerableError(
            f"{visible(record.key)} is not about something that happened but about what is true now: remedy it, or "
            "waive it (`connectorwatch waive`)."
        )
    if record.state == "resolved" and record.ending != "answered":
        when = f" since {minute(record.resolved_at)}" if record.resolved_at else ""
        why = ending_words(record, record.subject)
        raise NotAnswerableError(f"{visible(record.key)} is over{when} ({why}): nothing is asked.")
    return record


def _text(what: str, text: str, longest: int) -> str:
    text = text.strip()
    if not text or not text.isprintable():
        raise SettingsError(f"The {what} must be some text on one line, without control characters.")
    if len(text) > longest:
        raise SettingsError(f"The {what} has {len(text):,} characters: shorten it to {longest:,}.")
    return text


def _checked_moment(at: datetime, now: datetime, record: FindingState, before: Answer | None) -> datetime:
    if at > now:
        raise SettingsError(f"{timestamp(at)} is in the future (it is {minute(now)}): give a time until now, or none.")
    if at < record.first_seen:
        raise SettingsError(
            f"{timestamp(at)} is before the finding was first seen, at {timestamp(record.first_seen)}: give a later "
            "time."
        )
    if before is not None and at < before.at:
        raise SettingsError(
            f"{timestamp(at)} is before the answer of {timestamp(before.at)} by {visible(before.by)}, which would "
            "still count: give a later time."
        )
    return at


def _opened(record: FindingState) -> datetime:
    """Return when a finding was last opened."""
    opened = [event.at for event in record.events if event.change in ("new", "reopened")]
    return max(opened, default=record.first_seen)
