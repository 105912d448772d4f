"""Writing a waiver into a policy file: it stands where it should, and every other line stays to the byte."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.policy_file.edit import NEW_FILE, entry_lines, with_listed
from policies.policy_file.read import parse_policy
from policies.policy_file.waivers import Waiver
from policies.rules import RULE_IDS
from tests.making import TENANT
from tests.policies.policy_file.waiving import waiver

NEW = Waiver.model_validate({"id": "new", "rule": "GRP001", "subject": "g1", "from": "2026-11-20", "reason": "it's"})
OLD = "{id: old, rule: GRP002, subject: x, from: 2026-01-01}"
LONG = "waivers:\n  - id: o\n    rule: GRP002\n    subject: x\n    from: 2026-01-01\n"
ENTRY = "- id: new\n  rule: GRP001\n  subject: g1  # Paris\n  from: 2026-11-20\n  reason: it's\n"


def edited(text: str, new: Waiver = NEW) -> str | None:
    """Return a policy file with the new waiver in it."""
    after = with_listed(text.encode(), "waivers", new, "Paris")
    return None if after is None else after.decode()


def entry(indent: str = "") -> str:
    """Return the new waiver as it is written."""
    return textwrap.indent(ENTRY, indent)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "waivers:\n" + entry("  ")),
        ("# mine\n", "# mine\n\nwaivers:\n" + entry("  ")),
        ("# mine", "# mine\n\nwaivers:\n" + entry("  ")),
        ("---\n", "---\n\nwaivers:\n" + entry("  ")),
        ("---\n...\n", "---\n\nwaivers:\n" + entry("  ") + "...\n"),
        ("version: 1\n", "version: 1\n\nwaivers:\n" + entry("  ")),
        ("version: 1", "version: 1\n\nwaivers:\n" + entry("  ")),
        ("version: 1\n# end\n...\n", "version: 1\n# end\n\nwaivers:\n" + entry("  ") + "...\n"),
        ("  version: 1\n", "  version: 1\n\n  waivers:\n" + entry("    ")),
        ("waivers:\n", "waivers:\n" + entry("  ")),
        ("waivers:", "waivers:\n" + entry("  ")),
        ("waivers: # none\n  # - id: x\nversion: 1\n", "waivers: # none\n" + entry("  ") + "  # - id: x\nversion: 1\n"),
        (f"waivers:\n- {OLD}\n", f"waivers:\n- {OLD}\n" + entry()),
        (f"waivers:\n    -   {OLD} # o\n", f"waivers:\n    -   {OLD} # o\n" + entry("    ")),
        (f"waivers:\n  - {OLD}", f"waivers:\n  - {OLD}\n" + entry("  ")),
        (
            f"waivers:\n  - {OLD}\n\n# of version\nversion: 1\n",
            f"waivers:\n  - {OLD}\n" + entry("  ") + "\n# of version\nversion: 1\n",
        ),
        (LONG + "    ticket:\nversion: 1\n", LONG + "    ticket:\n" + entry("  ") + "version: 1\n"),
        (LONG + "    reason: |\n      a\n      b\n", LONG + "    reason: |\n      a\n      b\n" + entry("  ")),
        ('"waivers":\n', '"waivers":\n' + entry("  ")),
        (
            f"tenants: {{{TENANT}: {{waivers: []}}}}\n",
            f"tenants: {{{TENANT}: {{waivers: []}}}}\n\nwaivers:\n" + entry("  "),
        ),
    ],
)
def test_where_it_stands(before: str, after: str) -> None:
    """A waiver stands at the end of the list, indented as the list is, or below a heading of its own at the end."""
    assert edited(before) == after
    assert parse_policy(after, "p", RULE_IDS).policy.waivers[-1] == NEW


@pytest.mark.parametrize(
    "text", ["{}", "null", "{version: 1}", "waivers: []", f"waivers: [{OLD}]", "waivers: ~", 'waivers: ""']
)
def test_no_place(text: str) -> None:
    """A file or a list that is written in one line has no place for another."""
    assert edited(text) is None


def test_line_ends_and_byte_order_mark_are_kept() -> None:
    """A file from Windows gets lines as it has them."""
    assert edited("\ufeff") == "\ufeffwaivers:\n" + entry("  ")
    assert edited("\ufeffversion: 1\r\n") == "\ufeff" + ("version: 1\n\nwaivers:\n" + entry("  ")).replace("\n", "\r\n")


def test_a_new_file() -> None:
    """What a new file begins with is a policy that says nothing."""
    assert parse_policy(NEW_FILE, "p", RULE_IDS).policy == parse_policy("", "p", RULE_IDS).policy


def test_without_a_note() -> None:
    """Where no name is known, no comment stands behind the subject."""
    assert entry_lines(NEW, "")[2] == "  subject: g1"


def test_one_day() -> None:
    """A waiver for a single day says that day twice, and not an alias the second time."""
    one = NEW.model_copy(update={"until": NEW.from_})

    assert entry_lines(one, "")[3:5] == ["  from: 2026-11-20", "  until: 2026-11-20"]


texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=30)


@given(texts, texts, texts)
def test_any_text_means_itself(subject: str, reason: str, ticket: str) -> None:
    """Whatever is written as subject, reason or ticket is read back as it was, as text."""
    new = waiver("new", "GRP001", subject=subject, reason=reason, ticket=ticket)
    after = with_listed(b"version: 1\n", "waivers", new, "")

    assert after is not None
    assert parse_policy(after, "p", RULE_IDS).policy.waivers == (new,)


PARTS = (
    "min_registrars: 2   # two\n",
    "# a comment\n\n",
    "groups:\n  # Lab: {}\n",
    "groups:\n    'Lab' : {purpose: parking}\n",
    "rules: {GRP001: {severity: low},\n  GRP002: {enabled: true}} # rules\n",
    'expected_registrars:\n- ada@contoso.example\n- "bob@contoso.example"\n',
    f"tenants:\n  {TENANT}:\n    waivers:\n    - {OLD}\n    # end\n",
)
LISTS = (
    "",
    "waivers:\n",
    "waivers:\n  # - id: none\n",
    f"waivers:\n- {OLD}\n",
    f"waivers:   # all\n   - {OLD}\n\n   # - more\n".replace("old", "other"),
    LONG + "    reason: >-\n      long\n\n      text\n",
)


@given(st.data())
def test_every_other_line_stays(data: st.DataObject) -> None:
    """Whatever stands around the list, the file grows by lines in one place, and the policy by one waiver."""
    one_of_a_kind = {part.partition(":")[0]: part for part in data.draw(st.permutations(PARTS))}
    parts = data.draw(st.permutations([*one_of_a_kind.values(), data.draw(st.sampled_from(LISTS).map(_distinct))]))
    text = data.draw(st.sampled_from(["", "\ufeff", "---\n", "# top\n"])) + "".join(parts)
    text += data.draw(st.sampled_from(["", "# end", "\n\n", "...\n"]))
    text = data.draw(st.sampled_from([text, text.replace("\n", "\r\n"), text.rstrip("\n")]))
    before = parse_policy(text, "p", RULE_IDS)
    after = edited(text)

    assert after is not None
    common = next((n for n, (a, b) in enumerate(zip(text, after, strict=False)) if a != b), len(text))
    assert after.endswith(text[common:])
    read = parse_policy(after, "p", RULE_IDS)
    assert read.policy == before.policy.model_copy(update={"waivers": (*before.policy.waivers, NEW)})
    assert read.overrides == before.overrides


def _distinct(text: str) -> str:
    """Give the list's waiver another id than the override's."""
    return text.replace("id: old", "id: first")
