"""State documents of every version there was: older ones open, newer minor ones lose nothing, a newer major is refused.

`state-v1.0.json` was written by the first code that wrote states, over three scans of a simulated tenant. Since then
version 1 was only added to, so that nothing has to be migrated. `state-v1.9.json` is what a later version 1 might
write: fields that this code does not know, at every level.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from common.errors import EvidenceError
from connectorwatch.scanning.publish import keep_evidence, publish
from findings.history.findings import history
from findings.state.apply_scan import remembered
from findings.state.document import ScanMeta, State
from findings.state.lifecycle import apply
from findings.stores.folder import FolderStore
from policies.vocabulary import Outcome, Severity
from tests.findings.state.lifecycle_data import verdict
from tests.making import NOW, connector, evidence, group, holds, snapshot
from tests.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

DATA = ROOT / "tests" / "data"
OLD, NEWER, MAJOR = (DATA / f"state-v{version}.json" for version in ("1.0", "1.9", "2.0"))
TENANT = "c1ea0000-1d5e-4f2b-8a77-2b6f0e9d1c33"


def levels(document: Any, path: tuple[str, ...] = ()) -> set[tuple[str, ...]]:  # noqa: ANN401 - any JSON
    """Return the paths of all objects that hold the unknown field."""
    if isinstance(document, list):
        return {found for number, part in enumerate(document) for found in levels(part, (*path, str(number)))}
    if not isinstance(document, dict):
        return set()
    own = {path} if "later" in document else set()
    return own | {found for name, part in document.items() if name != "later" for found in levels(part, (*path, name))}


def missing(old: Any, new: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return what of an older document is not in a newer one."""
    if isinstance(old, dict) and isinstance(new, dict):
        return {name: lost for name in old if (lost := missing(old[name], new.get(name)))}
    return None if old == new else {"was": old, "is": new}


def test_the_first_version_opens() -> None:
    """A document of the first version is read in full: what it knew is there, what it did not know is unknown."""
    state = State.from_bytes(OLD.read_bytes())

    assert (state.tenant.id, state.revision, len(state.scans)) == (TENANT, 6, 3)
    assert {found.state for found in state.findings.values()} == {"open", "resolved"}
    assert sum(found.stale for found in state.findings.values()) == 1
    assert len(state.memory.registrars) >= 3
    assert (state.judged_by(), state.trend) == (None, ())
    assert all(found.events == () and found.moved == () for found in state.findings.values())


def test_the_first_version_is_told() -> None:
    """The findings of a document of the first version have a story, as far as it knew one."""
    stories = {story.key.partition("/")[0]: story for story in history(State.from_bytes(OLD.read_bytes())).findings}

    assert [event.change for event in stories["VER001"].events] == ["new", "resolved"]
    assert [event.change for event in stories["REG005"].events] == ["new"]
    assert stories["REG005"].stale


def test_version_one_stays_version_one() -> None:
    """Written again, the first version's document keeps its schema line and every value: there is no migration."""
    old = json.loads(OLD.read_bytes())

    new = json.loads(State.from_bytes(OLD.read_bytes()).to_bytes())

    assert old["schema"] == new["schema"] == "connectorwatch.state/v1"
    assert missing(old, new) == {}


def test_a_scan_upon_the_first_version(tmp_path: Path) -> None:
    """The next scan is published upon it, blames no policy that it does not know, and puts no copy beside it."""
    store = FolderStore(tmp_path)
    store.documents.write(f"{TENANT}/state.json", OLD.read_bytes(), None)
    later = State.from_bytes(OLD.read_bytes()).scans[-1].taken_at + timedelta(days=1)
    seen = snapshot({group("Paris"): holds(connector())}).model_copy(update={"tenant_id": TENANT, "taken_at": later})

    document = publish(store, keep_evidence(store, evidence(seen, policy={"min_active_connectors": 5}, scan_id="next")))

    assert [point.scan for point in document.trend] == ["next"]
    lives = [*(entry.lifecycle for entry in document.verdicts), *(entry.lifecycle for entry in document.gone)]
    assert {life.cause for life in lives if life} == {None}
    assert sorted(path.name for path in (tmp_path / TENANT).glob("*.json")) == ["state.json"]


def test_a_newer_minor_version_loses_nothing() -> None:
    """Fields that this version does not know survive a rewrite at every level, and so does the schema line."""
    document = json.loads(NEWER.read_bytes())

    again = json.loads(State.from_bytes(NEWER.read_bytes()).to_bytes())

    assert missing(document, again) == {}
    assert levels(document) == levels(again)
    assert {"tenant", "findings", "memory", "policy", "scans", "trend"} <= {path[0] for path in levels(again) if path}


def test_a_scan_upon_a_newer_minor_version() -> None:
    """A scan that changes a finding leaves what is unknown in place, in the finding's story too."""
    before = State.from_bytes(NEWER.read_bytes())
    scan = ScanMeta(id="s", taken_at=NOW + timedelta(days=9), trigger="x", complete=True, evidence_sha256="")
    worse = verdict(Outcome.FAIL, rule="GRP001", subject="id-Paris", severity=Severity.LOW)

    after = apply(before, scan, [worse], frozenset({"GRP001", "VER001"}))

    assert after.findings["GRP001/id-Paris"].change == "changed"
    kept = {path for path in levels(json.loads(before.to_bytes())) if path[2:3] != ("moved",)}
    assert kept <= levels(json.loads(after.to_bytes()))


def test_the_policy_of_a_newer_minor_version_judged() -> None:
    """What a newer version's policy has in common with ours is compared; its own keys are no change of policy."""
    before = State.from_bytes(NEWER.read_bytes())
    policy = before.judged_by()
    assert policy is not None
    later = snapshot({group("Paris"): holds(connector())}).model_copy(update={"taken_at": NOW + timedelta(days=9)})
    scan = ScanMeta(id="s", taken_at=later.taken_at, trigger="x", complete=True, evidence_sha256="")

    after = remembered(before, scan, evidence(later, policy=policy, scan_id="s"), ())

    assert {found.cause for found in after.findings.values() if found.change_scan == "s"} <= {None}


def test_a_newer_major_version_is_refused() -> None:
    """A newer major version may mean anything, so it is refused with what to do, whatever else stands in it."""
    with pytest.raises(EvidenceError, match=r"has version 2, .*: update connectorwatch\."):
        State.from_bytes(MAJOR.read_bytes())
