"""registrars.csv is ready for an access review: a row per person and path, and a row for whatever hides more."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime

from findings.document import SectionInfo, WaiverInfo
from findings.reports.registrars_csv import COLUMNS, render_registrars_csv
from policies.vocabulary import Outcome
from tests.findings.reports.sample import HOSTILE, about, document, document_of, life, verdict
from tests.findings.reports.sample_registrars import ENDS, ROLE_ID, path, registrar
from tests.findings.reports.sample_snapshot import TENANT, made_id

STARTED = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


def rows(data: bytes) -> list[dict[str, str]]:
    """Read a CSV file as a spreadsheet would."""
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_row_of_a_path() -> None:
    """A row says everything about one person and one path."""
    way = path("eligible", ("Network Team", "permanent"), ("Proxy Admins", "eligible"), start=STARTED, end=ENDS)
    one = registrar(0, "Ada Admin", paths=(way,), external=False, guest=False, synced=True, expected=False)
    found = (
        verdict("REG005", about("principal", 0, ""), Outcome.FAIL),
        verdict("REG007", about("principal", 0, ""), Outcome.NOT_ASSESSED),
    )

    row = rows(render_registrars_csv(document_of(found, people=(one,))))[0]

    expected = {
        "tenant": TENANT,
        "tenant_name": "Contoso Ltd & <Partners>",
        "scan": "20261120T060000Z-1a2b3c4d",
        "person": "Ada Admin",
        "upn": "ada@contoso.com",
        "object_id": made_id("principal", 0),
        "type": "user",
        "account": "enabled",
        "external": "no",
        "guest": "no",
        "synced": "yes",
        "can_register": "yes",
        "why_not": "",
        "expected": "no",
        "role": "Application Administrator",
        "role_id": ROLE_ID,
        "kind": "eligible",
        "via": "Network Team (permanent) > Proxy Admins (eligible)",
        "via_ids": f"{made_id('group!', 0)} > {made_id('group!', 1)}",
        "scope": "/",
        "since": "2026-01-05T08:00:00Z",
        "until": "2027-01-31T12:00:00Z",
        "findings": "REG005, REG007 (not assessed)",
        "changes": "",
        "waivers": "",
    }
    assert (COLUMNS, expected) == (tuple(expected), row)


def test_one_row_a_path() -> None:
    """Somebody with two paths has two rows."""
    two = registrar(0, "Ada", paths=(path("assigned"), path("eligible")))

    table = rows(render_registrars_csv(document_of((), people=(two,))))

    assert [(row["person"], row["kind"], row["since"]) for row in table] == [
        ("Ada", "assigned", ""),
        ("Ada", "eligible", ""),
    ]


def test_unknown_and_cannot() -> None:
    """Whoever could not be judged comes before whoever can, and whoever cannot comes last, with the reason."""
    gone = registrar(3, "Gone", can=None, why_not="hidden", type="unknown", upn=None, enabled=None)
    group = registrar(4, "Admins", can=False, why_not="a group", type="group", upn=None, enabled=None)

    table = rows(render_registrars_csv(document_of((), people=(group, registrar(5, "Ada"), gone))))

    keys = ("person", "upn", "account", "external", "can_register", "why_not")
    assert [tuple(row[key] for key in keys) for row in table] == [
        ("Gone", "", "not read", "unknown", "unknown", "hidden"),
        ("Ada", "ada@contoso.com", "enabled", "unknown", "yes", ""),
        ("Admins", "", "", "", "no", "a group"),
    ]


def test_unread_lists_come_first() -> None:
    """A list that may hide registrars has a row of its own above everybody, so that nobody takes the rest for all."""
    first = rows(render_registrars_csv(document()))[0]

    told = ("person", "type", "account", "can_register", "why_not", "role")
    assert [first[column] for column in told] == [
        "role eligibilities",
        "list",
        "not read",
        "unknown",
        (
            "others may be able to register connectors as well; denied: Graph refused: "
            "Insufficient privileges to complete the operation."
        ),
        "",
    ]


def test_nothing_known_is_not_an_empty_table() -> None:
    """Where paths could not be followed, or a list was lost without a reason, a row says so."""
    lost = SectionInfo(name="principals", status="failed", count=None)
    scan = document_of((), sections=(lost,)).model_copy(update={"registrars_unresolved": "nested too deep"})

    table = rows(render_registrars_csv(scan))

    assert [(row["person"], row["why_not"].partition("; ")[2]) for row in table] == [
        ("principals", "failed: no reason given"),
        ("paths", "nested too deep"),
    ]


def test_hostile_names() -> None:
    """Every person keeps one row, and no cell is a formula."""
    table = rows(render_registrars_csv(document(extra_names=HOSTILE)))

    assert len(table) == 1 + 3 + len(HOSTILE)
    assert [row["person"] for row in table if row["role"].startswith("'=cmd")] == ["'=cmd|' /C calc'!A0"]


def test_changes_and_waivers() -> None:
    """What moved about a person, and what waives a finding about them, stand in columns of their own."""
    waiver = WaiverInfo(id="W-1", until=date(2026, 12, 31), reason="leaves", owner="Ann")
    found = (
        verdict("REG005", about("principal", 0, ""), Outcome.FAIL, life=life("new")),
        verdict("REG007", about("principal", 0, ""), Outcome.WAIVED).model_copy(update={"waiver": waiver}),
    )

    row = rows(render_registrars_csv(document_of(found, people=(registrar(0, "Ada"),))))[0]

    assert (row["changes"], row["waivers"]) == ("REG005 new", "REG007: Waived by Ann until 2026-12-31 (W-1): leaves.")
