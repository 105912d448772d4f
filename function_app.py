"""The cloud's face: each trigger calls one use case. Nothing heavy is imported before a function runs."""

from __future__ import annotations

import gc
from datetime import UTC, datetime

import azure.functions as func

from function_routes import routes

# Imports and scans make many objects that stay: with Python's default of 700 a cold start takes a tenth longer.
gc.set_threshold(50_000, 20, 50)
app = func.FunctionApp()

STORAGE = "AzureWebJobsStorage"


@app.timer_trigger(arg_name="timer", schedule="%SCAN_SCHEDULE%", use_monitor=True)
@app.retry(strategy="fixed_delay", max_retry_count="3", delay_interval="00:01:00")
def schedule_scans(timer: func.TimerRequest) -> None:
    """Ask for one scan of every tenant."""
    from connectorwatch.service import composition, schedule

    occurrence = schedule.occurrence_of(getattr(timer, "schedule_status", {}), datetime.now(UTC))
    schedule.schedule_scans(composition.own_service(), occurrence)


@app.queue_trigger(arg_name="message", queue_name="scan-requests", connection=STORAGE)
def scan_tenant(message: func.QueueMessage) -> None:
    """Make one whole scan of one tenant, and deliver what it has to tell."""
    from connectorwatch.service import composition, delivery, scan_request

    service = composition.own_service()
    result = scan_request.scan_tenant(service, message.get_body())
    if result is not None:
        delivery.deliver_of(service, result.document.tenant.id)


@app.queue_trigger(arg_name="message", queue_name="scan-requests-poison", connection=STORAGE)
def failed_scan(message: func.QueueMessage) -> None:
    """Record a scan that was given up as SVC001, and deliver that."""
    from connectorwatch.service import composition, delivery, failures
    from connectorwatch.service.own_state import FLEET

    service = composition.own_service()
    if failures.record_failure(service, message.get_body()):
        delivery.deliver_of(service, FLEET)


@app.timer_trigger(arg_name="timer", schedule="%WATCHDOG_SCHEDULE%", use_monitor=True)
def watchdog(timer: func.TimerRequest) -> None:
    """Notice tenants that nobody has scanned for too long (SVC002)."""
    from connectorwatch.service import composition
    from connectorwatch.service import watchdog as use_case

    del timer
    use_case.watch(composition.own_service())


@app.timer_trigger(arg_name="timer", schedule="%DELIVERY_SCHEDULE%", use_monitor=True)
def deliver(timer: func.TimerRequest) -> None:
    """Deliver what waits in the outboxes."""
    from connectorwatch.service import composition, delivery

    del timer
    delivery.deliver_all(composition.own_service())


@app.timer_trigger(arg_name="timer", schedule="%DIGEST_SCHEDULE%", use_monitor=True)
def digest(timer: func.TimerRequest) -> None:
    """Tell how all tenants stand, once a week."""
    from connectorwatch.service import composition, delivery

    del timer
    delivery.send_digest(composition.own_service())


@app.timer_trigger(arg_name="timer", schedule="%RETENTION_SCHEDULE%", use_monitor=True)
def retain(timer: func.TimerRequest) -> None:
    """Let go of scans and resolved findings that are older than the policy keeps them."""
    from connectorwatch.service import composition, retention

    del timer
    retention.retain(composition.own_service())


app.register_functions(routes)
