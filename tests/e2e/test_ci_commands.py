"""A tenant's names run no command of the CI in which a scan runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from simulator import TENANTS, Simulator, load_tenant
from tests.connectorwatch.terminal.test_ci_commands import MARKS, OBEYED
from tests.e2e.commands import Ran, end, scan, start
from tests.e2e.running import POLICY, environment

if TYPE_CHECKING:
    from pathlib import Path

FORMATS = (
    *("md", "html", "csv", "json", "ocsf", "sarif"),
    *("registrars-csv", "connectors-csv", "groups-csv", "applications-csv"),
)


@pytest.fixture(name="evil", scope="module")
def _evil(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of a tenant whose names are commands of CI systems."""
    folder = tmp_path_factory.mktemp("evil")
    (folder / "contoso.yaml").write_bytes((TENANTS / "contoso.yaml").read_bytes())
    names = [mark.replace("\t", " ") for mark in MARKS]
    lines = [
        "base: contoso.yaml",
        f'tenant: {{name: "{names[1]}"}}',
        "connector_groups:",
        f'  paris: {{name: "{names[0]}", connectors: {{par-01: {{name: "{names[5]}"}}}}}}',
        f'  frankfurt: {{name: "{names[2]}"}}',
        f'  london: {{name: "{names[6]}", connectors: {{lon-01: {{name: "{names[7]}"}}}}}}',
        "users:",
        f'  ada: {{name: "{names[0]}"}}',
        f'  bruno: {{name: "{names[5]}"}}',
        f'  chloe: {{name: "{names[3]}"}}',
        "groups:",
        f'  proxy-admins: {{name: "{names[4]}"}}',
    ]
    file = folder / "evil.yaml"
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def _ended(settings: dict[str, str], *call: str) -> Ran:
    with start(*call, settings=settings) as process:
        return end(process)


@pytest.mark.slow
def test_no_output_holds_a_command(evil: Path, tmp_path: Path) -> None:
    """Neither a scan's table, its JSON, its log lines, the registrars nor any report on stdout holds one."""
    calls: list[tuple[str, ...]] = [("registrars",), ("registrars", "--format", "csv"), ("history",)]
    calls += [("report", "--format", name) for name in FORMATS]
    with Simulator(load_tenant(evil)).in_thread() as simulator:
        settings = environment(simulator) | {"COLUMNS": "70", "CONNECTORWATCH_STORAGE": str(tmp_path)}
        outputs = [
            _ended(settings, "--log-level", "debug", *scan(tmp_path, POLICY)),
            _ended(settings, *scan(tmp_path, POLICY, "--json")),
            *(_ended(settings, *call) for call in calls),
        ]
    text = "".join(ran.stdout + ran.stderr for ran in outputs)
    assert all(ran.stdout for ran in outputs)
    assert text.count("vso\\u005b") > 10
    assert [match[0] for match in OBEYED.finditer(text)] == []
