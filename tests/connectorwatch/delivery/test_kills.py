"""Real processes that deliver: killed at every step, and two at once."""

from __future__ import annotations

import json
import signal
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from connectorwatch.delivery.deliver import deliver
from connectorwatch.scanning.latest_and_views import stored_state
from findings.stores.folder import FolderStore
from tests.children import exit_codes, spawned
from tests.connectorwatch.channels.workflow import slow
from tests.connectorwatch.delivery.world import T, announced, deliver_and_die, deliver_once, environment, work
from tests.connectorwatch.service.making import NOW

if TYPE_CHECKING:
    from pathlib import Path

    from tests.connectorwatch.channels.workflow import Workflow

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("where", "cards"),
    [
        ("before the claim", 1),
        ("before sending", 1),
        ("after sending", 2),
        ("before the mark", 2),
        ("before tidying up", 1),
    ],
)
def test_a_killed_process_loses_nothing(tmp_path: Path, flow: Workflow, where: str, cards: int) -> None:
    """Killed anywhere, what waits is told by the next process; twice only between a delivery and its mark."""
    variables = environment(tmp_path, CONNECTORWATCH_TEAMS_WEBHOOK_URL=flow.url)
    store = FolderStore(tmp_path / "out")
    announced(store)

    with spawned(deliver_and_die, (variables, where)) as processes:
        assert exit_codes(processes) == [-signal.SIGKILL]
    deliver(work(variables, NOW + timedelta(minutes=1)))

    assert len(flow.heard) == cards
    state = stored_state(store, T)[0]
    assert (state.outbox, state.announcement_memory.announced) == ((), ("scan-1-changes",))
    assert [(one.lane, one.result) for one in state.announcement_memory.receipts][-1:] == [("default", "accepted")]
    assert {json.loads(heard.body)["type"] for heard in flow.heard} == {"message"}


def test_two_processes_at_once_tell_nothing_twice(tmp_path: Path, flow: Workflow) -> None:
    """Two deliverers that start together tell one announcement once, however slow the flow is."""
    variables = environment(tmp_path, CONNECTORWATCH_TEAMS_WEBHOOK_URL=flow.url)
    store = FolderStore(tmp_path / "out")
    announced(store)
    flow.answers[:] = [slow(0.7)] * 2

    with spawned(deliver_once, *[(variables,)] * 2) as processes:
        assert exit_codes(processes) == [0, 0]

    assert len(flow.heard) == 1
    assert stored_state(store, T)[0].outbox == ()
