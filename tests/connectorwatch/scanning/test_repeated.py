"""A scan that was made before says so, and what is different now."""

from __future__ import annotations

from contextlib import chdir
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from common.text import UNSEEN
from connectorwatch.scanning.job import Scan
from connectorwatch.scanning.publish import keep_evidence, publish
from connectorwatch.scanning.repeated import made_before, named_policy
from findings.stores.folder import FolderStore
from policies.policy_file.read import parse_policy
from policies.rules import RULE_IDS
from tests.findings.reports.sample import HOSTILE
from tests.making import NOW, connector, evidence, group, holds, snapshot

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

SEEN = evidence(snapshot({group("Paris"): holds(connector())}))
GRAPH: Any = None  # nothing is asked


def told(root: Path, newer: int = 0, revised: date | None = None) -> str:
    """Return what is told of the scan of `SEEN` asked for again, under another policy and catalogue."""
    store = FolderStore(root)
    publish(store, keep_evidence(store, SEEN))
    for number in range(1, newer + 1):
        look = SEEN.model_copy(
            update={
                "snapshot": SEEN.snapshot.model_copy(update={"taken_at": NOW + timedelta(hours=number)}),
                "scan": SEEN.scan.model_copy(update={"id": f"2026112{number}T060000Z-0000000b"}),
            }
        )
        publish(store, keep_evidence(store, look))
    loaded = parse_policy("version: 1\n", "strict.yaml", RULE_IDS)
    releases = SEEN.releases.model_copy(update={"revised": revised or SEEN.releases.revised})
    scan = Scan(SEEN.snapshot.tenant_id, GRAPH, store, loaded, releases, now=lambda: NOW)
    return "\n".join(made_before(scan, SEEN))


def test_when_it_was_made(tmp_path: Path) -> None:
    """It is told when the scan was made, that its evidence is shown again, and how to have a new one."""
    said = told(tmp_path)

    assert said.startswith("This scan was made before, at 2026-11-20 06:00 UTC: its evidence, judged by the policy of")
    assert "with --at TIME" in said
    assert "newer scan" not in said


def test_another_policy(tmp_path: Path) -> None:
    """A policy that did not judge then is named beside the one that did."""
    assert "It was judged by the policy built-in, and not by strict.yaml (" in told(tmp_path)


def test_the_same_policy(tmp_path: Path) -> None:
    """Where policy and catalogue are those of then, there is nothing more to tell."""
    own = SEEN.model_copy(update={"scan": SEEN.scan.model_copy(update={"policy_sha256": "0" * 64})})
    same = parse_policy("version: 1\n", "x", RULE_IDS)
    store = FolderStore(tmp_path)
    publish(store, keep_evidence(store, own))
    alike = own.model_copy(update={"scan": own.scan.model_copy(update={"policy_sha256": same.sha256})})
    scan = Scan(own.snapshot.tenant_id, GRAPH, store, same, own.releases, now=lambda: NOW)

    assert len(made_before(scan, alike)) == 1


def test_another_catalogue(tmp_path: Path) -> None:
    """A release catalogue that is another one now is told by its days."""
    assert "catalogue of then" not in told(tmp_path / "a")
    other = SEEN.releases.revised + timedelta(days=9)
    assert f"is not the one in force now (revised {other})" in told(tmp_path / "b", revised=other)


@pytest.mark.parametrize(
    ("newer", "words"),
    [(1, "A newer scan of this tenant is stored"), (2, "2 newer scans of this tenant are stored")],
)
def test_newer_scans(tmp_path: Path, newer: int, words: str) -> None:
    """Newer scans are counted, since what is shown is not the newest."""
    assert words in told(tmp_path, newer=newer)


@pytest.mark.parametrize("name", HOSTILE)
def test_names_steer_nothing(name: str) -> None:
    """The name of a policy's file is shown visibly."""
    assert not UNSEEN.search(named_policy(name, "9c" * 32))


def test_a_policy_below_this_folder(tmp_path: Path) -> None:
    """A policy below the folder that one stands in is named from there."""
    with chdir(tmp_path):
        assert named_policy(str(tmp_path / "a" / "p.yaml"), "12" * 32) == "a/p.yaml (121212121212)"
    assert named_policy("built-in", "") == "built-in"
