"""The plan and the results on the terminal; names come from the tenant and are shown as text only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from common.text import counted, visible
from connectorwatch.grants.current import ROLE_NAME
from connectorwatch.platform.redaction import redact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from connectorwatch.grants.apply import Done
    from connectorwatch.grants.current import CurrentGrants
    from connectorwatch.grants.steps import Step

NAME = 60


def show_plan(console: Console, tenant: str, current: CurrentGrants, steps: Sequence[Step], *, revoke: bool) -> None:
    """Print whom it is about, and each step: `+` or `-` to be done, `=` as it should be already."""
    principal = current.principal
    name = visible(principal.display_name or "an unnamed identity")
    name = name if len(name) <= NAME else f"{name[:NAME]}…"
    console.print(Text(f"{name} ({visible(principal.service_principal_type or 'service principal')})", style="bold"))
    console.print(Text(f"object id {principal.id}"))
    console.print(Text(f"in tenant {visible(tenant)}"))
    console.print()
    sign = ("-", "red") if revoke else ("+", "green")
    table = _table()
    for step in steps:
        mark, style = ("=", "dim") if step.there else sign
        table.add_row(Text(f"  {mark}", style=style), Text(step.words, style=style))
    console.print(table)
    console.print()
    to_do = sum(not step.there for step in steps)
    if not to_do:
        console.print("Nothing to do: all of this is so already.")
        return
    legend = "; what is marked = is so already" if to_do < len(steps) else ""
    console.print(f"{counted(to_do, 'change')}{legend}.")


def _table() -> Table:
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    return table


def _step_table(done: Sequence[Done]) -> Table:
    """Return every step that was to be done, and whether it was; those that were not with the reason."""
    table = _table()
    for result in done:
        if result.error is not None:
            words = Text(result.step.words, style="bold yellow").append(f"\n{visible(redact(result.error))}", "default")
            table.add_row(Text("  NOT done", style="bold yellow"), words)
        elif not result.step.there:
            table.add_row(Text("  done", style="green"), Text(result.step.words))
    return table


def show_role_kept(console: Console, *, others: bool | None) -> None:
    """Say why the custom role stays, where it does."""
    if others:
        console.print("The custom role stays: somebody else holds it, or could activate it.")
    elif others is None:
        console.print("The custom role stays: who else could activate it cannot be seen with this sign-in.")


def show_other_role(console: Console, *, custom: bool) -> None:
    """Say that the identity holds the role of the other choice as well."""
    name, choice = ("Global Reader", "--global-reader") if custom else (ROLE_NAME, "--custom-role")
    console.print(f"It also holds the directory role {name!r}, which stays: --revoke {choice} takes that back.")


def show_stopped(console: Console, done: Sequence[Done]) -> None:
    """Print what was done before it was stopped."""
    console.print(_step_table(done))
    console.print("Stopped. What was on its way may be done, too: repeat the command, which does what is missing.")


def show_done(console: Console, done: Sequence[Done], *, revoke: bool) -> None:
    """Print what was done, everything that was not with the reason, and each advice once."""
    failed = [result for result in done if result.error is not None]
    changed = sum(result.error is None and not result.step.there for result in done)
    if failed:
        console.print(_step_table(done))
        console.print()
        for advice in dict.fromkeys(line for result in failed for line in result.advice):
            console.print(advice)
        console.print(f"{changed} done, {len(failed)} not. Mend that and repeat the command; what is done stays.")
    elif revoke:
        console.print(f"All taken back: {counted(changed, 'change')}.")
        console.print(
            "A token that was given before still works until it ends: after about an hour, a managed identity's after "
            "up to a day."
        )
    else:
        console.print(f"All given: {counted(changed, 'change')}. It takes some minutes until it holds everywhere.")
        console.print(
            "Then let the identity sign in anew, and run `doctor` signed in as it. A managed identity's token may stay "
            "for up to a day; what its scans cannot read then stands in their reports."
        )
