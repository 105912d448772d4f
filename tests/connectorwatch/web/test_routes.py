"""The routes as the host sees them: where keys are asked for, what loading them costs, and that they answer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from connectorwatch.web.dispatch import HANDLERS
from connectorwatch.web.table import ROUTES, markdown
from tests.connectorwatch.web.sites import MINE
from tests.paths import ROOT


@pytest.fixture(scope="module", params=[None, "True"], ids=["keys alone", "people sign in"])
def seen(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[bool, dict[str, Any]]:
    """Return whether sign-in is switched on, and what a process saw that loaded the routes and called them."""
    ours = {"CONNECTORWATCH_STORAGE": str(tmp_path_factory.mktemp("store")), "CONNECTORWATCH_TENANT_ID": MINE}
    switch = {"WEBSITE_AUTH_ENABLED": request.param} if request.param else {}
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("CONNECTORWATCH", "WEBSITE"))}
    done = subprocess.run(
        [sys.executable, "-m", "tests.connectorwatch.web.calling"],
        cwd=ROOT,
        env={**clean, **ours, **switch},
        capture_output=True,
        check=True,
        timeout=60,
    )
    return bool(request.param), json.loads(done.stdout)


def test_loading_the_routes_loads_nothing_heavy(seen: tuple[bool, dict[str, Any]]) -> None:
    """A timer's cold start does not wait for what only requests need."""
    assert seen[1]["loaded"] == []


def test_every_route_asks_for_a_key_or_stands_apart(seen: tuple[bool, dict[str, Any]]) -> None:
    """Without a key one reaches health and what stands below people/, whatever the environment says."""
    routes = seen[1]["routes"]
    unkeyed = {name for name, (level, _) in routes.items() if level == "ANONYMOUS"}

    assert {level for level, _ in routes.values()} == {"ANONYMOUS", "FUNCTION"}
    assert all(name == "health" or routes[name][1].split("/")[0] == "people" for name in unkeyed)
    assert len(routes) == sum(route.keys + route.people + route.anybody for route in ROUTES)


def test_the_routes_answer(seen: tuple[bool, dict[str, Any]]) -> None:
    """Keys answer always, a principal only where sign-in is switched on."""
    switched_on, said = seen

    assert {name: status for name, (status, _) in said["answers"].items()} == {
        "key": 200,
        "page": 200,
        "nobody": 401,
        "principal": 200 if switched_on else 401,
        "health": 200,
        "filter": 400,
    }
    assert said["answers"]["page"][1] == "text/html; charset=utf-8"


def test_every_route_has_a_handler() -> None:
    """The table and the handlers name the same routes."""
    assert {route.name for route in ROUTES} == {*HANDLERS, "health"}


def test_the_documented_routes_are_the_real_ones() -> None:
    """docs/api.md holds the table of routes as it is."""
    assert markdown() in (ROOT / "docs/api.md").read_text(encoding="utf-8")
