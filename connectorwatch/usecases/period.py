"""The use case: show an auditor which scans were done, missed and incomplete in a period, with their digests.

A scan is expected `every` so many hours after the one before. It counts as missed if none was made within half that
time of when it was expected. Before a tenant's first scan nothing was expected.
"""

from __future__ import annotations

import hashlib
import math
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from common.errors import EvidenceError, SettingsError
from common.ids import scan_moment
from connectorwatch.scanning.latest_and_views import scan_folder
from connectorwatch.usecases.history import answered_state
from findings.document import TenantInfo
from findings.reports.json_file import parse_json
from findings.result_parts import AnswerInfo, Part
from findings.state.document import SCANS_KEPT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from findings.document import FindingsDocument
    from findings.state.document import ScanMeta, State
    from findings.stores.ports import Store

EVIDENCE, FINDINGS = "evidence.json.gz", "findings.json"
ALWAYS = (
    EVIDENCE,
    FINDINGS,
    "findings.csv",
    "registrars.csv",
    "findings.ocsf.jsonl",
    "findings.sarif",
    "report.html",
    "report.md",
)
"""The files that scans of every version left; others are listed beside them."""


class Artefact(Part):
    """One file of a scan: the SHA-256 of what is stored in hex, or null where it is missing.

    `altered` means that it is not what was remembered, or cannot be read as what it should be.
    """

    name: str
    sha256: str | None
    status: Literal["stored", "missing", "altered"]


class UnreadList(Part):
    """A list that a scan could not read, and why."""

    name: str
    status: str
    reason: str | None = None


class PeriodScan(Part):
    """One scan that was done.

    Attributes:
        at: When it was made; from its id where nothing else is stored.
        remembered: Whether the state lists it. One that is not was superseded by a newer scan, never finished, or is
            older than what is listed.
        complete: Whether it could read everything; null where unknown.
        superseded: Whether a newer scan had been remembered before it; null where unknown.
        unread: The lists that it could not read.
    """

    id: str
    at: datetime
    trigger: str | None
    remembered: bool
    complete: bool | None
    superseded: bool | None
    unread: tuple[UnreadList, ...]
    artefacts: tuple[Artefact, ...]


class PeriodAnswer(AnswerInfo):
    """An answer that was given in the period, and to which finding."""

    key: str


class Gap(Part):
    """A time in which scans were expected and none was made; `to` is null while no scan has followed."""

    after: datetime = Field(alias="from")
    before: datetime | None = Field(alias="to")
    missed: int


class PeriodReport(Part):
    """What happened in a period (both ends belong to it), version 1.

    Attributes:
        answers: What was answered to findings, as far as these are remembered, oldest first.
        later: How many scans are known of that lie after the period.
        every_hours: How often a scan was expected; late by half of that is not missed.
        watched_from: The first scan that is known of at all. Nothing was expected before it.
        remembered_from: The first scan that the state lists.
        all_remembered: Whether that is the tenant's first. If not, older ones are known by their files alone.
    """

    schema_: Literal["connectorwatch.period/v1"] = Field(default="connectorwatch.period/v1", alias="schema")
    tenant: TenantInfo
    start: datetime
    end: datetime
    every_hours: float
    watched_from: datetime
    remembered_from: datetime
    all_remembered: bool
    scans: tuple[PeriodScan, ...]
    missed: tuple[Gap, ...]
    answers: tuple[PeriodAnswer, ...] = ()
    later: int = 0

    @property
    def incomplete(self) -> tuple[PeriodScan, ...]:
        """The scans that could not read everything, or for which that is unknown."""
        return tuple(scan for scan in self.scans if not scan.complete)

    @property
    def damaged(self) -> tuple[PeriodScan, ...]:
        """The scans of which a file is missing or altered."""
        return tuple(scan for scan in self.scans if any(file.status != "stored" for file in scan.artefacts))


def period_report(
    store: Store, tenant_id: str | None, start: datetime, end: datetime, every: timedelta = timedelta(hours=24)
) -> PeriodReport:
    """Return what happened in a period.

    Args:
        store: Where the scans are.
        tenant_id: Whose scans; None for the only tenant there is.
        start: The first moment of the period.
        end: Its last; not later than now, since nothing can be missed in the future.
        every: How often a scan is expected.

    Raises:
        SettingsError: The period ends before it starts, `every` is no time, or nothing is remembered of the tenant.
        EvidenceError: The state is damaged or of a newer version. A damaged artefact is reported, not raised.
        StorageError: Storage refused.
    """
    if end <= start:
        raise SettingsError("The period ends before it starts: give an earlier --from or a later --to (now at most).")
    if every <= timedelta():
        raise SettingsError("Scans cannot be expected every 0 hours or less: give --every as hours, such as 24.")
    state = answered_state(store, tenant_id)
    listed = {scan.id: scan for scan in state.scans}
    files = _files(store, state.tenant.id)
    known = {scan_id: at for scan_id in files if (at := scan_moment(scan_id))} | {
        scan_id: meta.taken_at for scan_id, meta in listed.items()
    }
    done = [
        _scan(_read(store, state.tenant.id, scan_id, files.get(scan_id, set())), scan_id, listed.get(scan_id), at)
        for at, scan_id in sorted((at, scan_id) for scan_id, at in known.items())
        if start <= at <= end
    ]
    moments = sorted(known.values())
    return PeriodReport(
        tenant=TenantInfo(id=state.tenant.id, name=state.tenant.name),
        start=start,
        end=end,
        every_hours=every / timedelta(hours=1),
        watched_from=moments[0],
        remembered_from=state.scans[0].taken_at,
        all_remembered=len(state.scans) < SCANS_KEPT,
        scans=tuple(done),
        missed=tuple(gaps(moments, start, end, every)),
        answers=_answers(state, start, end),
        later=sum(at > end for at in moments),
    )


def _answers(state: State, start: datetime, end: datetime) -> tuple[PeriodAnswer, ...]:
    given = (
        PeriodAnswer(key=key, verdict=answer.verdict, reason=answer.reason, by=answer.by, at=answer.at)
        for key, record in state.findings.items()
        for answer in record.answers
        if start <= answer.at <= end
    )
    return tuple(sorted(given, key=lambda answer: (answer.at, answer.key)))


def _files(store: Store, tenant_id: str) -> dict[str, set[str]]:
    """Return the names of the files that each scan left, by scan id."""
    files: dict[str, set[str]] = {}
    for name in store.scans.list(f"{tenant_id}/scans/"):
        _, _, scan_id, *rest = name.split("/")
        if len(rest) == 1:
            files.setdefault(scan_id, set()).add(rest[0])
    return files


def gaps(moments: Sequence[datetime], start: datetime, end: datetime, every: timedelta) -> Iterator[Gap]:
    """Yield the times in which scans were missed, oldest first.

    Args:
        moments: When scans were made, sorted, inside the period and outside; nothing is expected before the first.
        start: The first moment of the period.
        end: Its last.
        every: How often a scan is expected.
    """
    for after, before in pairwise(moments):
        if missed := _missed(after, before, (start, end), every):
            yield Gap(after=after, before=before, missed=missed)
    last = moments[-1]
    if missed := _missed(last, end, (start, end), every):
        yield Gap(after=last, before=None, missed=missed)


def _missed(after: datetime, before: datetime, period: tuple[datetime, datetime], every: timedelta) -> int:
    """Return how many scans were expected between two moments and inside the period, and not made."""
    start, end = period
    # The last expected scan that the next one does not stand for: that may be up to half an interval early or late.
    last = math.ceil((before - after) / every - 0.5) - 1
    first_inside = max(1, math.ceil((start - after) / every))
    last_inside = min(last, math.floor((end - after) / every))
    return max(0, last_inside - first_inside + 1)


def _read(store: Store, tenant_id: str, scan_id: str, files: set[str]) -> dict[str, bytes | None]:
    """Return what a scan left, file by file; None for a file that should be there and is not."""
    names = (*ALWAYS, *sorted(files.difference(ALWAYS)))
    return {name: store.scans.read(f"{scan_folder(tenant_id, scan_id)}/{name}") for name in names}


def _scan(contents: Mapping[str, bytes | None], scan_id: str, meta: ScanMeta | None, at: datetime) -> PeriodScan:
    document = _document(contents[FINDINGS], scan_id)
    unread = [section for section in document.sections if not section.known] if document else []
    return PeriodScan(
        id=scan_id,
        at=at,
        trigger=meta.trigger if meta else document.scan.trigger if document else None,
        remembered=meta is not None,
        complete=meta.complete if meta else document.scan.complete if document else None,
        superseded=False if meta else document.scan.superseded if document else None,
        unread=tuple(UnreadList(name=section.name, status=section.status, reason=section.reason) for section in unread),
        artefacts=tuple(_artefacts(contents, meta, document)),
    )


def _document(content: bytes | None, scan_id: str) -> FindingsDocument | None:
    """Return what findings.json holds, if it can be read and is this scan's."""
    if content is None:
        return None
    try:
        document = parse_json(content)
    except EvidenceError:
        return None
    return document if document.scan.id == scan_id else None


def _artefacts(
    contents: Mapping[str, bytes | None], meta: ScanMeta | None, document: FindingsDocument | None
) -> Iterator[Artefact]:
    for name, content in contents.items():
        if content is None:
            yield Artefact(name=name, sha256=None, status="missing")
            continue
        digest = hashlib.sha256(content).hexdigest()
        known = {EVIDENCE: meta.evidence_sha256, FINDINGS: meta.findings_sha256 or digest} if meta else {}
        other = known.get(name, digest) != digest
        unreadable = name == FINDINGS and document is None
        yield Artefact(name=name, sha256=digest, status="altered" if other or unreadable else "stored")
