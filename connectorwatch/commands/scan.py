"""The command `scan`."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from common.errors import RenderError
from connectorwatch.commands.options import as_json, fail_on, leave, moment, policy, show

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectorwatch.delivery.results import DeliveryResult
    from connectorwatch.scanning.scan import Result
    from findings.document import FindingsDocument

DEMO_TIME = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
"""The time the bundled tenant is made for; a demo scans it then, so that its findings never change with age."""


@click.command()
@click.option(
    "--demo",
    is_flag=True,
    help="Scan the bundled tenant Contoso through a simulated Graph on this machine, by its own policy unless --policy "
    "or CONNECTORWATCH_POLICY names one.",
)
@click.option("--tenant", metavar="ID", help="Tenant to scan, instead of CONNECTORWATCH_TENANT_ID.")
@click.option("--out", metavar="DIR", help="Folder for state, scans and reports, instead of CONNECTORWATCH_STORAGE.")
@policy
@fail_on
@as_json
@click.option(
    "--timeout",
    type=click.IntRange(1, 86_400),
    metavar="SECONDS",
    help="How long it may read, instead of CONNECTORWATCH_SCAN_TIMEOUT_SECONDS; what is not read by then counts as "
    "failed, and the rest is judged.",
)
@click.option("--at", callback=moment, metavar="TIME", help="The time of the scan; against a loopback Graph only.")
def scan(**options: Any) -> None:  # noqa: ANN401 - click passes the options by name
    """Scan a tenant: collect, evaluate, store, and write reports."""
    from connectorwatch.demo import demo_environment
    from connectorwatch.platform.telemetry import sending
    from connectorwatch.terminal.progress import progress
    from connectorwatch.wiring import Choices, own_environment

    with ExitStack() as running:
        environment = running.enter_context(demo_environment(own_environment())) if options["demo"] else None
        at = options["at"] or (DEMO_TIME if options["demo"] else None)
        running.enter_context(sending(own_environment()))
        on_progress = running.enter_context(progress())
        choices = Choices(options["tenant"], options["out"], options["policy"], at, options["timeout"], on_progress)
        tenant_id, result, where = asyncio.run(_scan(choices, environment))
        if not options["demo"]:
            _deliver(choices, tenant_id, None if isinstance(result, RenderError) else result.document)
    if isinstance(result, RenderError):
        raise result
    show(result, where, as_json=options["as_json"])
    leave(result, options["fail_on"])


async def _scan(
    choices: Any,  # noqa: ANN401 - imported late
    environment: dict[str, str] | None,
) -> tuple[str, Result | RenderError, str]:
    """Make the scan; return its tenant, its result, or why its reports could not be written, and where they lie."""
    from connectorwatch.platform.storage import SCANS_CONTAINER, folder_of
    from connectorwatch.scanning.scan import expect_many_objects, run
    from connectorwatch.wiring import scanning, settings_of

    expect_many_objects()
    async with scanning(choices, environment) as wired:
        try:
            result = await run(wired)
        except RenderError as error:
            return wired.tenant_id, error, ""
    report = f"{result.document.tenant.id}/scans/{result.document.scan.id}/report.html"
    folder = folder_of(settings_of(choices, environment))
    return wired.tenant_id, result, str(folder / report) if folder else f"{SCANS_CONTAINER}/{report}"


def _deliver(choices: Any, tenant_id: str, made: FindingsDocument | None) -> None:  # noqa: ANN401 - imported late
    """Deliver the scan's notifications, and announce reports that could not be written."""
    from connectorwatch.service.delivery import deliver_after_scan
    from connectorwatch.service.unrendered import note_reports

    def announced() -> DeliveryResult:
        note_reports(choices, tenant_id)
        return deliver_after_scan(choices, tenant_id, made=made)

    show_delivery(announced)


def show_delivery(deliver: Callable[[], DeliveryResult]) -> None:
    """Deliver, and print which routes do not work; whatever fails, the scan and its exit code stay as they are."""
    from common.defects import UNFORESEEN, place_of
    from common.errors import ConnectorwatchError

    try:
        done = deliver()
    except ConnectorwatchError as error:
        click.echo(f"connectorwatch: scan stored, but notifications failed: {error}", err=True)
        return
    except UNFORESEEN as error:
        click.echo(f"connectorwatch: scan stored, but notifications failed: {place_of(error)}", err=True)
        return
    for route, failure in done.routes.items():
        if failure is not None:
            click.echo(f"connectorwatch: the route {route} does not work: {failure.why}", err=True)
    if done.failed and not any(done.routes.values()):
        click.echo("connectorwatch: a route did not accept its messages; delivery is repeated later.", err=True)
