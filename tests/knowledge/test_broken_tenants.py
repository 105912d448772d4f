"""The walk on broken tenants of the simulated Graph: what is planted is named first, nothing unread is ruled out."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from connectorwatch.__main__ import main
from connectorwatch.diagnosis.answers import answer_text
from connectorwatch.diagnosis.evidence import case_of, live_evidence, newest_evidence
from connectorwatch.diagnosis.subject import Result
from connectorwatch.diagnosis.walk import walk
from connectorwatch.scanning.scan import run
from simulator import Simulator
from tests.e2e.running import NOW, environment, wired
from tests.knowledge.broken import TENANTS, Broken, connector, tenant

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from connectorwatch.diagnosis.subject import Kind
    from connectorwatch.diagnosis.walk import Walk

KINDS: dict[str, Kind] = {"application": "application", "connector": "connector", "group": "group"}


async def walked(broken: Broken, out: Path) -> Walk:
    """Return the walk on a broken tenant, asked live."""
    with Simulator(broken.made()).in_thread() as simulator:
        async with wired(environment(simulator), out) as scan:
            evidence = await live_evidence(scan)
    symptoms = answer_text(broken.said).symptoms if broken.said else frozenset[str]()
    return walk(replace(case_of(evidence, KINDS[broken.kind], broken.name), symptoms=symptoms))


@pytest.mark.parametrize("name", TENANTS)
async def test_the_planted_cause_comes_first(name: str, tmp_path: Path) -> None:
    """Each tenant's planted cause is the one the walk names, at its step, and the walk stops there."""
    broken = TENANTS[name]

    found = await walked(broken, tmp_path)

    if broken.cause is None:
        assert found.cause is None
    else:
        assert found.cause is not None
        assert found.cause.says.startswith(broken.cause)
        assert found.steps[-1].step == broken.step
        assert found.steps[-1].looks[-1] == found.cause
        assert found.remaining == tuple(range(broken.step + 1, 11))
    unknown = [look.says for _, look in found.observations(Result.NOT_KNOWN)]
    assert all(any(said.startswith(words) for said in unknown) for words in broken.not_known)


async def test_unread_is_not_ruled_out(tmp_path: Path) -> None:
    """Of a group whose connectors were refused, nothing about connectors is ruled out, and the permission is named."""
    found = await walked(TENANTS["members unreadable"], tmp_path)

    assert [step.step for step, _ in found.observations(Result.NOT_KNOWN)] == [2]
    assert 2 not in {step.step for step, _ in found.observations(Result.RULED_OUT)}
    assert "role" in found.observations(Result.NOT_KNOWN)[0][1].says


async def test_healthy(tmp_path: Path) -> None:
    """Where nothing is wrong nothing is named, and what is left to run names the servers and the internal address."""
    healthy = Broken(tenant(), "application", "payroll", None, 0)

    found = await walked(healthy, tmp_path)

    assert (found.cause, found.remaining, found.servers) == (None, (), "PAR01, PAR02")
    assert found.observations(Result.NOT_KNOWN) == found.observations(Result.SUSPECT) == ()
    lines = [line for _, look in found.observations(Result.TO_RUN) for one in look.commands for line in one.lines]
    assert any("-Uri 'http://payroll.broken.example/'" in line for line in lines)
    assert "Test-NetConnection payroll.broken.example -Port 80" in lines


def _shrunk() -> dict[str, Any]:
    return tenant({"two": connector("PAR02")})


async def test_purged_connector(tmp_path: Path) -> None:
    """A connector that an earlier scan saw and this one does not is gone, and the scan that saw it last is named."""
    with Simulator(Broken(tenant(), "", "", None, 0).made()).in_thread() as simulator:
        async with wired(environment(simulator), tmp_path) as scan:
            await run(scan)
    with Simulator(Broken(_shrunk(), "", "", None, 0).made()).in_thread() as simulator:
        async with wired(environment(simulator), tmp_path, NOW + timedelta(days=11)) as scan:
            await run(scan)
            store = scan.store

    found = walk(case_of(newest_evidence(store, None), "connector", "PAR01"))

    assert found.cause is not None
    assert found.cause.says.startswith("It is gone from the tenant; the scan of 2026-11-20 06:00 UTC was the last")


@pytest.mark.parametrize(
    ("name", "code", "option"), [("no active connector", 3, "--app"), ("members unreadable", 4, "--app")]
)
def test_live_command(name: str, code: int, option: str, tmp_path: Path) -> None:
    """`--live` asks Graph, stores nothing, and says by its exit code whether a cause is proven."""
    broken = TENANTS[name]
    with Simulator(broken.made()).in_thread() as simulator:
        arguments = ["diagnose", option, broken.name, "--live", "--format", "json", "--out", str(tmp_path)]
        result = CliRunner().invoke(main, arguments, env=environment(simulator))

    assert result.exit_code == code
    told = json.loads(result.stdout)
    assert told["schema"] == "connectorwatch.diagnosis/v1"
    assert (told["walk"]["cause"] is None) is (code == 4)
    assert list(tmp_path.iterdir()) == []
