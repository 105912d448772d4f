"""A stored tenant with a rogue connector, and what somebody answers: shared by the tests of answers."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from connectorwatch.scanning.publish import keep_evidence, memory_of, publish, state_before
from connectorwatch.usecases.answer import AnswerRequest
from connectorwatch.usecases.history import stored_state
from findings.stores.folder import FolderStore
from tests.findings.state.answering import CON003, NEW, tenant
from tests.making import NOW, TENANT, evidence

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from findings.document import FindingsDocument
    from findings.state.document import State
    from policies.policy_file.answers import Answer

LATER = NOW + timedelta(days=2, hours=12)
"""When the answers are given: after three daily scans, of which the last two showed the rogue connector."""
REQUEST = AnswerRequest(CON003, "expected", "it is the new server", "ada@contoso.example")


def scan(store: FolderStore, day: int, answers: tuple[Answer, ...] = ()) -> FindingsDocument:
    """Scan the tenant on a day and store everything; the first scan shows no rogue connector."""
    seen = tenant(*([NEW] if day else []), eve=day > 1, logged=day > 0)
    at = NOW + timedelta(days=day)
    scan_id = f"{at:%Y%m%dT%H%M%SZ}-0000000a"
    judged = evidence(
        seen.model_copy(update={"taken_at": at, "started_at": at}),
        memory=memory_of(state_before(store, TENANT)),
        scan_id=scan_id,
    )
    return publish(store, keep_evidence(store, judged.model_copy(update={"answers": answers})))


def scanned_store(folder: Path) -> FolderStore:
    """Return a store with three scans of the tenant."""
    store = FolderStore(folder)
    for day in range(3):
        scan(store, day)
    return store


def state_in(store: FolderStore) -> State:
    """Return what is remembered of the tenant."""
    return stored_state(store, TENANT)


def days_later(days: float) -> datetime:
    """Return a moment so many days after the answers are given."""
    return LATER + timedelta(days=days)
