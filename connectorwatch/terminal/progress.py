"""Tell on stderr what has been read: a bar on a terminal, plain lines elsewhere."""

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
    """Yield what is to be told, in a few words, how each part went."""
    if not sys.stderr.isatty():
        yield lambda what: click.echo(what, err=True)
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=PARTS)
        yield lambda what: bar.update(task, advance=1, description=what)
