"""The state document: written the same way every time, read back whole, refused when damaged or too new."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue, ValidationError

from common.errors import EvidenceError
from common.json_bytes import canonical
from findings.document import Lifecycle
from findings.state.document import ScanMeta, State
from findings.state.lifecycle import apply
from findings.state.record import StoredSubject
from policies.vocabulary import Outcome, Severity
from tests.findings.state.lifecycle_data import KEY, RULES, SHA, TENANT, after, at, said, scan, verdict

json_values: st.SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def document(state: State) -> dict[str, Any]:
    """Return a state as plain JSON, to be spoiled or extended."""
    plain: dict[str, Any] = json.loads(state.to_bytes())
    return plain


def extended(state: State) -> dict[str, Any]:
    """Return a state as a newer minor version might have written it: one unknown field at every level."""
    plain = document(state)
    finding = plain["findings"][KEY]
    for level in (plain, plain["tenant"], plain["scans"][0], finding, finding["subject"]):
        level["later"] = {"since": 1.5, "names": ["a", None]}
    plain["schema"] = "connectorwatch.state/v1.3"
    return plain


def test_a_new_state_is_empty() -> None:
    """A tenant's first state names the tenant and the schema and holds nothing else."""
    expected = (
        b'{"findings":{},"memory":{"inventory":{"applications":{},"changes":[],"connectors":{},"first_read":null,'
        b'"groups":{},"groups_read":null,"last_read":null,"maybe":{}},"registrars":{},"registrars_read_at":null},'
        b'"outbox":[],"policy":null,"revision":0,"scans":[],"schema":"connectorwatch.state/v1",'
        b'"tenant":{"id":"tenant-1","name":"Contoso"},"told":{"announced":[],"digest":null,"not_assessed":[],"receipts":[]},'
        b'"trend":[],"unpublished":[]}'
    )

    assert State.new(TENANT).to_bytes() == expected


def test_a_finding_as_stored() -> None:
    """The document holds what the contract names, in UTC, with sorted keys and names in UTF-8."""
    stored = document(after(said(verdict(message="Zürich has one."))))

    assert stored["findings"][KEY] == {
        "assessed_at": "2026-01-01T06:00:00Z",
        "cause": None,
        "change": "new",
        "change_scan": "20260101T060000Z-0000000a",
        "events": [
            {"at": "2026-01-01T06:00:00Z", "change": "new", "scan": "20260101T060000Z-0000000a", "severity": "high"}
        ],
        "evidence": {"active": 1},
        "first_seen": "2026-01-01T06:00:00Z",
        "key": "GRP001/a",
        "last_seen": "2026-01-01T06:00:00Z",
        "message": "Zürich has one.",
        "moved": [],
        "outcome": "fail",
        "resolved_at": None,
        "resolved_by": None,
        "rule": "GRP001",
        "severity": "high",
        "stale": False,
        "state": "open",
        "subject": {"id": "a", "name": "Group a", "type": "group"},
    }
    assert stored["scans"] == [
        {
            "complete": True,
            "evidence_sha256": SHA,
            "id": "20260101T060000Z-0000000a",
            "taken_at": "2026-01-01T06:00:00Z",
            "trigger": "schedule",
        }
    ]
    assert stored["unpublished"] == ["20260101T060000Z-0000000a"]


@settings(deadline=None, derandomize=True)
@given(st.dictionaries(st.text(), json_values, max_size=4), st.text(), st.permutations(["a", "b", "c"]))
def test_a_state_survives_storage(evidence: dict[str, JsonValue], words: str, order: list[str]) -> None:
    """What is written is read back equal, and the order in which findings came leaves no trace."""
    findings = [verdict(subject=subject, message=words, evidence=evidence) for subject in order]
    stored = after(said(*findings)).to_bytes()

    assert State.from_bytes(stored).to_bytes() == stored
    assert after(said(*sorted(findings, key=lambda one: one.key))).to_bytes() == stored


def test_unknown_fields_survive_a_scan() -> None:
    """Fields and the schema line of a newer minor version are still there after a scan that changes the finding."""
    before = extended(after(said(verdict())))

    state = State.from_bytes(canonical(before))
    state = apply(state, scan(2), [verdict(severity=Severity.LOW)], RULES)

    stored = document(state)
    assert extended(state) == stored | {"schema": "connectorwatch.state/v1.3"}
    assert (stored["schema"], stored["revision"]) == ("connectorwatch.state/v1.3", 2)


def test_times_are_kept_in_utc() -> None:
    """A moment given in another zone is the same moment in UTC."""
    local = datetime(2026, 1, 1, 8, tzinfo=timezone(timedelta(hours=2)))

    meta = ScanMeta(id="s", taken_at=local, trigger="manual", complete=True, evidence_sha256="")

    assert meta.taken_at.tzinfo is UTC
    assert meta.taken_at == at(1)


def test_times_need_a_zone() -> None:
    """A moment without a zone is refused: nobody knows when it was."""
    with pytest.raises(ValidationError, match="timezone"):
        ScanMeta(id="s", taken_at=datetime(2026, 1, 1), trigger="x", complete=True, evidence_sha256="")  # noqa: DTZ001 - the bad input


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "Expecting value"),
        (b"{", "Expecting property name"),
        (b"\xff\xfe", "decode"),
        (b"[]", "it is no JSON object"),
        (b'"x"', "it is no JSON object"),
        (b'{"revision": NaN}', "NaN is not a finite number"),
        (b'{"revision": 1e999}', "1e999 is not a finite number"),
        (b"[" * 100_000, "recursion"),
        (b"1" * 5000, "digits"),
    ],
)
def test_broken_bytes_are_damage(content: bytes, why: str) -> None:
    """Bytes that are no JSON object are refused with the document's name, the reason and what to do."""
    with pytest.raises(EvidenceError) as caught:
        State.from_bytes(content, "tenant-1/state.json")

    assert str(caught.value).startswith("The stored document tenant-1/state.json is damaged (")
    assert str(caught.value).endswith("). Restore an earlier copy of it.")
    assert why in str(caught.value)


@pytest.mark.parametrize(
    ("path", "value", "why"),
    [
        (("tenant",), None, "tenant: "),
        (("revision",), -1, "revision: "),
        (("unpublished",), "abc", "unpublished: "),
        (("findings", KEY, "state"), "gone", f"findings.{KEY}.state: "),
        (("findings", KEY, "outcome"), "pass", f"findings.{KEY}.outcome: "),
        (("findings", KEY, "first_seen"), "2026-01-01T06:00:00", f"findings.{KEY}.first_seen: "),
        (("findings", KEY, "first_seen"), "0001-01-01T00:00:00+14:00", f"findings.{KEY}.first_seen: "),
        (("scans", 0, "taken_at"), "yesterday", "scans.0.taken_at: "),
    ],
)
def test_broken_fields_are_damage(path: tuple[str | int, ...], value: JsonValue, why: str) -> None:
    """A field that cannot be what it is refuses the document and says which field."""
    plain = document(after(said(verdict())))
    level: Any = plain
    for step in path[:-1]:
        level = level[step]
    level[path[-1]] = value

    with pytest.raises(EvidenceError) as caught:
        State.from_bytes(canonical(plain))

    assert f"state.json is damaged ({why}" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_newer_major_is_refused_before_anything_else() -> None:
    """A newer major version asks for an update, even when nothing else in the document makes sense."""
    with pytest.raises(EvidenceError, match=r"version 2, .*update connectorwatch"):
        State.from_bytes(b'{"schema": "connectorwatch.state/v2", "tenant": 7}')


def test_a_document_without_a_schema_is_damaged() -> None:
    """A document that does not say what it is, is not guessed at."""
    with pytest.raises(EvidenceError, match="damaged"):
        State.from_bytes(b'{"tenant": {"id": "t", "name": "n"}}')


@settings(deadline=None, derandomize=True)
@given(st.binary() | json_values.map(canonical) | st.dictionaries(st.text(), json_values).map(canonical))
def test_any_bytes_are_refused_with_our_error(content: bytes) -> None:
    """Whatever bytes stand in the place of a state, the error is ours."""
    with pytest.raises(EvidenceError):
        State.from_bytes(content)


@given(st.integers(min_value=0))
def test_cut_short_is_damage(length: int) -> None:
    """No beginning of a document passes for the whole."""
    whole = after(said(verdict())).to_bytes()

    with pytest.raises(EvidenceError):
        State.from_bytes(whole[: length % len(whole)])


def test_half_a_surrogate_pair_is_replaced() -> None:
    """A character that UTF-8 cannot hold is replaced, is not an error, and is no change on the next day."""
    odd = verdict(message="Group \ud800", evidence={"name": "\ud800"})
    state = State.from_bytes(after(said(odd)).to_bytes())

    assert state.findings[KEY].message == "Group ?"
    tomorrow = apply(state, scan(2), [odd], RULES).lifecycle_of(KEY, scan(2).id)
    assert tomorrow is not None
    assert tomorrow.change is None


def test_lifecycle_of_the_scan_that_changed_it() -> None:
    """The scan that made the newest change shows it, with the whole life beside it."""
    state = after(said(verdict()), said(verdict(Outcome.PASS)))

    expected = Lifecycle(
        state="resolved",
        change="resolved",
        first_seen=at(1),
        last_seen=at(1),
        resolved_at=at(2),
        resolved_by="fixed",
        ending="fixed",
        assessed_at=at(2),
    )
    assert expected == state.lifecycle_of(KEY, scan(2).id)


def test_lifecycle_of_another_scan() -> None:
    """A scan that did not change the finding shows its life without a change."""
    state = after(said(verdict()))

    expected = Lifecycle(state="open", change=None, first_seen=at(1), last_seen=at(1), assessed_at=at(1))
    assert expected == state.lifecycle_of(KEY, scan(2).id)


def test_lifecycle_of_what_never_failed() -> None:
    """What never failed has no life to show."""
    assert State.new(TENANT).lifecycle_of(KEY, scan(1).id) is None


def test_has_applied() -> None:
    """A state knows the scans applied to it, and no others."""
    state = after(said(verdict()))

    assert state.has_applied(scan(1).id)
    assert not state.has_applied(scan(2).id)


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ({"type": "tenant", "id": "event:e1", "name": "LAPTOP", "later": 1}, "connector"),
        ({"type": "tenant", "id": TENANT.id, "name": "Contoso"}, "tenant"),
        ({"type": "tenant", "id": "break_glass:ann", "name": "ann"}, "tenant"),
        ({"type": "connector", "id": "event:e1", "name": "LAPTOP"}, "connector"),
    ],
)
def test_a_registration_was_a_subject_of_the_tenants_type(subject: dict[str, object], expected: str) -> None:
    """A stored subject of CON005 is read as the connector that it is, and keeps its id and what is not known."""
    read = StoredSubject.model_validate(subject)

    assert read.model_dump() == {**subject, "type": expected}


def test_a_subject_that_is_no_mapping() -> None:
    """What is no subject is refused."""
    with pytest.raises(ValidationError):
        StoredSubject.model_validate(["tenant"])
