"""Messages for a scan id that already exists: the stored evidence is reused and Graph is not queried."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from common.text import minute, visible
from connectorwatch.scanning.latest_and_views import state_name
from findings.state.document import State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectorwatch.scanning.job import Scan
    from policies.evidence import Evidence

_DIGEST = 12


def made_before(scan: Scan, evidence: Evidence) -> tuple[str, ...]:
    """Return the messages about a scan that already has evidence, a sentence or two each.

    Args:
        scan: The scan that was requested.
        evidence: What is stored under the scan's id.

    Raises:
        EvidenceError: The state is damaged or of a newer version.
        StorageError: Storage refused.
    """
    return tuple(_messages(scan, evidence))


def _messages(scan: Scan, evidence: Evidence) -> Iterator[str]:
    yield (
        f"This scan was made before, at {minute(evidence.snapshot.taken_at)}: its evidence, judged by the policy of "
        "then, is shown again, and Graph was asked for nothing. A scan of the demo is made anew with --at TIME, any "
        "other one a second later."
    )
    then, now = evidence.scan, scan.policy
    if then.policy_sha256 != now.sha256:
        yield (
            f"It was judged by the policy {named_policy(then.policy_source, then.policy_sha256)}, and not by "
            f"{named_policy(now.source, now.sha256)}, which is in force now. `connectorwatch evaluate` judges its "
            "evidence.json.gz by another policy (--policy)."
        )
    if evidence.releases != scan.releases:
        yield (
            f"The release catalogue of then (revised {evidence.releases.revised}) is not the one in force now "
            f"(revised {scan.releases.revised})."
        )
    newer = _newer(scan, evidence)
    if newer == 1:
        yield "A newer scan of this tenant is stored; `connectorwatch report` shows it."
    elif newer:
        yield f"{newer} newer scans of this tenant are stored; `connectorwatch report` shows the newest."


def named_policy(source: str, sha256: str) -> str:
    """Return a policy's source, relative to the working directory, and the beginning of its SHA-256."""
    name = visible(source.removeprefix(f"{Path.cwd()}{os.sep}"))
    return f"{name} ({sha256[:_DIGEST]})" if sha256 else name


def _newer(scan: Scan, evidence: Evidence) -> int:
    """Return how many stored scans are newer than this one."""
    name = state_name(scan.tenant_id)
    stored = scan.store.documents.read(name)
    known = State.from_bytes(stored.content, name).scans if stored else ()
    return sum(other.taken_at > evidence.snapshot.taken_at for other in known)
