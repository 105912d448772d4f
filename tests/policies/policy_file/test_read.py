"""The policy file: what it says is understood to the letter, and what is not understood is told with its line."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from common.errors import PolicyError
from policies.policy_file.model import Policy, PolicyFile
from policies.policy_file.read import LoadedPolicy, parse_policy, read_policy_file
from policies.vocabulary import Severity

if TYPE_CHECKING:
    from pathlib import Path

RULES = frozenset({"GRP001", "GRP002", "VER003"})
GROUP = "3f1c2b7a-5d0e-4c7b-9a55-0c6f1e2d3b4a"


def policy(text: str) -> Policy:
    """Return the policy that a text says."""
    return parse_policy(text, "policy.yaml", RULES).policy


def complaint(text: str | bytes) -> str:
    """Return what is said when a text is refused as a policy."""
    with pytest.raises(PolicyError) as caught:
        parse_policy(text, "policy.yaml", RULES)
    return str(caught.value)


def complaint_of_file(path: Path) -> str:
    """Return what is said when a path is refused as a policy file."""
    with pytest.raises(PolicyError) as caught:
        read_policy_file(path, RULES)
    return str(caught.value)


@pytest.mark.parametrize(
    "text", ["", "\n", "# nothing\n", "---\n", "---\n...\n", "{}", "null", "groups:\nrules:\n", "\ufeff"]
)
def test_empty_is_the_defaults(text: str) -> None:
    """A file that says nothing is the default policy."""
    assert policy(text) == Policy()


def test_everything_is_understood() -> None:
    """Each key of the file arrives in the policy."""
    assert policy(
        "version: 1\nmin_active_connectors: 3\nauto_upgrade_grace_days: 0\n"
        "groups: {Plant A: {purpose: parking, min_active_connectors: 4}}\n"
        "rules: {GRP001: {enabled: false, severity: info}}\n"
    ) == Policy.model_validate(
        {
            "min_active_connectors": 3,
            "auto_upgrade_grace_days": 0,
            "groups": {"Plant A": {"purpose": "parking", "min_active_connectors": 4}},
            "rules": {"GRP001": {"enabled": False, "severity": "info"}},
        }
    )


def test_source_and_hash(tmp_path: Path) -> None:
    """A loaded policy names its file and the hash of the file's bytes, whatever its line ends and byte order mark."""
    path = tmp_path / "policy.yaml"
    content = b"\xef\xbb\xbfmin_active_connectors: 3\r\n# caf\xc3\xa9\r\n"
    path.write_bytes(content)
    loaded = read_policy_file(path, RULES)
    assert (loaded.source, loaded.sha256) == (str(path), hashlib.sha256(content).hexdigest())
    assert loaded.policy.min_active_connectors == 3


def test_built_in() -> None:
    """Without a file the defaults hold, and say so."""
    assert LoadedPolicy.built_in() == LoadedPolicy(Policy(), "built-in", "")


@pytest.mark.parametrize("key", ["2026", "true", "null", "~", "1.5", "Anläge-1", "no"])
def test_any_name_can_be_a_key(key: str) -> None:
    """A group's name is text, whatever else it looks like."""
    group = policy(f"groups: {{{key}: {{purpose: parking}}}}").for_group(GROUP, key)
    assert group.purpose == "parking"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\ngrups: {}\n", 'line 2, grups: unknown key, did you mean "groups"?'),
        (
            "version: 1\nxyz: 1\n",
            "line 2, xyz: unknown key, known are: answers, approved_custom_roles, auto_upgrade_grace_days, ",
        ),
        ("groups:\n  A b:\n    Purpose: x\n", 'line 3, groups."A b".Purpose: unknown key, did you mean "purpose"?'),
        ("rules:\n  GRP1: {}\n", 'line 2, rules.GRP1: unknown rule, did you mean "GRP001"?'),
        ("rules:\n  grp002: {}\n", 'line 2, rules.grp002: unknown rule, did you mean "GRP002"?'),
        ("rules:\n  FOO: {}\n", "line 2, rules.FOO: unknown rule, known are: GRP001, GRP002, VER003"),
        (
            "rules:\n  GRP001: {severity: severe}\n",
            "line 2, rules.GRP001.severity: must be 'critical', 'high', 'medium', 'low' or 'info'; it says \"severe\"",
        ),
        ("rules:\n  GRP001:\n    enabled: yes\n", "line 3, rules.GRP001.enabled: must be true or false; it says"),
        ("rules: {GRP001: }\n", "line 1, rules.GRP001: must hold lines of the form `key: value`; it says null"),
        ("rules: [GRP001]\n", 'line 1, rules: must hold lines of the form `key: value`; it says ["GRP001"]'),
        ("groups: x\n", 'line 1, groups: must hold lines of the form `key: value`; it says "x"'),
        (
            "groups:\n  A: {purpose: Parking}\n",
            "line 2, groups.A.purpose: must be 'serving', 'maintenance' or 'parking'; it says \"Parking\"",
        ),
        (
            'min_active_connectors: "2"\n',
            'line 1, min_active_connectors: must be a whole number without quotes; it says "2',
        ),
        (
            "min_active_connectors: 2.0\n",
            "line 1, min_active_connectors: must be a whole number without quotes; it says 2",
        ),
        (
            "min_active_connectors: 0x2\n",
            'line 1, min_active_connectors: must be a whole number without quotes; it says "0',
        ),
        (
            "min_active_connectors: true\n",
            "line 1, min_active_connectors: must be a whole number without quotes; it says t",
        ),
        (
            "min_active_connectors:\n",
            "line 1, min_active_connectors: must be a whole number without quotes; it says null",
        ),
        ("min_active_connectors: -1\n", "line 1, min_active_connectors: must be at least 1; it says -1"),
        ("min_active_connectors: 1001\n", "line 1, min_active_connectors: must be at most 1000; it says 1001"),
        (f"min_active_connectors: {'9' * 5000}\n", "line 1, min_active_connectors: must be a whole number"),
        ("auto_upgrade_grace_days: -0.5\n", "line 1, auto_upgrade_grace_days: must be a whole number"),
        ("version: 2\n", "line 1, version: must be 1; it says 2"),
        ("- a\n- b\n", 'line 1, must hold lines of the form `key: value`; it says ["a", "b"]'),
        ("just words\n", 'line 1, must hold lines of the form `key: value`; it says "just words"'),
        (
            f"groups:\n  {GROUP}: {{}}\n  {GROUP.upper()}: {{}}\n",
            f'line 3, groups.{GROUP.upper()}: the same group as "{GROUP}"; keep one of them',
        ),
    ],
)
def test_wrong_word(text: str, said: str) -> None:
    """What the policy does not know is told with its line, its key, what is wrong and what is allowed."""
    assert complaint(text).startswith(f"policy.yaml, {said}")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\nb: [1\n", "line 3: not YAML, expected ',' or ']'"),
        ("a:\n\tb: 1\n", "line 2: not YAML, found character '\\t' that cannot start any token; mend the line."),
        ("a: >\n  \n     x\n", "line 3: not YAML, more indented follow up line than first in a block scalar"),
        ("groups: {}\n# \x07\n", "line 2: holds a control character; remove it."),
        (b"groups: {}\n# caf\xe9\n", "line 2: not UTF-8 text; save the file as UTF-8."),
        ("groups: {}".encode("utf-16"), "line 1: not UTF-8 text"),
        ("a: \ud800\n", "line 1: not UTF-8 text"),
        ('groups: {}\nrules: "\\ud800"\n', "line 2: holds an escape that is half a character; remove it"),
        ("groups: {}\nrules: {}\ngroups: {}\n", 'line 3: key "groups" is already on line 1; keep one of them'),
        ("groups:\n  A: {}\n  'A': {}\n", 'line 3: key "A" is already on line 2'),
        ("version: !!int 1\n", "line 1: tags (!name) are not taken"),
        ("groups: !!python/object/apply:os.system [ls]\n", "line 1: tags (!name) are not taken"),
        ("!x version: 1\n", "line 1: a key must be plain text"),
        ("? [a]\n: 1\n", "line 1: a key must be plain text"),
        ("groups:\n  A: &a {}\n  B: *a\n", "line 3: aliases (*name) are not taken; write the value out"),
        ("groups: &a [*a]\n", "line 1: aliases (*name) are not taken"),
        ("*a : 1\n", "line 1: a key must be plain text"),
        ("groups:\n  <<: {A: {}}\n", "line 2: merge keys (<<) are not taken; write the keys out"),
        ("version: 1\n---\nversion: 1\n", "line 2: a second document starts; one file holds one"),
        ("groups: " + "[" * 21, "line 1: nested more than 20 deep"),
        ("[" * 100_000, "line 1: nested more than 20 deep"),
        ("%YAML 1.1\n---\nrules: {GRP001: {enabled: yes}}\n", "line 3, rules.GRP001.enabled: must be true or false"),
    ],
)
def test_not_our_yaml(text: str | bytes, said: str) -> None:
    """What is not plain YAML 1.2 in UTF-8 is told with its line."""
    assert complaint(text).startswith(f"policy.yaml, {said}")


def test_too_large() -> None:
    """A file over one mebibyte is refused unread."""
    assert complaint(b"#" * (1024 * 1024 + 1)).startswith("policy.yaml is larger than 1048576 bytes")


def test_all_problems_are_told() -> None:
    """Several problems are told together, in the order of their lines."""
    assert complaint("rules:\n  NOPE: {}\nversion: 2\ngrups: {}\n") == (
        "policy.yaml has 3 problems:\n"
        "  line 2, rules.NOPE: unknown rule, known are: GRP001, GRP002, VER003\n"
        "  line 3, version: must be 1; it says 2\n"
        '  line 4, grups: unknown key, did you mean "groups"?'
    )


def test_ten_problems_are_told() -> None:
    """Of very many problems ten are told, and how many more there are."""
    lines = complaint("rules:\n" + "".join(f"  NO{number}: {{}}\n" for number in range(12))).splitlines()
    assert lines[0] == "policy.yaml has 12 problems:"
    assert lines[10].startswith("  line 11, rules.NO9:")
    assert lines[11:] == ["  and 2 more"]


def test_hostile_key_is_shown_safely() -> None:
    """A key that would colour the terminal or turn the text around is shown as escapes, and cut when long."""
    told = complaint(json.dumps({"\x1b[31m\u202e" + "x" * 200: 1}))
    assert told.startswith('policy.yaml, line 1, "\\u001b[31m\\u202exxx')
    assert "x" * 81 not in told


def test_missing_file(tmp_path: Path) -> None:
    """A file that is not there is told with what to do."""
    path = tmp_path / "none.yaml"
    told = complaint_of_file(path)
    assert told.startswith(f"policy file {path} does not exist; create it, or leave CONNECTORWATCH_POLICY unset")


def test_folder(tmp_path: Path) -> None:
    """A folder is no policy file."""
    assert complaint_of_file(tmp_path) == f"policy file {tmp_path} is a folder; name the file in it."


def test_unreadable_file(tmp_path: Path) -> None:
    """A file that the system will not open is told with the system's reason."""
    path = tmp_path / "loop.yaml"
    path.symlink_to(path)
    assert "cannot be read (Too many levels of symbolic links)" in complaint_of_file(path)


@given(st.text(alphabet=st.sampled_from("ab:-[]{},&*!|>'\"%@?#\\ \n\t~<.019\x85\u2028\ufeff")))
def test_junk_is_refused_in_words(text: str) -> None:
    """Any text is a policy or is refused as one; nothing else comes out."""
    with suppress(PolicyError):
        parse_policy(text, "policy.yaml", RULES)


@given(st.binary(max_size=200))
def test_bytes_are_refused_in_words(content: bytes) -> None:
    """Any bytes are a policy or are refused as one."""
    with suppress(PolicyError):
        parse_policy(content, "policy.yaml", RULES)


def test_group_by_id() -> None:
    """A group is found by its id in either case, and an id goes before a name."""
    found = policy(f"groups: {{Plant: {{purpose: parking}}, {GROUP.upper()}: {{purpose: maintenance}}}}")
    assert found.for_group(GROUP, "Plant").purpose == "maintenance"


def test_group_by_name() -> None:
    """A name counts exactly as it is written."""
    found = policy("groups: {Plant: {purpose: parking}}")
    assert found.for_group(GROUP, "Plant").purpose == "parking"
    assert found.for_group(GROUP, "plant").purpose == "serving"
    assert found.for_group(GROUP, None).purpose == "serving"


def test_name_cannot_pose_as_id() -> None:
    """A group that carries another group's id as its name does not get that group's settings."""
    found = policy(f"groups: {{{GROUP}: {{purpose: parking}}}}")
    assert found.for_group("00000000-0000-0000-0000-000000000000", GROUP).purpose == "serving"


@pytest.mark.parametrize("default", [True, False])
def test_enabled(default: bool) -> None:  # noqa: FBT001 - pytest passes parameters
    """A rule speaks as the policy says, and as it says itself where the policy is silent."""
    found = policy("rules: {GRP001: {enabled: false}, GRP002: {enabled: true}, VER003: {severity: low}}")
    assert found.is_enabled("GRP001", default=default) is False
    assert found.is_enabled("GRP002", default=default) is True
    assert found.is_enabled("VER003", default=default) is default
    assert found.is_enabled("POL001", default=default) is default


def test_severity() -> None:
    """A rule has the policy's severity, or none of it."""
    found = policy("rules: {GRP001: {severity: low}, GRP002: {}}")
    assert found.severity_of("GRP001") is Severity.LOW
    assert found.severity_of("GRP002") is None
    assert found.severity_of("VER003") is None


def test_newer_evidence_opens() -> None:
    """A policy in evidence may have keys of a newer version; only a file may not."""
    assert Policy.model_validate({"version": 1, "new_key": 1}) == Policy()


def test_schema_describes_every_field() -> None:
    """The policy's JSON Schema is valid, and every field of it says what it means."""
    schema = PolicyFile.model_json_schema()
    Draft202012Validator.check_schema(schema)
    parts = [schema, *(schema["$defs"][name] for name in ("GroupPolicy", "RulePolicy", "Waiver", "Policy"))]
    assert all(field.get("description") for part in parts for field in part["properties"].values())
