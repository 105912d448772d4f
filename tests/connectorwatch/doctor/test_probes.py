"""What the probes make of answers that no well-behaved tenant gives, and of a store that does not do what it says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from common.errors import StorageError
from connectorwatch.doctor.installation import try_store
from connectorwatch.doctor.probes import Prober, ProbeResults
from findings.stores.folder import FolderDocuments, FolderStore
from findings.stores.ports import Stored
from inventory.gate import Gate
from inventory.permissions import NEEDS
from inventory.sender import Sender
from simulator import TENANTS, load_tenant
from tests.inventory.networks import ROOT, Simulated

if TYPE_CHECKING:
    from pathlib import Path

    from inventory.answer import Answer
    from inventory.transport_port import Outgoing

NOW = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)


class Altered:
    """The simulated Graph, whose answers carry a date and show no names of principals."""

    def __init__(self, date: str) -> None:
        self._graph, self._date = Simulated(load_tenant(TENANTS / "contoso.yaml"), latency=0), date

    async def send(self, outgoing: Outgoing) -> Answer:
        """Answer with the date, and without names where principals are looked up."""
        answer = await self._graph.send(outgoing)
        body = answer.body.replace(b"displayName", b"other") if "getByIds" in outgoing.url else answer.body
        return replace(answer, body=body, headers={**answer.headers, "date": self._date})


async def probed(date: str) -> ProbeResults:
    """Return what became of probing that Graph."""
    return await Prober(Sender(Altered(date), ROOT, Gate()), 1.0, lambda: NOW).probe()


@pytest.mark.parametrize(
    ("date", "seen"),
    [("Fri, 20 Nov 2026 06:00:00 GMT", True), ("Fri, 20 Nov 2026 06:00:00 -0000", False), ("now", False), ("", False)],
)
async def test_only_whole_dates_count(date: str, seen: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """A date without a zone, or none, tells nothing of the clock."""
    assert bool((await probed(date)).dates) is seen


async def test_ids_without_names_are_a_refusal() -> None:
    """Principals whose names may not be seen count as not read."""
    found = await probed("")

    assert [kind for kind, error in found.outcomes.items() if error] == ["principals"]
    assert set(found.outcomes) == set(NEEDS)


class Forgetful(FolderDocuments):
    """Documents that are written over by anybody, or come back as something else than was written."""

    def __init__(self, root: Path, returns: bytes | None) -> None:
        super().__init__(root, 1.0)
        self._returns = returns

    def write(self, name: str, content: bytes, etag: str | None) -> str:
        """Say that it was written."""
        del name, content, etag
        return "tag"

    def read(self, name: str) -> Stored | None:
        """Return what it likes."""
        del name
        return None if self._returns is None else Stored(self._returns, "tag")


@pytest.mark.parametrize(
    ("returns", "says"), [(None, "does not return"), (b"x", "does not return"), (b"{}", "wrote over")]
)
def test_a_store_that_does_not_do_what_it_says(returns: bytes | None, says: str, tmp_path: Path) -> None:
    """Neither losing what was written nor writing over what somebody else wrote is good enough."""
    store = FolderStore(tmp_path)
    store.documents = Forgetful(tmp_path, returns)

    with pytest.raises(StorageError, match=says):
        try_store(store)
