"""What an auditor is shown of a period: scans done, missed and incomplete, with the digests of their files."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from common.errors import EvidenceError, SettingsError
from common.ids import scan_id
from connectorwatch.scanning.publish import keep_evidence
from connectorwatch.terminal.period import rendered
from connectorwatch.usecases.period import ALWAYS, Gap, gaps
from findings.state.document import SCANS_KEPT, State
from findings.stores.folder import FolderStore
from tests.connectorwatch.usecases.period_data import HOUR, SEEN, at, scanned, told
from tests.making import TENANT, evidence

if TYPE_CHECKING:
    from pathlib import Path
FILES = (*ALWAYS, "connectors.csv", "groups.csv", "applications.csv")
"""What a scan of this version leaves."""


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    """Return an empty store."""
    return FolderStore(tmp_path)


def test_a_period(store: FolderStore) -> None:
    """Scans are listed with what they could not read; those that were missed stand between them."""
    done = [scanned(store, 1), scanned(store, 2, unread="connectors"), scanned(store, 5), scanned(store, 6)]

    report = told(store, 2, 8)

    assert [scan.id for scan in report.scans] == done[1:]
    assert [scan.complete for scan in report.scans] == [False, True, True]
    assert [(one.name, one.status) for one in report.incomplete[0].unread] == [("connectors", "denied")]
    assert report.missed == (
        Gap(after=at(2), before=at(5), missed=2),
        Gap(after=at(6), before=None, missed=1),
    )
    assert (report.watched_from, report.remembered_from, report.all_remembered) == (at(1), at(1), True)
    assert report.damaged == ()


def test_digests(store: FolderStore, tmp_path: Path) -> None:
    """Each file of a scan is named with the SHA-256 of what is stored, as other tools find it."""
    own = scanned(store, 1)

    (scan,) = told(store).scans

    folder = tmp_path / TENANT / "scans" / own
    expected = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in FILES}
    assert {file.name: file.sha256 for file in scan.artefacts} == expected
    assert set(ALWAYS) < set(FILES)
    assert {file.status for file in scan.artefacts} == {"stored"}


def test_a_file_of_another_version_is_told(store: FolderStore) -> None:
    """A file that this version does not know has its digest too."""
    own = scanned(store, 1)
    store.scans.create(f"{TENANT}/scans/{own}/findings.later", b"{}")

    (scan,) = told(store).scans

    (later,) = (file for file in scan.artefacts if file.name == "findings.later")
    assert later.model_dump() == {
        "name": "findings.later",
        "sha256": hashlib.sha256(b"{}").hexdigest(),
        "status": "stored",
    }


def test_damage_is_told(store: FolderStore, tmp_path: Path) -> None:
    """A file that is missing, that cannot be read, or that is not what was remembered is told as such."""
    own = scanned(store, 1)
    folder = tmp_path / TENANT / "scans" / own
    (folder / "report.html").unlink()
    (folder / "findings.json").write_bytes(b"{")
    (folder / "evidence.json.gz").write_bytes(b"other")

    report = told(store)

    (scan,) = report.damaged
    assert {file.name: file.status for file in scan.artefacts} == {
        "evidence.json.gz": "altered",
        "findings.json": "altered",
        "findings.csv": "stored",
        "registrars.csv": "stored",
        "connectors.csv": "stored",
        "groups.csv": "stored",
        "applications.csv": "stored",
        "findings.ocsf.jsonl": "stored",
        "findings.sarif": "stored",
        "report.html": "missing",
        "report.md": "stored",
    }
    assert (scan.complete, scan.unread) == (True, ())


def test_an_edited_result_is_damage(store: FolderStore, tmp_path: Path) -> None:
    """A findings.json that can be read and is not the one that was published is told as altered."""
    findings = tmp_path / TENANT / "scans" / scanned(store, 1) / "findings.json"
    findings.write_bytes(findings.read_bytes().replace(b"Paris", b"Osaka"))

    (scan,) = told(store).damaged

    assert [file.name for file in scan.artefacts if file.status == "altered"] == ["findings.json"]


def test_a_result_whose_digest_was_not_kept_is_believed(store: FolderStore, tmp_path: Path) -> None:
    """Of a scan that an earlier version published, findings.json counts as stored where it can be read."""
    findings = tmp_path / TENANT / "scans" / scanned(store, 1) / "findings.json"
    state = tmp_path / TENANT / "state.json"
    kept = hashlib.sha256(findings.read_bytes()).hexdigest()
    state.write_text(state.read_text(encoding="utf-8").replace(f',"findings_sha256":"{kept}"', ""), encoding="utf-8")
    findings.write_bytes(findings.read_bytes().replace(b"Paris", b"Osaka"))

    assert "findings_sha256" not in state.read_text(encoding="utf-8")
    assert told(store).damaged == ()


def test_another_scans_result_is_damage(store: FolderStore, tmp_path: Path) -> None:
    """A findings.json that belongs to another scan is not taken for this one's."""
    first, second = scanned(store, 1), scanned(store, 2, unread="connectors")
    scans = tmp_path / TENANT / "scans"
    (scans / first / "findings.json").write_bytes((scans / second / "findings.json").read_bytes())

    scan = told(store).scans[0]

    assert [file.status for file in scan.artefacts if file.name == "findings.json"] == ["altered"]
    assert scan.unread == ()


def test_a_superseded_scan_was_done(store: FolderStore) -> None:
    """A scan that came too late is listed by its files, and is not missed."""
    scanned(store, 1)
    scanned(store, 3)
    late = scanned(store, 2)

    report = told(store, 1, 3)

    assert [(scan.remembered, scan.superseded) for scan in report.scans] == [
        (True, False),
        (False, True),
        (True, False),
    ]
    assert (report.scans[1].id, report.scans[1].trigger, report.missed) == (late, "manual", ())


def test_a_scan_that_never_finished(store: FolderStore) -> None:
    """A scan of which nothing but evidence is left is told, and nobody can say whether it was complete."""
    scanned(store, 1)
    keep_evidence(store, evidence(SEEN, scan_id=scan_id(at(2), TENANT, "schedule")))

    scan = told(store).scans[1]

    assert (scan.at, scan.complete, scan.superseded, scan.trigger) == (at(2), None, None, None)
    assert [file.status for file in scan.artefacts] == ["stored", *["missing"] * (len(ALWAYS) - 1)]
    assert "never finished" in rendered(told(store), "text").decode()


def test_folders_that_are_no_scans_are_left_out(store: FolderStore) -> None:
    """What merely looks like a scan's folder, or stands deeper, is none."""
    scanned(store, 1)
    for name in ("20261399T000000Z-0000000a/x", "notes/x", "20260102T060000Z-0000000a/deep/x"):
        store.scans.create(f"{TENANT}/scans/{name}", b"")

    assert len(told(store).scans) == 1


def test_scans_older_than_memory(store: FolderStore) -> None:
    """Where the state lists no more than it keeps, older scans are known by their files, and that is said."""
    old = scanned(store, 1)
    name = f"{TENANT}/state.json"
    stored = store.documents.read(name)
    assert stored is not None
    state = State.from_bytes(stored.content)
    rows = tuple(
        state.scans[0].model_copy(update={"id": scan_id(at(2 + n), TENANT, "x"), "taken_at": at(2 + n)})
        for n in range(SCANS_KEPT)
    )
    store.documents.write(name, state.model_copy(update={"scans": rows}).to_bytes(), stored.etag)

    report = told(store, 1, 3)

    assert next((scan.id == old, scan.remembered, scan.superseded) for scan in report.scans) == (True, False, False)
    assert (report.watched_from, report.remembered_from, report.all_remembered) == (at(1), at(2), False)
    text = rendered(report, "text").decode()
    assert "older than memory" in text
    assert "Memory reaches back to 2026-01-02 06:00 UTC (400 scans are listed)" in text


@pytest.mark.parametrize(
    ("moments", "period", "every", "expected"),
    [
        ([1, 2, 3], (1, 3), 24, []),
        ([1, 3], (1, 3), 24, [(1, 3, 1)]),
        ([1, 2.5], (1, 2.5), 24, []),
        ([1, 2.51], (1, 3), 24, [(1, 2.51, 1)]),
        ([1], (1, 2.5), 24, []),
        ([1], (1, 4), 24, [(1, None, 2)]),
        ([5], (1, 5), 24, []),
        ([9], (1, 5), 24, []),
        ([1, 9], (3, 5), 24, [(1, 9, 3)]),
        ([1, 9], (3.5, 3.6), 24, []),
        ([1, 1.01, 1.5, 3], (1, 3), 24, []),
        ([1, 3], (1, 3), 24 * 7, []),
        ([1, 3], (1, 3), 1, [(1, 3, 47)]),
        ([1, 1], (1, 2), 24, []),
    ],
)
def test_gaps(
    moments: list[float], period: tuple[float, float], every: int, expected: list[tuple[float, float | None, int]]
) -> None:
    """A scan is missed when none was made within half the interval of when it was expected, inside the period."""
    found = list(gaps([at(day) for day in moments], at(period[0]), at(period[1]), every * HOUR))

    assert found == [
        Gap(after=at(after), before=None if before is None else at(before), missed=missed)
        for after, before, missed in expected
    ]


def test_many_missed_scans_are_counted_at_once() -> None:
    """A short interval over years is arithmetic, no loop."""
    (gap,) = gaps([at(1)], at(1), at(1 + 3650), timedelta(microseconds=1))

    assert gap.missed == 3650 * 24 * 3600 * 10**6 - 1


def test_no_scan_in_the_period(store: FolderStore) -> None:
    """A period without scans lists none, and says what is known of it."""
    scanned(store, 20)

    before, after = told(store, 1, 10), told(store, 21, 25)

    assert (before.scans, before.missed) == ((), ())
    assert "Nothing is known of the time before 2026-01-20 06:00 UTC" in rendered(before, "text").decode()
    assert [gap.missed for gap in after.missed] == [4]
    assert "4 missed from 2026-01-20 06:00 UTC on, no scan has followed" in rendered(after, "text").decode()


@pytest.mark.parametrize(
    ("first", "last", "every", "words"),
    [(5, 5, 24, "ends before it starts"), (5, 1, 24, "ends before it starts"), (1, 5, 0, "0 hours or less")],
)
def test_a_period_that_is_none(store: FolderStore, first: int, last: int, every: int, words: str) -> None:
    """A period that ends before it starts, and scans expected in no time, are refused with what to do."""
    scanned(store, 1)

    with pytest.raises(SettingsError, match=words):
        told(store, first, last, every * HOUR)


def test_no_scan_at_all(store: FolderStore) -> None:
    """A tenant that was never scanned has no report, and is not reported as fine."""
    with pytest.raises(SettingsError, match="run `connectorwatch scan` first"):
        told(store)


def test_a_damaged_state(store: FolderStore) -> None:
    """Without a readable state nobody can say which scans there were."""
    store.documents.write(f"{TENANT}/state.json", b"[]", None)

    with pytest.raises(EvidenceError, match="damaged"):
        told(store)
