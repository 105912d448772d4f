"""Scans that were given up: what the service remembers of them, and what makes it forget."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from common.errors import ConflictError, CredentialError, StorageError
from connectorwatch.service.failures import note_failure, record_failure, resolve_failures
from connectorwatch.service.own_state import change_fleet, read_fleet
from connectorwatch.service.schedule import request_for
from tests.connectorwatch.service.making import NOW, A, B, scanned, service

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from connectorwatch.service.own_state import FleetState
    from findings.state.record import FindingState
    from findings.stores.ports import Store

REQUEST = request_for(A, NOW, "schedule")
TEXT = REQUEST.to_text()


def found(store: Store, key: str = f"SVC001/{A}") -> FindingState:
    """Return a finding about the service."""
    return read_fleet(store).findings[key]


def test_a_scan_given_up_is_a_finding_about_its_tenant(tmp_path: Path) -> None:
    """SVC001 is open, of severity high, and says which scan failed and why."""
    own, _ = service(tmp_path, A, B)
    note_failure(own.store, REQUEST, CredentialError("There is no token for Graph: expired. Renew it."))

    assert record_failure(own, TEXT)

    told = found(own.store)
    assert (told.rule, told.state, told.change, told.severity.value) == ("SVC001", "open", "new", "high")
    assert (told.subject.type, told.subject.id) == ("tenant", A)
    assert told.message == (
        f"Scan {REQUEST.scan_id} failed and is not tried again: There is no token for Graph: expired. Renew it."
    )
    assert told.evidence == {"error": "CredentialError"}
    assert list(read_fleet(own.store).findings) == [f"SVC001/{A}"]


@pytest.mark.parametrize("note", [None, b"garbage", b"[]", b"{}", b'{"scan": "another", "error": "x", "why": "y"}'])
def test_without_a_note_the_failure_is_told_all_the_same(tmp_path: Path, note: bytes | None) -> None:
    """A process that was killed left no reason, and a reason of another scan is none."""
    own, _ = service(tmp_path, A)
    if note is not None:
        own.store.latest.put(f"{A}/failed.json", note)

    record_failure(own, TEXT)

    assert found(own.store).message.endswith("no reason was noted; see the log lines with this scan's id")


def test_a_reason_holds_no_secrets(tmp_path: Path) -> None:
    """What is noted is redacted and cut."""
    own, _ = service(tmp_path, A)
    note_failure(own.store, REQUEST, CredentialError("Bearer abcdefgh12345678 " + "x" * 1000))

    noted = json.loads(own.store.latest.read(f"{A}/failed.json") or b"")
    assert ("abcdefgh12345678" in noted["why"], len(noted["why"])) == (False, 400)


def test_a_message_delivered_twice_is_one_failure(tmp_path: Path) -> None:
    """The poison queue may deliver again; nothing is written then."""
    own, _ = service(tmp_path, A)

    record_failure(own, TEXT)
    before = read_fleet(own.store)
    record_failure(own, TEXT)

    assert read_fleet(own.store) == before


@pytest.mark.parametrize(
    ("at", "unpublished", "told"),
    [
        (NOW, False, False),
        (NOW + timedelta(minutes=20), False, False),
        (NOW + timedelta(minutes=20), True, True),
        (NOW - timedelta(seconds=1), False, True),
        (NOW + timedelta(days=400), False, True),
    ],
    ids=["this one", "a newer one", "not published", "an older one", "of the future"],
)
def test_a_scan_given_up_is_told_unless_it_or_a_newer_one_is_stored(
    tmp_path: Path, at: datetime, *, told: bool, unpublished: bool
) -> None:
    """What was seen since makes the failure old news; a scan that is not published or of the future does not."""
    own, _ = service(tmp_path, A, now=NOW + timedelta(minutes=30))
    state = scanned(own.store, A, at)
    if unpublished:
        stored = own.store.documents.read(f"{A}/state.json")
        state = state.model_copy(update={"unpublished": (state.scans[0].id,)})
        own.store.documents.write(f"{A}/state.json", state.to_bytes(), stored.etag if stored else None)

    assert record_failure(own, TEXT) is told
    assert (f"SVC001/{A}" in read_fleet(own.store).findings) is told


def test_a_scan_that_is_stored_is_not_told_whatever_its_time(tmp_path: Path) -> None:
    """A scan whose own clock was behind that of whoever asked for it is stored all the same."""
    own, _ = service(tmp_path, A)
    scanned(own.store, A, NOW)
    request = REQUEST.model_copy(
        update={"scan_id": f"{NOW:%Y%m%dT%H%M%SZ}-0000000a", "asked_at": NOW + timedelta(seconds=1)}
    )

    assert not record_failure(own, request.to_text())


def test_a_damaged_state_hides_no_failure(tmp_path: Path) -> None:
    """Where the tenant's state cannot be read, that may be why its scan failed."""
    own, _ = service(tmp_path, A)
    own.store.documents.write(f"{A}/state.json", b"{", None)

    assert record_failure(own, TEXT)


@pytest.mark.parametrize("error", ["CredentialError", "StorageError"])
def test_the_next_days_failure_is_news_only_if_it_differs(tmp_path: Path, error: str) -> None:
    """The same error again changes nothing but when it was seen; another error is a change."""
    first, _ = service(tmp_path, A)
    note_failure(first.store, REQUEST, CredentialError("expired"))
    record_failure(first, TEXT)
    second, _ = service(tmp_path, A, now=NOW + timedelta(days=1))
    again = request_for(A, NOW + timedelta(days=1), "schedule")
    note_failure(
        second.store, again, CredentialError("expired") if error == "CredentialError" else StorageError("full")
    )

    record_failure(second, again.to_text())

    told = found(second.store)
    assert (told.first_seen, told.last_seen) == (NOW, NOW + timedelta(days=1))
    assert told.change == ("new" if error == "CredentialError" else "changed")


def test_a_good_scan_resolves_what_was_said_of_its_tenant(tmp_path: Path) -> None:
    """SVC001 and SVC002 of this tenant resolve as fixed; another tenant's stay open."""
    own, _ = service(tmp_path, A, B)
    for tenant in (A, B):
        record_failure(own, request_for(tenant, NOW, "schedule").to_text())

    resolve_failures(own, REQUEST, "Contoso")

    assert (found(own.store).state, found(own.store).resolved_by) == ("resolved", "fixed")
    assert found(own.store, f"SVC001/{B}").state == "open"


def test_a_good_scan_of_a_healthy_tenant_writes_nothing(tmp_path: Path) -> None:
    """Ten thousand good scans a day must not meet at one document."""
    own, _ = service(tmp_path, A)

    resolve_failures(own, REQUEST, "Contoso")

    assert own.store.documents.read("_fleet/state.json") is None


def test_a_clock_that_is_behind_loses_nothing(tmp_path: Path) -> None:
    """A failure noticed on an instance whose clock is slow counts, though a later moment was remembered already."""
    ahead, _ = service(tmp_path, A, B, now=NOW + timedelta(seconds=5))
    record_failure(ahead, request_for(B, NOW, "schedule").to_text())
    behind, _ = service(tmp_path, A, B, now=NOW)

    record_failure(behind, TEXT)

    assert found(behind.store).state == "open"


@pytest.mark.parametrize(
    "text",
    ["garbage", "{}", request_for(B, NOW, "schedule").to_text(), '{"tenant": "../x"}', b"\xff"],
)
def test_a_message_that_names_no_tenant_of_ours_is_dropped(tmp_path: Path, text: str | bytes) -> None:
    """Garbage, and a tenant that was removed meanwhile, end on the poison queue and leave no finding."""
    own, _ = service(tmp_path, A)

    assert not record_failure(own, text)
    assert own.store.documents.read("_fleet/state.json") is None


def test_a_message_of_a_newer_version_is_told_of_its_tenant(tmp_path: Path) -> None:
    """An instance that is too old for a request says so of the tenant that the request names."""
    own, _ = service(tmp_path, A)

    assert record_failure(own, TEXT.replace("/v1", "/v2"))
    assert "Scan unknown failed" in found(own.store).message


def test_many_failures_at_once_are_all_remembered(tmp_path: Path) -> None:
    """Eight instances that record at the same moment write one after the other."""
    tenants = [f"{number:08x}-0000-4000-8000-000000000000" for number in range(8)]
    own, _ = service(tmp_path, *tenants)
    texts = [request_for(tenant, NOW, "schedule").to_text() for tenant in tenants]
    threads = [threading.Thread(target=record_failure, args=(own, text)) for text in texts]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(read_fleet(own.store).findings) == sorted(f"SVC001/{tenant}" for tenant in tenants)


class _Contested:
    """Documents that somebody else always writes first."""

    def read(self, name: str) -> None:
        """There is nothing."""

    def write(self, name: str, content: bytes, etag: str | None) -> str:
        """Refuse."""
        del content, etag
        raise ConflictError(f"Somebody was faster with {name}.")


class _Store:
    """As much of a store as this needs."""

    documents = _Contested()


def test_a_document_that_is_always_changed_by_others_is_given_up() -> None:
    """After twenty attempts the storage is said to be contested, so that the message is tried again later."""

    def change(state: FleetState) -> FleetState:
        return state.model_copy(update={"revision": 1})

    with pytest.raises(StorageError, match="changed by others 20 times"):
        change_fleet(_Store(), change, pause=lambda _: None)  # type: ignore[arg-type]  # the other parts are not asked for
