"""The use case: empty the outboxes. Each announcement reaches each route at least once.

Before a route is tried, the trial is written into the state: others then leave it alone for ten minutes, so two
deliverers at once do not tell anything twice. A kill between the delivery and its mark makes one duplicate, after
these ten minutes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import structlog

from connectorwatch.refresh import CONTESTS, listed_tenants, state_name, stored_state
from findings.outbox import replaced, without_delivered
from inventory.errors import ConflictError, DeliveryError, StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from findings.document import TenantInfo
    from findings.outbox import OutboxEntry
    from findings.state import State
    from findings.stores.ports import Store

log = structlog.get_logger(__name__)


class Channel(Protocol):
    """One way to people."""

    def send(self, tenant: TenantInfo, entry: OutboxEntry) -> None:
        """Hand over an announcement.

        Raises:
            DeliveryError: It did not arrive; it is tried again later.
        """
        ...


class LogChannel:
    """Tells of announcements in the log."""

    def send(self, tenant: TenantInfo, entry: OutboxEntry) -> None:
        """Write one line with counts; names are left to channels for people."""
        log.info(
            "findings changed",
            tenant=tenant.id,
            announcement=entry.id,
            first=entry.first,
            changes=len(entry.changes),
            not_assessed=[missing.rule for missing in entry.not_assessed],
        )


LOG_ROUTE: Mapping[str, Channel] = {"log": LogChannel()}
"""The routes of an installation that configures none."""


@dataclass(frozen=True)
class Delivered:
    """How often something was handed over, and how often that failed."""

    sent: int = 0
    failed: int = 0

    def __add__(self, other: Delivered) -> Delivered:
        """Return both together."""
        return Delivered(self.sent + other.sent, self.failed + other.failed)


def deliver(
    store: Store,
    now: Callable[[], datetime],
    channels: Mapping[str, Channel] = LOG_ROUTE,
    tenants: Iterable[str] | None = None,
) -> Delivered:
    """Hand every waiting announcement to every route that has not had it, and drop those that all have had.

    Announcements of a scan whose reports are not all written yet wait until they are.

    Args:
        store: Where the outboxes are.
        now: The clock.
        channels: Where to, by route.
        tenants: Whose outboxes; None for all that the tables say have something to tell.

    Raises:
        StorageError: Storage refused.
        EvidenceError: A state is damaged or of a newer version.
    """
    done = Delivered()
    for tenant_id in listed_tenants(store, {"undelivered": True}) if tenants is None else tenants:
        with structlog.contextvars.bound_contextvars(tenant=tenant_id):
            done += _empty(store, tenant_id, channels, now)
    return done


def _empty(store: Store, tenant_id: str, channels: Mapping[str, Channel], now: Callable[[], datetime]) -> Delivered:
    done = Delivered()
    if store.documents.read(state_name(tenant_id)) is None:
        return done
    tried: set[tuple[str, str]] = set()
    while True:
        claim = _claim(store, tenant_id, channels, now(), tried)
        if claim is None:
            break
        tenant, entry, route = claim
        tried.add((entry.id, route))
        done += _send(store, tenant, entry, route, channels, now)
    _tidy(store, tenant_id, channels)
    return done


def _claim(
    store: Store, tenant_id: str, channels: Mapping[str, Channel], now: datetime, tried: set[tuple[str, str]]
) -> tuple[TenantInfo, OutboxEntry, str] | None:
    """Take the next announcement for a route for ourselves, and return it; None where nothing is left to try."""
    for _ in range(CONTESTS):
        state, etag = stored_state(store, tenant_id)
        for entry, route in _free(state, channels, now):
            if (entry.id, route) not in tried:
                break
        else:
            return None
        mine = entry.tried(route, now)
        try:
            store.documents.write(state_name(tenant_id), replaced(state, mine).to_bytes(), etag)
        except ConflictError:
            continue
        return state.tenant, mine, route
    raise _contested(tenant_id)


def _free(state: State, channels: Mapping[str, Channel], now: datetime) -> Iterator[tuple[OutboxEntry, str]]:
    for entry in state.outbox:
        if entry.scan not in state.unpublished:
            for route in channels:
                if entry.is_free(route, now):
                    yield entry, route


def _send(
    store: Store,
    tenant: TenantInfo,
    entry: OutboxEntry,
    route: str,
    channels: Mapping[str, Channel],
    now: Callable[[], datetime],
) -> Delivered:
    try:
        channels[route].send(tenant, entry)
    except DeliveryError as error:
        log.warning("announcement not delivered", announcement=entry.id, route=route, reason=str(error))
        _change(store, tenant.id, lambda state: _marked(state, entry.id, lambda own: own.tried_in_vain(route)))
        return Delivered(failed=1)

    def had(state: State) -> State:
        return without_delivered(_marked(state, entry.id, lambda own: own.had_by(route, now())), channels.keys())

    _change(store, tenant.id, had)
    return Delivered(sent=1)


def _marked(state: State, entry_id: str, mark: Callable[[OutboxEntry], OutboxEntry]) -> State:
    found = next((entry for entry in state.outbox if entry.id == entry_id), None)
    return state if found is None else replaced(state, mark(found))


def _tidy(store: Store, tenant_id: str, channels: Mapping[str, Channel]) -> None:
    """Drop what all routes have had, and let the tenant's summary row say whether something is left."""
    state = _change(store, tenant_id, lambda state: without_delivered(state, channels.keys()))
    store.views.amend(tenant_id, state.revision, {"undelivered": bool(state.outbox)})


def _change(store: Store, tenant_id: str, change: Callable[[State], State]) -> State:
    """Change a state by compare-and-swap, and return it."""
    for _ in range(CONTESTS):
        state, etag = stored_state(store, tenant_id)
        after = change(state)
        if after is state:
            return state
        try:
            store.documents.write(state_name(tenant_id), after.to_bytes(), etag)
        except ConflictError:
            continue
        return after
    raise _contested(tenant_id)


def _contested(tenant_id: str) -> StorageError:
    return StorageError(
        f"{state_name(tenant_id)} was changed by others {CONTESTS} times in a row: it is tried again with the next "
        "delivery."
    )
