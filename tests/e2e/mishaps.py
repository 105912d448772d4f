"""What goes wrong between two writes, a death or somebody else's scan; and processes that scan until killed."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from connectorwatch.platform.logs import set_up_logs
from tests.e2e.running import POLICY, scan_with

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from multiprocessing.connection import Connection
    from pathlib import Path

    from findings.stores.ports import Artefacts, Documents, Latest, Store, Stored, Views
    from findings.views.tables import Page, Row, Table, Value


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


@dataclass(frozen=True)
class _Documents:
    inner: Documents
    mishap: Mishap

    def read(self, name: str) -> Stored | None:
        return self.inner.read(name)

    def write(self, name: str, content: bytes, etag: str | None) -> str:
        self.mishap.step()
        return self.inner.write(name, content, etag)

    def folders(self) -> list[str]:
        return self.inner.folders()


@dataclass(frozen=True)
class _Artefacts:
    inner: Artefacts
    mishap: Mishap

    def create(self, name: str, content: bytes) -> bool:
        self.mishap.step()
        return self.inner.create(name, content)

    def read(self, name: str) -> bytes | None:
        return self.inner.read(name)

    def delete(self, name: str) -> bool:
        return self.inner.delete(name)

    def list(self, prefix: str) -> list[str]:
        return self.inner.list(prefix)


@dataclass(frozen=True)
class _Latest:
    inner: Latest
    mishap: Mishap

    def put(self, name: str, content: bytes) -> None:
        self.mishap.step()
        self.inner.put(name, content)

    def show(self, artefact: str, name: str) -> bool:
        self.mishap.step()
        return self.inner.show(artefact, name)

    def read(self, name: str) -> bytes | None:
        return self.inner.read(name)


@dataclass(frozen=True)
class _Views:
    inner: Views
    mishap: Mishap

    def replace(self, tenant_id: str, revision: int, rows: Sequence[Row], *, anew: bool = False) -> bool:
        self.mishap.step()
        return self.inner.replace(tenant_id, revision, rows, anew=anew)

    def amend(self, tenant_id: str, revision: int, values: Mapping[str, Value]) -> bool:
        self.mishap.step()
        return self.inner.amend(tenant_id, revision, values)

    def query(
        self,
        table: Table,
        tenant_id: str | None = None,
        *,
        where: Mapping[str, Value] | None = None,
        after: str | None = None,
        limit: int = 1000,
    ) -> Page:
        return self.inner.query(table, tenant_id, where=where, after=after, limit=limit)

    def remove(self, tenant_id: str) -> None:
        self.inner.remove(tenant_id)


class UnluckyStore:
    """A store with a mishap."""

    def __init__(self, store: Store, mishap: Mishap) -> None:
        """Take the store, and what happens when."""
        self._store = store
        self.documents = _Documents(store.documents, mishap)
        self.scans = _Artefacts(store.scans, mishap)
        self.latest = _Latest(store.latest, mishap)
        self.views = _Views(store.views, mishap)
        self.leases = store.leases

    def forget(self, tenant_id: str) -> None:
        """Forget a tenant."""
        self._store.forget(tenant_id)

    def check_writable(self) -> None:
        """Make sure that it can be written to."""
        self._store.check_writable()


class Order(NamedTuple):
    """A scan for another process to make; `out` is a folder or a connection string."""

    settings: dict[str, str]
    out: Path | str
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
