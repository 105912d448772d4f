"""The command `record`."""

from __future__ import annotations

import asyncio
import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from common.errors import SettingsError
from common.exit_codes import ExitCode

if TYPE_CHECKING:
    from connectorwatch.recording.document import Recording

_DEMO_TIME = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
"""The time the bundled tenants are made for: later, their audit events would be out of the log."""


@click.command()
@click.option("--out", metavar="FILE", type=click.Path(path_type=Path), help="File to write the recording to.")
@click.option(
    "--compare",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Compare a recording with the simulated Graph instead; Graph is not asked.",
)
@click.option("--tenant", metavar="ID", help="Tenant to record, instead of CONNECTORWATCH_TENANT_ID.")
@click.option("--demo", is_flag=True, help="Record the bundled tenant Contoso through a simulated Graph.")
@click.option("--yes", is_flag=True, help="Write without asking.")
def record(*, out: Path | None, compare: Path | None, tenant: str | None, demo: bool, yes: bool) -> None:
    """Record the shapes of Graph's answers, safe for a public issue.

    Sends every request of doctor and of a scan, shows the recording, and writes it after confirmation.

    Exit codes: 0 recorded, or as expected; 1 not written; 3 with --compare: something differs.
    """
    if (out is None) == (compare is None):
        raise click.UsageError("give either --out or --compare")
    if compare is not None:
        sys.exit(_compare(compare))
    if out is not None:
        sys.exit(_record(out, tenant, demo=demo, yes=yes))


def _record(out: Path, tenant: str | None, *, demo: bool, yes: bool) -> ExitCode:
    from connectorwatch.recording.files import check_free, text_of, write_recording
    from connectorwatch.recording.show import CONTENTS, question_lines, summary

    check_free(out)
    if not (yes or sys.stdin.isatty()):
        raise SettingsError("There is no terminal to ask on, so nothing was recorded: repeat with --yes.")
    recording = _recorded(tenant, demo=demo)
    if not yes:
        click.echo(text_of(recording))
    for line in (*summary(recording), CONTENTS, "", *question_lines(recording)):
        click.echo(line)
    if not (yes or click.confirm(f"\nWrite this to {out}?")):
        click.echo("Nothing was written.")
        return ExitCode.COULD_NOT
    write_recording(out, recording)
    click.echo(f"\nWritten to {out}. Compare it: connectorwatch record --compare {out}")
    return ExitCode.DONE


def _recorded(tenant: str | None, *, demo: bool) -> Recording:
    from connectorwatch.demo import demo_environment
    from connectorwatch.recording.run import record as recorded
    from connectorwatch.wiring import Choices, own_environment, settings_of

    with ExitStack() as running:
        environment = own_environment()
        if demo:
            environment = running.enter_context(demo_environment(environment))
        settings = settings_of(Choices(tenant), environment)
        now = (lambda: _DEMO_TIME) if demo else (lambda: datetime.now(UTC))
        return asyncio.run(recorded(settings, now))


def _compare(path: Path) -> ExitCode:
    from common.text import counted
    from connectorwatch.recording.compare import differences
    from connectorwatch.recording.files import read_recording
    from connectorwatch.recording.show import difference_lines, question_lines

    recording = read_recording(path)
    mismatches = differences(recording, _simulated())
    for line in (*difference_lines(mismatches), *question_lines(recording)):
        click.echo(line)
    click.echo(f"{counted(len(mismatches), 'difference')} from the simulated Graph.")
    return ExitCode.FAILING if mismatches else ExitCode.DONE


def _simulated() -> list[Recording]:
    """Return recordings of the bundled tenants, whatever the settings of this installation are."""
    from connectorwatch.demo import HEALTHY_TENANTS, bundled_environment
    from connectorwatch.recording.run import record as recorded
    from connectorwatch.wiring import Choices, settings_of

    recordings = []
    for name in HEALTHY_TENANTS:
        with bundled_environment(name) as environment:
            settings = settings_of(Choices(), environment)
            recordings.append(asyncio.run(recorded(settings, lambda: _DEMO_TIME)))
    return recordings
