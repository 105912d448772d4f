"""`rules` shows what the policy in force makes of each rule."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from connectorwatch.__main__ import main
from policies.rules import RULE_IDS
from tests.making import TENANT

if TYPE_CHECKING:
    from pathlib import Path

OTHER = "00000000-0000-0000-0000-000000000001"
POLICY = f"""
rules:
  GRP001: {{severity: low}}
  GRP005: {{enabled: true}}
  REG005: {{enabled: false}}
  CON001: {{severity: medium}}
tenants:
  {TENANT}:
    rules:
      REG005: {{enabled: true}}
"""


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    """Write the policy file."""
    file = tmp_path / "policy.yaml"
    file.write_text(POLICY, encoding="utf-8")
    return file


def run(*arguments: str, **environment: str) -> Result:
    """Run the command."""
    cleared = {"CONNECTORWATCH_POLICY": None, "CONNECTORWATCH_TENANT_ID": None, "COLUMNS": "160"}
    return CliRunner(env={**cleared, **environment}).invoke(main, ["rules", *arguments])


def changed(result: Result) -> dict[str, tuple[bool, str]]:
    """Return the rules that differ, each with whether it runs and its severity."""
    document = json.loads(result.stdout)
    return {rule["id"]: (rule["enabled"], rule["severity"]) for rule in document["rules"] if rule["differs"]}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ((), {"GRP001": (True, "low"), "GRP005": (True, "info"), "REG005": (False, "medium")}),
        (("--tenant", TENANT), {"GRP001": (True, "low"), "GRP005": (True, "info")}),
        (
            ("--tenant", OTHER),
            {"GRP001": (True, "low"), "GRP005": (True, "info"), "REG005": (False, "medium")},
        ),
        (("grp001",), {"GRP001": (True, "low")}),
        (("CON001",), {}),
    ],
)
def test_json(policy: Path, options: tuple[str, ...], expected: dict[str, tuple[bool, str]]) -> None:
    """The JSON holds each rule as it is by itself and as the policy has it, also in one tenant."""
    result = run("--policy", str(policy), "--json", *options)

    assert changed(result) == expected
    assert json.loads(result.stdout)["policy"]["source"] == str(policy)


def test_all_rules_are_listed(policy: Path) -> None:
    """Without a policy every rule is as it is by itself; with one, the list marks what differs."""
    built_in, ours = run("--json"), run("--policy", str(policy)).stdout

    assert {rule["id"] for rule in json.loads(built_in.stdout)["rules"]} == RULE_IDS
    assert changed(built_in) == {}
    lines = {line.split(" ")[0]: " ".join(line.split()) for line in ours.splitlines() if line}
    assert lines["GRP001"].startswith("GRP001 group low (not high) ")
    assert lines["GRP005"].startswith("GRP005 group info (policy) ")
    assert lines["REG005"].startswith("REG005 principal off (policy) ")
    assert lines["CON001"].startswith("CON001 connector medium Connector")
    assert "it changes 3 rules." in lines["Policy:"]
    assert "every rule is as it is by itself." in run().stdout
    assert " off " in next(line for line in run().stdout.splitlines() if line.startswith("GRP005"))


def test_the_policy_of_the_environment_counts(policy: Path) -> None:
    """The policy is the one that a scan would take, and so is the tenant."""
    result = run("--json", CONNECTORWATCH_POLICY=str(policy), CONNECTORWATCH_TENANT_ID=TENANT.upper())

    assert "REG005" not in changed(result)
    assert json.loads(result.stdout)["policy"]["tenant"] == TENANT


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("GRP001", "about: group   severity: low, by the policy (usual severity: high)   enabled: yes"),
        ("GRP005", "about: group   usual severity: info   enabled: yes, by the policy (by itself no)"),
        ("REG005", "about: principal   usual severity: medium   enabled: no, by the policy (by itself yes)"),
        ("CON001", "about: connector   usual severity: medium   enabled: yes"),
    ],
)
def test_one_rule(policy: Path, rule: str, expected: str) -> None:
    """One rule says what the policy makes of it beside what it is by itself."""
    assert expected in run(rule, "--policy", str(policy)).stdout.splitlines()


def test_bad_input(tmp_path: Path) -> None:
    """A policy that is not there or not understood, and an unknown rule, are refused in a sentence."""
    broken = tmp_path / "broken.yaml"
    broken.write_text("rules: {GRP999: {enabled: false}}\n", encoding="utf-8")

    missing = run("--policy", str(tmp_path / "none.yaml"))
    assert (missing.exit_code, "does not exist" in missing.stderr) == (1, True)
    assert "line 1, rules.GRP999: unknown rule" in run("--policy", str(broken)).stderr
    assert "There is no rule 'nope'" in run("nope").stderr
