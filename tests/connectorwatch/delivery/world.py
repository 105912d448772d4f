"""An installation with routes to servers on loopback, and processes that deliver until they are killed."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from connectorwatch.delivery.deliver import deliver
from connectorwatch.delivery.open_routes import delivery_context
from connectorwatch.service.composition import Service
from connectorwatch.wiring import Choices, settings_of
from findings.document import TenantInfo
from findings.state.announcements import OutboxEntry
from findings.state.document import State
from findings.state.record import FindingState
from findings.stores.folder import FolderStore
from policies.vocabulary import Outcome, Severity
from tests.connectorwatch.service.making import NOW, Waiting
from tests.e2e.mishaps import Mishap, UnluckyStore
from tests.findings.views.view_rows import summary

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path

    from connectorwatch.channels.port import Channel, Message, SendResult
    from connectorwatch.delivery.deliver import DeliveryContext
    from findings.cards import RouteFilter
    from findings.stores.ports import Store

T = "aaaaaaaa-0000-4000-8000-000000000001"
KEY = "GRP001/paris"
HIDDEN_SECRET = "whsec_" + "cGxhbnRlZC1zZWNyZXQtb2YtdGhlLXdlYmhvb2s="


def environment(folder: Path, policy: str = "", **variables: str) -> dict[str, str]:
    """Return the environment of an installation in a folder that may post to this machine, with a policy."""
    (folder / "policy.yaml").write_text(policy, encoding="utf-8")
    return {
        "CONNECTORWATCH_STORAGE": str(folder / "out"),
        "CONNECTORWATCH_TENANT_ID": T,
        "CONNECTORWATCH_POLICY": str(folder / "policy.yaml"),
        "CONNECTORWATCH_WEBHOOK_HOSTS": "127.0.0.1",
        **variables,
    }


def service(variables: Mapping[str, str], now: datetime = NOW) -> Service:
    """Return the service of an environment, at a moment."""
    settings = settings_of(Choices(), dict(variables))
    return Service(settings, FolderStore(variables["CONNECTORWATCH_STORAGE"]), Waiting(), lambda: now, variables)


def announced(store: Store, number: int = 1, tenant: str = T, at: datetime = NOW, name: str = "Contoso") -> None:
    """Store the state of a tenant in which a finding is new, and that this is to be told."""
    entry = OutboxEntry.model_validate(
        {
            "id": f"scan-{number}-changes",
            "scan": f"scan-{number}",
            "at": at,
            "changes": [{"key": KEY, "rule": "GRP001", "change": "new", "severity": "high"}],
        }
    )
    found = FindingState.model_validate(
        {
            "key": KEY,
            "rule": "GRP001",
            "subject": {"type": "group", "id": "paris", "name": "Paris"},
            "severity": Severity.HIGH,
            "message": "one of two machines is active",
            "evidence": {},
            "outcome": Outcome.FAIL,
            "state": "open",
            **dict.fromkeys(("first_seen", "last_seen", "assessed_at"), at),
        }
    )
    stored = store.documents.read(f"{tenant}/state.json")
    state = State.from_bytes(stored.content) if stored else State.new(TenantInfo(id=tenant, name=name))
    state = state.model_copy(update={"outbox": (*state.outbox, entry), "findings": {KEY: found}, "revision": 3})
    store.documents.write(f"{tenant}/state.json", state.to_bytes(), stored.etag if stored else None)
    store.views.replace(tenant, 3, [summary(tenant, 3, undelivered=True)], anew=True)


def kill() -> None:
    """End this process as the system does when memory is short: nothing runs after it."""
    os.kill(os.getpid(), signal.SIGKILL)


@dataclass(frozen=True)
class Doomed:
    """A channel whose process is killed before or after it has sent."""

    kind: ClassVar[str] = "doomed"
    inner: Channel
    before: Callable[[], None]
    after: Callable[[], None]

    def send(self, message: Message, route_filter: RouteFilter) -> SendResult:
        """Send, between two things that may happen."""
        self.before()
        taken = self.inner.send(message, route_filter)
        self.after()
        return taken

    def test(self, route_id: str, digest: Callable[[], Message]) -> SendResult:
        """Send a test, as the channel does that is killed."""
        return self.inner.test(route_id, digest)


def work(variables: dict[str, str], now: datetime = NOW) -> DeliveryContext:
    """Return a delivery as an environment wires it."""
    settings = settings_of(Choices(), variables)
    return delivery_context(settings, FolderStore(variables["CONNECTORWATCH_STORAGE"]), variables, lambda: now)


def deliver_and_die(variables: dict[str, str], where: str) -> None:
    """Deliver in this process, which is killed at a place on the way."""
    own = work(variables)
    writes = {"before the claim": 0, "before the mark": 1, "before tidying up": 2}
    doomed = replace(
        own,
        store=UnluckyStore(own.store, Mishap(writes.get(where, 99), kill)),
        open=lambda route: Doomed(
            own.open(route),
            kill if where == "before sending" else lambda: None,
            kill if where == "after sending" else lambda: None,
        ),
    )
    deliver(doomed)


def deliver_once(variables: dict[str, str]) -> None:
    """Deliver in this process."""
    deliver(work(variables))
