"""The command `tenant`: the tenants that this installation watches."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from common.errors import SettingsError
from connectorwatch.commands.options import out

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from connectorwatch.settings import Settings
    from connectorwatch.tenants.tenant_list import Tenant
    from findings.stores.ports import Store

CREDENTIALS = ("default", "managed_identity", "federated", "certificate", "cli", "token")
"""The same as in the settings, which are slow to load for --help; a test compares the two."""


@click.group()
def tenant() -> None:
    """List the tenants that are watched, add one, or remove one."""


@tenant.command("list")
@out
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list on stdout.")
def list_tenants(out: str | None, as_json: bool) -> None:  # noqa: FBT001 - click passes flags so
    """List the tenants with their credential and their newest stored scan."""
    from connectorwatch.service.composition import last_scans
    from connectorwatch.tenants.tenant_list import tenants_of
    from connectorwatch.wiring import Choices, settings_of, store_of

    settings = settings_of(Choices(out=out))
    tenants = tenants_of(settings)
    scans = last_scans(store_of(settings))
    if as_json:
        entries = [_entry(listed_tenant, scans.get(listed_tenant.id)) for listed_tenant in tenants]
        click.echo(json.dumps(entries, indent=2, ensure_ascii=True))
    elif tenants:
        _show(tenants, scans)
    else:
        click.echo("The list of tenants is empty: `connectorwatch tenant add ID` adds one.")


@tenant.command("add")
@click.argument("tenant_id", metavar="ID")
@click.option("--name", help="What to call it in lists.")
@click.option("--credential", type=click.Choice(CREDENTIALS), help="Where its tokens come from.")
@click.option("--client-id", help="Client of the credentials that need one.")
@click.option("--policy", metavar="FILE", help="Its policy, relative to the list.")
@click.option("--route", "routes", multiple=True, help="A route that its notifications take; may be repeated.")
def add(tenant_id: str, routes: tuple[str, ...], **given: Any) -> None:  # noqa: ANN401 - click passes the options by name
    """Append a tenant to the list that CONNECTORWATCH_TENANTS names."""
    from connectorwatch.tenants.edit_list import add_tenant
    from connectorwatch.tenants.tenant_list import TenantEntry
    from connectorwatch.wiring import Choices, settings_of

    add_tenant(settings_of(Choices()), TenantEntry(id=tenant_id.lower(), routes=routes, **given))
    click.echo(f"Tenant {tenant_id.lower()} is in the list; it is scanned with the next schedule.", err=True)


@tenant.command("remove")
@click.argument("tenant_id", metavar="ID")
@out
@click.option("--confirm", metavar="ID", help="The tenant's id again, in place of typing it.")
@click.option("--yes", is_flag=True, help="Answer the second question, too.")
def remove(tenant_id: str, out: str | None, confirm: str | None, yes: bool) -> None:  # noqa: FBT001 - click passes flags so
    """Remove a tenant from the list and delete all its stored data: state, scans, reports, views.

    Asks twice: for the tenant's id, typed again, and whether you are sure. A script gives --confirm ID and --yes.
    """
    from common.ids import is_object_id
    from connectorwatch.platform.storage import folder_of
    from connectorwatch.service.removal import remove_tenant
    from connectorwatch.wiring import Choices, settings_of, store_of

    tenant_id = tenant_id.lower()
    if not is_object_id(tenant_id):
        raise click.BadParameter("must be a tenant's id (8-4-4-4-12 hexadecimal digits)", param_hint="ID")
    settings = settings_of(Choices(out=out))
    store = store_of(settings)
    if not _known(settings, store, tenant_id):
        raise SettingsError(
            f"Tenant {tenant_id} is not in the list, and nothing of it is stored: correct the id, or name another "
            "folder (--out)."
        )
    where = folder_of(settings) or "the storage account"
    click.echo(f"Everything that is stored of tenant {tenant_id} in {where} will be deleted.", err=True)
    typed = confirm if confirm is not None else click.prompt("Type the tenant's id to go on", err=True)
    if str(typed).strip().lower() != tenant_id:
        raise click.UsageError("That is another id; nothing was deleted.")
    if not yes:
        click.confirm("There is no way back. Delete it all?", abort=True, err=True)
    listed = remove_tenant(settings, store, tenant_id)
    click.echo(f"Tenant {tenant_id} is deleted." + ("" if listed else " It was not in a list."), err=True)


def _known(settings: Settings, store: Store, tenant_id: str) -> bool:
    """Return whether the tenant has anything to remove: an entry of the list, a file, or a row."""
    from connectorwatch.tenants.tenant_list import find_tenant
    from findings.views.tables import FLEET

    listed = settings.tenants is not None and find_tenant(settings, tenant_id) is not None
    return bool(
        listed
        or tenant_id in store.documents.folders()
        or store.scans.list(f"{tenant_id}/")
        or store.views.query(FLEET, tenant_id, limit=1).rows
    )


def _entry(listed_tenant: Tenant, scanned: datetime | None) -> dict[str, object]:
    return {
        "id": listed_tenant.id,
        "name": listed_tenant.name,
        "credential": listed_tenant.settings.credential,
        "last_scan": scanned.isoformat() if scanned else None,
    }


def _show(tenants: Sequence[Tenant], scans: Mapping[str, datetime]) -> None:
    from rich.table import Column, Table
    from rich.text import Text

    from common.text import minute, visible
    from connectorwatch.terminal.console import results

    table = Table(Column("Id", no_wrap=True), "Name", "Credential", Column("Last scan", no_wrap=True), box=None)
    for listed_tenant in tenants:
        scanned = scans.get(listed_tenant.id)
        when = minute(scanned) if scanned else "never"
        table.add_row(
            listed_tenant.id, Text(visible(listed_tenant.name or "")), listed_tenant.settings.credential, when
        )
    results().print(table)
