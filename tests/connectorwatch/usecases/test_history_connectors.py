"""A connector's story as people read it, also where several have one name or a name is a weapon."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from rich.console import Console

from common.errors import SettingsError
from common.text import UNSEEN
from connectorwatch.__main__ import main
from connectorwatch.terminal.history import show, step_words
from connectorwatch.usecases.history import selected_history
from findings.state.document import ScanMeta, State
from findings.state.lifecycle import apply
from findings.stores.folder import FolderStore
from inventory.history_records import InventoryMemory
from inventory.memory import STEPS_KEPT
from policies.memory import Memory
from policies.vocabulary import Outcome, Subject
from tests.findings.history.test_connectors import IDLE, MOVED, NEWER, NONE, A, on, remembered, seen
from tests.findings.reports.sample import HOSTILE
from tests.findings.state.lifecycle_data import RULES, TENANT, verdict
from tests.making import connector

if TYPE_CHECKING:
    from pathlib import Path

    from policies.rule import Verdict


def state(memory: InventoryMemory, *verdicts: Verdict) -> State:
    """Return the state of a tenant with this memory after one scan."""
    scan = ScanMeta(id="s", taken_at=on(9), trigger="x", complete=True, evidence_sha256="")
    empty = State.new(TENANT).model_copy(update={"memory": Memory(inventory=memory)})
    return apply(empty, scan, verdicts, RULES)


def printed(told: State, asked: str | None) -> list[str]:
    """Return the lines that are printed of a connector's story, or of the tenant's."""
    out = Console(file=io.StringIO(), width=80)
    show(selected_history(told, connector=asked), out, of="connector" if asked else "tenant", as_json=False)
    assert isinstance(out.file, io.StringIO)
    return out.file.getvalue().splitlines()


def about(own: str, outcome: Outcome = Outcome.FAIL) -> Verdict:
    """Return a verdict about a connector."""
    return verdict(outcome, rule="VER001", subject=Subject(type="connector", id=own, name="A"))


def test_a_connectors_story() -> None:
    """Each step stands on its line with its date, then what is so today and the findings about it."""
    told = state(remembered(NONE, A, MOVED, IDLE), about("id-A"))

    assert printed(told, "a") == [
        "A  connector id-A",
        "",
        "2026-11-21 06:00 UTC  first seen (the last scan without it: 2026-11-20 06:00 UTC)",
        "2026-11-22 06:00 UTC  updated from 1.5.1.0 to 1.5.2.0",
        "2026-11-22 06:00 UTC  moved from Paris to Lab",
        "2026-11-23 06:00 UTC  inactive; Microsoft is expected to remove it by 2026-12-03 06:00 UTC",
        "",
        "Version 1.5.2.0, group Lab; last seen 2026-11-23 06:00 UTC, last active 2026-11-22 06:00 UTC.",
        "VER001 open, first seen 2026-11-28 06:00 UTC",
    ]


def test_a_connector_that_is_gone() -> None:
    """What is gone is expected to be removed by nobody, and one of the first scan may be of any age."""
    told = state(remembered(IDLE, NONE), about("id-A", Outcome.WAIVED))

    assert printed(told, " ID-A ")[2:] == [
        "2026-11-20 06:00 UTC  first seen, by the first scan of all: it may be older",
        "2026-11-20 06:00 UTC  inactive",
        "2026-11-21 06:00 UTC  gone",
        "",
        "Version 1.5.2.0, group Lab; last seen 2026-11-20 06:00 UTC.",
        "VER001 open, waived, first seen 2026-11-28 06:00 UTC",
    ]


def test_several_connectors_of_one_name() -> None:
    """All connectors of a machine name are shown, each with its id and who came before it."""
    lines = printed(state(remembered(A, seen(connector("a", key="id-new", version=None)))), "A")

    assert lines[0] == "2 connectors have this machine name."
    assert [line for line in lines if "  connector " in line] == ["A  connector id-A", "a  connector id-new"]
    assert "On the same machine, by its name, as id-A before it." in lines
    assert "On the same machine, by its name, as the newer id-new." in lines
    assert "Version none known, group Paris; last seen 2026-11-21 06:00 UTC, last active 2026-11-21 06:00 UTC." in lines


def test_a_cut_story() -> None:
    """Where older versions are not kept, the story says so at the place where they are missing."""
    looks = [seen(connector("A", version=f"1.5.{number}.0")) for number in range(STEPS_KEPT + 5)]

    assert printed(state(remembered(*looks)), "A")[3] == "Older versions or groups than those that follow are not kept."


def test_the_tenants_story_tells_what_moved() -> None:
    """What moved in the inventory stands in the tenant's story on its day."""
    lines = printed(state(remembered(A, NEWER, NONE)), None)

    assert lines[2:] == [
        "2026-11-21",
        "  06:00  connector A: updated from 1.5.1.0 to 1.5.2.0",
        "",
        "2026-11-22",
        "  06:00  connector A: gone",
    ]


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (("new", None, None), "new"),
        (("back", None, None), "back again"),
        (("moved", None, "Paris"), "moved from none to Paris"),
        (("renamed", "a", "b\x1b[1m"), "renamed from a to b\\x1b[1m"),
    ],
)
def test_words_of_a_step(step: tuple[str, str | None, str | None], expected: str) -> None:
    """A step is told in words, and names in it are made visible."""
    assert step_words(*step) == expected


@pytest.mark.parametrize("name", HOSTILE)
def test_names_steer_nothing(name: str) -> None:
    """A machine name that would steer the terminal or be markup is printed as visible text."""
    told = state(remembered(A, seen(connector(name, key="id-A"))))

    for asked in ("id-A", None):
        assert not UNSEEN.search("".join(printed(told, asked)))


@pytest.mark.parametrize("asked", ["PAR-PNC1", "par-pnc", "x/pnc01"])
def test_an_unknown_connector_is_an_error_with_what_is_near(asked: str) -> None:
    """A name that nobody has is an error that tells the ids and names near it."""
    told = state(remembered(seen(connector("PAR-PNC01"))))

    with pytest.raises(SettingsError, match=r"^No connector '.*' is remembered\. Near it: id-PAR-PNC01 \(PAR-PNC01\)"):
        selected_history(told, connector=asked)


def test_a_name_near_nothing_tells_some_of_what_there_is() -> None:
    """Where nothing is near, the first connectors are told and the others counted."""
    told = state(remembered(*(seen(connector(f"PAR-PNC0{number}")) for number in range(6))))

    with pytest.raises(SettingsError, match=r"Known are .*id-PAR-PNC0\d \(PAR-PNC0\d\).* and 2 more\.$"):
        selected_history(told, connector="zzzzzz")


def test_no_connector_at_all() -> None:
    """Where no connector was ever seen, nothing is near."""
    with pytest.raises(SettingsError, match=r"`connectorwatch history` lists all of them\."):
        selected_history(state(InventoryMemory()), connector="A")


def test_the_command(tmp_path: Path) -> None:
    """The command prints a connector's story as text or JSON, and refuses two stories at once."""
    FolderStore(tmp_path).documents.write("tenant-1/state.json", state(remembered(A)).to_bytes(), None)
    where = ["history", "--out", str(tmp_path), "--tenant", "tenant-1"]

    text = CliRunner().invoke(main, [*where, "--connector", "a"])
    whole = CliRunner().invoke(main, [*where, "--connector", "a", "--json"])
    both = CliRunner().invoke(main, [*where, "--connector", "a", "--finding", "b"])

    assert (text.exit_code, text.stdout.startswith("A  connector id-A\n")) == (0, True)
    assert [own["id"] for own in json.loads(whole.stdout)["connectors"]] == ["id-A"]
    assert both.exit_code == 2
