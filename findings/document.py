"""findings.json: one scan's result, complete in itself; every report is made from it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field, JsonValue

from common.errors import SectionStatus
from common.moments import Moment
from findings.inventory.entries import ApplicationEntry, ConnectorEntry, ConnectorGroupEntry
from findings.result_parts import AnswerInfo, Part, RuleInfo, TrendPoint
from inventory.answer import NO_LICENCE
from inventory.records import ODD_RECORDS
from inventory.snapshot import GraphCounts
from policies.vocabulary import Ending, Outcome, Remediation, Severity, Subject

if TYPE_CHECKING:
    from inventory.history_records import InventoryChange

Change = Literal["new", "changed", "reopened", "resolved"]


class TenantInfo(Part):
    """The tenant that was scanned."""

    id: str
    name: str


class ScanSummary(Part):
    """When and why the scan was made, and its cost in Graph requests.

    `complete` is false when any section was denied, throttled or failed; `first` is true for a tenant's first scan;
    `superseded` is true when a newer scan had been remembered before this one, which then changed nothing.
    """

    id: str
    started_at: Moment
    finished_at: Moment
    trigger: str
    complete: bool
    first: bool
    superseded: bool = False
    graph: GraphCounts


class PolicyInfo(Part):
    """The policy in force, and whether it names the expected registrars."""

    source: str
    sha256: str
    names_registrars: bool = False
    passes: Literal["count", "all"] = "count"
    """How formats for machines carry what passes: a number a rule, or each one."""


class ReleasesInfo(Part):
    """The release catalogue in force."""

    revised: date
    newest: str
    newest_auto_upgrade: str | None


class SectionInfo(Part):
    """One list that the scan requested: its number of records, or why it could not be read in full.

    `unreadable` is the number of records of a list that was read which could not be; `count` is then null, since what
    was read is not all there is.
    """

    name: str
    status: SectionStatus
    count: int | None
    code: str | None = None
    reason: str | None = None
    permission: str | None = None
    advice: str | None = None
    request_id: str | None = None
    unreadable: int = 0

    @property
    def known(self) -> bool:
        """Whether the list was read with every record, or is known to be empty."""
        return self.status in ("read", "not_licensed") and not self.unreadable

    @property
    def outcome(self) -> str:
        """How reading it ended, in words: its status, or that only a part of its records could be read."""
        return "read in part" if self.status == "read" and self.unreadable else self.status

    @property
    def stands_in_for(self) -> SectionStatus | None:
        """Why a better list was not read, where this one was in its stead: plain role assignments for PIM's."""
        if self.status != "read" or self.code is None or self.code in {*NO_LICENCE, ODD_RECORDS}:
            return None
        return "denied" if self.permission else "failed"


class ChangeCounts(Part):
    """Number of findings whose state changed in this scan."""

    new: int = 0
    reopened: int = 0
    changed: int = 0
    resolved: int = 0


class Summary(Part):
    """Counts: verdicts by outcome, failing ones by severity, findings that moved."""

    outcomes: dict[Outcome, int]
    failing: dict[Severity, int]
    changes: ChangeCounts
    unseen: int = 0
    """Open findings without a verdict in this scan."""


class MovedFact(Part):
    """One fact that a finding rests on: what it was when it was last found failing, and what it is now.

    `what` is `severity`, `outcome`, or `evidence.` and the name of the fact; a value that was not there is null.
    """

    what: str
    before: JsonValue = None
    after: JsonValue = None


class Lifecycle(Part):
    """A finding's life. `stale` means that its rule could not look in the newest scan, so nothing moved.

    `ending` says why a resolved finding ended, more exactly than `resolved_by`: `fixed` only where its check passes on
    facts that changed. `correction` is `time` where a finding was once closed only because days had passed, and is
    therefore open again. `moved` says of a changed or reopened finding which facts moved since it was last found
    failing. `cause` is `policy` where the same scan judged by the policy before would not have made this change: what
    moved then is the policy, not the tenant.
    """

    state: Literal["open", "resolved"]
    change: Change | None
    first_seen: Moment
    last_seen: Moment
    resolved_at: Moment | None = None
    resolved_by: str | None = None
    ending: Ending | None = None
    correction: Literal["time"] | None = None
    assessed_at: Moment
    stale: bool = False
    moved: tuple[MovedFact, ...] = ()
    cause: Literal["policy"] | None = None


class WaiverInfo(Part):
    """Which waiver of the policy covers a failure: why, by whom, and to the end of which day (UTC)."""

    id: str
    from_: date | None = Field(default=None, alias="from")
    until: date | None = None
    reason: str
    owner: str
    ticket: str | None = None


class VerdictEntry(Part):
    """One verdict with the finding's life beside it; `lifecycle` is null for what never failed."""

    key: str
    rule: str
    title: str
    outcome: Outcome
    severity: Severity
    subject: Subject
    message: str
    evidence: dict[str, JsonValue]
    remediation: Remediation
    steps: tuple[str, ...] = ()
    """The remediation's steps with this subject's machine, group and version in them; empty where none differs."""
    lifecycle: Lifecycle | None = None
    waiver: WaiverInfo | None = None
    answer: AnswerInfo | None = Field(default=None, exclude_if=lambda answer: answer is None)


class GoneEntry(Part):
    """A finding no verdict of this scan speaks about: its subject is gone, its rule is off, or nobody could look.

    `title` and `remedy` are the rule's words of today, empty where the rule does not exist any more. With an open
    `lifecycle` nothing is fixed.
    """

    key: str
    rule: str
    title: str = ""
    remedy: str = ""
    severity: Severity
    subject: Subject
    message: str
    lifecycle: Lifecycle
    answer: AnswerInfo | None = Field(default=None, exclude_if=lambda answer: answer is None)


class Holder(Part):
    """A principal who holds a role that can register connectors."""

    id: str
    type: str
    name: str
    upn: str | None = None
    enabled: bool | None = None
    external: bool | None = None
    guest: bool | None = None
    synced: bool | None = None


class ViaEntry(Part):
    """One group on a path, and how whoever comes before it belongs to it."""

    group: str
    name: str
    membership: Literal["permanent", "activated", "eligible", "active"]


class PathEntry(Part):
    """One way from a principal to a granting role; the group nearest to the principal comes first in `via`.

    `active` is what plain role assignments and member lists say where PIM could not be asked: permanent or activated.
    """

    role: str
    role_id: str
    kind: Literal["assigned", "activated", "eligible", "active"]
    via: tuple[ViaEntry, ...] = ()
    scope: str
    start: Moment | None = None
    end: Moment | None = None


class RegistrarEntry(Part):
    """Whether a principal can register a connector, by which paths, or why not; null where it could not be judged."""

    principal: Holder
    can_register: bool | None
    why_not: str | None
    expected: bool | None = None
    """Whether the policy expects this registrar; null where it names nobody or could not tell."""
    paths: tuple[PathEntry, ...]


class ChangeEntry(Part):
    """What moved in the inventory since it was last read: versions, group ids or names stand in `from` and `to`."""

    at: Moment
    kind: Literal["new", "gone", "back", "updated", "moved", "renamed"]
    subject: Subject
    before: str | None = Field(default=None, alias="from")
    after: str | None = Field(default=None, alias="to")

    @classmethod
    def of(cls, change: InventoryChange) -> Self:
        """Return a remembered change of the inventory as reports show it."""
        subject = Subject(type=change.what, id=change.id, name=change.name)
        return cls(at=change.at, kind=change.kind, subject=subject, before=change.before, after=change.after)


class FindingsDocument(Part):
    """findings.json, version 1. The inventory is null where it was not read, or by versions that kept none."""

    schema_: Literal["connectorwatch.findings/v1"] = Field(default="connectorwatch.findings/v1", alias="schema")
    tenant: TenantInfo
    scan: ScanSummary
    policy: PolicyInfo
    releases: ReleasesInfo
    sections: tuple[SectionInfo, ...]
    summary: Summary
    changes: tuple[ChangeEntry, ...] = ()
    verdicts: tuple[VerdictEntry, ...]
    gone: tuple[GoneEntry, ...] = ()
    trend: tuple[TrendPoint, ...] = ()  # of this scan and those before it, oldest first; older ones one a week
    rules: tuple[RuleInfo, ...] = ()
    registrars: tuple[RegistrarEntry, ...] = ()
    registrars_unresolved: str | None = None
    """Why `registrars` says nothing, where role data was read and the paths in it could not be followed."""
    connectors: tuple[ConnectorEntry, ...] | None = None
    groups: tuple[ConnectorGroupEntry, ...] | None = None
    applications: tuple[ApplicationEntry, ...] | None = None


class RegistrarsDocument(Part):
    """What `registrars` prints as JSON, version 1: role data of findings.json, in its words."""

    schema_: Literal["connectorwatch.registrars/v1"] = Field(default="connectorwatch.registrars/v1", alias="schema")
    tenant: TenantInfo
    scan: ScanSummary
    policy: PolicyInfo
    sections: tuple[SectionInfo, ...]
    verdicts: tuple[VerdictEntry, ...]
    registrars: tuple[RegistrarEntry, ...]
    registrars_unresolved: str | None = None
