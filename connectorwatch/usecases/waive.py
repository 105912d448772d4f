"""The use case: write a waiver for a finding into the policy file, checked before and after."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from pydantic import ValidationError

from common.errors import SettingsError
from common.ids import is_object_id
from common.text import visible
from common.yaml_lines import suggestion
from connectorwatch.usecases.policy_edit import with_addition, write_policy
from connectorwatch.usecases.report import newest_document
from connectorwatch.usecases.suggestions import listed, nearest
from policies.policy_file.edit import NEW_FILE, entry_lines
from policies.policy_file.read import LoadedPolicy, parse_policy, policy_content
from policies.policy_file.waivers import LONGEST_DAYS, Waiver, is_waivable
from policies.rules import RULE_IDS, RULES
from policies.vocabulary import Outcome, Subject

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from findings.document import FindingsDocument
    from findings.stores.ports import Store

_NAME, _SUGGESTIONS = 60, 3
_DAY = timedelta(days=1)
_COUNTS = "It counts in the next scans in that time that are judged by this file."


@dataclass(frozen=True)
class WaiverRequest:
    """The waiver to write.

    Attributes:
        key: The finding's key, `RULE/subject-id`.
        begin: The first day; today where it is None.
        tenant: The only tenant in which it counts; all where it is None.
        waiver_id: The waiver's id; made from rule and day where it is None.
        force: Whether to write it also for a finding that does not fail in the newest stored scan.
    """

    key: str
    reason: str
    owner: str
    until: date
    begin: date | None = None
    ticket: str | None = None
    tenant: str | None = None
    waiver_id: str | None = None
    force: bool = False


@dataclass(frozen=True)
class WrittenWaiver:
    """A waiver that was written: its lines in the file, its subject in words, and the scan it was checked against."""

    path: Path
    created: bool
    waiver: Waiver
    lines: list[str]
    about: str
    scan: str | None


def newest_stored(store: Store, tenant_id: str | None) -> FindingsDocument | None:
    """Return the newest stored scan's result; None where no scan is stored.

    Raises:
        SettingsError: Several tenants are stored, and none is named.
        EvidenceError, StorageError: What is stored cannot be read.
    """
    stored = store.scans.list(f"{tenant_id}/" if tenant_id else "")
    return newest_document(store, tenant_id) if any("/scans/" in name for name in stored) else None


def waive(path: Path, request: WaiverRequest, newest: FindingsDocument | None, today: date) -> WrittenWaiver:
    """Write a waiver into a policy file, which is made where there is none, and return what was written.

    Args:
        path: The policy file.
        request: What to waive.
        newest: The newest stored scan, against which the key is checked.
        today: The day it is, in UTC.

    Raises:
        SettingsError: The request is invalid; nothing was written.
        PolicyError: The file is no policy, has no place for another line, or cannot be written; it is as it was.
    """
    rule_id, subject = _subject(request, newest)
    begin = request.begin or today
    _check_days(begin, request.until, today)
    created = not path.exists()
    content = NEW_FILE if created else policy_content(path)
    before = parse_policy(content, str(path), RULE_IDS)
    tenant_id = request.tenant or (newest.tenant.id if newest else None)
    _check_running(before, rule_id, subject, (begin, request.until), tenant_id)
    waiver = _waiver(request, rule_id, subject.id, begin, _all_ids(before))
    note = visible(subject.name)[:_NAME].strip() if subject.name != subject.id else ""
    write_policy(path, with_addition(content, before, "waivers", waiver, note), None if created else content)
    about = f"{subject.type} {note or visible(subject.id)}"
    return WrittenWaiver(path, created, waiver, entry_lines(waiver, note), about, newest.scan.id if newest else None)


def waiver_text(written: WrittenWaiver) -> str:
    """Return a message for the terminal: the lines that were written, the file, and the period in which they apply."""
    waiver = written.waiver
    checked = f"checked against scan {written.scan}" if written.scan else "not checked: no scan is stored"
    lines = [
        f"{'Created' if written.created else 'Added to'} {visible(str(written.path))}:",
        "",
        *(f"  {visible(line)}" for line in written.lines),
        "",
        f"It waives {waiver.rule} of {written.about} ({checked}),",
        f"from {waiver.from_} to the end of {waiver.until} (UTC). {_COUNTS}",
    ]
    return "\n".join(lines)


def _subject(request: WaiverRequest, newest: FindingsDocument | None) -> tuple[str, Subject]:
    """Return the rule and the subject of a key, with the subject's name where the newest scan has it."""
    subjects = _open(newest)
    key = next((key for key in subjects if key.casefold() == request.key.casefold()), None)
    rule_id, subject_id = _checked(key or request.key)
    if key is None and newest is not None and not request.force:
        raise SettingsError(_unknown(request.key, newest, subjects))
    return rule_id, subjects[key] if key else _unseen(rule_id, subject_id)


def _unseen(rule_id: str, subject_id: str) -> Subject:
    kind = next(rule.subject for rule in RULES if rule.id == rule_id)
    return Subject(type=kind, id=subject_id, name=subject_id)


def _open(newest: FindingsDocument | None) -> dict[str, Subject]:
    """Return the subjects of all findings that fail or are still open, by key."""
    if newest is None:
        return {}
    counted = (Outcome.FAIL, Outcome.WAIVED)
    failing = [
        verdict
        for verdict in newest.verdicts
        if verdict.outcome in counted or (verdict.lifecycle and verdict.lifecycle.state == "open")
    ]
    gone = {entry.key: entry.subject for entry in newest.gone if entry.lifecycle.state == "open"}
    return {verdict.key: verdict.subject for verdict in failing} | gone


def _checked(key: str) -> tuple[str, str]:
    """Return the rule and the subject's id that a key names, if waivers apply to that rule."""
    rule_id, slash, subject_id = key.partition("/")
    if not slash or not subject_id:
        raise SettingsError(
            f"{visible(key)[:_NAME]!r} is no finding: give its key, RULE/subject-id, as in findings.csv."
        )
    if not is_waivable(rule_id):
        raise SettingsError(f"{visible(rule_id)[:_NAME]} cannot be waived: it is about waivers or about the service.")
    if rule_id not in RULE_IDS:
        raise SettingsError(f"There is no rule {visible(rule_id)[:_NAME]!r}: {suggestion(rule_id, sorted(RULE_IDS))}")
    return rule_id, subject_id


def _unknown(key: str, newest: FindingsDocument, subjects: Mapping[str, Subject]) -> str:
    """Return the message for a key that names no open finding, with close matches by key or subject name."""
    outcome = next((verdict.outcome.value for verdict in newest.verdicts if verdict.key == key), "not there")
    names = {finding: subject.name for finding, subject in subjects.items()}
    suggestions = nearest(key, names)[:_SUGGESTIONS]
    hint = (
        f" Did you mean {listed(suggestions, names, ' or ')}?" if suggestions else " findings.csv lists those that do."
    )
    shown = visible(key)[:_NAME]
    return f"{shown} does not fail in scan {newest.scan.id} ({outcome}).{hint} --force writes it all the same."


def _check_days(begin: date, until: date, today: date) -> None:
    if until < today:
        raise SettingsError(f"--until {until} is over: give a day from {today} on.")
    if until < begin:
        raise SettingsError(f"--until {until} is before --from {begin}: exchange them, or correct one.")
    if (until - begin).days > LONGEST_DAYS:
        last = begin + LONGEST_DAYS * _DAY
        raise SettingsError(
            f"From {begin} to {until} is longer than {LONGEST_DAYS} days: end on {last} at the latest; renew it then."
        )


def _check_running(
    before: LoadedPolicy, rule_id: str, subject: Subject, days: tuple[date, date], tenant_id: str | None
) -> None:
    """Refuse a second waiver for the same days: it would be ambiguous which of them applies."""
    policy = before.policy if tenant_id is None else before.for_tenant(tenant_id).policy
    for waiver in policy.waivers:
        here = waiver.tenant is None if tenant_id is None else waiver.concerns(tenant_id)
        if waiver.until is None or waiver.flaws or not here or not waiver.matches(rule_id, subject):
            continue
        if waiver.from_ <= days[1] and days[0] <= waiver.until:
            raise SettingsError(
                f"Waiver {waiver.id} in {visible(before.source)} covers this finding from {waiver.from_} to "
                f"{waiver.until}: change it there, or begin after it (--from {waiver.until + _DAY})."
            )


def _all_ids(before: LoadedPolicy) -> frozenset[str]:
    """Return the ids of all waivers of a file, in lower case."""
    policies = (before.policy, *before.overrides.values())
    return frozenset(waiver.id.casefold() for policy in policies for waiver in policy.waivers)


def _waiver(request: WaiverRequest, rule_id: str, subject_id: str, begin: date, taken: frozenset[str]) -> Waiver:
    for option, text in (("--reason", request.reason), ("--owner", request.owner), ("--ticket", request.ticket)):
        if text is not None and not (text.strip() and text.isprintable()):
            raise SettingsError(f"{option} must say something, on one line and without control characters.")
    if request.tenant is not None and not is_object_id(request.tenant):
        raise SettingsError(
            f"--tenant {visible(request.tenant)[:_NAME]} is not the id of a tenant: give its object id."
        )
    waiver_id = request.waiver_id or _free_id(f"{rule_id}-{begin:%Y%m%d}", taken)
    if waiver_id.casefold() in taken:
        raise SettingsError(f"There is a waiver {visible(waiver_id)[:_NAME]} already: choose another --id.")
    keys = {"id": waiver_id, "rule": rule_id, "subject": subject_id, "from": begin, "until": request.until}
    texts = {
        "reason": request.reason.strip(),
        "owner": request.owner.strip(),
        "ticket": request.ticket,
        "tenant": request.tenant,
    }
    try:
        return Waiver.model_validate(keys | texts)
    except ValidationError:
        raise SettingsError(
            f"--id {visible(waiver_id)[:_NAME]} is refused: use letters, digits, '.', '_' and '-', at most 64."
        ) from None


def _free_id(wanted: str, taken: frozenset[str]) -> str:
    names = (wanted if number == 1 else f"{wanted}-{number}" for number in range(1, len(taken) + 2))
    return next(name for name in names if name.casefold() not in taken)
