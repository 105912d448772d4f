"""Empty the outboxes: of single tenants after an event, and of all tenants on a schedule."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from connectorwatch.delivery.deliver import deliver
from connectorwatch.delivery.open_routes import delivery_context
from connectorwatch.service.own_state import FLEET, NOT_DELIVERED, change_fleet, read_fleet, with_verdicts
from connectorwatch.service.weekly_digest import ask_for_digest
from connectorwatch.wiring import Choices, own_environment, settings_of, store_of
from policies.vocabulary import Outcome, Subject

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from connectorwatch.delivery.deliver import DeliveryContext
    from connectorwatch.delivery.results import DeliveryResult, RouteFailure
    from connectorwatch.service.composition import Service
    from connectorwatch.service.own_state import FleetState
    from findings.document import FindingsDocument
    from findings.state.record import FindingState
    from policies.rule import Verdict

log = structlog.get_logger(__name__)


def deliver_of(service: Service, tenant_id: str) -> DeliveryResult:
    """Deliver what is pending in one outbox: a tenant's, or the service's own (`_fleet`).

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
    context = _work(service)
    ask_for_digest(service.store, context.routing, service.now(), again=again)
    return deliver_and_note(context, (FLEET,))


def deliver_after_scan(
    choices: Choices,
    tenant_id: str,
    environment: dict[str, str] | None = None,
    made: FindingsDocument | None = None,
) -> DeliveryResult:
    """Deliver what a scan on the command line has to tell, without waiting for what other tenants may have to tell.

    Args:
        choices: What the command was told.
        tenant_id: The scanned tenant.
        environment: Where settings come from; None for this process's own.
        made: The scan's result, where its reports could be written.

    Raises:
        PolicyError, SettingsError: The policy or the list of tenants has mistakes.
        StorageError: Storage refused; what waits is delivered later.
    """
    environment = own_environment() if environment is None else environment
    settings = settings_of(choices, environment)
    context = delivery_context(settings, store_of(settings), environment, lambda: choices.at or datetime.now(UTC))
    at_once = replace(context, routing=replace(context.routing, window=timedelta(0)), at_hand=made)
    return deliver_and_note(at_once, (tenant_id, FLEET))


def deliver_and_note(context: DeliveryContext, tenants: Collection[str] | None = None) -> DeliveryResult:
    """Deliver, and remember as SVC003 which routes do not work; that is reported over the others.

    Args:
        context: What the delivery works with.
        tenants: Whose outboxes; None for all.

    Raises:
        StorageError: Storage refused; what waits is delivered later.
    """
    done = deliver(context, tenants)
    if note_routes(context, done.routes):
        later = deliver(context, (FLEET,))
        note_routes(context, later.routes)
        done += later
    return done


def note_routes(context: DeliveryContext, routes: Mapping[str, RouteFailure | None]) -> bool:
    """Open SVC003 for failing routes, and resolve it for routes that work or are gone; return whether it changed.

    Args:
        context: What the delivery works with.
        routes: The routes that were tried: their failure, or None.

    Raises:
        StorageError: Storage refused.
    """
    configured = {route.id for route in context.routing.routes}
    if not any(routes.values()) and not _open(read_fleet(context.store)):
        return False
    now, moved = context.now(), [False]

    def change(state: FleetState) -> FleetState:
        verdicts = [verdict for verdict in map(_verdict, routes, routes.values()) if _moves(state, verdict)]
        gone = [key for key, finding in _open(state).items() if finding.subject.id not in configured]
        moved[0] = bool(verdicts or gone)
        return _recorded(state, now, verdicts, gone) if moved[0] else state

    change_fleet(context.store, change)
    return moved[0]


def _recorded(state: FleetState, now: datetime, verdicts: Sequence[Verdict], gone: Sequence[str]) -> FleetState:
    failing = sorted(verdict.subject.id for verdict in verdicts if verdict.outcome is Outcome.FAIL)
    if failing:
        log.error("routes do not work", routes=failing)
    return with_verdicts(state, f"routes-{now:%Y%m%dT%H%M%S}-{state.revision}", now, verdicts, gone)


def _open(state: FleetState) -> Mapping[str, FindingState]:
    open_findings = ((key, finding) for key, finding in state.findings.items() if finding.state == "open")
    return {key: finding for key, finding in open_findings if finding.rule == NOT_DELIVERED.id}


def _moves(state: FleetState, verdict: Verdict) -> bool:
    """Return whether a verdict would open, change or resolve a finding."""
    finding = _open(state).get(verdict.key)
    return finding is not None if verdict.outcome is not Outcome.FAIL else _differs(finding, verdict)


def _differs(finding: FindingState | None, verdict: Verdict) -> bool:
    return finding is None or finding.evidence != verdict.evidence


def _verdict(route: str, failure: RouteFailure | None) -> Verdict:
    subject = Subject(type="route", id=route, name=route)
    if failure is None:
        return NOT_DELIVERED.verdict(Outcome.PASS, subject, "It takes what is sent.")
    lost = "what was sent is dropped" if failure.kind == "refused" else "what waits is tried again for about a day"
    return NOT_DELIVERED.verdict(
        Outcome.FAIL, subject, f"The route {route} does not work, {lost}: {failure.why}", kind=failure.kind
    )


def _work(service: Service) -> DeliveryContext:
    return delivery_context(service.settings, service.store, service.environment, service.now)
