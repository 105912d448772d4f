"""What a walk shows: things that are gone, the right names in commands, the cause first, and no name that acts."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len
from rich.console import Console

from common.text import UNSEEN
from connectorwatch.diagnosis.blocks import markdown, print_blocks
from connectorwatch.diagnosis.evidence import case_of
from connectorwatch.diagnosis.subject import Result
from connectorwatch.diagnosis.walk import walk
from connectorwatch.diagnosis.walk_blocks import walk_blocks
from policies.memory import Memory
from tests.findings.reports.sample import HOSTILE
from tests.inventory.snapshots import at, looks
from tests.making import (
    connector,
    evidence,
    group,
    holds,
    snapshot,
)

if TYPE_CHECKING:
    from connectorwatch.diagnosis.subject import Kind

from tests.knowledge.walking import OLD, PARIS, case, published


@pytest.mark.parametrize(
    ("kind", "name", "words"),
    [
        (
            "connector",
            "PAR01",
            "It is gone from the tenant; the scan of 2026-11-20 06:00 UTC was the last to see it. Entra",
        ),
        ("application", "Payroll", "No connector group carries it any more; the scan of"),
        ("group", "Paris", "It was deleted; the scan of"),
    ],
)
def test_gone(kind: Kind, name: str, words: str) -> None:
    """What is gone is told with the scan that saw it last."""
    before, after = snapshot({PARIS: holds(connector("PAR01"), apps=(published(),))}), snapshot({})
    seen = evidence(at(after, 1), memory=Memory(inventory=looks(before)))

    walked = walk(case_of(seen, kind, name))

    assert walked.cause is not None
    assert walked.cause.says.startswith(words)


def test_commands_of_both_names() -> None:
    """Where servers have old and new names, each command that differs is said twice, with its servers."""
    walked = walk(
        case(members=(connector("NEW01"), connector("OLD01", version=OLD), *[connector(f"N{i}") for i in range(5)]))
    )

    logs = [one for _, look in walked.observations(Result.TO_RUN) for one in look.commands if "own log" in one.title]
    assert [one.where for one in logs] == ["on N0, N1, N2, N3 and 2 more", "on OLD01"]
    assert ["AadApplicationProxy" in one.lines[0] for one in logs] == [False, True]


def test_commands_of_old_names_only() -> None:
    """Where all servers are old, commands have the old names."""
    walked = walk(case(members=(connector("OLD01", version=OLD),)))

    lines = [line for _, look in walked.observations(Result.TO_RUN) for one in look.commands for line in one.lines]
    assert any("AadApplicationProxy" in line for line in lines)
    assert not any("Microsoft Entra private network" in line for line in lines)


def test_no_internal_url() -> None:
    """Without an internal address step 7 tests name and port instead of opening a page."""
    walked = walk(case(published(internal_url=None)))

    (seventh,) = [look for step, look in walked.observations(Result.TO_RUN) if step.step == 7]
    assert seventh.commands[0].lines == ("Resolve-DnsName HOST", "Test-NetConnection HOST -Port 443")


def test_shown() -> None:
    """A walk begins with the cause and what to do, then tells what is ruled out and which steps were not taken."""
    inactive = (connector("PAR01", status="inactive"),)
    file = io.StringIO()

    print_blocks(walk_blocks(walk(case(members=inactive)), live=False), Console(file=file, width=80))

    shown = file.getvalue()
    assert shown.startswith(
        "Payroll: application, as of the scan of 2026-11-20 06:00 UTC\n\nCause: No connector of group Paris"
    )
    assert shown.index("Cause:") < shown.index("Ruled out") < shown.index("Not looked at")
    assert "Of the ten steps, steps 3 to 10: mend the cause first" in " ".join(shown.split())


def test_shown_with_a_late_cause() -> None:
    """A cause at step 9 leaves the servers to look at, and one step that was not taken."""
    short = replace(case(published(application_server_timeout="Default")), symptoms=frozenset({"connector-timeout"}))

    shown = markdown(walk_blocks(walk(short), live=True))

    assert shown.startswith(
        "# Payroll: application, seen just now 2026-11-20 06:00 UTC\n\n## Cause: The connector timed out"
    )
    assert "## If it still fails, look at this yourself" in shown
    assert "Of the ten steps, step 10: mend the cause first" in shown


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names(name: str) -> None:
    """Whatever people called things, a walk shows nothing that acts, and puts none of it into a command."""
    seen = snapshot(
        {
            group(name, key="g"): holds(
                connector(name, key="c", version=name),
                connector("x", status=name),
                apps=(published(name, key="app", internal_url=name),),
            )
        }
    )
    file = io.StringIO()

    for kind, key in (("group", "g"), ("connector", "c"), ("application", "app")):
        walked = walk(case_of(evidence(seen), kind, key))  # type: ignore[arg-type] # words of a loop
        print_blocks(walk_blocks(walked, live=False), Console(file=file, width=80))
        assert all(
            name not in line
            for _, look in walked.observations(Result.TO_RUN)
            for one in look.commands
            for line in one.lines
        )

    assert set(UNSEEN.findall(file.getvalue())) <= {"\n"}
    lines = file.getvalue().split("\n")
    assert [line for line in lines if cell_len(line) > 80 and not line.startswith(("      ", "    https://"))] == []
