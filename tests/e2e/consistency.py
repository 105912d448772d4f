"""What must hold of a store after any mishap: all published and whole, each change told once, views as made anew."""

from __future__ import annotations

import itertools
from collections import defaultdict
from typing import TYPE_CHECKING

from connectorwatch.scanning.latest_and_views import MARK, stored_state
from connectorwatch.scanning.publish import stored_evidence
from connectorwatch.scanning.rebuild import rebuild
from findings.reports.formats import BY_FILE
from findings.reports.json_file import parse_json
from findings.views.tables import COLUMNS

if TYPE_CHECKING:
    from findings.document import FindingsDocument, GoneEntry, VerdictEntry
    from findings.state.document import State
    from findings.stores.ports import Store
    from findings.views.tables import Row


def check(store: Store, tenant: str, newest: str) -> None:
    """Make sure that a store is consistent, and that a scan is a tenant's newest; nothing may have been delivered."""
    state = stored_state(store, tenant)[0]
    assert state.unpublished == ()
    assert state.scans[-1].id == newest
    told: dict[str, list[str]] = defaultdict(list)
    for document in _documents(store, state):
        moved = changes_in(document)
        assert _announced(state, document.scan.id) == sorted(moved)
        for key, change in moved:
            told[key].append(change)
    for file in BY_FILE:
        newest_file = store.scans.read(f"{tenant}/scans/{newest}/{file}")
        assert store.latest.read(f"{tenant}/latest/{file}") == newest_file
    assert store.latest.read(f"{tenant}/latest/{MARK}") == f"{newest}\n".encode()
    assert told.keys() == state.findings.keys()
    for key, changes in told.items():
        assert changes == ["new", *itertools.islice(itertools.cycle(("resolved", "reopened")), len(changes) - 1)]
        assert (changes[-1] == "resolved") is (state.findings[key].state == "resolved")
    _check_views(store, tenant)


def changes_in(document: FindingsDocument) -> list[tuple[str, str]]:
    """Return the findings that a scan tells as moved, and how."""
    entries: list[VerdictEntry | GoneEntry] = [*document.verdicts, *document.gone]
    lives = ((entry.key, entry.lifecycle) for entry in entries)
    return [(key, life.change) for key, life in lives if life is not None and life.change is not None]


def all_rows(store: Store, tenant: str) -> list[Row]:
    """Return a tenant's rows in all tables."""
    return [row for table in COLUMNS for row in store.views.query(table, tenant).rows if row.values["tenant"] == tenant]


def _documents(store: Store, state: State) -> list[FindingsDocument]:
    """Return the result of each scan applied, after making sure that all its files are there."""
    found = []
    for scan in state.scans:
        evidence = stored_evidence(store, state.tenant.id, scan.id)
        assert evidence is not None
        assert evidence.sha256 == scan.evidence_sha256
        whole = {file: store.scans.read(f"{state.tenant.id}/scans/{scan.id}/{file}") for file in BY_FILE}
        assert None not in whole.values()
        found.append(parse_json(whole["findings.json"] or b""))
        assert not found[-1].scan.superseded
    return found


def _announced(state: State, scan_id: str) -> list[tuple[str, str]]:
    """Return what the outbox has to tell of a scan, which is one entry or none."""
    entries = [entry for entry in state.outbox if entry.scan == scan_id]
    assert len(entries) <= 1
    assert len({entry.id for entry in state.outbox}) == len(state.outbox)
    return [(change.key, change.change) for entry in entries for change in entry.changes]


def _check_views(store: Store, tenant: str) -> None:
    """Make sure that tables made anew equal the tables that were written."""
    written = all_rows(store, tenant)
    assert len(written) > 1
    store.views.remove(tenant)
    rebuild(store, tenant, lambda _: None)
    assert all_rows(store, tenant) == written
