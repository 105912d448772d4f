"""Bring a tenant's state back to what it was after one of its scans, from the stored evidence alone.

The way out of a state that a wrong clock has frozen: its newest scan is dated years ahead, so that every later one
counts as older. Evidence is never touched, and the same can be done again with a later scan.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from common.errors import EvidenceError, SettingsError, StorageError
from common.ids import SCAN_ID
from common.text import visible
from connectorwatch.scanning.latest_and_views import FINDINGS, changed_state, refresh, scan_folder, stored_state
from connectorwatch.scanning.publish import applied, judge, stored_evidence
from findings.state.announcements import AnnouncementMemory
from findings.state.seed import known_before

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from connectorwatch.scanning.publish import StoredEvidence
    from findings.state.announcements import OutboxEntry
    from findings.state.document import State
    from findings.stores.ports import Store

_SHOWN = 3


class _Place(NamedTuple):
    """Where a stored scan stands in time."""

    taken_at: datetime
    scan_id: str


def rebuild_from(store: Store, tenant_id: str, scan_id: str, progress: Callable[[str], None]) -> int:
    """Remember a tenant's stored scans anew, up to one of them, and return how many there were.

    Later scans, and announcements of them that wait, leave the state. Scans that the state had not remembered are
    announced. What the state knows from before the oldest stored scan stays.

    Args:
        store: Where.
        tenant_id: Whose.
        scan_id: The newest scan to remember.
        progress: Receives a line for each scan.

    Raises:
        SettingsError: There is no evidence of that scan.
        EvidenceError: That scan's evidence or the state is damaged or of a newer version.
        StorageError: Storage refused, there is no state, or a scan was remembered meanwhile.
    """
    before = stored_state(store, tenant_id)[0]
    places = _places(store, tenant_id, scan_id, progress)
    state = _begun(before, _evidence(store, tenant_id, places[0].scan_id), places[0].taken_at)
    waiting: list[OutboxEntry] = []
    for number, place in enumerate(places, start=1):
        stored = _evidence(store, tenant_id, place.scan_id)
        evidence = stored.evidence.model_copy(update={"memory": state.memory})
        state = applied(state, judge(replace(stored, evidence=evidence)))
        if not before.has_applied(place.scan_id) and place.taken_at >= before.scans[0].taken_at:
            waiting += state.outbox
        state = state.model_copy(update={"outbox": ()})
        progress(f"{number} of {len(places)}: scan {place.scan_id}")
    unfinished = frozenset(place.scan_id for place in places if not _is_published(store, tenant_id, place.scan_id))
    changed_state(
        store,
        tenant_id,
        lambda current: _in_place_of(current, before, state, waiting, unfinished),
        advice="run this again when fewer scans run",
    )
    refresh(store, tenant_id, anew=True)
    return len(places)


def _places(store: Store, tenant_id: str, scan_id: str, progress: Callable[[str], None]) -> list[_Place]:
    """Return the stored scans up to one of them, oldest first; one whose evidence is damaged is left out."""
    last = _evidence(store, tenant_id, scan_id).evidence
    end, places = _Place(last.snapshot.taken_at, scan_id), []
    for other in _scan_ids(store, tenant_id):
        try:
            stored = stored_evidence(store, tenant_id, other)
        except EvidenceError as error:
            progress(f"left out: {error}")
            continue
        if stored is not None:
            places.append(_Place(stored.evidence.snapshot.taken_at, other))
    return sorted(place for place in places if place <= end)


def _evidence(store: Store, tenant_id: str, scan_id: str) -> StoredEvidence:
    stored = stored_evidence(store, tenant_id, scan_id) if SCAN_ID.fullmatch(scan_id) else None
    if stored is None:
        known = _scan_ids(store, tenant_id)
        newest = f"the newest are {', '.join(known[: -_SHOWN - 1 : -1])}" if known else "nothing of it is stored"
        raise SettingsError(
            f"There is no evidence of scan {visible(scan_id)[:60]} of tenant {tenant_id}: name another scan; {newest}."
        )
    return stored


def _scan_ids(store: Store, tenant_id: str) -> list[str]:
    """Return the ids of a tenant's stored scans, sorted; what is no scan of ours is left out."""
    names = {name.split("/")[2] for name in store.scans.list(f"{tenant_id}/scans/")}
    return sorted(name for name in names if SCAN_ID.fullmatch(name))


def _begun(before: State, first: StoredEvidence, since: datetime) -> State:
    """Return the state to begin with: what was known before the oldest stored scan."""
    return before.model_copy(
        update={
            "findings": known_before(before.findings, since),
            "scans": (),
            "memory": first.evidence.memory,
            "policy": None,
            "trend": tuple(point for point in before.trend if point.at < since),
            "outbox": (),
            "announcement_memory": AnnouncementMemory(),
        }
    )


def _is_published(store: Store, tenant_id: str, scan_id: str) -> bool:
    return store.scans.read(f"{scan_folder(tenant_id, scan_id)}/{FINDINGS}") is not None


def _in_place_of(
    current: State, before: State, state: State, waiting: list[OutboxEntry], unfinished: frozenset[str]
) -> State:
    """Return the state as it is to be stored, with what happened to announcements meanwhile."""
    if current.scans != before.scans:
        raise StorageError(f"A scan of tenant {current.tenant.id} was remembered meanwhile: run this again.")
    digests = {scan.id: scan.findings_sha256 for scan in before.scans}
    kept = tuple(entry for entry in current.set_aside if state.has_applied(entry.scan))
    set_aside_scans = {entry.scan for entry in kept}
    known = {*current.announcement_memory.announced, *(entry.id for entry in current.outbox)}
    return state.model_copy(
        update={
            "revision": current.revision + 1,
            "scans": tuple(scan.model_copy(update={"findings_sha256": digests.get(scan.id)}) for scan in state.scans),
            "unpublished": tuple(scan.id for scan in state.scans if scan.id in unfinished - set_aside_scans),
            "set_aside": kept,
            "outbox": (
                *(entry for entry in current.outbox if state.has_applied(entry.scan)),
                *(entry for entry in waiting if entry.id not in known),
            ),
            "announcement_memory": current.announcement_memory.model_copy(
                update={"not_assessed": state.announcement_memory.not_assessed}
            ),
        }
    )
