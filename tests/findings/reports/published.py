"""The published schemas of OCSF and SARIF, where `CONNECTORWATCH_FACTS` names a folder with `schemas/`."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator, Draft202012Validator

FACTS = os.environ.get("CONNECTORWATCH_FACTS")
needs_schemas = pytest.mark.skipif(FACTS is None, reason="CONNECTORWATCH_FACTS names no folder with schemas/")


@cache
def _validator(name: str) -> Draft7Validator | Draft202012Validator:
    schema = json.loads((Path(FACTS or "") / "schemas" / name).read_text(encoding="utf-8"))
    return Draft7Validator(schema) if "draft-07" in schema["$schema"] else Draft202012Validator(schema)


def complaints(name: str, value: Any) -> list[str]:  # noqa: ANN401 - any JSON
    """Return what a published schema has against a value."""
    return [f"{list(error.absolute_path)}: {error.message[:200]}" for error in _validator(name).iter_errors(value)]
