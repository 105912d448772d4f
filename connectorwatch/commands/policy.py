"""The command `policy`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click


@click.group()
def policy() -> None:
    """Begin a policy file, or check one."""


@policy.command()
@click.option(
    "--to-file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write there, not to stdout."
)
@click.option("--force", is_flag=True, help="Overwrite FILE where it exists.")
def example(to_file: Path | None, *, force: bool) -> None:
    """Print the example policy: all defaults, and each key to uncomment.

    `connectorwatch policy example --to-file policy.yaml` begins a policy of your own.
    """
    from connectorwatch.usecases.report import write_file
    from policies.policy_file.example import example_policy

    if to_file is None:
        sys.stdout.buffer.write(example_policy())
    else:
        write_file(to_file, example_policy(), force=force)


@policy.command()
@click.argument("file", type=click.Path(path_type=Path))
def check(file: Path) -> None:
    """Check the policy file FILE: every line that is wrong, and settings that do nothing.

    Exit codes: 0 the file is valid, whatever is remarked; 1 it is not, or cannot be read; 2 wrong usage.
    """
    from common.text import visible
    from policies.policy_file.read import read_policy_file
    from policies.policy_file.remarks import remarks
    from policies.rules import RULE_IDS

    loaded = read_policy_file(file, RULE_IDS)
    click.echo(f"{visible(str(file))} is valid ({loaded.sha256[:12]}).")
    for remark in remarks(loaded, datetime.now(UTC)):
        click.echo(f"{remark}.")
