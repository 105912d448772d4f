"""The queries, the workbook and the table in infra/ name what the code really writes."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from common.telemetry import METRICS
from connectorwatch.settings import Settings
from findings.views.log_rows import COLUMNS
from tests.connectorwatch.telemetry.kql import parsed
from tests.paths import ROOT
from tools.predicted import app_settings, only, queries, resources

if TYPE_CHECKING:
    from pathlib import Path

QUERIES = sorted((ROOT / "infra/queries").glob("*.kql"))
CODE = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "connectorwatch").rglob("*.py"))
OWN_TABLE, LOG = "ConnectorwatchChanges_CL", "AppTraces"


def body(path: Path) -> str:
    """Return a query without its comment."""
    return "\n".join(line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("//"))


@pytest.mark.slow
def test_every_query_is_one_that_microsofts_parser_takes() -> None:
    """Each file is a query without a mistake: its columns are there, with types that fit what is done with them."""
    told = parsed({path.stem: body(path) for path in QUERIES})

    assert len(told) > 9
    assert {name: one["mistakes"] for name, one in told.items() if one["mistakes"] or not one["columns"]} == {}


@pytest.mark.slow
def test_the_alerts_are_queries_that_count() -> None:
    """Each alert's query has no mistake and one column, the number that the rule compares."""
    rules = resources("smallest", "Microsoft.Insights/scheduledQueryRules")
    told = parsed(queries("smallest"))

    assert len(told) == len(rules) == 4
    assert {str(one) for one in told.values()} == {"{'mistakes': [], 'columns': {'found': 'long'}}"}
    assert {rule.properties["criteria"]["allOf"][0]["metricMeasureColumn"] for rule in rules} == {"found"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("query", "mistake"),
    [
        ("| where Nobody == 1", "Nobody"),
        ("| where SubjectName > 3", "operator"),
        ("| summarize count( by Change", "Expected"),
        ("| where not(Severity)", "bool"),
    ],
)
def test_the_parser_sees_mistakes(query: str, mistake: str) -> None:
    """A column that is not there, types that do not fit and half a query are told."""
    (told,) = parsed({"wrong": f"{OWN_TABLE} {query}"}).values()

    assert mistake in " ".join(told["mistakes"])


@pytest.mark.slow
@pytest.mark.parametrize("name", ["new-connectors", "new-registrars"])
def test_an_analytics_rule_has_what_an_incident_needs(name: str) -> None:
    """Time, tenant and entity are columns, and arrival decides and not the time of the scan."""
    query = body(ROOT / f"infra/queries/{name}.kql")

    assert {"TimeGenerated", "EntraTenantId", "SubjectName", "SubjectId"} <= parsed({name: query})[name][
        "columns"
    ].keys()
    assert "ingestion_time() > ago(30m)" in query


def panels() -> dict[str, dict[str, Any]]:
    """Return what the workbook's panels with queries hold, by their names."""
    items = json.loads((ROOT / "infra/workbook.json").read_text(encoding="utf-8"))["items"]
    return {item["name"]: item["content"] for item in items if item["type"] == 3}


@pytest.mark.parametrize("path", [path for path in QUERIES if body(path).startswith(LOG)], ids=lambda path: path.stem)
def test_a_query_of_log_lines_names_events_and_fields_that_are_logged(path: Path) -> None:
    """Each text that is looked for is an event in the code, and each field is one that it logs."""
    query = body(path)
    events = re.findall(r'"([a-z]+(?: [a-z]+)+)"', query)
    fields = set(re.findall(r"line\.(\w+)", query)) - {"event", "tenant", "scan"}  # these three are in every line

    assert events
    assert [event for event in events if f'"{event}"' not in CODE] == []
    assert [field for field in fields if not re.search(rf"\blog\.\w+\([^\n]*\b{field}=", CODE)] == []


@pytest.mark.parametrize("path", [path for path in QUERIES if body(path).startswith(LOG)], ids=lambda path: path.stem)
def test_a_query_of_log_lines_counts_those_that_were_sampled_away(path: Path) -> None:
    """Application Insights keeps one line of several and says of how many; counting lines would tell too few."""
    assert "count()" not in body(path)
    assert "sum(ItemCount" in body(path)


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

    assert words <= {"scan", "section", "inventory", "finding"} | {"complete", "connector", "REG", "second"} | {
        "new",
        "reopened",
        "resolved",
        "critical",
        "high",
    }


def test_the_workbook_shows_these_queries() -> None:
    """Every query of the workbook is a file in infra/queries, to the letter."""
    shown = {name: content["query"] for name, content in panels().items()}

    assert len(shown) > 5
    assert {name: query for name, query in shown.items() if query != body(ROOT / f"infra/queries/{name}.kql")} == {}


@pytest.mark.slow
def test_a_panel_without_its_table_is_an_error_and_the_workbook_says_so() -> None:
    """Where nothing is sent to Sentinel, no panel looks as if nothing had been found, and its head names them all."""
    asking = {name: one for name, one in panels().items() if one["query"].startswith(OWN_TABLE)}
    told = parsed({name: one["query"] for name, one in asking.items()}, without=OWN_TABLE)
    items = json.loads((ROOT / "infra/workbook.json").read_text(encoding="utf-8"))["items"]
    head = items[0]["content"]["json"]

    assert len(asking) > 3
    assert [name for name, one in told.items() if not any(OWN_TABLE in text for text in one["mistakes"])] == []
    assert set(re.findall(r"\*([^*]+)\*", head)) == {one["title"].partition(":")[0] for one in asking.values()}
    assert [name for name, one in asking.items() if "set up" in one["noDataMessage"]] == []


def test_what_stands_open_is_shown_whatever_time_is_chosen() -> None:
    """A day chosen above does not make findings that are open for longer, and tenants not looked at, disappear."""
    chosen = {name for name, content in panels().items() if content.get("timeContextFromParameter") == "TimeRange"}
    fixed = {name: content["timeContext"] for name, content in panels().items() if "timeContext" in content}

    assert fixed == {name: {"durationMs": 90 * 86_400_000} for name in ("not-looked", "open-findings")}
    assert chosen == panels().keys() - fixed.keys()
    assert all(content["noDataMessage"] for content in panels().values())


def test_the_table_has_the_columns_of_the_rows() -> None:
    """Table, rule and code agree on every column, its type and the order."""
    table = only("everything", "Microsoft.OperationalInsights/workspaces/tables")
    rule = only("everything", "Microsoft.Insights/dataCollectionRules").properties
    declared = rule["streamDeclarations"][f"Custom-{OWN_TABLE}"]["columns"]

    assert table.name == table.properties["schema"]["name"] == OWN_TABLE
    assert [(column["name"], column["type"]) for column in table.properties["schema"]["columns"]] == list(
        COLUMNS.items()
    )
    assert declared == table.properties["schema"]["columns"]


def test_the_table_is_named_in_settings_that_exist() -> None:
    """What is deployed for the table is a setting, and the stream is the one that is used by default."""
    told = {name for name in app_settings("everything") if name.startswith("CONNECTORWATCH_LOGS_")}

    assert len(told) == 3
    assert {name.removeprefix("CONNECTORWATCH_").lower() for name in told} <= Settings.model_fields.keys()
    assert Settings.model_fields["logs_stream"].default == app_settings("everything")["CONNECTORWATCH_LOGS_STREAM"]
    assert {name for name in app_settings("smallest") if name.startswith("CONNECTORWATCH_LOGS_")} == set()


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
