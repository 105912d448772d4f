"""The terminal shows a scan at 80 columns, and no name can steer it."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from common.text import UNSEEN
from connectorwatch.terminal.scan import summary_table
from findings.document import ChangeEntry, SectionInfo
from policies.vocabulary import Outcome, Severity
from tests.examples import examples
from tests.findings.reports.sample import HOSTILE, about, document, document_of, life, scan_summary, verdict
from tests.findings.reports.sample_snapshot import NOW, blind_snapshot, sections_of, snapshot

if TYPE_CHECKING:
    from findings.document import FindingsDocument
    from inventory.snapshot import Snapshot

COLOURS = re.compile(r"\x1b\[[0-9;]*m")
PASS = verdict("VER001", about("connector", 0, "hq"), Outcome.PASS)


def printed(
    scan: FindingsDocument,
    seen: Snapshot,
    *,
    terminal: bool = False,
    report: str | None = None,
    no_color: bool = False,
    width: int = 80,
) -> str:
    """Return what is printed, at 80 columns unless told otherwise."""
    file = io.StringIO()
    environment = {"TERM": "xterm-256color"} | ({"NO_COLOR": "1"} if no_color else {})
    console = Console(file=file, width=width, force_terminal=terminal, _environ=environment)
    summary_table(scan, seen, console, report)
    return file.getvalue()


def flat(text: str) -> str:
    """Return text on one line, so that a test does not depend on where lines break."""
    return re.sub(r"\s+", " ", text)


def test_groups() -> None:
    """Each group is one row, the worst first, and what was not read says so."""
    text = flat(printed(document(), snapshot()))

    assert "Branch office Łódź nam 0 of 1 1 × 1.5.3437.0 2 critical" in text  # noqa: RUF001 - the sign for times
    assert "Legacy SAP eur not read not read not read not assessed" in text
    assert text.index("Branch office Łódź nam") < text.index("Headquarters eur") < text.index("Legacy SAP eur")


def test_what_was_not_read_comes_first() -> None:
    """Before any verdict stands what was not read, why, and what to do."""
    top = flat(printed(document(), snapshot())).partition("3 findings fail")[0]

    assert "Not everything could be assessed. Not read:" in top
    assert "members of connector group Legacy SAP, applications of connector group Legacy SAP" in top
    assert "throttled: Graph asked us to wait" in top
    assert "Needs RoleEligibilitySchedule.Read.Directory. Grant the permission" in top


def test_facts() -> None:
    """Versions, baseline, registrars and changes have a line each."""
    text = flat(printed(document(), snapshot()))

    assert "Versions 1 × 1.5.4892.0, 1 × 1.5.4522.0, 1 × 1.5.3437.0, 1 × unknown" in text  # noqa: RUF001 - the sign for times
    assert "Baseline 1.5.4522.0, the newest release that Microsoft installs by itself" in text
    assert "Registrars 1 person can register connectors, 1 unknown, 1 cannot, perhaps more: role eligibilities" in text
    assert "Changes 1 new, 1 changed, 1 resolved" in text


def test_failing() -> None:
    """Failing verdicts are listed by severity with rule, subject and message."""
    text = flat(printed(document(), snapshot()))

    assert "critical GRP001 group Branch office Łódź: no connector is active, 2 applications are down" in text


def test_failing_of_the_tenant() -> None:
    """A finding about the tenant names no subject."""
    one = verdict("REG002", about("tenant", 0, "Contoso"), Outcome.FAIL, severity=Severity.LOW, message="has nobody")

    assert "low REG002 the tenant: has nobody" in flat(printed(document_of((one,)), snapshot()))


def test_findings_about_people_and_names_in_the_policy() -> None:
    """A person is called by name alone, and a finding about a name in the policy tells that name."""
    person = verdict("REG003", about("principal", 0, "Gita"), Outcome.FAIL, message="is an outsider")
    entry = about("tenant", 0, "ann@contoso.com").model_copy(update={"id": "break_glass:ann@contoso.com"})
    text = flat(
        printed(document_of((person, verdict("POL003", entry, Outcome.FAIL, message="is not there"))), snapshot())
    )

    assert "REG003 Gita: is an outsider" in text
    assert "POL003 the policy's ann@contoso.com: is not there" in text


def test_registrars_that_could_not_be_followed() -> None:
    """Where paths could not be followed nobody is said to be able to register nothing."""
    scan = document_of((PASS,)).model_copy(update={"registrars_unresolved": "nested too deep"})

    assert "Registrars not read" in flat(printed(scan, snapshot()))


def test_blind() -> None:
    """A scan that read nothing shows no zero and no table."""
    blind = blind_snapshot()
    text = flat(printed(document_of((), sections=sections_of(blind)), blind))

    assert "role assignments and 2 more denied:" in text
    assert "No check could be made. 8 lists could not be read." in text
    assert "Connector groups: not read" in text
    assert "Versions not read" in text
    assert "Registrars not read" in text
    assert "Changes no finding; the inventory was not read in full" in text


def test_all_well() -> None:
    """A complete scan without a failure says so and lists no failure."""
    seen = snapshot()
    known = seen.role_assignments.model_copy(update={"name": "role_eligibilities"})
    whole = seen.model_copy(
        update={"role_eligibilities": known, "connectors": seen.connectors.model_copy(update={"records": ()})}
    )
    scan = document_of((PASS,), scan=scan_summary(complete=True, first=True))

    text = flat(printed(scan, whole))

    assert "Nothing fails, and everything was assessed. This is the first scan of this tenant." in text
    assert "Versions no connectors" in text
    assert "Registrars 0 people can register connectors Changes first scan: 0 findings, nothing to compare" in text
    assert "Headquarters eur 2 of 2 1 × 1.5.4892.0 3 none 1 × 1.5.4522.0" in text  # noqa: RUF001 - the sign for times


def test_nothing_known_of_releases() -> None:
    """A catalogue without an automatic release says so."""
    scan = document_of((PASS,))
    bare = scan.model_copy(update={"releases": scan.releases.model_copy(update={"newest_auto_upgrade": None})})

    assert "Baseline none known" in flat(printed(bare, snapshot()))


def test_a_tenant_without_pim() -> None:
    """A missing licence silences a rule, so it is told; where it was merely not read, it is not."""
    told = "Licence no Privileged Identity Management, so every role is standing; no REG005"

    assert told in flat(printed(document_of((PASS,)), blind_snapshot()))
    assert "Licence" not in flat(printed(document_of((PASS,)), snapshot()))


def test_without_history() -> None:
    """Findings that were compared with nothing are not said to be unchanged."""
    one = verdict("VER001", about("connector", 0, "hq"), Outcome.FAIL)

    assert "Changes findings not compared with earlier scans" in flat(printed(document_of((one,)), snapshot()))


def test_not_assessed_for_other_reasons() -> None:
    """What could not be judged though every list was read stands at the top too, some of it and the rest counted."""
    verdicts = tuple(
        verdict(f"VER00{number}", about("connector", 0, "hq"), Outcome.NOT_ASSESSED, message=f"reason {number}")
        for number in range(7)
    )

    top = flat(printed(document_of((PASS, *verdicts)), snapshot())).partition("Nothing assessed fails")[0]

    assert "Not everything could be assessed. 1 subject: reason 0 (VER000) 1 subject: reason 1 (VER001)" in top
    assert "and 2 more reasons" in top


def test_superseded() -> None:
    """A superseded scan says that it changed nothing."""
    text = flat(printed(document(scan=scan_summary(superseded=True)), snapshot()))

    assert "A newer scan was remembered before this one, which changed no finding." in text


def test_report_path_is_whole() -> None:
    """The path of the report stands on one line, however long, so that it can be copied."""
    path = "/srv/" + "long/" * 30 + "report.html"

    assert f"Report: {path}\n" in printed(document(), snapshot(), report=path)


@pytest.mark.parametrize(
    ("report", "where"), [("out/report.html", "all in the report"), (None, "use --json for all of them")]
)
def test_long_lists_are_cut(report: str | None, where: str) -> None:
    """Very many groups, versions and failures are cut, and the rest is counted with a place where it really is."""
    names = tuple(f"group {number:02}" for number in range(50))
    text = flat(printed(document(extra_names=names), snapshot(extra_names=names), report=report))

    assert f"and 14 more, {where}" in text
    assert f"and 40 more, {where}" in text


def test_narrow() -> None:
    """At 60 columns a group keeps 12 characters of its name, and its versions are whole."""
    text = printed(document(), snapshot(), width=60)

    assert "Headquarters  eur " in text
    assert "Branch offi…  nam " in text
    assert "1 × 1.5.3437.0 " in text  # noqa: RUF001 - the sign for times


def test_no_stutter() -> None:
    """A permission that the reason names is not named again, and reason and advice are sentences of their own."""
    lists = (
        SectionInfo(
            name="audit",
            status="denied",
            count=None,
            reason="Graph refuses: permission X.Read is missing",
            permission="X.Read",
            advice="Grant X.Read.",
        ),
    )

    text = flat(printed(document_of((PASS,), sections=lists), snapshot()))

    assert "denied: Graph refuses: permission X.Read is missing. Grant X.Read. " in text


def test_many_versions_in_one_group() -> None:
    """A group with many versions shows the newest and says that there are others."""
    seen = snapshot()
    one = seen.connectors.items[0]
    many = tuple(one.model_copy(update={"version": f"1.5.4{number}.0"}) for number in range(6))
    first = seen.contents[0].model_copy(
        update={"members": seen.contents[0].members.model_copy(update={"records": many})}
    )

    text = flat(printed(document(), seen.model_copy(update={"contents": (first, *seen.contents[1:])})))

    assert "1 × 1.5.42.0 and others" in text  # noqa: RUF001 - the sign for times


@pytest.mark.parametrize("terminal", [True, False])
def test_hostile_names_steer_nothing(*, terminal: bool) -> None:
    """Hostile names are text: no escape but our own colours, no markup taken, no line over 80 columns."""
    text = printed(document(extra_names=HOSTILE), snapshot(extra_names=HOSTILE), terminal=terminal)
    plain = COLOURS.sub("", text)

    assert set(UNSEEN.findall(plain)) == {"\n"}
    assert [line for line in plain.split("\n") if cell_len(line) > 80] == []
    assert "[bold red]loud[/bold" in plain
    assert r"\x1b[31mred" in plain
    assert "W" * 80 not in plain
    assert bool(COLOURS.search(text)) is terminal


@settings(max_examples=examples(50), deadline=None)
@given(st.text(max_size=300))
def test_no_name_steers_the_terminal(name: str) -> None:
    """Whatever a name is, nothing unseen is printed and no line is over 80 columns."""
    text = printed(document(extra_names=(name,)), snapshot(extra_names=(name,)))

    assert set(UNSEEN.findall(text)) == {"\n"}
    assert [line for line in text.split("\n") if cell_len(line) > 80] == []


def test_no_color() -> None:
    """With NO_COLOR a terminal gets no colour."""
    text = printed(document(), snapshot(), terminal=True, no_color=True)

    assert re.findall(r"\x1b\[[0-9;]*3[0-7][0-9;]*m", text) == []


@pytest.mark.parametrize(
    ("findings", "changes", "expected"),
    [
        (0, 0, "Changes none Policy"),
        (0, 2, "Changes no finding; 2 in the inventory Policy"),
        (1, 2, "Changes 1 new; 2 in the inventory Policy"),
        (1, 0, "Changes 1 new Policy"),
    ],
)
def test_changes_of_the_inventory_are_counted(findings: int, changes: int, expected: str) -> None:
    """Nothing is said to have changed only where neither a finding nor the inventory did."""
    new = verdict("VER001", about("connector", 7, "hq"), Outcome.FAIL, life=life("new"))
    moved = ChangeEntry(at=NOW, kind="gone", subject=about("connector", 7, "hq"))
    document = document_of((new,) * findings).model_copy(update={"changes": (moved,) * changes})

    assert expected in flat(printed(document, snapshot()))
