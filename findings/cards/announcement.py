"""What cards are made of: announcements, and what a route wants to hear of them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from policies.vocabulary import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import JsonValue

    from findings.document import FindingsDocument, TenantInfo
    from findings.state.announcements import OutboxEntry
    from findings.state.record import FindingState
    from findings.views.tables import Value

TenantRow: TypeAlias = "Mapping[str, Value]"
"""The values of one row of the view ConnectorTenants."""

LIMIT = 18 * 1024
"""Bytes of a card at most. Teams takes 28 KB of what the flow makes of it, which is a fifth more than we post or worse
(MicrosoftDocs/msteams-docs issue 11274: 24,453 bytes became 28,897)."""


@dataclass(frozen=True)
class Notification:
    """One announcement to deliver.

    Attributes:
        tenant: Whose outbox it lay in; the service's own has the id `_fleet`.
        entry: The announcement.
        document: The findings.json of its scan; None where it cannot be read any more, and for the service's own.
        report: The address of its report, which holds no key; None where the installation has no public address.
        findings: What the state remembers of the findings in `entry.changes`, by key. Cards of the service take their
            words from it, other cards only where there is no document.
    """

    tenant: TenantInfo
    entry: OutboxEntry
    document: FindingsDocument | None = None
    report: str | None = None
    findings: Mapping[str, FindingState] = field(default_factory=dict)


@dataclass(frozen=True)
class Mention:
    """A person whom a card calls by name: the user principal name or object id, and the name that is shown."""

    id: str
    name: str


@dataclass(frozen=True)
class RouteFilter:
    """What a route wants to hear.

    Attributes:
        threshold: The least severe finding that is announced.
        rules: Ids (`VER003`) or families (`VER`) of rules; empty for all.
        mentions: Who is mentioned in a card with anything new, reopened or worse.
    """

    threshold: Severity = Severity.INFO
    rules: tuple[str, ...] = ()
    mentions: tuple[Mention, ...] = ()

    def wants(self, rule: str, severity: Severity) -> bool:
        """Return whether the filter lets a finding of a rule through."""
        return self.wants_rule(rule) and severity.rank <= self.threshold.rank

    def wants_rule(self, rule: str) -> bool:
        """Return whether the filter lets a rule through."""
        return not self.rules or any(rule == wanted or rule.rstrip("0123456789") == wanted for wanted in self.rules)


@dataclass(frozen=True)
class Card:
    """One message for a Teams Workflow: the envelope with one Adaptive Card in it.

    Attributes:
        envelope: What is posted.
        left_out: How many rows did not fit; the card says so itself.
    """

    envelope: dict[str, JsonValue]
    left_out: int = 0

    def to_bytes(self) -> bytes:
        """Return the body to post: compact JSON in UTF-8, at most `LIMIT` bytes."""
        return json.dumps(self.envelope, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
