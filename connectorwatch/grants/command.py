"""The `grant` command from settings to output: show the plan, confirm, apply, report."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from common.errors import GrantError, ReadError, SettingsError
from connectorwatch.grants.apply import NO_RIGHT, StepApplier
from connectorwatch.grants.current import holds_other_role, others_with, read_grants
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

OWN_SIGN_INS = ("cli", "browser", "device_code", "token", "default")
ADVICE = (
    "Sign in with `az login` (Azure CLI), or set CONNECTORWATCH_CREDENTIAL to the way you sign in yourself (cli, "
    "browser, device_code, token)."
)


@dataclass(frozen=True)
class GrantRequest:
    """What to grant or revoke.

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


async def run_grant(settings: Settings, request: GrantRequest, console: Console) -> bool:
    """Give or take back, and return whether all is now as wished.

    Raises:
        SettingsError: The settings sign in as a machine.
        CredentialError: There is no token.
        GrantError: There is no such identity, or what is there stands in the way; nothing was changed.
    """
    async with _graph(settings) as (tenant, graph, writer):
        try:
            current = await read_grants(graph, request.principal, custom=request.custom)
            plan = await _plan(graph, current, request)
        except ReadError as error:
            advice = NO_RIGHT if error.permission else error.advice or ""
            raise GrantError(
                f"What the identity has could not be read: {error.reason}. {advice} Nothing was changed."
            ) from error
        show_plan(console, tenant, current, plan.steps, revoke=request.revoke)
        plan.show_what_stays(console, current)
        steps = plan.steps if request.dry_run else _agreed(plan.steps, request)
        if request.dry_run or all(step.there for step in steps):
            return True
        if not request.confirm("Do this?"):
            console.print("Nothing was changed.")
            return False
        applier = StepApplier(graph, writer, current)
        await apply_and_report(applier, steps, console)
    show_done(console, applier.done, revoke=request.revoke)
    return all(result.error is None for result in applier.done)


async def apply_and_report(applier: StepApplier, steps: Sequence[Step], console: Console) -> None:
    """Apply the steps; where they end early, print what was done."""
    try:
        await applier.do(steps)
    finally:
        if len(applier.done) < len(steps):
            show_stopped(console, applier.done)


@dataclass(frozen=True)
class _Plan:
    """The steps, and what stays in place although its removal may be expected.

    Attributes:
        steps: Each step.
        others: Whether others hold the custom role, or None where that cannot be seen; False also where it goes.
        other_role: Whether the identity holds the role of the other choice, too.
    """

    steps: list[Step]
    others: bool | None = False
    other_role: bool = False

    def show_what_stays(self, console: Console, current: CurrentGrants) -> None:
        """Print what revoking leaves in place."""
        show_role_kept(console, others=self.others)
        if self.other_role:
            show_other_role(console, custom=current.is_custom)


async def _plan(graph: GraphClient, current: CurrentGrants, request: GrantRequest) -> _Plan:
    if not request.revoke:
        return _Plan(steps_to_give(current))
    other_role = await holds_other_role(graph, current)
    if not current.is_custom or current.role is None:
        return _Plan(steps_to_take(current, delete_role=False), other_role=other_role)
    others = await others_with(graph, current.role, current.principal.id)
    return _Plan(steps_to_take(current, delete_role=others is False), others, other_role)


def _agreed(steps: list[Step], request: GrantRequest) -> list[Step]:
    """Return the steps without deleting the custom role, where the operator wants to keep it."""
    deletes = any(step.act == "delete role" for step in steps)
    if not deletes or request.confirm("Delete the custom role, too?"):
        return steps
    return [step for step in steps if step.act != "delete role"]


@asynccontextmanager
async def _graph(settings: Settings) -> AsyncIterator[tuple[str, GraphClient, Writer]]:
    if settings.credential not in OWN_SIGN_INS:
        raise SettingsError(
            f"CONNECTORWATCH_CREDENTIAL is {settings.credential}, a machine's: grant is run by an administrator with "
            "their own sign-in (cli, browser, device_code or token)."
        )
    async with AsyncExitStack() as open_things:
        credential = await open_things.enter_async_context(credential_of(settings))
        tenant = await tenant_of(credential, settings, ADVICE)
        transport = SdkTransport(credential, settings.root, timeout=settings.timeout_seconds)
        open_things.push_async_callback(transport.close)
        exchange = Sender(transport, settings.root, Gate(settings.concurrency))
        yield tenant, GraphClient(exchange), Writer(transport, settings.root)
