"""The watchdog: tenants that nobody has scanned for too long."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from connectorwatch.service.failures import record_failure
from connectorwatch.service.own_state import read_fleet
from connectorwatch.service.schedule import request_for
from connectorwatch.service.watchdog import watch
from tests.connectorwatch.service.making import NOW, A, B, scanned, service

if TYPE_CHECKING:
    from pathlib import Path

    from findings.state.record import FindingState
    from findings.stores.ports import Store

HOUR = timedelta(hours=1)


def found(store: Store, tenant: str = A) -> FindingState:
    """Return what is said of a tenant."""
    return read_fleet(store).findings[f"SVC002/{tenant}"]


@pytest.mark.parametrize(("age", "late"), [(0 * HOUR, ()), (50 * HOUR, ()), (50 * HOUR + timedelta(seconds=1), (A,))])
def test_a_tenant_may_be_without_a_scan_for_fifty_hours(tmp_path: Path, age: timedelta, late: tuple[str, ...]) -> None:
    """Fifty hours are allowed, a second more is not."""
    own, _ = service(tmp_path, A)
    scanned(own.store, A, NOW - age)

    assert watch(own) == late


def test_what_is_said_of_a_late_tenant(tmp_path: Path) -> None:
    """SVC002 names the last scan and the hours allowed, and is the same the next time."""
    own, _ = service(tmp_path, A, B)
    scanned(own.store, A, NOW - 51 * HOUR)
    scanned(own.store, B, NOW)

    watch(own)
    before = read_fleet(own.store)
    assert watch(own) == (A,)

    told = found(own.store)
    assert told.message == "The tenant was last scanned on 2026-11-18 at 03:00 UTC, and 50 hours are allowed."
    assert (told.rule, told.severity.value, told.change) == ("SVC002", "high", "new")
    assert told.evidence == {"last_scan": "2026-11-18T03:00:00+00:00"}
    assert list(before.findings) == [f"SVC002/{A}"]
    assert read_fleet(own.store) == before


def test_a_tenant_never_scanned_is_measured_from_its_first_sight(tmp_path: Path) -> None:
    """A new tenant has fifty hours from when the watchdog first saw it in the list."""
    assert watch(service(tmp_path, A)[0]) == ()
    assert watch(service(tmp_path, A, now=NOW + 50 * HOUR)[0]) == ()
    late, _ = service(tmp_path, A, now=NOW + 51 * HOUR)
    assert watch(late) == (A,)

    assert found(late.store).message == "The tenant was never scanned, and 50 hours are allowed."


def test_a_scan_resolves_it(tmp_path: Path) -> None:
    """With a recent scan the finding is fixed."""
    watch(service(tmp_path, A)[0])
    watch(service(tmp_path, A, now=NOW + 60 * HOUR)[0])
    own, _ = service(tmp_path, A, now=NOW + 61 * HOUR)
    scanned(own.store, A, NOW + 61 * HOUR)

    assert watch(own) == ()
    assert (found(own.store).state, found(own.store).resolved_by) == ("resolved", "fixed")


def test_a_tenant_that_is_no_longer_watched_is_not_late(tmp_path: Path) -> None:
    """Taken from the list, what was said of a tenant resolves; coming back, it is new again."""
    watch(service(tmp_path, A, B)[0])
    watch(service(tmp_path, A, B, now=NOW + 60 * HOUR)[0])
    record_failure(service(tmp_path, A, B)[0], request_for(A, NOW, "schedule").to_text())
    without, _ = service(tmp_path, B, now=NOW + 61 * HOUR)

    assert watch(without) == (B,)

    state = read_fleet(without.store)
    assert {key: found.resolved_by for key, found in state.findings.items()} == {
        f"SVC001/{A}": "subject_gone",
        f"SVC002/{A}": "subject_gone",
        f"SVC002/{B}": None,
    }
    assert watch(service(tmp_path, A, B, now=NOW + 62 * HOUR)[0]) == (B,)


def test_a_tenants_own_policy_says_how_long(tmp_path: Path) -> None:
    """`max_scan_age_hours` of the policy holds for those tenants that have it."""
    own, _ = service(tmp_path, A)
    (tmp_path / "strict.yaml").write_text("max_scan_age_hours: 25\n", encoding="utf-8")
    with (tmp_path / "tenants.yaml").open("a", encoding="utf-8") as file:
        file.write(f"  - id: {B}\n    policy: strict.yaml\n")
    for tenant in (A, B):
        scanned(own.store, tenant, NOW - 26 * HOUR)

    assert watch(own) == (B,)


def test_what_the_policy_says_of_one_tenant_holds(tmp_path: Path) -> None:
    """Below `tenants`, one tenant has to be scanned more often than all others."""
    text = f"max_scan_age_hours: 200\ntenants:\n  {A}:\n    max_scan_age_hours: 10\n"
    (tmp_path / "p.yaml").write_text(text, encoding="utf-8")
    own, _ = service(tmp_path, A, B, settings={"policy": str(tmp_path / "p.yaml")})
    for tenant in (A, B):
        scanned(own.store, tenant, NOW - 24 * HOUR)

    assert watch(own) == (A,)
    assert (
        found(own.store).message == "The tenant was last scanned on 2026-11-19 at 06:00 UTC, and 10 hours are allowed."
    )


@pytest.mark.parametrize(("ahead", "late"), [(HOUR, ()), (HOUR + timedelta(seconds=1), (A,)), (9600 * HOUR, (A,))])
def test_a_scan_of_the_future_is_told(tmp_path: Path, ahead: timedelta, late: tuple[str, ...]) -> None:
    """Clocks may differ by an hour; a scan dated later was made by a clock that was ahead, and hides that none is."""
    own, _ = service(tmp_path, A)
    scanned(own.store, A, NOW + ahead)

    assert watch(own) == late
    if late:
        assert "which is yet to come: a clock was ahead." in found(own.store).message


def test_one_tenants_policy_with_a_mistake_blinds_nobody(tmp_path: Path) -> None:
    """Where a policy cannot be read the default of fifty hours holds, and all other tenants are watched as ever."""
    own, _ = service(tmp_path, A)
    (tmp_path / "broken.yaml").write_text("max_scan_age_hours: 0\n", encoding="utf-8")
    with (tmp_path / "tenants.yaml").open("a", encoding="utf-8") as file:
        file.write(f"  - id: {B}\n    policy: broken.yaml\n")
    for tenant in (A, B):
        scanned(own.store, tenant, NOW - 51 * HOUR)

    assert watch(own) == (A, B)
