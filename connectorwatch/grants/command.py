"""Give or take back, from the settings to the last line: show what would be done, ask, do it, tell."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from common.errors import GrantError, ReadError, SettingsError
from connectorwatch.grants.apply import NO_RIGHT, Doer
from connectorwatch.grants.current import holds_other_role, others_with, standing_of
from connectorwatch.grants.graph_writes import Writer
from connectorwatch.grants.show import show_done, show_other_role, show_plan, show_role_kept, show_stopped
from connectorwatch.grants.steps import steps_to_give, steps_to_take
from connectorwatch.platform.credentials import credential_of, tenant_of
from inventory.gate import Gate
from inventory.graph import GraphClient
from inventory.sender import Sender
from inventory.transport import SdkTransport

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from rich.console import Console

    from connectorwatch.grants.current import CurrentGrants
    from connectorwatch.grants.steps import Step
    from connectorwatch.settings import Settings

OWN_SIGN_INS = ("cli", "device_code", "token", "default")
ADVICE = (
    "Sign in with `az login` (Azure CLI), or set CONNECTORWATCH_CREDENTIAL to the way you sign in yourself (cli, "
    "device_code, token)."
)


@dataclass(frozen=True)
class GrantRequest:
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


async def run_grant(settings: Settings, wish: GrantRequest, console: Console) -> bool:
    """Give or take back, and return whether all is now as wished.

    Raises:
        SettingsError: The settings sign in as a machine.
        CredentialError: There is no token.
        GrantError: There is no such identity, or what is there stands in the way; nothing was changed.
    """
    async with _graph(settings) as (tenant, graph, writer):
        try:
            standing = await standing_of(graph, wish.principal, custom=wish.custom)
            plan = await _plan(graph, standing, wish)
        except ReadError as error:
            advice = NO_RIGHT if error.permission else error.advice or ""
            raise GrantError(
                f"What the identity has could not be read: {error.reason}. {advice} Nothing was changed."
            ) from error
        show_plan(console, tenant, standing, plan.steps, revoke=wish.revoke)
        plan.show_what_stays(console, standing)
        steps = plan.steps if wish.dry_run else _agreed(plan.steps, wish)
        if wish.dry_run or all(step.there for step in steps):
            return True
        if not wish.confirm("Do this?"):
            console.print("Nothing was changed.")
            return False
        doer = Doer(graph, writer, standing)
        await do_and_tell(doer, steps, console)
    show_done(console, doer.done, revoke=wish.revoke)
    return all(one.error is None for one in doer.done)


async def do_and_tell(doer: Doer, steps: Sequence[Step], console: Console) -> None:
    """Do the steps; whatever ends it before the last one, what was done is told."""
    try:
        await doer.do(steps)
    finally:
        if len(doer.done) < len(steps):
            show_stopped(console, doer.done)


@dataclass(frozen=True)
class _Plan:
    """What is to be done, and what stays although somebody may expect it to go.

    Attributes:
        steps: Each step.
        others: Whether others hold the custom role, or None where that cannot be seen; False also where it goes.
        other_role: Whether the identity holds the role of the other choice, too.
    """

    steps: list[Step]
    others: bool | None = False
    other_role: bool = False

    def show_what_stays(self, console: Console, standing: CurrentGrants) -> None:
        """Say what taking back leaves."""
        show_role_kept(console, others=self.others)
        if self.other_role:
            show_other_role(console, custom=standing.is_custom)


async def _plan(graph: GraphClient, standing: CurrentGrants, wish: GrantRequest) -> _Plan:
    if not wish.revoke:
        return _Plan(steps_to_give(standing))
    other_role = await holds_other_role(graph, standing)
    if not standing.is_custom or standing.role is None:
        return _Plan(steps_to_take(standing, delete_role=False), other_role=other_role)
    others = await others_with(graph, standing.role, standing.principal.id)
    return _Plan(steps_to_take(standing, delete_role=others is False), others, other_role)


def _agreed(steps: list[Step], wish: GrantRequest) -> list[Step]:
    """Return the steps without deleting the custom role, where somebody wants to keep it."""
    deletes = any(step.act == "delete role" for step in steps)
    if not deletes or wish.confirm("Delete the custom role, too?"):
        return steps
    return [step for step in steps if step.act != "delete role"]


@asynccontextmanager
async def _graph(settings: Settings) -> AsyncIterator[tuple[str, GraphClient, Writer]]:
    if settings.credential not in OWN_SIGN_INS:
        raise SettingsError(
            f"CONNECTORWATCH_CREDENTIAL is {settings.credential}, a machine's: grant is run by an administrator with "
            "their own sign-in (cli, device_code or token)."
        )
    async with AsyncExitStack() as open_things:
        credential = await open_things.enter_async_context(credential_of(settings))
        tenant = await tenant_of(credential, settings, ADVICE)
        transport = SdkTransport(credential, settings.root, timeout=settings.timeout_seconds)
        open_things.push_async_callback(transport.close)
        exchange = Sender(transport, settings.root, Gate(settings.concurrency))
        yield tenant, GraphClient(exchange), Writer(transport, settings.root)
