"""Scans asked for by the schedule and by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import SettingsError, StorageError
from common.ids import scan_id
from connectorwatch.service.request import parse_request
from connectorwatch.service.request_scan import request_scan
from connectorwatch.service.schedule import delay_of, occurrence_of, schedule_scans
from findings.stores.folder import FolderStore
from tests.connectorwatch.service.making import NOW, A, B, Waiting, service

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from findings.stores.ports import Stored


@pytest.mark.parametrize(
    ("following", "now", "expected"),
    [
        ("2026-11-20T06:00:00+00:00", "2026-11-20T06:00:02+00:00", "2026-11-20T06:00:00+00:00"),
        ("2026-11-20T06:00:00Z", "2026-11-20T05:59:59.95+00:00", "2026-11-20T06:00:00+00:00"),
        ("2026-11-20T07:00:00.0000000+01:00", "2026-11-20T08:12:00+00:00", "2026-11-20T06:00:00+00:00"),
        ("2026-11-20T06:00:00", "2026-11-20T06:00:02+00:00", "2026-11-20T06:00:00+00:00"),
        ("2026-11-21T06:00:00+00:00", "2026-11-20T12:34:56+00:00", "2026-11-20T12:34:00+00:00"),
        ("0001-01-01T00:00:00", "2026-11-20T12:34:56+00:00", "2026-11-20T12:34:00+00:00"),
        ("soon", "2026-11-20T12:34:56+00:00", "2026-11-20T12:34:00+00:00"),
        (None, "2026-11-20T12:34:56+00:00", "2026-11-20T12:34:00+00:00"),
    ],
    ids=["on time", "a little early", "late, another zone", "no zone", "by hand", "never", "garbage", "no monitor"],
)
def test_the_occurrence_that_a_timer_fires_for(following: str | None, now: str, expected: str) -> None:
    """A timer means the moment its monitor names as next, unless that lies ahead; then the minute in which it runs."""
    told = occurrence_of({"Last": "2026-11-19T06:00:00+00:00", "Next": following}, datetime.fromisoformat(now))

    assert told == datetime.fromisoformat(expected)


@given(st.uuids(), st.integers(min_value=1, max_value=1380))
def test_a_tenant_has_its_turn_within_the_spread(tenant: object, minutes: int) -> None:
    """Every tenant's delay is within the spread, and the same each time."""
    assert 0 <= delay_of(str(tenant), minutes) < minutes * 60
    assert delay_of(str(tenant), minutes) == delay_of(str(tenant), minutes)


def test_turns_are_spread_evenly() -> None:
    """Of 6,000 tenants over an hour no minute has twice its share."""
    minutes = [delay_of(f"{number:08x}-0000-4000-8000-000000000000", 60) // 60 for number in range(6000)]

    assert max(minutes.count(minute) for minute in range(60)) < 200
    assert min(minutes.count(minute) for minute in range(60)) > 50


def test_every_tenant_is_asked_for_once(tmp_path: Path) -> None:
    """One message a tenant, with the scan id of the occurrence and the tenant's own delay."""
    own, queue = service(tmp_path, A, B, settings={"spread_minutes": "30"})

    assert schedule_scans(own, NOW) == 2

    told = {parse_request(text).tenant: (parse_request(text), delay) for text, delay in queue.messages}
    assert {tenant: request.scan_id for tenant, (request, _) in told.items()} == {
        A: scan_id(NOW, A, "schedule"),
        B: scan_id(NOW, B, "schedule"),
    }
    assert {tenant: delay for tenant, (_, delay) in told.items()} == {A: delay_of(A, 30), B: delay_of(B, 30)}
    assert {(request.reason, request.asked_at) for request, _ in told.values()} == {("schedule", NOW)}


def test_a_timer_that_fires_twice_asks_for_the_same_scans(tmp_path: Path) -> None:
    """Asking again for an occurrence gives the very same messages."""
    own, queue = service(tmp_path, A, B)

    schedule_scans(own, NOW)
    schedule_scans(own, NOW)

    assert sorted(queue.messages)[::2] == sorted(queue.messages)[1::2]
    assert len(set(queue.messages)) == 2


def test_one_tenant_alone_is_not_made_to_wait(tmp_path: Path) -> None:
    """Without others there is nothing to spread."""
    own, queue = service(tmp_path, A)

    schedule_scans(own, NOW)

    assert [delay for _, delay in queue.messages] == [0]


def test_a_refused_message_does_not_stop_the_others(tmp_path: Path) -> None:
    """All that the queue takes is there, and the timer fails so that it is tried again."""
    own, queue = service(tmp_path, A, B)
    queue.refused = (A,)

    with pytest.raises(StorageError, match="1 of 2 scans could not be asked for: The queue is full"):
        schedule_scans(own, NOW)

    assert [parse_request(text).tenant for text, _ in queue.messages] == [B]


def test_a_list_with_a_mistake_asks_for_nothing(tmp_path: Path) -> None:
    """A mistake in the list is told before any message is put."""
    own, queue = service(tmp_path, A, "contoso.com")

    with pytest.raises(SettingsError, match="line 4"):
        schedule_scans(own, NOW)
    assert queue.messages == []


def later(tmp_path: Path, queue: Waiting, **after: float) -> Callable[[], str]:
    """Return what asks for a scan by hand, some time later."""
    own, _ = service(tmp_path, A, now=NOW + timedelta(**after))
    return lambda: request_scan(replace(own, requests=queue), A)


def test_while_a_scan_is_waiting_asking_again_is_that_scan(tmp_path: Path) -> None:
    """Asked by hand twice, there is one scan id; the message is put again only when it might have been lost."""
    queue = Waiting()

    ids = {later(tmp_path, queue, minutes=passed)() for passed in (0, 1, 4)}
    assert (len(ids), len(queue.messages)) == (1, 1)

    ids.add(later(tmp_path, queue, minutes=6)())
    assert (len(ids), len(queue.messages)) == (1, 2)
    assert queue.messages[0] == queue.messages[1]


def test_a_queue_that_refuses_hides_nothing(tmp_path: Path) -> None:
    """Who asks again after the queue took nothing puts the same scan on it; who asks after that puts nothing more."""
    queue = Waiting(refused=(A,))
    with pytest.raises(StorageError, match="The queue is full"):
        later(tmp_path, queue)()
    queue.refused = ()

    ids = {later(tmp_path, queue, seconds=passed)() for passed in (30, 60, 90)}

    assert ids == {scan_id(NOW, A, "manual")} == {parse_request(text).scan_id for text, _ in queue.messages}
    assert len(queue.messages) == 1


def test_when_the_scan_is_stored_another_can_be_asked_for(tmp_path: Path) -> None:
    """A scan that is done waits no longer."""
    queue = Waiting()
    first = later(tmp_path, queue)()
    FolderStore(tmp_path / "out").scans.create(f"{A}/scans/{first}/findings.json", b"{}")

    assert later(tmp_path, queue, minutes=1)() != first


def test_a_scan_that_never_came_is_given_up(tmp_path: Path) -> None:
    """After an hour nobody waits any more."""
    queue = Waiting()

    assert later(tmp_path, queue)() != later(tmp_path, queue, minutes=61)()


def test_a_damaged_note_is_no_waiting_scan(tmp_path: Path) -> None:
    """What cannot be read does not keep anybody from asking."""
    FolderStore(tmp_path / "out").documents.write(f"{A}/asked.json", b"garbage", None)

    assert later(tmp_path, Waiting())() == scan_id(NOW, A, "manual")


class Overtaken(FolderStore):
    """A store in which somebody else asks for a scan just before we do."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.documents = _FirstWriteLost(root)  # type: ignore[assignment]  # the same methods, one of them late


class _FirstWriteLost:
    def __init__(self, root: Path) -> None:
        self.inner = FolderStore(root).documents

    def read(self, name: str) -> Stored | None:
        """Read."""
        return self.inner.read(name)

    def write(self, name: str, content: bytes, etag: str | None) -> str:
        """Write, after somebody else has."""
        theirs = content.replace(b"06:00:00", b"05:59:59").replace(b"T060000Z", b"T055959Z")
        self.inner.write(name, theirs, etag)
        return self.inner.write(name, content, etag)


def test_of_two_who_ask_at_once_both_get_one_scan(tmp_path: Path) -> None:
    """Who comes second asks for the scan that the first asked for, whose message may not be on the queue yet."""
    own, queue = service(tmp_path, A, store=Overtaken(tmp_path / "out"))

    assert request_scan(own, A).startswith("20261120T055959Z-")
    assert [parse_request(text).scan_id[:16] for text, _ in queue.messages] == ["20261120T055959Z"]


def test_the_clock_is_read_in_utc() -> None:
    """An occurrence in another zone is the same moment."""
    local = datetime.fromisoformat("2026-11-20T07:00:00+01:00")

    assert occurrence_of({}, local) == datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
