"""The story as people read it: in their words, with dates, and never steered by a name."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from rich.console import Console

from common.errors import EvidenceError, SettingsError
from common.text import UNSEEN
from connectorwatch.__main__ import main
from connectorwatch.terminal.history import event_words, show
from connectorwatch.usecases.history import selected_history, stored_state
from findings.state.document import State
from findings.state.parts import Event, EventFact
from findings.stores.folder import FolderStore
from policies.vocabulary import Outcome, Severity, Subject
from tests.findings.reports.sample import HOSTILE
from tests.findings.state.lifecycle_data import KEY, RULE, RULES, TENANT, Day, after, at, said, verdict

if TYPE_CHECKING:
    from pathlib import Path

FAIL, PASS = said(verdict()), said(verdict(Outcome.PASS))
WORSE = said(verdict(severity=Severity.CRITICAL, evidence={"active": 0}))
WAIVED, UNREAD = said(verdict(Outcome.WAIVED)), said(verdict(Outcome.NOT_ASSESSED))


def printed(state: State, finding: str | None = KEY) -> list[str]:
    """Return the lines that are printed of a story."""
    out = Console(file=io.StringIO(), width=80)
    show(selected_history(state, finding), out, of="tenant" if finding is None else "finding", as_json=False)
    assert isinstance(out.file, io.StringIO)
    return out.file.getvalue().splitlines()


def stored(state: State, root: Path) -> FolderStore:
    """Return a store that holds a state."""
    store = FolderStore(root)
    store.documents.write(f"{state.tenant.id}/state.json", state.to_bytes(), None)
    return store


def test_a_findings_story() -> None:
    """Each step stands on its line with its date, and what is so today at the end."""
    off = Day(ran=RULES - {RULE})

    lines = printed(after(FAIL, WORSE, UNREAD, WORSE, WAIVED, FAIL, PASS, FAIL, off, FAIL, UNREAD))

    assert lines[0].startswith("GRP001  ")
    assert lines[1:] == [
        "group Group a  a",
        "It has one connector.",
        "",
        "2026-01-01 06:00 UTC  opened: high",
        "2026-01-02 06:00 UTC  changed: severity high → critical; active 1 → 0",
        "2026-01-03 06:00 UTC  not assessed until 2026-01-04 06:00 UTC",
        "2026-01-05 06:00 UTC  waived; changed: severity critical → high; active 0 → 1",
        "2026-01-06 06:00 UTC  no longer waived: the waiver is over or void",
        "2026-01-07 06:00 UTC  resolved: fixed, as the check passes on facts that changed",
        "2026-01-08 06:00 UTC  opened again: high",
        "2026-01-09 06:00 UTC  resolved: no longer asked, as the policy changed",
        "2026-01-10 06:00 UTC  opened again: high",
        "2026-01-11 06:00 UTC  not assessed since then",
        "",
        "Today it is open; last seen failing 2026-01-10 06:00 UTC.",
        "Out of sight: this scan could not assess it, which ends nothing.",
    ]


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (Event(at=at(1), scan="", change="new"), "opened"),
        (Event(at=at(1), scan="", change="new", severity=Severity.LOW, waived=True), "opened: low, waived"),
        (Event(at=at(1), scan="", change="changed"), "changed"),
        (
            Event(at=at(1), scan="", change="changed", moved=(EventFact(what="evidence.of_group", long=True),)),
            "changed: of group",
        ),
        (
            Event(
                at=at(1),
                scan="",
                change="changed",
                cause="policy",
                moved=(EventFact(what="outcome", before="waived", after="fail"),),
            ),
            "no longer waived (the policy changed)",
        ),
        (
            Event(
                at=at(1),
                scan="",
                change="reopened",
                severity=Severity.LOW,
                moved=(
                    EventFact(what="outcome", before="waived", after="fail"),
                    EventFact(what="evidence.ip", after="x"),
                ),
            ),
            "opened again: low; no longer waived; ip not known → x",
        ),
        (
            Event(at=at(1), scan="", change="resolved", resolved_by="not_applicable", cause="policy"),
            "resolved: left the scope, as the check no longer applies (the policy changed)",
        ),
        (Event(at=at(1), scan="", change="resolved"), "resolved"),
    ],
)
def test_words_of_a_step(event: Event, expected: str) -> None:
    """A step says what it was and, where the policy made it, that it did."""
    assert event_words(event, Subject(type="connector", id="c", name="hq")) == expected


def test_a_tenants_story() -> None:
    """What happened stands below its day, the newest last, the worst of a moment first."""
    two = said(verdict(), verdict(subject="b", severity=Severity.CRITICAL, message="None."))
    state = after(two, two, said(verdict(subject="b", severity=Severity.CRITICAL)))
    rows = (*state.scans[:1], state.scans[1].model_copy(update={"complete": False}), *state.scans[2:])

    assert printed(state.model_copy(update={"scans": rows}), None) == [
        "Contoso  3 scans, 2026-01-01 06:00 UTC to 2026-01-03 06:00 UTC",
        "",
        "2026-01-01",
        "  06:00  GRP001 group Group b: opened: critical",
        "  06:00  GRP001 group Group a: opened: high",
        "",
        "2026-01-02",
        "  06:00  not everything could be read",
        "",
        "2026-01-03",
        "  06:00  GRP001 group Group a: resolved: left the scope, as it is no longer in the tenant",
    ]


def test_a_day_of_many_steps_is_cut() -> None:
    """A day on which much happened shows the worst and says how much more there is."""
    many = said(*(verdict(subject=f"s{number}") for number in range(45)))

    lines = printed(after(many), None)

    assert len(lines) == 3 + 40 + 1
    assert lines[-1] == "  and 5 more; --json shows all"


def test_a_cut_story_and_a_waived_one_say_so() -> None:
    """A story whose steps are not all kept says so, and a waived finding is called open and waived."""
    lines = printed(after(*[FAIL, PASS] * 30, WAIVED))

    assert lines[5] == "Steps after this one may be missing: they are not kept for so long."
    assert lines[-1] == "Today it is open, waived; last seen failing 2026-03-02 06:00 UTC."


@pytest.mark.parametrize("name", HOSTILE)
def test_names_steer_nothing(name: str) -> None:
    """A name that would steer the terminal or be markup is printed as visible text, wherever it stands."""
    state = after(said(verdict(subject=Subject(type="group", id="a", name=name), message=name, evidence={"x": name})))
    worse = after(
        said(verdict(subject=Subject(type="group", id="a", name=name), evidence={"x": "y"})),
        said(verdict(subject=Subject(type="group", id="a", name=name), evidence={"x": name})),
    )

    for shown in ("\n".join(printed(told, key)) for told in (state, worse) for key in (KEY, None)):
        assert not UNSEEN.search(shown.replace("\n", ""))


def test_the_key_is_found_in_either_case() -> None:
    """A key is the same in either case and with spaces around it."""
    assert selected_history(after(FAIL), " grp001/A ").findings[0].key == KEY


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        ("GRP001/b", r"Near it: GRP001/a \(Group a\)\."),
        ("anything/group A", r"Near it: GRP001/a \(Group a\)\."),
        ("grp001/no-such-group", r"Near it: GRP001/a \(Group a\)\."),
        ("XYZ00/0123456789", r"`connectorwatch history` lists"),
        ("", r"`connectorwatch history` lists all of them\."),
        ("\x1b[31m", r"'\\\\x1b\[31m' is remembered\. `connectorwatch history`"),
    ],
)
def test_an_unknown_finding_is_an_error_with_what_is_near(asked: str, hint: str) -> None:
    """What was never seen is said not to be known, with keys that are near."""
    with pytest.raises(SettingsError, match=hint):
        selected_history(after(FAIL), asked)


def test_nothing_stored_is_an_error(tmp_path: Path) -> None:
    """Without a scan there is no story, and the error says what to do."""
    with pytest.raises(SettingsError, match="run `connectorwatch scan` first"):
        stored_state(FolderStore(tmp_path), "tenant-1")
    with pytest.raises(SettingsError, match="No scan is stored"):
        stored_state(FolderStore(tmp_path), None)
    with pytest.raises(SettingsError, match="run `connectorwatch scan` first"):
        stored_state(stored(State.new(TENANT), tmp_path), "tenant-1")


def test_a_damaged_state_is_an_error(tmp_path: Path) -> None:
    """A state that cannot be read has no story, and is not taken for an empty one."""
    store = FolderStore(tmp_path)
    store.documents.write("tenant-1/state.json", b"{", None)

    with pytest.raises(EvidenceError, match=r"tenant-1/state\.json is damaged"):
        stored_state(store, "tenant-1")


def test_the_command(tmp_path: Path) -> None:
    """The command prints the story as text or JSON, and ends with 1 for what nobody knows."""
    stored(after(FAIL, PASS), tmp_path)
    where = ["history", "--out", str(tmp_path), "--tenant", "tenant-1"]

    text = CliRunner().invoke(main, [*where, "--finding", KEY])
    whole = CliRunner().invoke(main, [*where, "--json"])
    unknown = CliRunner().invoke(main, [*where, "--finding", "nothing"])

    assert (text.exit_code, "resolved: fixed, as the check passes on facts that changed" in text.stdout) == (0, True)
    document = json.loads(whole.stdout)
    assert (whole.exit_code, document["schema"]) == (0, "connectorwatch.history/v1")
    assert [event["change"] for event in document["findings"][0]["events"]] == ["new", "resolved"]
    assert (unknown.exit_code, "No finding 'nothing'" in unknown.stderr) == (1, True)


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        (Subject(type="tenant", id="groups:Maintenance", name="Maintenance"), "the policy's Maintenance"),
        (Subject(type="tenant", id="tenant-1", name="Contoso"), "the tenant"),
    ],
)
def test_what_a_finding_about_the_tenant_is_called(subject: Subject, words: str) -> None:
    """An entry of the policy is called by its name, and not as though it were a tenant."""
    lines = printed(after(said(verdict(subject=subject))), None)

    assert f"  06:00  GRP001 {words}: opened: high" in lines
