"""The examples of docs/policy.md and policy.yaml are policies, and mean what is said about them."""

from __future__ import annotations

import re

from policies.policy_file.edit import with_listed
from policies.policy_file.read import parse_policy
from policies.rules import RULE_IDS
from policies.vocabulary import Severity
from tests.paths import ROOT
from tests.policies.policy_file.waiving import waiver

TENANT = "11111111-2222-4333-8444-555555555555"


def test_the_page() -> None:
    """The example of the page is read in full, and its tenant gets what the page says."""
    page = (ROOT / "docs/policy.md").read_text(encoding="utf-8")
    loaded = parse_policy(page.partition("```yaml\n")[2].partition("```")[0], "docs/policy.md", RULE_IDS)
    here, there = loaded.for_tenant(TENANT).policy, loaded.for_tenant(TENANT[::-1]).policy

    assert [own.flaws for own in loaded.policy.waivers] == [()]
    assert (here.severity_of("VER003"), there.severity_of("VER003")) == (Severity.MEDIUM, Severity.LOW)
    assert here.is_enabled("GRP005", default=False)
    assert (here.min_registrars, there.min_registrars) == (2, 1)


def test_the_file() -> None:
    """Every example in policy.yaml works once its comment sign is taken away."""
    text = (ROOT / "policy.yaml").read_text(encoding="utf-8")
    loaded = parse_policy(re.sub(r"(?m)^  # ", "  ", text), "policy.yaml", RULE_IDS)

    assert [(own.id, own.flaws) for own in loaded.policy.waivers] == [("frankfurt-move", ())]
    assert loaded.for_tenant(TENANT).policy.is_enabled("GRP005", default=False)
    assert len(loaded.policy.groups) == 3


def test_a_waiver_goes_above_the_example() -> None:
    """In policy.yaml as it comes a waiver is added below its heading, and the commented example stays."""
    before = (ROOT / "policy.yaml").read_bytes()
    after = with_listed(before, "waivers", waiver("new", "GRP001", subject="g1"), "")

    assert after is not None
    assert b"\nwaivers:\n  - id: new\n" in after
    assert b"\n  # - id: frankfurt-move\n" in after
    assert len(parse_policy(after, "policy.yaml", RULE_IDS).policy.waivers) == 1
