"""The command `notify`: preview the messages of a stored scan, and test routes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from connectorwatch.commands.options import out, tenant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connectorwatch.delivery.deliver import DeliveryContext
    from connectorwatch.delivery.preview import RoutePreview
    from connectorwatch.delivery.subscriptions import AnyRoute


@click.command()
@tenant
@click.option("--scan", "scan_id", metavar="ID", help="Which stored scan, instead of the newest.")
@click.option("--route", "route_id", metavar="ID", help="One route alone, instead of all.")
@out
@click.option("--dry-run", is_flag=True, help="Print what would be sent; the default. Nothing is sent or marked.")
@click.option("--test", is_flag=True, help="Send a test over each route, or over the one that is named.")
def notify(
    tenant: str | None,
    scan_id: str | None,
    route_id: str | None,
    out: str | None,
    dry_run: bool,  # noqa: FBT001 - click passes flags so
    test: bool,  # noqa: FBT001 - as above
) -> None:
    """Show the messages of a stored scan, or send a test.

    Stdout is one JSON list of what each route would get (by mail a digest), stderr a line about each.
    Real notifications are sent after each scan and by the service; this command never sends them.
    """
    from connectorwatch.delivery.open_routes import delivery_context
    from connectorwatch.delivery.preview import previews, previews_json, routes_named, stored_notification
    from connectorwatch.wiring import Choices, own_environment, settings_of, store_of

    if dry_run and test:
        raise click.UsageError("--dry-run and --test exclude each other: one sends nothing, the other a test.")
    if test and scan_id:
        raise click.UsageError("--test sends nothing of a scan: leave --scan out, or --test.")
    settings = settings_of(Choices(tenant=tenant, out=out))
    context = delivery_context(settings, store_of(settings), own_environment())
    if test:
        _send_tests(context, routes_named(context, route_id) if context.routing.routes or route_id else ())
        return
    notification = stored_notification(context, settings.tenant_id, scan_id)
    previewed = tuple(previews(context, routes_named(context, route_id), notification))
    for route_preview in previewed:
        _summarise(route_preview)
    click.echo(json.dumps(previews_json(previewed), indent=2, ensure_ascii=True))


def _summarise(route_preview: RoutePreview) -> None:
    subscription, preview = route_preview.subscription, route_preview.preview
    omitted = f", {preview.left_out} rows left out" if preview.left_out else ""
    summary = f"{preview.size} bytes{omitted}" if preview.content is not None else "nothing to send"
    click.echo(f"route {subscription.route.id}, {subscription.kind}: {summary}", err=True)


def _send_tests(context: DeliveryContext, routes: Sequence[AnyRoute]) -> None:
    """Send a test over each route and print the result; a failure does not stop the others."""
    from common.errors import DeliveryError, SettingsError
    from connectorwatch.delivery.preview import send_test

    if not routes:
        raise SettingsError(
            "No route is configured: set CONNECTORWATCH_TEAMS_WEBHOOK_URL, or write `routes` into the policy; "
            "docs/teams.md says how."
        )
    failed = 0
    for route in routes:
        try:
            result = send_test(context, route)
        except DeliveryError as error:
            failed += 1
            click.echo(f"route {route.id}: failed, {error}", err=True)
        else:
            hint = "; check that the channel shows it" if result == "accepted" else ""
            click.echo(f"route {route.id}: {result}{hint}", err=True)
    if failed:
        raise DeliveryError(f"{failed} of {len(routes)} routes did not accept the test; correct the errors above.")
