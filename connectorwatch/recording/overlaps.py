"""Which places hold the same ids, without keeping an id: compared as hashes with a salt that lives as long as a run."""

from __future__ import annotations

import re
import secrets
from collections import defaultdict
from hashlib import blake2b

from pydantic_core import from_json

from connectorwatch.recording.document import Overlap

_MOST = 200_000
"""Hashes kept for one place; more would fill memory, and a share of them says as much."""
_WORD = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{2,79}")

_PROXY = "beta/onPremisesPublishingProfiles/applicationProxy"
_TARGET = "value[].targetResources[]"
_AUDIT = "v1.0/auditLogs/directoryAudits"
_ASSIGNMENTS = "v1.0/roleManagement/directory/role"
CONNECTORS, MEMBERS, MACHINES = "connectors", "members of connector groups", "machine names"
AUDIT_IDS, AUDIT_NAMES, AUDIT_CHANGES = "audit targets", "names of audit targets", "changed values in audit events"
HOLDERS, PRINCIPALS = "role holders", "principals"
TENANT, HOMES = "tenant", "home organizations of role holders"
_PLACES = (
    (f"{_PROXY}/connectors", "value[].id", CONNECTORS),
    (f"{_PROXY}/connectors", "value[].machineName", MACHINES),
    (f"{_PROXY}/connectorGroups/{{id}}/members", "value[].id", MEMBERS),
    (_AUDIT, f"{_TARGET}.id", AUDIT_IDS),
    (_AUDIT, f"{_TARGET}.displayName", AUDIT_NAMES),
    (_AUDIT, f"{_TARGET}.modifiedProperties[].newValue", AUDIT_CHANGES),
    (_AUDIT, "value[].additionalDetails[].value", AUDIT_CHANGES),
    (f"{_ASSIGNMENTS}AssignmentScheduleInstances", "value[].principalId", HOLDERS),
    (f"{_ASSIGNMENTS}EligibilityScheduleInstances", "value[].principalId", HOLDERS),
    (f"{_ASSIGNMENTS}Assignments", "value[].principalId", HOLDERS),
    (f"{_ASSIGNMENTS}Assignments", "value[].principalOrganizationId", HOMES),
    ("v1.0/organization", "value[].id", TENANT),
    ("v1.0/directoryObjects/getByIds", "value[].id", PRINCIPALS),
)
_PAIRS = (
    (CONNECTORS, MEMBERS),
    (CONNECTORS, AUDIT_IDS),
    (CONNECTORS, AUDIT_CHANGES),
    (MACHINES, AUDIT_NAMES),
    (MACHINES, AUDIT_CHANGES),
    (HOLDERS, PRINCIPALS),
    (TENANT, HOMES),
)


class Overlaps:
    """Collects hashes of ids and names by place, and counts what two places share."""

    def __init__(self) -> None:
        self._salt = secrets.token_bytes(32)
        self._seen: dict[str, set[bytes]] = defaultdict(set)

    def note(self, request: str, path: str, text: str) -> None:
        """Take note of a text where its place is among those that are compared.

        Args:
            request: The template of the request, such as `GET v1.0/organization`.
            path: The place in the answer.
            text: What stood there.
        """
        endpoint = request.partition(" ")[2].partition("?")[0]
        for kind, place, name in _PLACES:
            if (kind, place) == (endpoint, path):
                for value in _values(text) if name == AUDIT_CHANGES else (text,):
                    self._add(name, value)

    def _add(self, name: str, value: str) -> None:
        if len(self._seen[name]) < _MOST:
            key = value.casefold().encode("utf-8", "replace")
            self._seen[name].add(blake2b(key, key=self._salt, digest_size=16).digest())

    def result(self) -> tuple[Overlap, ...]:
        """Return how much each pair of places shares."""
        counted = []
        for first, second in _PAIRS:
            first_values, second_values = self._seen[first], self._seen[second]
            both = len(first_values & second_values)
            counted.append(
                Overlap(
                    first=first,
                    second=second,
                    both=both,
                    first_only=len(first_values) - both,
                    second_only=len(second_values) - both,
                )
            )
        return tuple(counted)


def _values(text: str) -> set[str]:
    """Return the words inside a changed value: it is JSON within a string, and what it holds is not documented."""
    try:
        inner = from_json(text)
    except ValueError:
        inner = text
    return set(_WORD.findall(inner if isinstance(inner, str) else text))
