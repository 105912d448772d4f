"""Waivers and overrides in the policy file: what they say is understood, or told with its line."""

from __future__ import annotations

from datetime import date

import pytest

from common.errors import PolicyError
from policies.policy_file.model import Policy
from policies.policy_file.read import parse_policy
from policies.policy_file.waivers import Waiver

RULES = frozenset({"GRP001", "CON001", "CON003", "CON005", "REG001", "POL001", "POL002", "POL003", "SVC001"})
PARIS, LONDON = "5f6c3a1e-0d55-4c53-9a52-1f0a2f7c9d10", "0b1c3a1e-0d55-4c53-9a52-1f0a2f7c9d11"
GROUP = "3f1c2b7a-5d0e-4c7b-9a55-0c6f1e2d3b4a"
OWN = "{id: w0, rule: GRP001, subject: x, from: 2026-01-01}"


def waiver(*lines: str, rule: str = "GRP001", subject: str | None = "subject: g1", own_id: str = "w1") -> str:
    """Return a waiver as lines of a list; what is added stands after its subject."""
    own = [f"id: {own_id}", f"rule: {rule}", "from: 2026-11-20", *([subject] if subject else []), *lines]
    return "".join(f"  {'  ' if number else '- '}{line}\n" for number, line in enumerate(own))


def complaint(text: str) -> str:
    """Return what is said when a text is refused as a policy, without the file's name."""
    with pytest.raises(PolicyError) as caught:
        parse_policy(text, "policy.yaml", RULES)
    return str(caught.value).removeprefix("policy.yaml, ")


def test_everything_is_understood() -> None:
    """Each key of a waiver arrives in the policy."""
    text = waiver("until: 2027-11-21", "reason: why", 'owner: "1"', "ticket: CHG-1", f"tenant: {PARIS}")
    (read,) = parse_policy("waivers:\n" + text, "policy.yaml", RULES).policy.waivers

    assert (read.from_, read.until, read.flaws) == (date(2026, 11, 20), date(2027, 11, 21), ())
    assert read.model_dump(exclude={"from_", "until"}) == {
        "id": "w1",
        "rule": "GRP001",
        "subject": "g1",
        "name": None,
        "reason": "why",
        "owner": "1",
        "ticket": "CHG-1",
        "tenant": PARIS,
    }


@pytest.mark.parametrize("lines", [(), ("reason:", "owner: ''", "until: ~"), ("until: 2028-01-01",)])
def test_a_void_waiver_is_read(lines: tuple[str, ...]) -> None:
    """What makes a waiver void does not stop the scan: it waives nothing, and a rule tells."""
    (read,) = parse_policy("waivers:\n" + waiver(*lines), "policy.yaml", RULES).policy.waivers

    assert read.flaws != ()


@pytest.mark.parametrize("text", ["waivers:\n", "waivers: []\n", "waivers:\n  # - id: w1\n", "tenants:\n"])
def test_headings_alone(text: str) -> None:
    """A heading whose examples are commented out says nothing."""
    loaded = parse_policy(text, "policy.yaml", RULES)

    assert (loaded.policy, loaded.overrides) == (Policy(), {})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (waiver(rule="GRP01"), 'line 3, waivers.0.rule: unknown rule, did you mean "GRP001"?'),
        (waiver(rule="POL001"), 'line 3, waivers.0.rule: it says "POL001"; rules about waivers cannot be waived'),
        (waiver(rule="POL002"), 'line 3, waivers.0.rule: it says "POL002"; rules about waivers cannot be waived'),
        (
            waiver(rule="SVC001"),
            'line 3, waivers.0.rule: it says "SVC001"; rules about the service, not about a tenant, cannot',
        ),
        (waiver(subject=None), "line 2, waivers.0: needs a subject or a name; add one of them"),
        (waiver("name: P*"), "line 6, waivers.0.name: a waiver has either a subject or a name; keep one of them"),
        (
            waiver("name: P*", rule="CON003", subject=None),
            "line 5, waivers.0.name: strangers choose the names that CON003 speaks about; give the subject's id",
        ),
        (waiver("name: P*", rule="CON005", subject=None), "line 5, waivers.0.name: strangers choose the names"),
        (waiver("name: P*", rule="REG001", subject=None), "line 5, waivers.0.name: strangers choose the names"),
        (waiver(f"name: {GROUP}", subject=None), "line 5, waivers.0.name: is an id; write it as the subject"),
        (waiver("until: 2026-11-19"), "line 6, waivers.0.until: is before from, 2026-11-20; correct one of them"),
        (waiver("tenant: Contoso"), 'line 6, waivers.0.tenant: must be the id of a tenant; it says "Contoso"'),
        (waiver() + waiver(), "line 6, waivers.1.id: the same id as the waiver on line 2; give it another"),
        (waiver() + waiver(own_id="W1"), "line 6, waivers.1.id: the same id as the waiver on line 2"),
        (
            "".join(("  [", *["{id: w, rule: GRP001, subject: x, from: 2026-01-01}, "] * 2, "]\n")),
            "line 2, waivers.1.id: the same id as the waiver on line 2",
        ),
        (waiver("resaon: why"), 'line 6, waivers.0.resaon: unknown key, did you mean "reason"?'),
        (waiver("from_: 2026-11-20"), 'line 6, waivers.0.from_: unknown key, did you mean "from"?'),
        (waiver("until: tomorrow"), "line 6, waivers.0.until: must be a date such as 2026-06-08; it says"),
        (waiver("until: 2026-02-30"), "line 6, waivers.0.until: must be a date such as 2026-06-08; it says"),
        (waiver("until: 2026"), "line 6, waivers.0.until: must be a date such as 2026-06-08; it says 2026"),
        (waiver("reason: 7"), "line 6, waivers.0.reason: must be text; put it in quotes; it says 7"),
        (waiver(subject="subject: ''"), "line 5, waivers.0.subject: must not be empty; it says"),
        (
            waiver(own_id="a/b"),
            'line 2, waivers.0.id: must be letters, digits, `.`, `_` and `-`, at most 64; it says "a/b"',
        ),
        ("  - rule: GRP001\n    subject: x\n    id: w1\n", "line 2, waivers.0.from: is missing; add it"),
        ("  GRP001: {}\n", "line 1, waivers: must be a list; it says"),
        ("  - w1\n", "line 2, waivers.0: must hold lines of the form `key: value`; it says"),
        (waiver("name: P*", rule="7", subject=None), "line 3, waivers.0.rule: must be text; put it in quotes"),
        (waiver(own_id="7"), "line 2, waivers.0.id: must be text; put it in quotes; it says 7"),
    ],
)
def test_mistakes(text: str, said: str) -> None:
    """A waiver that cannot mean what somebody wanted is refused with its line."""
    assert complaint("waivers:\n" + text).startswith(said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("  Paris: {}\n", 'line 2, tenants.Paris: must be the id of a tenant; it says "Paris"'),
        (
            f"  {PARIS}: {{}}\n  {PARIS.upper()}: {{}}\n",
            f'line 3, tenants.{PARIS.upper()}: the same tenant as "{PARIS}"',
        ),
        (
            f"  {PARIS}: {{min: 1}}\n",
            f"line 2, tenants.{PARIS}.min: unknown key, known are: answers, approved_custom_roles, ",
        ),
        (f"  {PARIS}:\n    grups: {{}}\n", f'line 3, tenants.{PARIS}.grups: unknown key, did you mean "groups"?'),
        (f"  {PARIS}: {{tenants: {{}}}}\n", f"line 2, tenants.{PARIS}.tenants: unknown key"),
        (f"  {PARIS}: {{rules: {{X: {{}}}}}}\n", f"line 2, tenants.{PARIS}.rules.X: unknown rule, known are: CON001"),
        (
            f"  {PARIS}:\n    groups:\n      {GROUP}: {{}}\n      {GROUP.upper()}: {{}}\n",
            f'line 5, tenants.{PARIS}.groups.{GROUP.upper()}: the same group as "{GROUP}"',
        ),
        (
            f"  {PARIS}:\n    waivers:\n    - {{id: w1, rule: NO, subject: x, from: 2026-01-01}}\n",
            f"line 4, tenants.{PARIS}.waivers.0.rule: unknown rule",
        ),
        (
            f"  {PARIS}:\n    waivers:\n    - {OWN[:-1]}, tenant: {LONDON}}}\n",
            f"line 4, tenants.{PARIS}.waivers.0.tenant: is another tenant than the one it stands below; leave it out",
        ),
        (
            f"  {PARIS}: {{waivers: [{OWN}]}}\nwaivers: [{OWN.replace('w0', 'W0')}]\n",
            f"line 2, tenants.{PARIS}.waivers.0.id: the same id as the waiver on line 3; give it another",
        ),
        (f"  {PARIS}: 7\n", f"line 2, tenants.{PARIS}: must hold lines of the form `key: value`; it says 7"),
        ("  - x\n", "line 1, tenants: must hold lines of the form `key: value`"),
    ],
)
def test_mistakes_in_overrides(text: str, said: str) -> None:
    """What is wrong below a tenant is refused with its line like everything else."""
    assert complaint("tenants:\n" + text).startswith(said)


def test_two_tenants_may_use_one_id_for_a_waiver() -> None:
    """Their waivers never stand in one policy."""
    own = f"{{waivers: [{OWN}]}}"
    loaded = parse_policy(f"tenants:\n  {PARIS}: {own}\n  {LONDON}: {own}\n", "policy.yaml", RULES)

    assert [len(loaded.for_tenant(one).policy.waivers) for one in (PARIS, LONDON)] == [1, 1]


def test_a_waiver_says_what_it_means() -> None:
    """Every field of a waiver has a description for the reference."""
    assert all(field["description"] for field in Waiver.model_json_schema()["properties"].values())
