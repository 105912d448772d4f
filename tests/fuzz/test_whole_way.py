"""Damaged answers all the way: decode, judge, store, render every format, deliver, and scan again."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

import pytest
import structlog

from connectorwatch.channels.mail_text import digest_mail
from connectorwatch.channels.teams import TeamsChannel
from connectorwatch.channels.webhook import WebhookChannel
from connectorwatch.delivery.deliver import DeliveryContext, deliver, rows_for
from connectorwatch.delivery.subscriptions import Routing
from connectorwatch.scanning.latest_and_views import scan_folder, stored_state
from connectorwatch.scanning.publish import keep_evidence, memory_of, publish, state_before, stored_evidence
from findings.reports.formats import BY_FILE
from findings.stores.folder import FolderStore
from policies.evidence import Evidence, ScanInfo
from policies.policy_file.model import Policy
from policies.policy_file.routes import TeamsRoute
from policies.releases.catalogue import built_in_catalogue
from tests.fuzz.damage import MOMENT, scan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from connectorwatch.channels.port import Message, SendResult
    from findings.cards import RouteFilter
    from inventory.snapshot import Snapshot

pytestmark = pytest.mark.fuzz

SERIES, SCANS = 20, 50
"""A thousand scans: each series is one tenant, whose damaged scans follow each other and end with a whole one."""
TENANTS = ("clean", "empty", "clean", "one-machine")
SHARES = (0.0, 0.1, 0.3)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("critical"))
    yield
    structlog.reset_defaults()


@dataclass
class EveryChannel:
    """Makes of each message what every kind of channel would send, and keeps nothing of it."""

    kind: ClassVar[str] = "every"
    tried: Counter[str]

    def send(self, message: Message, route_filter: RouteFilter) -> SendResult:
        """Make a card, a signed body, and mail where it is a digest."""
        self.tried["cards"] += TeamsChannel.preview(message, route_filter).content is not None
        self.tried["webhook bodies"] += WebhookChannel.preview(message, route_filter).content is not None
        if message.kind == "digest":
            self.tried["mails"] += bool(digest_mail(message, "a@b.example", ("c@d.example",)))
        return "delivered"

    def test(self, route_id: str, digest: Callable[[], Message]) -> SendResult:
        """Not part of the way."""
        raise NotImplementedError


def _snapshot(tenant: str, seed: int, share: float, number: int) -> tuple[Snapshot, int]:
    story, network = scan(tenant, seed, share, lasting=seed % 2 == 0)
    at = MOMENT + timedelta(hours=12 * number)
    return story.snapshot.model_copy(update={"started_at": at, "taken_at": at}), network.damaged


def _publish(store: FolderStore, seen: Snapshot, number: int) -> str:
    """Store a scan as the product does, and render it."""
    scan_id = f"{seen.taken_at:%Y%m%dT%H%M%SZ}-{number:08x}"
    evidence = Evidence(
        scan=ScanInfo(id=scan_id),
        snapshot=seen,
        policy=Policy(),
        releases=built_in_catalogue(),
        memory=memory_of(state_before(store, seen.tenant_id)),
    )
    publish(store, keep_evidence(store, evidence))
    return scan_id


@pytest.mark.parametrize("series", range(SERIES))
def test_the_whole_way(series: int, tmp_path: Path, total: Counter[str]) -> None:
    """Each scan is stored, rendered in every format and delivered, nothing is set aside, and the next one goes on."""
    store, tried = FolderStore(tmp_path), Counter[str]()
    chance = random.Random(series)  # noqa: S311 - has to be repeatable, keeps no secret
    tenant = TENANTS[series % len(TENANTS)]
    for number in range(SCANS):
        share = -1.0 if number in (0, SCANS - 1) else chance.choice(SHARES)
        how = f"{tenant}, series {series}, scan {number}, share {share}"
        seen, damaged = _snapshot(tenant, series * SCANS + number, share, number)
        scan_id = _publish(store, seen, number)

        state = stored_state(store, seen.tenant_id)[0]
        files = {name.rpartition("/")[2] for name in store.scans.list(f"{scan_folder(seen.tenant_id, scan_id)}/")}
        assert (state.unpublished, state.set_aside) == ((), ()), how
        assert files == {*BY_FILE, "evidence.json.gz"}, how
        assert stored_evidence(store, seen.tenant_id, scan_id) is not None, how
        tried.update({"scans": 1, "damaged answers": damaged, "reports": len(BY_FILE)})
        assert number < SCANS - 1 or seen.complete, how
        tried["lists not read"] += sum(not section.known for section in seen.sections)
        _deliver(store, seen, tried, how)
    assert tried["cards"] > 0
    total.update(tried)


def _deliver(store: FolderStore, seen: Snapshot, tried: Counter[str], how: str) -> None:
    """Empty the tenant's outbox over every kind of channel."""
    route = TeamsRoute(id="every", webhook="env:EVERY")
    context = DeliveryContext(store, lambda: seen.taken_at, Routing((route,)), lambda _: EveryChannel(tried))
    done = deliver(context, [seen.tenant_id])
    assert (done.failed, [failure for failure in done.routes.values() if failure]) == (0, []), how
    assert stored_state(store, seen.tenant_id)[0].outbox == (), how
    assert rows_for(context, route), how
