"""What somebody wants to waive, and what is stored and written where: shared by the tests of `waive`."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from common.errors import PolicyError, SettingsError
from connectorwatch.scanning.publish import keep_evidence, publish
from connectorwatch.usecases.waive import WaiverRequest, newest_stored, waive
from findings.stores.folder import FolderStore
from policies.policy_file.read import read_policy_file
from policies.rules import RULE_IDS
from tests.making import connector, evidence, group, holds, snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from findings.document import FindingsDocument
    from inventory.snapshot import Snapshot
    from policies.policy_file.model import Policy

TODAY = date(2026, 11, 20)
EVIL = "Par\nis: {}\u202e\x1b[31m # x"
PARIS, EMPTY, OTHER = "id-Paris", "GRP004/id-Paris", "5f6c3a1e-0d55-4c53-9a52-000000000000"
SEEN = snapshot({group("Paris"): holds(), group(EVIL, key="id-evil"): holds(), group("Rome"): holds(connector())})
WISH = WaiverRequest(EMPTY, "it is for the move", "ada@contoso.example", date(2026, 12, 20))


def stored(root: Path, *looks: Snapshot) -> FindingsDocument:
    """Return the newest result in a store, after these looks."""
    store = FolderStore(root)
    for number, seen in enumerate(looks or (SEEN,)):
        publish(store, keep_evidence(store, evidence(seen, scan_id=f"2026112{number}T060000Z-0000000a")))
    newest = newest_stored(store, None)
    assert newest is not None
    return newest


def file(folder: Path, text: str | None = "version: 1  # form\n") -> Path:
    """Return a policy file; one that is not there where it has no text."""
    path = folder / "policy.yaml"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    return path


def read(path: Path) -> Policy:
    """Return the policy in a file."""
    return read_policy_file(path, RULE_IDS).policy


def wished(changes: Mapping[str, Any]) -> WaiverRequest:
    """Return the usual wish with changes."""
    return replace(WISH, **changes)


def refused(path: Path, newest: FindingsDocument | None, **changes: object) -> str:
    """Return why a wish is refused, after making sure that the file is as it was."""
    before = path.read_bytes() if path.exists() else None
    with pytest.raises((SettingsError, PolicyError)) as caught:
        waive(path, wished(changes), newest, TODAY)
    assert (path.read_bytes() if path.exists() else None) == before
    assert [one.name for one in path.parent.iterdir()] == (["policy.yaml"] if before is not None else [])
    return str(caught.value)
