"""Give or take back, from the settings to the last line: show what would be done, ask, do it, tell."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectorwatch.credentials import credential_of, tenant_of
from connectorwatch.grants.doing import Doer
from connectorwatch.grants.show import show_done, show_plan, show_role_kept
from connectorwatch.grants.standing import others_with, standing_of
from connectorwatch.grants.steps import steps_to_give, steps_to_take
from connectorwatch.grants.writing import Writer
from inventory.errors import GrantError, ReadError, SettingsError
from inventory.exchange import Exchange
from inventory.gate import Gate
from inventory.graph import GraphClient
from inventory.transport import SdkTransport

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from rich.console import Console

    from connectorwatch.grants.standing import Standing
    from connectorwatch.grants.steps import Step
    from connectorwatch.settings import Settings

OWN_SIGN_INS = ("cli", "device_code", "token", "default")


@dataclass(frozen=True)
class Wish:
    """What is wanted.

    Attributes:
        principal: Object id or client id of the identity.
        custom: Whether it is to have the custom role, rather than Global Reader.
        revoke: Whether to take back rather than to give.
        dry_run: Whether to show only.
        confirm: Asks a question; False means no.
    """

    principal: str
    custom: bool
    revoke: bool
    dry_run: bool
    confirm: Callable[[str], bool]


async def run_grant(settings: Settings, wish: Wish, console: Console) -> bool:
    """Give or take back, and return whether all is now as wished.

    Raises:
        SettingsError: The settings sign in as a machine.
        CredentialError: There is no token.
        GrantError: There is no such identity, or what is there stands in the way; nothing was changed.
    """
    async with _graph(settings) as (tenant, graph, writer):
        try:
            standing = await standing_of(graph, wish.principal, custom=wish.custom)
            steps = await _steps(graph, standing, wish, console)
        except ReadError as error:
            raise GrantError(
                f"What the identity has could not be read: {error.reason}. {error.advice or ''} Nothing was changed."
            ) from error
        show_plan(console, tenant, standing, steps, revoke=wish.revoke)
        if all(step.there for step in steps):
            return True
        if wish.dry_run:
            return True
        if not wish.confirm("Do this?"):
            console.print("Nothing was changed.")
            return False
        done = await Doer(graph, writer, standing).do(steps)
    show_done(console, done, revoke=wish.revoke)
    return all(one.error is None for one in done)


async def _steps(graph: GraphClient, standing: Standing, wish: Wish, console: Console) -> list[Step]:
    if not wish.revoke:
        return steps_to_give(standing)
    delete = False
    if standing.is_custom and standing.role is not None:
        others = await others_with(graph, standing.role, standing.principal.id)
        delete = others is False and (wish.dry_run or wish.confirm(f"Nobody else holds the custom role. {_DELETE}"))
        show_role_kept(console, others=others)
    return steps_to_take(standing, delete_role=delete)


_DELETE = "Delete it too?"


@asynccontextmanager
async def _graph(settings: Settings) -> AsyncIterator[tuple[str, GraphClient, Writer]]:
    if settings.credential not in OWN_SIGN_INS:
        raise SettingsError(
            f"CONNECTORWATCH_CREDENTIAL is {settings.credential}, a machine's: grant is run by an administrator with "
            "their own sign-in (cli, device_code or token)."
        )
    async with AsyncExitStack() as open_things:
        credential = await open_things.enter_async_context(credential_of(settings))
        tenant = await tenant_of(credential, settings)
        transport = SdkTransport(credential, settings.root, timeout=settings.timeout_seconds)
        open_things.push_async_callback(transport.close)
        exchange = Exchange(transport, settings.root, Gate(settings.concurrency))
        yield tenant, GraphClient(exchange), Writer(transport, settings.root)
