"""Gatekeepers are those of whom REG010 says that they decide who is on a path."""

from __future__ import annotations

from findings.reports.group_owners import group_owners
from findings.reports.registrars_csv import render_registrars_csv
from policies.vocabulary import Outcome
from tests.findings.reports.sample import about, document_of, life, verdict
from tests.findings.reports.sample_registrars import path, registrar
from tests.findings.reports.sample_snapshot import made_id
from tests.findings.reports.test_csv_file import rows

ADA = registrar(0, "Ada", paths=(path("assigned", ("Proxy Admins", "permanent")),))
OWNER = verdict(
    "REG010", about("principal", 9, "Otto"), Outcome.FAIL, message="owns a group", life=life("new")
).model_copy(update={"evidence": {"groups": [made_id("group!", 0), "unknown"], "owns": None}})


def test_who_they_are() -> None:
    """Failing ones come first, those that pass and findings about others are left out, and groups have names."""
    scan = document_of(
        (
            verdict("REG010", about("principal", 0, "Ada"), Outcome.NOT_ASSESSED),
            verdict("REG010", about("principal", 1, "Passed"), Outcome.PASS),
            verdict("REG009", about("principal", 2, "Other"), Outcome.FAIL),
            verdict("REG010", about("tenant", 3, "Tenant"), Outcome.FAIL),
            OWNER,
        ),
        people=(ADA,),
    )

    found = [(gate.name, gate.listed, gate.owned) for gate in group_owners(scan)]

    owned = ((made_id("group!", 0), "Proxy Admins"), ("unknown", "unknown"))
    assert found == [("Otto", False, owned), ("Ada", True, ())]


def test_rows() -> None:
    """In registrars.csv a gatekeeper who holds no role has a last row of its own; one who does has rows already."""
    unknown = verdict("REG010", about("principal", 8, ""), Outcome.NOT_ASSESSED)
    held = verdict("REG010", about("principal", 0, "Ada"), Outcome.FAIL)

    table = rows(render_registrars_csv(document_of((OWNER, unknown, held), people=(ADA,))))

    told = [
        (row["person"], row["type"], row["can_register"], row["via"], row["findings"], row["changes"]) for row in table
    ]
    assert told == [
        ("Ada", "user", "yes", "Proxy Admins (permanent)", "REG010", ""),
        ("Otto", "gatekeeper", "no", "Proxy Admins > unknown", "REG010", "REG010 new"),
        (made_id("principal", 8), "gatekeeper", "unknown", "", "REG010 (not assessed)", ""),
    ]


def test_an_owner_whom_the_policy_expects() -> None:
    """An expected owner is listed last, with the groups and without a finding."""
    expected = OWNER.model_copy(update={"outcome": Outcome.PASS, "subject": about("principal", 5, "Eva")})
    scan = document_of((expected, OWNER), people=(ADA,))

    assert [gate.name for gate in group_owners(scan)] == ["Otto", "Eva"]
    last = rows(render_registrars_csv(scan))[-1]
    assert (last["person"], last["via"], last["findings"]) == ("Eva", "Proxy Admins > unknown", "")
