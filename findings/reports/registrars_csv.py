"""registrars.csv: one row per person and path, ready for an access review."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.text import timestamp
from findings.reports import registrars
from findings.reports.csv_file import table_csv
from findings.reports.group_owners import group_owners
from findings.reports.lifecycle_text import waiver_text
from policies.vocabulary import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from findings.document import FindingsDocument, PathEntry, RegistrarEntry, VerdictEntry
    from findings.reports.group_owners import GroupOwner

COLUMNS = (
    "tenant",
    "tenant_name",
    "scan",
    "person",
    "upn",
    "object_id",
    "type",
    "account",
    "external",
    "guest",
    "synced",
    "can_register",
    "why_not",
    "expected",
    "role",
    "role_id",
    "kind",
    "via",
    "via_ids",
    "scope",
    "since",
    "until",
    "findings",
    "changes",
    "waivers",
)
"""The header of registrars.csv."""

_CAN = {True: "yes", False: "no", None: "unknown"}


def render_registrars_csv(document: FindingsDocument) -> bytes:
    """Return registrars.csv, in the form of findings.csv.

    Where role data was not read, rows of the type `list` stand first and say so, so that nobody takes the rest for all
    there is. Then come those nobody could judge, those who can register, those who cannot, and rows of the type
    `gatekeeper` for whoever holds no role and decides who does (REG010). `changes` says which of
    their findings moved in this scan.
    """
    return table_csv((COLUMNS, *_rows(document)))


def _rows(document: FindingsDocument) -> Iterator[tuple[str, ...]]:
    scan_columns = (document.tenant.id, document.tenant.name, document.scan.id)
    for name, why in _gaps(document):
        row = dict.fromkeys(COLUMNS[len(scan_columns) :], "")
        row |= {"person": name, "type": "list", "account": "not read", "can_register": "unknown"}
        row["why_not"] = f"others may be able to register connectors as well; {why}"
        yield *scan_columns, *row.values()
    by_principal = registrars.findings_by_principal(document)
    for entry in registrars.in_order(document):
        messages = _findings(by_principal.get(entry.principal.id, ()))
        for path in entry.paths:
            yield *scan_columns, *_principal(document, entry), *_path(path), *messages
    for gate in group_owners(document):
        if not gate.listed:
            yield *scan_columns, *_gatekeeper(gate)


def _gatekeeper(gate: GroupOwner) -> Iterator[str]:
    """Return the cells about somebody who holds no role and decides who does."""
    passes = gate.verdict.outcome is Outcome.PASS
    messages, moved, waived = _findings(() if passes else (gate.verdict,))
    row = dict.fromkeys(COLUMNS[3:], "") | {
        "person": gate.name,
        "object_id": gate.verdict.subject.id,
        "type": "gatekeeper",
        "can_register": "unknown" if gate.verdict.outcome is Outcome.NOT_ASSESSED else "no",
        "why_not": gate.verdict.message,
        "via": " > ".join(name for _, name in gate.owned),
        "via_ids": " > ".join(scan_columns for scan_columns, _ in gate.owned),
        "findings": messages,
        "changes": moved,
        "waivers": waived,
    }
    return iter(row.values())


def _findings(verdicts: Iterable[VerdictEntry]) -> tuple[str, str, str]:
    """Return a principal's findings, which of them moved in this scan, and what waives which."""
    messages, moved, waived = [], [], []
    for verdict in verdicts:
        messages.append(registrars.finding_text(verdict))
        if verdict.lifecycle and verdict.lifecycle.change:
            moved.append(f"{verdict.rule} {verdict.lifecycle.change}")
        if verdict.waiver:
            waived.append(f"{verdict.rule}: {waiver_text(verdict.waiver)}")
    return ", ".join(messages), ", ".join(moved), " ".join(waived)


def _gaps(document: FindingsDocument) -> Iterator[tuple[str, str]]:
    """Yield what may hide further registrars, and why it could not be read."""
    labels = registrars.list_labels(document)
    for section in registrars.hiding(document):
        yield labels[section.name], f"{section.status}: {section.reason or 'no reason given'}"
    if document.registrars_unresolved is not None:
        yield "paths", document.registrars_unresolved


def _principal(document: FindingsDocument, entry: RegistrarEntry) -> tuple[str, ...]:
    """Return the cells about a principal."""
    principal = entry.principal
    return (
        principal.name,
        principal.upn or "",
        principal.id,
        principal.type,
        registrars.account(principal),
        registrars.yes_no(principal, principal.external),
        registrars.yes_no(principal, principal.guest),
        registrars.yes_no(principal, principal.synced),
        _CAN[entry.can_register],
        entry.why_not or "",
        registrars.expected(document, entry),
    )


def _path(path: PathEntry) -> tuple[str, ...]:
    return (
        path.role,
        path.role_id,
        path.kind,
        registrars.via_text(path),
        " > ".join(step.group for step in path.via),
        path.scope,
        _moment(path.start),
        _moment(path.end),
    )


def _moment(at: datetime | None) -> str:
    return timestamp(at) if at else ""
