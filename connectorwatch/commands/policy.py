"""The command `policy`."""

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.group()
def policy() -> None:
    """Begin a policy file."""


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
