"""Empty the outboxes: some tenants' after something happened to them, and everybody's from time to time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from connectorwatch.delivery.deliver import deliver
from connectorwatch.delivery.open_routes import work_of
from connectorwatch.service.own_state import FLEET, NOT_DELIVERED, change_fleet, read_fleet, tell
from connectorwatch.service.weekly_digest import ask_for_digest
from connectorwatch.wiring import Choices, own_environment, settings_of, store_of
from policies.vocabulary import Outcome, Subject

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from connectorwatch.delivery.deliver import DeliveryContext, DeliveryResult, RouteFailure
    from connectorwatch.service.composition import Service
    from connectorwatch.service.own_state import FleetState
    from findings.state.document import FindingState
    from policies.rule import Verdict

log = structlog.get_logger(__name__)


def deliver_of(service: Service, tenant_id: str) -> DeliveryResult:
    """Deliver what waits in one outbox: a tenant's, or the service's own (`_fleet`).

    Where several tenants are watched this leaves cards to `deliver_all`, which makes one of what many have to tell.

    Raises:
        PolicyError, SettingsError: The policy or the list of tenants has mistakes.
        StorageError: Storage refused; what waits is delivered later.
    """
    return deliver_and_note(_work(service), (tenant_id,))


def deliver_all(service: Service) -> DeliveryResult:
    """Deliver what waits anywhere.

    Raises:
        PolicyError, SettingsError: The policy or the list of tenants has mistakes.
        StorageError: Storage refused; what waits is delivered later.
    """
    return deliver_and_note(_work(service))


def send_digest(service: Service, *, again: bool = False) -> DeliveryResult:
    """Ask for this week's digest and deliver it; one that was asked for before is not made again unless `again`.

    Raises:
        PolicyError, SettingsError: The policy or the list of tenants has mistakes.
        StorageError: Storage refused; what waits is delivered later.
    """
    work = _work(service)
    ask_for_digest(service.store, work.routing, service.now(), again=again)
    return deliver_and_note(work, (FLEET,))


def deliver_after_scan(choices: Choices, tenant_id: str, environment: dict[str, str] | None = None) -> DeliveryResult:
    """Deliver what a scan on the command line has to tell, without waiting for what other tenants may have to tell.

    Raises:
        PolicyError, SettingsError: The policy or the list of tenants has mistakes.
        StorageError: Storage refused; what waits is delivered later.
    """
    environment = own_environment() if environment is None else environment
    settings = settings_of(choices, environment)
    work = work_of(settings, store_of(settings), environment, lambda: choices.at or datetime.now(UTC))
    at_once = replace(work, routing=replace(work.routing, window=timedelta(0)))
    return deliver_and_note(at_once, (tenant_id, FLEET))


def deliver_and_note(work: DeliveryContext, tenants: Collection[str] | None = None) -> DeliveryResult:
    """Deliver, and remember as SVC003 which routes do not work; that is told over the others.

    Args:
        work: What is needed.
        tenants: Whose outboxes; None for all.

    Raises:
        StorageError: Storage refused; what waits is delivered later.
    """
    done = deliver(work, tenants)
    if note_routes(work, done.routes):
        later = deliver(work, (FLEET,))
        note_routes(work, later.routes)
        done += later
    return done


def note_routes(work: DeliveryContext, routes: Mapping[str, RouteFailure | None]) -> bool:
    """Open SVC003 for routes in trouble, and resolve it for those that work or are no more; return whether it changed.

    Args:
        work: What is needed.
        routes: The routes that were tried: their trouble, or None.

    Raises:
        StorageError: Storage refused.
    """
    configured = {route.id for route in work.routing.routes}
    if not any(routes.values()) and not _open(read_fleet(work.store)):
        return False
    now, moved = work.now(), [False]

    def change(state: FleetState) -> FleetState:
        verdicts = [one for one in map(_verdict, routes, routes.values()) if _moves(state, one)]
        gone = [key for key, found in _open(state).items() if found.subject.id not in configured]
        moved[0] = bool(verdicts or gone)
        return _told(state, now, verdicts, gone) if moved[0] else state

    change_fleet(work.store, change)
    return moved[0]


def _told(state: FleetState, now: datetime, verdicts: Sequence[Verdict], gone: Sequence[str]) -> FleetState:
    failing = sorted(verdict.subject.id for verdict in verdicts if verdict.outcome is Outcome.FAIL)
    if failing:
        log.error("routes do not work", routes=failing)
    return tell(state, f"routes-{now:%Y%m%dT%H%M%S}-{state.revision}", now, verdicts, gone)


def _open(state: FleetState) -> Mapping[str, FindingState]:
    own = NOT_DELIVERED.id
    return {key: found for key, found in state.findings.items() if found.rule == own and found.state == "open"}


def _moves(state: FleetState, verdict: Verdict) -> bool:
    """Return whether a verdict would open, change or resolve a finding."""
    found = _open(state).get(verdict.key)
    return found is not None if verdict.outcome is not Outcome.FAIL else _differs(found, verdict)


def _differs(found: FindingState | None, verdict: Verdict) -> bool:
    return found is None or found.evidence != verdict.evidence


def _verdict(route: str, trouble: RouteFailure | None) -> Verdict:
    subject = Subject(type="route", id=route, name=route)
    if trouble is None:
        return NOT_DELIVERED.verdict(Outcome.PASS, subject, "It takes what is sent.")
    lost = "what was sent is dropped" if trouble.kind == "refused" else "what waits is tried again for about a day"
    return NOT_DELIVERED.verdict(
        Outcome.FAIL, subject, f"The route {route} does not work, {lost}: {trouble.why}", kind=trouble.kind
    )


def _work(service: Service) -> DeliveryContext:
    return work_of(service.settings, service.store, service.environment, service.now)
