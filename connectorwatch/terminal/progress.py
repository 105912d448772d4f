"""Progress of a scan on stderr: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PARTS = 6
"""How many parts a scan reads side by side."""


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Yield a function to call with a short message after each part."""
    if not sys.stderr.isatty():
        yield lambda message: click.echo(message, err=True)
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=PARTS)
        yield lambda message: bar.update(task, advance=1, description=message)
