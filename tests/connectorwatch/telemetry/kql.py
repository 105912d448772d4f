"""Microsoft's own parser of Kusto queries, from npm, asked about queries and the tables that they name."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

import pytest

from findings.views.log_rows import COLUMNS
from tests.azurite import required
from tests.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

PARSER = ROOT / "node_modules/@kusto/language-service-next/Kusto.Language.Bridge.min.js"
MISSING = "No query was parsed: install Node.js 20 or newer and npm, then run `make node`"
TABLES: Mapping[str, Mapping[str, str]] = {
    "ConnectorwatchChanges_CL": {name: {"boolean": "bool"}.get(kind, kind) for name, kind in COLUMNS.items()},
    # What we use of Azure Monitor's own tables (its reference of tables, 2026-11).
    "AppTraces": {"TimeGenerated": "datetime", "Message": "string", "ItemCount": "int"},
    "AppRequests": {"TimeGenerated": "datetime", "Name": "string", "Success": "bool", "ResultCode": "string"},
    "AppMetrics": {
        "TimeGenerated": "datetime",
        "Name": "string",
        "Properties": "dynamic",
        "ItemCount": "int",
        "Sum": "real",
        "Max": "real",
    },
}


class Parsed(TypedDict):
    """What the parser says of a query: its mistakes, and its result's columns with their types."""

    mistakes: list[str]
    columns: dict[str, str]


def parsed(queries: Mapping[str, str], without: str = "") -> dict[str, Parsed]:
    """Return what the parser says of each query; without a parser, skip loudly, and fail in CI.

    Args:
        queries: The queries, by their names.
        without: A table that is not there.
    """
    node = shutil.which("node")
    if node is None or not PARSER.exists():
        (pytest.fail if required() else pytest.skip)(MISSING)
    tables = {name: columns for name, columns in TABLES.items() if name != without}
    done = subprocess.run(  # noqa: S603 - our own program
        [node, str(Path(__file__).with_name("check_kql.cjs"))],
        input=json.dumps({"tables": tables, "queries": queries}),
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    told: dict[str, Parsed] = json.loads(done.stdout)
    return told
