"""The state document, the only document of a tenant that changes: what is open, since when and by which scan."""

from __future__ import annotations

import json
import math
from hashlib import sha256
from typing import Any, Self
from weakref import WeakValueDictionary

from pydantic import ConfigDict, Field, JsonValue, ValidationError

from common.errors import EvidenceError
from common.json_bytes import canonical
from common.moments import Moment
from common.schema_versions import check_schema
from findings.document import Lifecycle, MovedFact, TenantInfo
from findings.state.announcements import AnnouncementMemory, OutboxEntry
from findings.state.migration import migrated_findings, migrated_memory, needs_migration
from findings.state.parts import SetAside, StoredPart, StoredPoint
from findings.state.record import FindingState
from policies.memory import Memory
from policies.policy_file.model import Policy

SCHEMA = "connectorwatch.state/v1"

SCANS_KEPT = 400
"""How many applied scans the document lists: over a year of daily ones. An older one counts as superseded anyway."""

SET_ASIDE_KEPT = 20
"""How many scans without reports are listed, the newest; their evidence stays stored, listed or not."""


class StoredTenant(TenantInfo):
    """Whose state this is; keeps fields it does not know."""

    model_config = ConfigDict(extra="allow")


class ScanMeta(StoredPart):
    """One scan, as far as remembering goes: which, when, why, and the SHA-256 of its stored evidence in hex.

    `taken_at` is the moment its snapshot speaks for. `complete` is false when a section was not read.
    `findings_sha256` is of its findings.json, in hex; null until it is published, and where it was not kept.
    """

    id: str
    taken_at: Moment
    trigger: str
    complete: bool
    evidence_sha256: str
    findings_sha256: str | None = Field(default=None, exclude_if=lambda digest: digest is None)


class State(StoredPart):
    """state.json, version 1: a tenant's findings by key, the scans that made them so, and what is yet to be published.

    Attributes:
        revision: Rises by one with each scan applied; marks of publishing and delivery leave it as it is.
        scans: The scans applied, newest last, at most `SCANS_KEPT`.
        unpublished: Ids of scans that are applied and whose reports are not all written yet.
        set_aside: Scans that are applied and whose reports could not be written; at most `SET_ASIDE_KEPT`.
        memory: What Graph forgets and rules need to know of earlier scans.
        policy: The effective policy that judged last, as it was written, so that a newer version's keys survive.
        trend: The scans in numbers, oldest first; older ones are thinned (`findings.state.trend`).
        outbox: What is to be announced, oldest first, until every route has had it.
        announcement_memory: What was announced; stored as `told`.
    """

    schema_: str = Field(default=SCHEMA, alias="schema")
    tenant: StoredTenant
    revision: int = Field(default=0, ge=0)
    findings: dict[str, FindingState] = Field(default_factory=dict)
    scans: tuple[ScanMeta, ...] = ()
    unpublished: tuple[str, ...] = ()
    set_aside: tuple[SetAside, ...] = Field(default=(), exclude_if=lambda scans: not scans)
    memory: Memory = Memory()
    policy: dict[str, JsonValue] | None = None
    trend: tuple[StoredPoint, ...] = ()
    outbox: tuple[OutboxEntry, ...] = ()
    announcement_memory: AnnouncementMemory = Field(default=AnnouncementMemory(), alias="told")

    @classmethod
    def new(cls, tenant: TenantInfo) -> Self:
        """Return the state of a tenant that no scan was applied to yet."""
        return cls(tenant=StoredTenant(id=tenant.id, name=tenant.name))

    def to_bytes(self) -> bytes:
        """Return the document: the same bytes for the same state, whatever order it was put together in."""
        return canonical(self.model_dump(mode="json"))

    @classmethod
    def from_bytes(cls, content: bytes, name: str = "state.json") -> Self:
        """Return the state that a stored document holds.

        Args:
            content: The document.
            name: What to call it in an error.

        Raises:
            EvidenceError: The document is damaged, or of a newer major version.
        """
        digest = sha256(content).digest()
        known = _DECODED.get(digest)
        if isinstance(known, cls):
            return known
        try:
            document = _parse(content)
            check_schema(document.get("schema"))
            state = _DECODED[digest] = cls.model_validate(document).migrated()
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise _damaged(name, f"{where}: {first['msg']}") from error
        except (ValueError, OverflowError, RecursionError) as error:
            raise _damaged(name, str(error)) from error
        return state

    def migrated(self) -> Self:
        """Return the state with what earlier versions did not remember; the very same one where nothing is missing."""
        if not needs_migration(self.memory):
            return self
        findings = migrated_findings(self.findings)
        return self.model_copy(update={"findings": findings, "memory": migrated_memory(self.memory, findings)})

    def has_applied(self, scan_id: str) -> bool:
        """Return whether a scan is among those applied and still listed."""
        return any(scan.id == scan_id for scan in self.scans)

    def lifecycle_of(self, key: str, scan_id: str) -> Lifecycle | None:
        """Return a finding's life as that scan's reports show it, or None for what never failed."""
        record = self.findings.get(key)
        if record is None:
            return None
        by_this_scan = record.change_scan == scan_id
        return Lifecycle(
            state=record.state,
            change=record.change if by_this_scan else None,
            first_seen=record.first_seen,
            last_seen=record.last_seen,
            resolved_at=record.resolved_at,
            resolved_by=record.resolved_by,
            ending=record.ending,
            correction=record.correction if by_this_scan else None,
            assessed_at=record.assessed_at,
            stale=record.stale,
            moved=tuple(MovedFact(what=fact.what, before=fact.before, after=fact.after) for fact in record.moved)
            if by_this_scan
            else (),
            cause=record.cause if by_this_scan else None,
        )

    def judged_by(self) -> Policy | None:
        """Return the effective policy that judged last; None where none is kept, or one that is not understood."""
        try:
            return None if self.policy is None else Policy.model_validate(self.policy)
        except ValidationError:
            return None


_DECODED: WeakValueDictionary[bytes, State] = WeakValueDictionary()
"""Decoded states in use, by the SHA-256 of their documents; a scan reads its own several times. None is kept alive."""


def _parse(content: bytes) -> dict[str, Any]:
    """Return the JSON object in `content`; raises ValueError or RecursionError if there is none."""
    document = json.loads(content.decode("utf-8"), parse_float=_finite, parse_constant=_finite)
    if not isinstance(document, dict):
        raise ValueError("it is no JSON object")  # noqa: TRY004 - damage is a matter of value here, like bad JSON
    return document


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text} is not a finite number")
    return value


def _damaged(name: str, why: str) -> EvidenceError:
    return EvidenceError(f"The stored document {name} is damaged ({why}). Restore an earlier copy of it.")
