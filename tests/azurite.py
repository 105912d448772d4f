"""Azurite, Microsoft's storage emulator, for tests: installed by npm, started on unused ports, ended by its id."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import socket
import subprocess
import time
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

import pytest

from tests.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PROGRAM = ROOT / "node_modules/azurite/dist/src/azurite.js"
ACCOUNTS = 600
MISSING = (
    "AZURITE IS NOT INSTALLED, so nothing that concerns Azure Storage was tested: install Node.js 20 or newer and npm, "
    "then run `make node`"
)


@dataclass
class Azurite:
    """A running emulator with many accounts, so that every test can have an empty one.

    Attributes:
        blob_port: Where blobs are asked for, on 127.0.0.1.
        table_port: Where tables are.
        process: Its process id.
        queue_port: Where queues are.
    """

    blob_port: int
    table_port: int
    process: int
    queue_port: int

    def __post_init__(self) -> None:
        """Begin with the first account."""
        self._numbers = count()

    def fresh(self, blob_port: int | None = None, table_port: int | None = None) -> str:
        """Return the connection string of an account nobody used yet; through other ports, if some are given."""
        return connection_string(_name(next(self._numbers)), blob_port or self.blob_port, table_port or self.table_port)

    def with_queues(self, account: str) -> str:
        """Return an account's connection string with the address of its queues."""
        name = account.partition("AccountName=")[2].partition(";")[0]
        return f"{account}QueueEndpoint=http://127.0.0.1:{self.queue_port}/{name};"


def connection_string(account: str, blob_port: int, table_port: int) -> str:
    """Return how an account of the emulator is opened."""
    return (
        f"DefaultEndpointsProtocol=http;AccountName={account};AccountKey={_key(account)};"
        f"BlobEndpoint=http://127.0.0.1:{blob_port}/{account};TableEndpoint=http://127.0.0.1:{table_port}/{account};"
    )


def _name(number: int) -> str:
    return f"test{number:04d}"


def _key(account: str) -> str:
    return base64.b64encode(hashlib.sha512(account.encode()).digest()).decode()


def required() -> bool:
    """Return whether a test that cannot run has failed: in CI it has."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


@contextmanager
def running(folder: Path) -> Iterator[Azurite]:
    """Yield an emulator that keeps its files in a folder; without one, skip loudly, and fail in CI."""
    node = shutil.which("node")
    if node is None or not PROGRAM.exists():
        if required():
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    ports = _unused_ports(3)
    options = ["--silent", "--skipApiVersionCheck", "--disableTelemetry", "--location", str(folder)]
    named = [f"--{kind}Port={port}" for kind, port in zip(("blob", "queue", "table"), ports, strict=True)]
    accounts = ";".join(f"{_name(number)}:{_key(_name(number))}" for number in range(ACCOUNTS))
    with (folder / "azurite.out").open("wb") as told:
        process = subprocess.Popen(  # noqa: S603 - the emulator that npm installed, with our own options
            [node, str(PROGRAM), *options, *named],
            env={**os.environ, "AZURITE_ACCOUNTS": accounts},
            stdout=told,
            stderr=told,
        )
    try:
        for port in ports:
            _await(port, process, folder / "azurite.out")
        yield Azurite(ports[0], ports[2], process.pid, ports[1])
    finally:
        process.kill()
        process.wait()


def _unused_ports(number: int) -> list[int]:
    with ExitStack() as taken:
        sockets = [taken.enter_context(closing(socket.socket())) for _ in range(number)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def _await(port: int, process: subprocess.Popen[bytes], told: Path) -> None:
    for _ in range(600):
        if process.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"Azurite did not start: {told.read_text(encoding='utf-8', errors='replace')[-500:]}")
