"""Evidence as it is stored: the same bytes for the same evidence, and what is no evidence is refused with a reason."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest

from common.errors import EvidenceError
from inventory.snapshot import GraphCounts
from policies.evidence_file import LARGEST, MOST_TOKENS, pack, read_limited, unpack
from policies.policy_file.model import Policy
from tests.making import CONTOSO, evidence, listed, snapshot, without
from tests.policies.rules.tenants import troubled

if TYPE_CHECKING:
    from pathlib import Path

NAME = "evidence.json.gz"
STORED = pack(evidence(troubled()))
TEXT = gzip.decompress(STORED)


def document() -> dict[str, Any]:
    """Return stored evidence as plain JSON, to be spoiled or extended."""
    plain: dict[str, Any] = json.loads(TEXT)
    return plain


def complaint(content: bytes, largest: int = LARGEST) -> str:
    """Return what is said when something is refused as evidence."""
    with pytest.raises(EvidenceError) as caught:
        unpack(content, NAME, largest)
    return str(caught.value)


def test_round_trip() -> None:
    """What was stored is read back whole: lists, those that were not read with their reasons, policy and catalogue."""
    seen = without(troubled(), "connectors", "throttled").model_copy(update={"graph": GraphCounts(requests=3, bytes=9)})
    judged = evidence(
        seen, policy={"groups": {"Paris": {"purpose": "parking"}}, "rules": {"GRP001": {"severity": "low"}}}
    )

    assert unpack(pack(judged), NAME) == judged


@pytest.mark.parametrize("stored", [pack(evidence()), STORED], ids=["empty", "troubled"])
def test_bytes_stay_the_same(stored: bytes) -> None:
    """Packing again what was unpacked gives the same bytes, so that a hash over them holds."""
    assert pack(unpack(stored, NAME)) == stored


def test_equal_evidence_gives_equal_bytes() -> None:
    """Nothing of the moment of writing gets into the bytes."""
    assert pack(evidence(troubled())) == STORED


def test_uncompressed_evidence_is_read_as_well() -> None:
    """Somebody may have unpacked the file to look into it."""
    assert unpack(TEXT, NAME) == unpack(STORED, NAME)


def test_names_of_any_script_survive() -> None:
    """Names are text of any kind, and come back as they were."""
    judged = evidence(policy={"groups": {"Łódź 東京 🚀 \u202e\u0000</script>": {"purpose": "parking"}}})

    assert unpack(pack(judged), NAME).policy == judged.policy


@pytest.mark.parametrize("version", ["v1", "v1.0", "v1.7"])
def test_newer_minor_version_is_read(version: str) -> None:
    """A newer minor version only adds, and what it adds is left aside at every level."""
    plain = document()
    plain["schema"] = f"connectorwatch.evidence/{version}"
    connector = plain["snapshot"]["connectors"]["records"][0]
    for level in (plain, plain["scan"], plain["snapshot"], plain["snapshot"]["groups"], plain["policy"], connector):
        level["later"] = {"of": ["a", "newer", "version"]}
    read = unpack(json.dumps(plain).encode(), NAME)

    assert read.snapshot == troubled()
    assert read.policy == Policy()


@pytest.mark.parametrize("body", [{}, {"snapshot": "quite something else"}], ids=["nothing else", "another form"])
def test_newer_major_version_is_refused(body: dict[str, object]) -> None:
    """A newer major version may mean anything: it is not looked into, and the reader is told to update."""
    said = complaint(json.dumps({"schema": "connectorwatch.evidence/v2"} | body).encode())

    assert "version 2" in said
    assert "update connectorwatch" in said


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"no JSON",
        b"null",
        b"[]",
        b"{}",
        b'"connectorwatch.evidence/v1"',
        b'{"schema": 1}',
        b'{"schema": "connectorwatch.evidence/v1"}',
        b"\xff\xfe{}",
        b"[" * 100_000,
        TEXT[:-1],
        TEXT[: len(TEXT) // 2],
        gzip.compress(b"no JSON", mtime=0),
        gzip.compress(b"", mtime=0),
    ],
)
def test_what_is_no_evidence_is_refused(content: bytes) -> None:
    """Other files, cut files and nonsense are refused by name, with what to do next."""
    said = complaint(content)

    assert said.startswith(f"{NAME} is no evidence of connectorwatch, or it is damaged, at ")
    assert said.endswith("take another copy of it.")


@pytest.mark.parametrize(
    "schema",
    [
        "connectorwatch.findings/v1",
        "connectorwatch.state/v1",
        "connectorwatch.evidence/v0",
        "connectorwatch.evidence",
        "",
    ],
)
def test_other_documents_are_refused(schema: str) -> None:
    """Another document of ours, or of somebody else's, is not taken for evidence even where all else would fit."""
    said = complaint(json.dumps(document() | {"schema": schema}).encode())

    assert "connectorwatch.evidence document is damaged" in said
    assert repr(schema) in said


def test_damage_is_told_with_its_place() -> None:
    """Evidence with a wrong value somewhere is refused with the place."""
    plain = document()
    plain["snapshot"]["connectors"]["records"][1]["status"] = None

    assert "at snapshot.connectors.records.1.status;" in complaint(json.dumps(plain).encode())


@pytest.mark.parametrize("at", [2, 12, len(STORED) // 2, len(STORED) - 5])
def test_flipped_bits_are_refused(at: int) -> None:
    """A compressed file in which a byte changed is refused before anybody reads it."""
    spoilt = STORED[:at] + bytes([STORED[at] ^ 0xFF]) + STORED[at + 1 :]

    assert complaint(spoilt).startswith(f"{NAME} is ")


@pytest.mark.parametrize("length", [2, 9, 18, len(STORED) // 2, len(STORED) - 8, len(STORED) - 1])
def test_cut_files_are_refused(length: int) -> None:
    """A compressed file that is cut off anywhere is refused, also where all of its text is there."""
    assert complaint(STORED[:length]).startswith(f"{NAME} is cut off or larger than 512 MiB")


def test_bombs_are_refused() -> None:
    """A small file that unfolds to more than allowed is given up at the limit."""
    bomb = gzip.compress(b" " * (8 << 20))

    assert len(bomb) < 1 << 14
    assert complaint(bomb, largest=1 << 20).startswith(f"{NAME} is cut off or larger than 1 MiB")


def test_limit_leaves_room_for_large_tenants() -> None:
    """Evidence may be a hundred times as large as that of a tenant with 5,000 connectors."""
    assert LARGEST >= 100 * 3 * 1024 * 1024


def test_names_of_commas_leave_evidence_readable() -> None:
    """Whoever names many things by commas cannot make evidence that is stored and never read again."""
    named = CONTOSO.model_copy(update={"display_name": "," * (MOST_TOKENS + 1)})
    stored = evidence(snapshot().model_copy(update={"organization": listed("organization", [named])}))

    assert unpack(pack(stored), NAME) == stored


def test_unread_reasons_are_stored() -> None:
    """Why a list was not read is evidence too."""
    read = unpack(pack(evidence(without(snapshot(), "audit", "denied"))), NAME).snapshot.audit

    assert (read.status, read.code, read.permission, read.advice) == ("denied", "denied", "Some.Read.All", "Ask again.")


def _bomb(part: str, count: int) -> bytes:
    """Return evidence of a few kilobytes whose list unfolds to many entries that are none."""
    marked = document()
    marked["memory"]["inventory"]["changes"] = "@here@"
    text = json.dumps(marked).replace('"@here@"', f"[{','.join([part] * count)}]")
    return gzip.compress(text.encode())


@pytest.mark.parametrize("part", ["[]", "{}", "0", '"x"', "[[]]"])
def test_a_bomb_is_refused_before_it_is_unfolded_into_objects(part: str) -> None:
    """A few kilobytes that stand for millions of objects are refused by counting, with little memory taken."""
    bomb = _bomb(part, MOST_TOKENS)
    assert len(bomb) < 24 * 1024
    tracemalloc.start()
    said = complaint(bomb)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "1,500,000 values" in said
    assert most < 64 * 1024 * 1024


def test_many_mistakes_are_no_list_of_mistakes() -> None:
    """Damage in very many places is told as that."""
    marked = document()
    marked["memory"]["inventory"]["connectors"] = {str(number): {} for number in range(200)}
    assert "many places" in complaint(json.dumps(marked).encode())


def test_more_bytes_than_a_limit_are_refused_uncompressed_too(tmp_path: Path) -> None:
    """A file that somebody unpacked has the same limit, and no more of it is read."""
    assert "larger than 0 MiB" in complaint(TEXT, largest=100)
    file = tmp_path / "evidence.json"
    file.write_bytes(b"x" * 200)
    assert len(read_limited(file, 100)) == 101
