"""The terminal tells what is new or changed first, what is over, and what moved in the inventory, in a few lines."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from rich.cells import cell_len
from rich.console import Console

from common.text import UNSEEN
from connectorwatch.terminal.registrars import registrars_table
from connectorwatch.terminal.scan import summary_table
from findings.document import ChangeEntry, MovedFact
from policies.vocabulary import Outcome, Severity
from tests.connectorwatch.terminal.test_scan import flat, printed
from tests.examples import examples
from tests.findings.reports.arbitrary import Anything, anything
from tests.findings.reports.sample import about, document_of, life, scan_summary, verdict
from tests.findings.reports.sample_registrars import path, registrar
from tests.findings.reports.sample_snapshot import GROUPS, NOW, made_id, snapshot

if TYPE_CHECKING:
    from findings.document import GoneEntry, VerdictEntry

OLD = verdict(
    "VER001", about("connector", 0, "old"), Outcome.FAIL, severity=Severity.CRITICAL, message="was", life=life()
)
NEW = verdict("VER002", about("connector", 1, "new"), Outcome.FAIL, message="is", life=life("new"))


def told(*verdicts: VerdictEntry, first: bool = False, gone: tuple[GoneEntry, ...] = ()) -> str:
    """Return what is printed of a scan with these verdicts, on one line."""
    return flat(printed(document_of(verdicts, scan=scan_summary(first=first), gone=gone), snapshot()))


def test_new_ones_first() -> None:
    """What is new stands before what failed before, even if that is worse."""
    text = told(OLD, NEW)

    assert (
        "New or changed: 1 medium VER002 connector new: is Failing as before: 1 critical VER001 connector old: was"
        in text
    )


def test_one_list_where_nothing_moved_or_all_is_new() -> None:
    """In a first scan everything is new, so there is one list, as where nothing moved."""
    assert "connector new: is" in told(NEW, first=True)
    assert "New or changed" not in told(NEW, first=True)
    assert "Failing as before" not in told(OLD)
    assert "Failing as before" not in told(NEW)


def test_changed_ones_say_what_moved() -> None:
    """A changed finding says which facts moved and whether it was the policy."""
    moved = life("changed").model_copy(
        update={"moved": (MovedFact(what="severity", before="low", after="high"),), "cause": "policy"}
    )
    policy = verdict("VER001", about("connector", 0, "hq"), Outcome.FAIL, message="is old", life=moved)
    plain = verdict("VER002", about("connector", 0, "hq"), Outcome.FAIL, message="is back", life=life("reopened"))

    text = told(policy, plain)

    assert "connector hq: is old (changed: severity: low -> high, by the policy)" in text
    assert "connector hq: is back (reopened)" in text


def test_waived_ones_that_moved_are_shown_and_counted() -> None:
    """A waived finding that is new stands in the list beside the failing ones, and the counts agree."""
    fails = verdict("GRP001", about("group", 0, "Paris"), Outcome.FAIL, life=life("new"))
    waived = verdict("GRP002", about("group", 1, "Rome"), Outcome.WAIVED, message="has one", life=life("new"))

    text = told(fails, waived)

    assert "Changes 2 new" in text
    assert "New or changed: 2" in text
    assert "GRP002 group Rome: has one (waived)" in text
    assert "first scan: 2 findings, 1 of them waived, nothing to compare with" in told(fails, waived, first=True)


def test_resolved() -> None:
    """What is over is listed with why, a few of it."""
    over = [
        verdict(
            "VER001", about("connector", n, f"c{n}"), Outcome.PASS, life=life("resolved", state="resolved", by="fixed")
        )
        for n in range(7)
    ]

    text = told(*over)

    assert "Resolved: 7 VER001 connector c0: fixed" in text
    assert (
        "connector c4: fixed, as the check passes on facts that changed and 2 others, use --json for all of them"
        in text
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kind": "new"}, "connector hq-01: new "),
        ({"kind": "updated", "before": "1.5.1.0", "after": "1.5.2.0"}, "hq-01: updated from 1.5.1.0 to 1.5.2.0"),
        (
            {"kind": "moved", "before": made_id("group", 0), "after": f"{made_id('group', 1)}, other"},
            f"hq-01: moved from {GROUPS[0]} to {GROUPS[1]}, other",
        ),
    ],
)
def test_inventory(change: dict[str, str], words: str) -> None:
    """What moved in the inventory is a line each, with the names of groups."""
    move = ChangeEntry.model_validate({"at": NOW, "subject": about("connector", 0, "hq-01"), **change})
    scan = document_of((OLD,)).model_copy(update={"changes": (move,) * 8})

    text = flat(printed(scan, snapshot()))

    assert "In the inventory: 8" in text
    assert words in text
    assert "and 2 others, use --json" in text


def test_gatekeepers() -> None:
    """Those who can let themselves in are counted after a scan, and listed by `registrars` with what they own."""
    owner = verdict("REG010", about("principal", 9, "Otto"), Outcome.FAIL, message="owns a group on a path")
    owner = owner.model_copy(update={"evidence": {"groups": [made_id("group!", 0)]}})
    feeder = verdict("REG010", about("principal", 8, ""), Outcome.NOT_ASSESSED, message="not read")
    person = registrar(0, "Ada", paths=(path("assigned", ("Proxy Admins", "permanent")),))
    scan = document_of((feeder, owner, verdict("REG010", about("tenant", 1, "x"), Outcome.FAIL)), people=(person,))
    file = io.StringIO()
    registrars_table(scan, Console(file=file, width=80))

    assert "1 person can register connectors; 1 can let themselves or others in (REG010)" in flat(
        printed(scan, snapshot())
    )
    listed = flat(file.getvalue())
    assert "A path is a way to a role that can register connectors" in listed
    assert "They decide who is in a group on such a path (REG010): 2" in listed
    assert listed.index("Otto Proxy Admins REG010 owns a group on a path") < listed.index("not read 1 not")


@settings(max_examples=examples(60), deadline=None)
@given(anything())
def test_any_document(given_: Anything) -> None:
    """Whatever a document says, no line is over 80 columns and nothing unseen is printed."""
    file = io.StringIO()
    console = Console(file=file, width=80)
    summary_table(given_.document, given_.snapshot, console, None)
    registrars_table(given_.document, console)

    assert [line for line in file.getvalue().split("\n") if cell_len(line) > 80] == []
    assert set(UNSEEN.findall(file.getvalue())) <= {"\n"}
