"""What people paste, kind by kind: tables of cases written for these tests, and reports of others where they are there.

`CONNECTORWATCH_FACTS` names a folder with `corpus/diagnose.json`. Of each kind there are cases in `pastes/`.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from connectorwatch.__main__ import main
from connectorwatch.diagnosis.recognise import recognise

HERE = Path(__file__).with_name("pastes")
CORPUS = Path(os.environ.get("CONNECTORWATCH_FACTS", "/nowhere")) / "corpus" / "diagnose.json"
OWN = [
    pytest.param(case, id=f"{file.stem}-{number}")
    for file in sorted(HERE.glob("*.yaml"))
    for number, case in enumerate(YAML(typ="safe", pure=True).load(file), 1)
]
REPORTED = (
    [pytest.param(case, id=case["id"]) for case in json.loads(CORPUS.read_text(encoding="utf-8"))["cases"]]
    if CORPUS.exists()
    else []
)


def shown(case: dict[str, Any]) -> tuple[str, int]:
    """Return what the command prints for a case, lines joined, and its exit code."""
    arguments = ["diagnose", *case.get("args", ["-"])]
    result = CliRunner().invoke(main, arguments, input=case.get("text"), env={"COLUMNS": "200"})
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.stdout, result.exit_code


def misses(case: dict[str, Any], expected: list[str], forbidden: list[str]) -> list[str]:
    """Return which expressions an answer misses, or matches against the rule."""
    answer, code = shown(case)
    flags = re.IGNORECASE | re.MULTILINE
    found = [f"lacks {one}" for one in expected if not re.search(one, answer, flags)]
    found += [f"says {one}" for one in forbidden if re.search(one, answer, flags)]
    return found + ([f"exit {code}"] if code != case.get("exit", code) else [])


@pytest.mark.parametrize("case", OWN)
def test_own(case: dict[str, Any]) -> None:
    """Each case is recognised as what it is, says what helps and nothing that misleads."""
    expected = {"exit": 0 if "ids" in case or "args" in case else 4} | case

    assert misses(expected, case.get("says", []), case.get("never", [])) == []
    if "text" in case:
        assert {hit.error.id for hit in recognise(case["text"])} >= set(case.get("ids", []))
        assert bool(recognise(case["text"])) is ("ids" in case)


def test_enough_of_each_kind() -> None:
    """Of each kind there are at least eight cases."""
    counted = Counter(param.values[0]["kind"] for param in OWN)  # type: ignore[index] # a dict of a table

    assert counted.keys() == {1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13}
    assert min(counted.values()) >= 8


@pytest.mark.skipif(not REPORTED, reason="CONNECTORWATCH_FACTS names no folder with corpus/diagnose.json")
@pytest.mark.parametrize("case", REPORTED)
def test_reported(case: dict[str, Any]) -> None:
    """What others reported is answered as it has to be."""
    assert misses(case, case.get("expect", []), case.get("forbid", [])) == []
