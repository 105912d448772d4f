"""What goes wrong between two writes, a death or somebody else's scan; and processes that scan until killed."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from connectorwatch.logs import set_up_logs
from findings.stores.folder import FolderArtefacts, FolderDocuments, FolderLatest, FolderStore
from tests.e2e.running import POLICY, scan_with

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from multiprocessing.connection import Connection
    from pathlib import Path


class KilledError(Exception):
    """The process is dead: nobody catches this, and nothing runs after it."""


def die() -> None:
    """End here, as a kill would."""
    raise KilledError


@dataclass
class Mishap:
    """Something that happens just before one write of a store, counted from 0."""

    before: int
    act: Callable[[], object]
    writes: int = 0

    def step(self) -> None:
        """Count a write, and let happen what happens before it."""
        self.writes += 1
        if self.writes == self.before + 1:
            self.act()

    @property
    def came_too_late(self) -> bool:
        """Whether there were not as many writes."""
        return self.writes <= self.before


class _Documents(FolderDocuments):
    def __init__(self, root: Path, mishap: Mishap) -> None:
        super().__init__(root, 10.0)
        self._mishap = mishap

    def write(self, name: str, content: bytes, etag: str | None) -> str:
        self._mishap.step()
        return super().write(name, content, etag)


class _Artefacts(FolderArtefacts):
    def __init__(self, root: Path, mishap: Mishap) -> None:
        super().__init__(root)
        self._mishap = mishap

    def create(self, name: str, content: bytes) -> bool:
        self._mishap.step()
        return super().create(name, content)


class _Latest(FolderLatest):
    def __init__(self, root: Path, mishap: Mishap) -> None:
        super().__init__(root)
        self._mishap = mishap

    def put(self, name: str, content: bytes) -> None:
        self._mishap.step()
        super().put(name, content)


class UnluckyStore(FolderStore):
    """A folder store with a mishap."""

    def __init__(self, root: Path, mishap: Mishap) -> None:
        """Take the folder, and what happens when."""
        super().__init__(root)
        self.documents = _Documents(root, mishap)
        self.scans = _Artefacts(root, mishap)
        self.latest = _Latest(root, mishap)


class Order(NamedTuple):
    """A scan for another process to make."""

    settings: dict[str, str]
    out: Path
    at: datetime


def breed(orders: Connection, first: Order) -> None:
    """Make a first scan, so that all is loaded; then for each list of orders start as many scanners at once.

    Tells the scanners' process ids, and how they ended.
    """
    set_up_logs("error")
    _obey(first)
    while batch := orders.recv():
        children = [_scanner(order) for order in batch]
        orders.send(children)
        orders.send([os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children])


def _scanner(order: Order) -> int:
    child = os.fork()
    if child == 0:
        _obey(order)
        os._exit(0)
    return child


def _obey(order: Order) -> None:
    asyncio.run(scan_with(order.settings, order.out, order.at, POLICY))
