"""Killed between any two writes, or scanning side by side: nothing is lost, and nothing is told twice."""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import signal
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import pytest

from common.ids import scan_id
from connectorwatch.scanning.publish import keep_evidence, publish
from findings.reports.formats import BY_FILE
from findings.reports.json_file import parse_json
from findings.stores.folder import FolderStore
from simulator import Simulator
from tests.children import PATIENCE, SPAWN, spawned
from tests.e2e.consistency import check
from tests.e2e.mishaps import KilledError, Mishap, Order, UnluckyStore, breed, die
from tests.e2e.running import NOW, environment, scan_with, state_of, stored, tenant_file, variant

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection
    from pathlib import Path

    from findings.stores.ports import Store
    from policies.evidence import Evidence

pytestmark = pytest.mark.slow

CLEAN = tenant_file("clean")
FOLDER = CLEAN.tenant.id
BROKEN = "connector_groups: {head-office: {connectors: {hq-02: {status: inactive}}}}"
DAY = timedelta(days=1)
BEFORE_WRITING = (0.01, 0.04)
"""Seconds after which scanners are killed that still read."""
WHILE_WRITING = (0.0, 0.002, 0.004, 0.006, 0.009, 0.012, 0.016, 0.02)
"""Seconds after its evidence is stored that a scanner is killed; it is finished after about 0.025."""


class Past(NamedTuple):
    """Three scans a day apart: all well, a connector down, all well again.

    Attributes:
        fine: Settings that scan the tenant when all is well.
        broken: Settings that scan it with a connector down.
        first: A store after the first scan.
        second: The same after the second.
        looks: The evidence of each scan, and of one between the first two.
    """

    fine: dict[str, str]
    broken: dict[str, str]
    first: Path
    second: Path
    looks: dict[str, Evidence]


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Past]:
    """Serve the tenant as it is well and as it is broken, and make the stores to start from."""
    folder = tmp_path_factory.mktemp("past")
    broken = variant(folder, BROKEN, "clean")
    with Simulator(CLEAN).in_thread() as well, Simulator(broken).in_thread() as down:
        fine, bad = environment(well), environment(down)
        looks = {}
        for name, settings, days in (("first", fine, 0), ("second", bad, 1), ("third", fine, 2)):
            looks[name] = asyncio.run(scan_with(settings, folder / "running", NOW + days * DAY)).evidence
            shutil.copytree(folder / "running", folder / name)
        shutil.copytree(folder / "first", folder / "between")
        looks["between"] = asyncio.run(scan_with(bad, folder / "between", NOW + DAY / 2)).evidence
        yield Past(fine, bad, folder / "first", folder / "second", looks)


def replay(store: Store, evidence: Evidence) -> None:
    """Store and publish what a scan has seen."""
    publish(store, keep_evidence(store, evidence))


async def test_a_scan_that_died_anywhere_is_finished_when_it_is_asked_for_again(past: Past, tmp_path: Path) -> None:
    """Whichever write it died before, the store ends exactly as if nothing had happened."""
    at, undisturbed = NOW + DAY, stored(past.second)
    for number in itertools.count():
        out = tmp_path / str(number)
        shutil.copytree(past.first, out)
        mishap = Mishap(number, die)
        with suppress(KilledError):
            replay(UnluckyStore(FolderStore(out), mishap), past.looks["second"])
        await scan_with(past.broken, out, at)
        assert stored(out) == undisturbed
        check(FolderStore(out), FOLDER, past.looks["second"].scan.id)
        if mishap.came_too_late:
            break
    assert number > len(BY_FILE) * 2


async def test_a_scan_that_died_anywhere_is_finished_by_the_next_one(past: Past, tmp_path: Path) -> None:
    """If it had been remembered, its reports are written first; if not, the next scan finds what it found."""
    for number in itertools.count():
        out = tmp_path / str(number)
        shutil.copytree(past.first, out)
        mishap = Mishap(number, die)
        with suppress(KilledError):
            replay(UnluckyStore(FolderStore(out), mishap), past.looks["second"])
        next_one = await scan_with(past.broken, out, NOW + 2 * DAY)
        check(FolderStore(out), FOLDER, next_one.document.scan.id)
        assert len(state_of(out, CLEAN).findings) == 3
        if mishap.came_too_late:
            break


@pytest.mark.parametrize("other", ["second", "third", "between"])
def test_another_scan_between_any_two_writes_does_no_harm(other: str, past: Past, tmp_path: Path) -> None:
    """Whether the other is the same scan, a newer or an older one, both end in one consistent store."""
    mine, theirs = past.looks["second"], past.looks[other]
    newest = max(mine, theirs, key=lambda evidence: evidence.snapshot.taken_at).scan.id
    for number in itertools.count():
        out = tmp_path / str(number)
        shutil.copytree(past.first, out)
        mishap = Mishap(number, partial(replay, FolderStore(out), theirs))
        replay(UnluckyStore(FolderStore(out), mishap), mine)
        if mishap.came_too_late:
            break
        check(FolderStore(out), FOLDER, newest)
        applied = {scan.id for scan in state_of(out, CLEAN).scans}
        for one in (mine, theirs):
            content = FolderStore(out).scans.read(f"{FOLDER}/scans/{one.scan.id}/findings.json")
            assert parse_json(content or b"").scan.superseded is (one.scan.id not in applied)
    assert number > len(BY_FILE) * 2


@pytest.mark.parametrize("lives", [1, 5])
def test_a_scan_that_sleeps_through_a_newer_one_and_dies_is_healed_when_it_is_asked_for_again(
    lives: int, past: Past, tmp_path: Path
) -> None:
    """Whichever write it slept before, and however many it lived to make then, latest/ shows the newer scan alone."""
    mine, theirs = past.looks["second"], past.looks["third"]
    for number in itertools.count():
        out = tmp_path / str(number)
        shutil.copytree(past.first, out)
        sleeps = Mishap(number, partial(replay, FolderStore(out), theirs))
        with suppress(KilledError):
            replay(UnluckyStore(UnluckyStore(FolderStore(out), sleeps), Mishap(number + lives, die)), mine)
        if sleeps.came_too_late:
            break
        replay(FolderStore(out), mine)
        check(FolderStore(out), FOLDER, theirs.scan.id)
    assert number > len(BY_FILE) * 2


def test_a_superseded_scan_that_died_is_finished_when_it_is_asked_for_again(past: Past, tmp_path: Path) -> None:
    """Whichever write it died before, all its reports are there."""
    mine, theirs = past.looks["second"], past.looks["third"]
    for number in itertools.count():
        out = tmp_path / str(number)
        shutil.copytree(past.first, out)
        replay(FolderStore(out), theirs)
        mishap = Mishap(number, die)
        with suppress(KilledError):
            replay(UnluckyStore(FolderStore(out), mishap), mine)
        if mishap.came_too_late:
            break
        replay(FolderStore(out), mine)
        assert lacking(FolderStore(out), mine) == []
        check(FolderStore(out), FOLDER, theirs.scan.id)
    assert number > len(BY_FILE)


def test_a_superseded_scan_that_died_after_findings_json_is_finished(past: Past, tmp_path: Path) -> None:
    """Where a version that wrote findings.json first died after it, all other reports are written."""
    mine, store = past.looks["first"], FolderStore(tmp_path / "out")
    replay(store, past.looks["third"])
    replay(store, mine)
    for file in (file for file in BY_FILE if file != "findings.json"):
        store.scans.delete(f"{FOLDER}/scans/{mine.scan.id}/{file}")

    replay(store, mine)

    assert lacking(store, mine) == []


def lacking(store: Store, evidence: Evidence) -> list[str]:
    """Return which reports of a scan are not there."""
    folder = f"{FOLDER}/scans/{evidence.scan.id}"
    return [file for file in BY_FILE if store.scans.read(f"{folder}/{file}") is None]


def test_reports_are_there_before_findings_json_is(past: Past, tmp_path: Path) -> None:
    """Whoever finds a scan's findings.json finds all its reports, whenever its process died."""
    for number in range(len(BY_FILE) + 2):
        out = tmp_path / str(number)
        shutil.copytree(past.first, out)
        with suppress(KilledError):
            replay(UnluckyStore(FolderStore(out), Mishap(number, die)), past.looks["second"])
        folder = f"{FOLDER}/scans/{past.looks['second'].scan.id}"
        there = {name.rpartition("/")[2] for name in FolderStore(out).scans.list(f"{folder}/")}
        assert "findings.json" not in there or there > set(BY_FILE)


async def test_a_state_that_was_lost_is_shown_from_the_next_scan_on(past: Past, tmp_path: Path) -> None:
    """The tables of the lost state are replaced, and the new one's announcements are found."""
    out = tmp_path / "out"
    shutil.copytree(past.second, out)
    store = FolderStore(out)
    (out / FOLDER / "state.json").unlink()

    result = await scan_with(past.broken, out, NOW + 10 * DAY)

    (row,) = store.views.query("ConnectorTenants").rows
    assert (row.values["scan"], row.values["undelivered"]) == (result.document.scan.id, True)
    check(store, FOLDER, result.document.scan.id)


@pytest.fixture(scope="module")
def scanners(past: Past, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """Start the process that starts scanners."""
    ours, theirs = SPAWN.Pipe()
    with spawned(breed, (theirs, Order(past.fine, tmp_path_factory.mktemp("first"), NOW))) as (breeder,):
        yield ours
        ours.send([])
        breeder.join(PATIENCE)


@pytest.mark.parametrize("apart", [timedelta(), timedelta(seconds=1)], ids=["the same scan", "two scans"])
def test_two_processes_that_scan_at_once_agree(
    apart: timedelta, past: Past, tmp_path: Path, scanners: Connection
) -> None:
    """Three times two real processes scan one tenant side by side, and neither fails."""
    for number in range(3):
        out, at = tmp_path / str(number), NOW + DAY
        shutil.copytree(past.first, out)
        scanners.send([Order(past.broken, out, at), Order(past.broken, out, at + apart)])
        assert len(scanners.recv()) == 2
        assert scanners.recv() == [0, 0]
        check(FolderStore(out), FOLDER, scan_id(at + apart, FOLDER, "manual"))


async def test_a_scanner_that_is_killed_at_any_moment_leaves_what_the_next_one_can_use(
    past: Past, tmp_path: Path, scanners: Connection
) -> None:
    """Ten real kills, some while Graph is read and most while reports are written."""
    out = tmp_path / "out"
    shutil.copytree(past.first, out)
    killed = 0
    for number, moment in enumerate((*BEFORE_WRITING, *WHILE_WRITING)):
        at, settings = NOW + (number + 1) * DAY, (past.broken, past.fine)[number % 2]
        scanners.send([Order(settings, out, at)])
        (child,) = scanners.recv()
        if moment not in BEFORE_WRITING:
            await there(out / FOLDER / "scans" / scan_id(at, FOLDER, "manual") / "evidence.json.gz")
        await asyncio.sleep(moment)
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        killed += scanners.recv() == [-signal.SIGKILL]
        # Asked for again, or left alone until the next.
        result = await scan_with(settings, out, at + number % 2 * DAY / 2)
        check(FolderStore(out), FOLDER, result.document.scan.id)
    assert killed >= 4


async def there(path: Path) -> None:
    """Wait until a file is there, for ten seconds at most."""
    async with asyncio.timeout(10):
        while not os.access(path, os.R_OK):  # noqa: ASYNC110 - nobody tells us: another process writes it
            await asyncio.sleep(0.001)
