"""A waiver's life on the command line: a finding fails, is waived, is told again when it ends, and fails again."""

from __future__ import annotations

import csv
import gzip
import io
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from simulator import Simulator
from tests.e2e.commands import run
from tests.e2e.running import environment, keys, state_of, tenant_file, variant

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.commands import Ran

TODAY = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
"""`waive` takes no day that is over, so the scans are made around the day on which the test runs."""
DOWN = "connector_groups: {head-office: {connectors: {hq-02: {status: inactive}}}}"
CLEAN = tenant_file("clean")
OURS = "# ours\nrules: {VER003: {enabled: false}, VER004: {enabled: false}, VER005: {enabled: false}}\n"
"""A policy file; releases age with the day on which the test runs, so rules about that are off."""


def day(number: int) -> str:
    """Return the day so many days from today."""
    return str((TODAY + timedelta(days=number)).date())


class Story:
    """Scans of one tenant, day by day, into one store and under one policy file."""

    def __init__(self, folder: Path, changes: str) -> None:
        """Write the policy file and the tenant file."""
        self.out, self.policy = folder / "out", folder / "policy.yaml"
        self.tenant = variant(folder, changes, "clean")
        self.policy.write_text(OURS, encoding="utf-8")

    def scan(self, number: int, *more: str) -> Ran:
        """Scan so many days from today; what comes out is findings.json."""
        at = (TODAY + timedelta(days=number)).isoformat()
        words = ("scan", "--out", str(self.out), "--policy", str(self.policy), "--at", at, "--json", *more)
        with Simulator(self.tenant).in_thread() as simulator:
            return run(*words, settings=environment(simulator))

    def waive(self, key: str, *more: str) -> Ran:
        """Waive a finding for ten days."""
        who = ("--reason", "the server is ordered", "--owner", "ada@contoso.com")
        where = ("--out", str(self.out), "--policy", str(self.policy))
        return run("waive", key, *who, *where, *(more or ("--until", day(10))))


def told(ran: Ran) -> dict[str, tuple[str, str | None, str | None]]:
    """Return outcome, change and waiver of each finding that fails, is waived, or is about a waiver."""
    found: list[dict[str, Any]] = json.loads(ran.stdout)["verdicts"]
    return {
        verdict["key"]: (
            verdict["outcome"],
            (verdict["lifecycle"] or {}).get("change"),
            (verdict["waiver"] or {}).get("id"),
        )
        for verdict in found
        if verdict["outcome"] in ("fail", "waived") or verdict["subject"]["type"] == "waiver"
    }


def test_the_life_of_a_waiver(tmp_path: Path) -> None:
    """The finding stays open all the time; from the next scan to the end of the last day it is waived."""
    story = Story(tmp_path, DOWN)
    key = f"GRP001/{story.tenant.guid('connector_group', 'head-office')}"
    other = f"CON001/{story.tenant.guid('connector', 'hq-02')}"
    first = story.scan(0)
    written = [story.waive(one, "--until", day(10), "--id", own) for one, own in ((key, "w1"), (other, "w2"))]
    scans = [story.scan(number) for number in (1, 2, 10, 11, 12)]

    assert (first.code, [ran.code for ran in written]) == (3, [0, 0])
    assert {one: told(first)[one] for one in (key, other)} == dict.fromkeys((key, other), ("fail", "new", None))
    assert [told(ran)[key] for ran in scans] == [
        ("waived", "changed", "w1"),
        ("waived", None, "w1"),
        ("waived", None, "w1"),
        ("fail", "changed", None),
        ("fail", None, None),
    ]
    assert [ran.code for ran in scans] == [0, 0, 0, 3, 3]
    found = state_of(tmp_path / "out", story.tenant).findings[key]
    assert (found.state, found.first_seen) == ("open", TODAY)
    assert [told(ran)["POL001/w1"][:2] for ran in scans] == [
        ("fail", "new"),
        ("fail", None),
        ("fail", None),
        ("fail", "changed"),
        ("fail", None),
    ]
    assert {told(ran)["POL002/w1"][0] for ran in scans} == {"pass"}


def test_the_file_that_was_edited(tmp_path: Path) -> None:
    """What is printed stands in the file, below the lines that were there; a second waiver for the same is refused."""
    story = Story(tmp_path, DOWN)
    group = story.tenant.guid("connector_group", "head-office")
    story.scan(0)
    ran, again = story.waive(f"GRP001/{group}"), story.waive(f"GRP001/{group}")
    text = story.policy.read_text(encoding="utf-8")

    assert text.startswith(f"{OURS}\nwaivers:\n  - id: GRP001-")
    assert f"    subject: {group}  # Head office\n" in text
    assert all(line.strip() in ran.stdout for line in text.splitlines()[4:])
    assert (again.code, story.policy.read_text(encoding="utf-8")) == (1, text)
    assert "covers this finding" in again.stderr


def test_a_hostile_group_name_in_the_file(tmp_path: Path) -> None:
    """A group's name cannot write into the policy file, nor to the terminal."""
    evil = "\\r\\nrules: {GRP001: {enabled: false}}\\u202e\\e[31m"
    story = Story(tmp_path, f'connector_groups: {{lab: {{name: "Lab{evil}"}}}}')
    story.scan(0)
    ran = story.waive(f"GRP004/{story.tenant.guid('connector_group', 'lab')}")

    assert ran.code == 0
    assert "# Lab\\r\\nrules: {GRP001: {enabled: false}}\\u202e\\x1b[31m\n" in story.policy.read_text(encoding="utf-8")
    assert "\x1b" not in ran.stdout
    assert story.policy.read_text(encoding="utf-8").count("\nrules:") == 1
    assert told(story.scan(1))[f"GRP004/{story.tenant.guid('connector_group', 'lab')}"][0] == "waived"


def test_reports_of_a_waived_failure(tmp_path: Path) -> None:
    """Page, table and terminal show a waived failure and waivers, and none of them counts it as failing."""
    story = Story(tmp_path, DOWN)
    group = story.tenant.guid("connector_group", "head-office")
    story.scan(0)
    story.waive(f"GRP001/{group}")
    story.scan(1)
    latest = story.out / story.tenant.tenant.id / "latest"
    rows = csv.DictReader(io.StringIO((latest / "findings.csv").read_text(encoding="utf-8-sig")))
    (evidence,) = story.out.rglob(f"*{day(1).replace('-', '')}*/evidence.json.gz")
    shown = run("evaluate", str(evidence)).stdout

    assert {row["outcome"] for row in rows if row["key"] == f"GRP001/{group}"} == {"waived"}
    assert "waived" in (latest / "report.html").read_text(encoding="utf-8")
    assert "1 failure is waived." in shown
    assert "waiver GRP001-" in shown


@pytest.mark.parametrize(
    ("tenant_id", "active"), [(CLEAN.tenant.id.upper(), 3), ("0" * 8 + "-0000" * 3 + "-" + "0" * 12, 2)]
)
def test_a_tenant_is_judged_by_its_override(tmp_path: Path, tenant_id: str, active: int) -> None:
    """What the file says of this tenant counts in scans and in `evaluate --policy`, and is all that evidence keeps."""
    story = Story(tmp_path, "users: {}")
    plain = story.policy.read_text(encoding="utf-8")
    story.policy.write_text(f"{plain}tenants:\n  {tenant_id}: {{min_active_connectors: 3}}\n", encoding="utf-8")
    ran = story.scan(0)
    (evidence,) = story.out.rglob("evidence.json.gz")
    again = run("evaluate", str(evidence), "--policy", str(story.policy), "--json")
    names = keys(story.tenant)

    for each in (ran, again):
        failing = {names[key.partition("/")[2]] for key in told(each) if key.startswith("GRP001/")}
        assert ("head-office" in failing) is (active == 3)
    assert "tenants" not in json.loads(gzip.decompress(evidence.read_bytes()))["policy"]
