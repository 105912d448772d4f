"""The queries, the workbook and the table in infra/ name what the code really writes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from connectorwatch.settings import Settings
from findings.logrows import COLUMNS
from inventory.telemetry import METRICS

ROOT = Path(__file__).parents[2]
QUERIES = sorted((ROOT / "infra/queries").glob("*.kql"))
CODE = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "connectorwatch").rglob("*.py"))
OWN_TABLE, LOG, METRIC_TABLE = "ConnectorwatchChanges_CL", "AppTraces", "AppMetrics"
LOG_COLUMNS = {"TimeGenerated", "Message"}
METRIC_COLUMNS = {"TimeGenerated", "Name", "Properties", "ItemCount", "Sum", "Max"}


def body(path: Path) -> str:
    """Return a query without its comment."""
    return "\n".join(line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("//"))


def named(query: str) -> set[str]:
    """Return the columns that a query names: words that begin with a capital and stand outside of texts."""
    return set(re.findall(r"\b[A-Z]\w+", re.sub(r'"[^"]*"', "", query.partition("\n")[2])))


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_a_query_names_only_columns_that_are_there(path: Path) -> None:
    """Each column is one of its table's."""
    query = body(path)
    known = {OWN_TABLE: set(COLUMNS), LOG: LOG_COLUMNS, METRIC_TABLE: METRIC_COLUMNS}[query.partition("\n")[0]]

    assert named(query)
    assert named(query) <= known


@pytest.mark.parametrize("path", [path for path in QUERIES if body(path).startswith(LOG)], ids=lambda path: path.stem)
def test_a_query_of_log_lines_names_events_and_fields_that_are_logged(path: Path) -> None:
    """Each text that is looked for is an event in the code, and each field is one that it logs."""
    query = body(path)
    events = re.findall(r'"([a-z]+(?: [a-z]+)+)"', query)
    fields = set(re.findall(r"line\.(\w+)", query)) - {"event", "tenant", "scan"}  # these three are in every line

    assert events
    assert [event for event in events if f'"{event}"' not in CODE] == []
    assert [field for field in fields if not re.search(rf"\blog\.\w+\([^\n]*\b{field}=", CODE)] == []


def test_queries_of_metrics_name_metrics_and_attributes_that_are_measured() -> None:
    """Each name is a metric's or one of its attributes."""
    texts = {word for path in QUERIES for word in re.findall(r'"(connectorwatch\.[\w.]+)"', body(path))}

    assert texts
    assert texts <= {name for metric in METRICS for name in (metric.name, *metric.attributes)}


def test_values_that_queries_compare_with_can_occur() -> None:
    """Sources, changes and severities are written as the rows write them."""
    words = {
        word for path in QUERIES if body(path).startswith(OWN_TABLE) for word in re.findall(r'"(\w+)"', body(path))
    }

    assert words <= {
        "inventory",
        "finding",
        "connector",
        "new",
        "reopened",
        "resolved",
        "critical",
        "high",
        "REG",
        "second",
    }


def test_the_workbook_shows_these_queries() -> None:
    """Every query of the workbook is a file in infra/queries, to the letter."""
    items = json.loads((ROOT / "infra/workbook.json").read_text(encoding="utf-8"))["items"]
    shown = {item["name"]: item["content"]["query"] for item in items if item["type"] == 3}

    assert len(shown) > 5
    assert {name: query for name, query in shown.items() if query != body(ROOT / f"infra/queries/{name}.kql")} == {}


def test_the_table_has_the_columns_of_the_rows() -> None:
    """Bicep and code agree on every column, its type and the order."""
    text = (ROOT / "infra/modules/sentinel.bicep").read_text(encoding="utf-8")
    columns = re.findall(r"name: '(\w+)'\n    type: '(\w+)'", text)

    assert columns == list(COLUMNS.items())
    assert f"'{OWN_TABLE}'" in text


def test_the_table_is_named_in_settings_that_exist() -> None:
    """What the module tells the app is a setting, and the stream is the one that is used by default."""
    text = (ROOT / "infra/modules/sentinel.bicep").read_text(encoding="utf-8")
    told = re.findall(r"CONNECTORWATCH_(\w+):", text)

    assert [name.lower() in Settings.model_fields for name in told] == [True] * 3
    assert Settings.model_fields["logs_stream"].default == f"Custom-{OWN_TABLE}"


def test_the_documents_list_every_metric_and_column() -> None:
    """docs/telemetry.md has a line for each metric with its unit, and for each column with its type."""
    page = (ROOT / "docs/telemetry.md").read_text(encoding="utf-8")

    assert [
        metric.name for metric in METRICS if not re.search(rf"\| `{metric.name}` \|.*`{re.escape(metric.unit)}`", page)
    ] == []
    assert [name for name, kind in COLUMNS.items() if f"| `{name}` | {kind} |" not in page] == []


def test_what_the_security_page_points_to_is_there() -> None:
    """Each path of code, tests and documents that answers a threat exists."""
    page = (ROOT / "docs/security.md").read_text(encoding="utf-8")
    paths = set(re.findall(r"`([\w/.-]+/[\w.-]+\.(?:py|md|bicep|txt))`", page))

    assert len(paths) > 30
    assert [path for path in paths if not (ROOT / path).exists()] == []
