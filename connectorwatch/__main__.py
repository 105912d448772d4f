"""The command line: parse, call one use case, show its result, translate its error into a sentence and an exit code."""

from __future__ import annotations

import asyncio
import errno
import io
import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from connectorwatch import __version__
from inventory.errors import ConnectorwatchError, EvidenceError
from policies.model import Severity

if TYPE_CHECKING:
    from connectorwatch.scan import Result

COULD_NOT, INTERRUPTED = 1, 130
DEMO_TIME = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
"""The moment the bundled tenant is made for; a demo looks at it then, so that it never ages."""


class Commands(click.Group):
    """Turns every error of ours, Ctrl-C and a full disk into a sentence on stderr and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's signature
        """See click.Group.invoke."""
        try:
            return super().invoke(ctx)
        except ConnectorwatchError as error:
            click.echo(f"connectorwatch: {error}", err=True)
            ctx.exit(COULD_NOT)
        except KeyboardInterrupt:
            click.echo("connectorwatch: interrupted. What is stored is whole; run it again when it suits.", err=True)
            ctx.exit(INTERRUPTED)
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise  # whoever reads our output has seen enough: click ends quietly
            click.echo(f"connectorwatch: the output cannot be written: {error.strerror}; send it elsewhere.", err=True)
            ctx.exit(COULD_NOT)


def _moment(_ctx: click.Context, _param: click.Parameter, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter("write it as 2026-11-20T06:00:00Z") from None
    if moment.tzinfo is None:
        raise click.BadParameter("it needs a time zone: write it as 2026-11-20T06:00:00Z")
    return moment.astimezone(UTC)


fail_on = click.option(
    "--fail-on",
    type=click.Choice([severity.value for severity in Severity]),
    default=Severity.LOW.value,
    show_default=True,
    help="The mildest severity of a failing finding that makes the exit code 3.",
)
policy = click.option("--policy", metavar="FILE", help="Policy file, instead of CONNECTORWATCH_POLICY.")
as_json = click.option("--json", "as_json", is_flag=True, help="Print findings.json alone on stdout.")


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="connectorwatch")
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="error",
    show_default=True,
    help="Log lines (JSON) of at least this level go to stderr.",
)
def main(log_level: str) -> None:
    """Inventory and compliance of Microsoft Entra private network connectors.

    Exit codes: 0 all well; 1 could not do it; 2 wrong usage; 3 failing findings; 4 something could not be assessed.
    """
    from connectorwatch.logs import set_up_logs  # noqa: PLC0415 - not needed for --help

    set_up_logs(log_level)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Names come in all scripts, terminals and pipes do not: what one cannot show is written as \uXXXX.
        sys.stdout.reconfigure(errors="backslashreplace")


@main.command()
@click.option("--demo", is_flag=True, help="Scan the bundled tenant Contoso through a simulated Graph on this machine.")
@click.option("--tenant", metavar="ID", help="Tenant to scan, instead of CONNECTORWATCH_TENANT_ID.")
@click.option("--out", metavar="DIR", help="Folder for state, scans and reports, instead of CONNECTORWATCH_STORAGE.")
@policy
@fail_on
@as_json
@click.option("--at", callback=_moment, metavar="TIME", help="The time of the scan; against a loopback Graph only.")
def scan(**options: Any) -> None:  # noqa: ANN401 - click passes the options by name
    """Look at a tenant: collect, judge, remember, and write reports."""
    from connectorwatch.demo import demo_environment  # noqa: PLC0415 - only this command needs a simulator
    from connectorwatch.progress import progress  # noqa: PLC0415 - not needed for --help
    from connectorwatch.wiring import Choices, own_environment  # noqa: PLC0415 - loads the stores and the policy

    with ExitStack() as running:
        environment = running.enter_context(demo_environment(own_environment())) if options["demo"] else None
        at = options["at"] or (DEMO_TIME if options["demo"] else None)
        told = running.enter_context(progress())
        choices = Choices(options["tenant"], options["out"], options["policy"], at, told)
        result, where = asyncio.run(_scan(choices, environment))
    _show(result, where, as_json=options["as_json"])
    _leave(result, options["fail_on"])


async def _scan(choices: Any, environment: dict[str, str] | None) -> tuple[Result, str]:  # noqa: ANN401 - imported late
    from connectorwatch.scan import expect_many_objects, run  # noqa: PLC0415 - not needed for --help
    from connectorwatch.wiring import scanning, settings_of  # noqa: PLC0415

    expect_many_objects()
    async with scanning(choices, environment) as wired:
        result = await run(wired)
    folder = Path(settings_of(choices, environment).storage) / result.document.tenant.id
    return result, str(folder / "scans" / result.document.scan.id / "report.html")


@main.command()
@click.argument("evidence", type=click.Path(path_type=Path))
@policy
@fail_on
@as_json
def evaluate(evidence: Path, policy: str | None, fail_on: str, *, as_json: bool) -> None:
    """Judge stored EVIDENCE (an evidence.json.gz) again, offline."""
    from connectorwatch.scan import judge_stored  # noqa: PLC0415 - not needed for --help
    from policies.policy_file import read_policy_file  # noqa: PLC0415
    from policies.rules import RULE_IDS  # noqa: PLC0415

    try:
        content = evidence.read_bytes()
    except OSError as error:
        raise EvidenceError(
            f"{evidence} cannot be read: {error.strerror}. Give the path of an evidence.json.gz."
        ) from None
    other = read_policy_file(Path(policy), RULE_IDS) if policy else None
    result = judge_stored(content, str(evidence), other)
    _show(result, None, as_json=as_json)
    _leave(result, fail_on)


@main.command()
@click.option("--tenant", metavar="ID", help="Tenant to tell of, instead of CONNECTORWATCH_TENANT_ID.")
@click.option("--out", metavar="DIR", help="Folder that holds the scans, instead of CONNECTORWATCH_STORAGE.")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
def registrars(tenant: str | None, out: str | None, form: str) -> None:
    """Tell who can register connectors and by which paths, from the newest stored scan; asks Graph for nothing."""
    from connectorwatch.registrars import exit_code, newest_document, show  # noqa: PLC0415 - not needed for --help
    from connectorwatch.wiring import Choices, settings_of, store_of  # noqa: PLC0415

    settings = settings_of(Choices(tenant=tenant, out=out))
    document = newest_document(store_of(settings), settings.tenant_id)
    show(document, form)
    sys.exit(exit_code(document))


@main.command()
@click.argument("rule_id", metavar="[ID]", required=False)
def rules(rule_id: str | None) -> None:
    """List all rules, or explain the one with this ID."""
    from connectorwatch.catalogue import explain_rule, list_rules  # noqa: PLC0415 - loads rich

    if rule_id is None:
        list_rules()
    else:
        explain_rule(rule_id)


@main.command()
@policy
@click.option("--json", "as_json", is_flag=True, help="Print the catalogue and what it asks for as JSON.")
@click.option("--from", "page", metavar="PAGE", help="Microsoft's version history page: a saved file or an address.")
@click.option("--to", "target", metavar="FILE", type=click.Path(path_type=Path), help="Where to write; else stdout.")
@click.option("--allow-fetch", is_flag=True, help="Let --from fetch an address on Microsoft Learn or GitHub.")
@click.option("--force", is_flag=True, help="Let --to overwrite a file.")
def releases(**options: Any) -> None:  # noqa: ANN401 - click passes the options by name
    """Show the connector releases and what the fleet should run; with --from, bring the catalogue up to date."""
    from connectorwatch.releases import print_releases  # noqa: PLC0415 - not needed for --help
    from connectorwatch.releases_from import page_content, print_update, update_from  # noqa: PLC0415
    from connectorwatch.wiring import Choices, policy_of, releases_of, settings_of  # noqa: PLC0415

    page, target, as_json = options["page"], options["target"], options["as_json"]
    if page is None and (target or options["allow_fetch"] or options["force"]):
        raise click.UsageError("--to, --allow-fetch and --force go with --from.")
    if page is not None and as_json:
        raise click.UsageError("--json shows the catalogue; --from writes one.")
    loaded, today = policy_of(settings_of(Choices(policy=options["policy"]))), datetime.now(UTC).date()
    catalogue = releases_of(loaded)
    if page is None:
        print_releases(catalogue, loaded.policy.auto_upgrade_grace_days, today, as_json=as_json)
    else:
        content = page_content(page, allow_fetch=options["allow_fetch"])
        print_update(update_from(catalogue, content, today), target, force=options["force"])


@main.command()
@click.option("--tenant", metavar="FILE", type=click.Path(path_type=Path), help="Tenant file; Contoso by default.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port to listen on; any free one by default.")
@click.option("--latency-ms", type=click.IntRange(0, 60_000), help="What each request takes.")
def simulate(tenant: Path | None, port: int, latency_ms: int | None) -> None:
    """Serve a simulated Graph on 127.0.0.1 until interrupted, and print the settings that scan it."""
    from connectorwatch.demo import serve  # noqa: PLC0415 - only this command needs a simulator

    serve(tenant, port, latency_ms)


def _show(result: Result, where: str | None, *, as_json: bool) -> None:
    if as_json:
        from findings.reports.jsonfile import render_json  # noqa: PLC0415 - not needed for --help

        sys.stdout.buffer.write(render_json(result.document))
        return
    from rich.console import Console  # noqa: PLC0415 - not needed for --json

    from connectorwatch.terminal import summary_table  # noqa: PLC0415

    summary_table(result.document, result.snapshot, Console(), where)


def _leave(result: Result, fail_on: str) -> None:
    from connectorwatch.scan import exit_code  # noqa: PLC0415 - loaded by now

    sys.exit(exit_code(result.document, Severity(fail_on)))


if __name__ == "__main__":
    main(prog_name="python -m connectorwatch")
