"""findings.json is written the same way every time and read back whole, or refused."""

from __future__ import annotations

import json
import unicodedata
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import EvidenceError
from findings.reports.json_file import parse_json, render_json, render_registrars_json
from policies.vocabulary import Outcome
from tests.findings.reports.sample import HOSTILE, about, document, document_of, scan_summary, verdict


def test_comes_back() -> None:
    """What was written is read back equal, hostile names too."""
    written = document(extra_names=HOSTILE)

    assert written == parse_json(render_json(written))


@given(st.text())
def test_any_name_comes_back(name: str) -> None:
    """Any name is read back as it was, and nothing unseen stands in the file."""
    written = document_of((verdict("VER001", about("connector", 0, name), Outcome.PASS, evidence={name: [name]}),))

    data = render_json(written)

    assert written == parse_json(data)
    unseen = {char for char in data.decode() if unicodedata.category(char) in ("Cc", "Zl", "Zp")}
    assert {"\n"} == unseen


def test_same_bytes() -> None:
    """The same document gives the same bytes, also after it was read back."""
    data = render_json(document())

    assert data == render_json(document()) == render_json(parse_json(data))


def test_form() -> None:
    """The file names its schema first, is indented by two and ends with a newline."""
    data = render_json(document())

    assert data.startswith(b'{\n  "schema": "connectorwatch.findings/v1",\n  "tenant": {\n    "id"')
    assert data.endswith(b"}\n")
    assert "Łódź".encode() in data


def test_times_in_utc() -> None:
    """Times are written in UTC with Z, days as days."""
    east = datetime(2026, 11, 20, 8, tzinfo=timezone(timedelta(hours=2)))
    scan = scan_summary().model_copy(update={"started_at": east})

    content = json.loads(render_json(document_of((), scan=scan)))

    assert content["scan"]["started_at"] == "2026-11-20T06:00:00Z"
    assert content["releases"]["revised"] == "2026-11-20"


def test_keys_of_newer_minor() -> None:
    """A newer minor version is read, and what it adds is passed over."""
    content = json.loads(render_json(document())) | {"schema": "connectorwatch.findings/v1.7", "added": 1}

    assert document() == parse_json(json.dumps(content).encode())


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not valid JSON"),
        (b"\xff\xfe", "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
        (b'{"schema": NaN}', "not valid JSON"),
        (b"[]", "does not hold an object"),
        (b"{}", "schema"),
        (b'{"schema": "connectorwatch.state/v1"}', "schema"),
        (b'{"schema": "connectorwatch.findings/v2"}', "update connectorwatch"),
        (b'{"schema": "connectorwatch.findings/v1"}', "findings.json is damaged: Field required at tenant"),
        (render_json(document())[:-20], "not valid JSON"),
        (render_json(document()).replace(b'"outcome": "fail"', b'"outcome": 1'), r"at verdicts\.0\.outcome"),
    ],
)
def test_refuses(data: bytes, words: str) -> None:
    """Damage, other documents and newer major versions are refused with what to do."""
    with pytest.raises(EvidenceError, match=words):
        parse_json(data)


def test_registrars_json() -> None:
    """The registrars' own document holds role data, verdicts and everybody, in the words of findings.json."""
    whole = json.loads(render_json(document()))

    told = json.loads(render_registrars_json(document()))

    assert told["schema"] == "connectorwatch.registrars/v1"
    assert {key: told[key] for key in ("tenant", "scan", "policy")} == {
        key: whole[key] for key in ("tenant", "scan", "policy")
    }
    assert [section["name"] for section in told["sections"]] == [
        "organization",
        "role_definitions",
        "role_assignments",
        "role_eligibilities",
        "principals",
    ]
    assert [entry["principal"]["name"] for entry in told["registrars"]] == [
        "Deleted principal",
        "Ada Admin",
        "Olga Outside",
    ]
    assert told["verdicts"] == []
