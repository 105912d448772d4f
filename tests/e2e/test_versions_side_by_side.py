"""An instance of another version beside this one, while an update rolls out: neither loses what the other wrote."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from common.errors import EvidenceError
from connectorwatch.delivery.deliver import DeliveryContext, deliver
from findings.state.document import ScanMeta, StoredTenant
from findings.state.parts import StoredPart
from findings.state.record import FindingState
from findings.stores.folder import FolderStore
from simulator import Simulator
from tests.e2e.running import NOW, environment, scan_with, state_of, tenant_file, variant

if TYPE_CHECKING:
    from pathlib import Path

CLEAN = tenant_file("clean")
TENANT = CLEAN.tenant.id
BROKEN = "connector_groups: {head-office: {connectors: {hq-02: {status: inactive}}}}"
DAY = timedelta(days=1)
NEWER = {"from a newer version": {"deep": [1, None, "two"]}}


class Previous(StoredPart):
    """Parts of the state as the version before this one knew it: no outbox, nothing announced."""

    tenant: StoredTenant
    revision: int
    findings: dict[str, FindingState]
    scans: tuple[ScanMeta, ...]
    unpublished: tuple[str, ...]


def marked(content: bytes) -> dict[str, Any]:
    """Return a state as a newer minor version might have written it: something unknown in every part."""
    state: dict[str, Any] = json.loads(content) | NEWER | {"schema": "connectorwatch.state/v1.7"}
    for part in ("tenant", "told"):
        state[part] |= NEWER
    state["findings"] = {key: found | NEWER for key, found in state["findings"].items()}
    for part in ("scans", "outbox"):
        state[part] = [one | NEWER for one in state[part]]
    state["outbox"][0]["changes"] = [one | NEWER for one in state["outbox"][0]["changes"]]
    return state


async def test_what_a_newer_version_wrote_outlives_a_scan_and_a_delivery(tmp_path: Path) -> None:
    """Unknown fields in every part of the state are there after this version scanned, published and delivered."""
    store = FolderStore(tmp_path)
    with Simulator(CLEAN).in_thread() as well, Simulator(variant(tmp_path, BROKEN, "clean")).in_thread() as down:
        await scan_with(environment(down), tmp_path, NOW)
        stored = store.documents.read(f"{TENANT}/state.json")
        assert stored is not None
        store.documents.write(f"{TENANT}/state.json", json.dumps(marked(stored.content)).encode(), stored.etag)
        await scan_with(environment(well), tmp_path, NOW + DAY)

    after = json.loads((tmp_path / TENANT / "state.json").read_bytes())
    parts = [after, after["tenant"], after["told"], after["scans"][0], after["outbox"][0], *after["findings"].values()]
    assert all(part.items() >= NEWER.items() for part in [*parts, *after["outbox"][0]["changes"]])
    assert (after["schema"], len(after["scans"]), len(after["outbox"])) == ("connectorwatch.state/v1.7", 2, 2)

    deliver(DeliveryContext(store, lambda: NOW + DAY), [TENANT])
    left = json.loads((tmp_path / TENANT / "state.json").read_bytes())
    assert left["outbox"] == []
    assert left["told"].items() >= NEWER.items()


async def test_what_this_version_wrote_outlives_the_previous_one(tmp_path: Path) -> None:
    """The version before reads our state and writes it back without losing what it does not know."""
    with Simulator(CLEAN).in_thread() as well:
        await scan_with(environment(well), tmp_path, NOW)
    ours = (tmp_path / TENANT / "state.json").read_bytes()

    theirs = Previous.model_validate(json.loads(ours)).model_dump(mode="json")

    assert theirs == json.loads(ours)
    assert theirs["told"]


async def test_what_the_previous_version_wrote_is_gone_on_with(tmp_path: Path) -> None:
    """A state from before there was an outbox is read, and the next scan announces what it changes, and no more."""
    with Simulator(CLEAN).in_thread() as well, Simulator(variant(tmp_path, BROKEN, "clean")).in_thread() as down:
        await scan_with(environment(well), tmp_path, NOW)
        path = tmp_path / TENANT / "state.json"
        old = {name: value for name, value in json.loads(path.read_bytes()).items() if name not in ("outbox", "told")}
        path.write_bytes(json.dumps(old).encode())
        await scan_with(environment(down), tmp_path, NOW + DAY)

    state = state_of(tmp_path, CLEAN)
    (entry,) = state.outbox
    moved = {key for key, found in state.findings.items() if found.change_scan == entry.scan}
    assert entry.scan == state.scans[-1].id
    assert {change.key for change in entry.changes} == moved
    assert not entry.first


async def test_a_newer_major_is_left_alone(tmp_path: Path) -> None:
    """A state that this version cannot understand stays as it is: nothing is scanned, and nothing delivered."""
    store = FolderStore(tmp_path)
    content = b'{"schema":"connectorwatch.state/v2","everything":"else"}'
    store.documents.write(f"{TENANT}/state.json", content, None)
    with Simulator(CLEAN).in_thread() as well, suppress(EvidenceError):
        await scan_with(environment(well), tmp_path, NOW)
    with pytest.raises(EvidenceError, match="update connectorwatch"):
        deliver(DeliveryContext(store, lambda: NOW), [TENANT])

    assert (tmp_path / TENANT / "state.json").read_bytes() == content
    assert store.scans.list(f"{TENANT}/scans/") == []
