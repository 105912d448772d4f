"""The card for what a scan changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from common.text import minute
from findings.cards.announcement import LIMIT, RouteFilter
from findings.cards.items import BAD, GOOD, Kind, as_one, items_of, unseen_of
from findings.cards.layout import Group, Part, fit
from findings.cards.pieces import bold, calling, envelope, heading, line, link, quiet, run, weight
from findings.cards.rows import counts, good_row, inventory_line, item_row, unseen_row
from findings.cards.safe_text import NAME, name_of, plural
from policies.vocabulary import Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from findings.cards.announcement import Card, Notification
    from findings.cards.items import Item, Unseen
    from findings.cards.pieces import Piece
    from findings.document import FindingsDocument

MOST, FEWEST = 24, 3
"""How many rows a part shows in the card of one tenant, and of many, so that the first one leaves room for others."""
FIRST = 3
"""How many findings of a first scan are shown: it finds all there is, and none of it is news."""


@dataclass(frozen=True)
class _Tenant:
    """A tenant's part of the card; `newest` is its newest announcement, `counted` what moved in numbers."""

    name: str
    newest: Notification
    first: bool
    items: tuple[Item, ...]
    unseen: tuple[Unseen, ...]
    counted: str

    @property
    def bad(self) -> tuple[Item, ...]:
        """What is new, came back or got worse."""
        return tuple(item for item in self.items if item.kind in BAD)

    @property
    def order(self) -> tuple[object, ...]:
        """What sorts the worst first."""
        ranks = [item.severity for item in self.bad]
        return tuple(-ranks.count(severity) for severity in Severity), not self.unseen, self.name, self.newest.tenant.id


def change_card(notifications: Sequence[Notification], route_filter: RouteFilter) -> Card | None:
    """Return one card of all that changed, worst tenant first; None where nothing in it is of interest to the route.

    Notifications of the service itself go to `service_card`.

    Args:
        notifications: The announcements of one or more tenants.
        route_filter: The route's filter.
    """
    tenants = sorted(_tenants(notifications, route_filter), key=lambda tenant: tenant.order)
    if not tenants:
        return None
    alone = len(tenants) == 1
    title = tenants[0].name if alone else f"Changes in {plural(len(tenants), 'tenant')}"
    top = [heading(f"{_heading(tenants[0])}: {title}" if alone else title, NAME * 2)]
    called, entities = calling(route_filter.mentions if any(tenant.bad for tenant in tenants) else ())
    actions = link("Open the report", tenants[0].newest.report) if alone else []
    most = max(FEWEST, MOST // len(tenants))
    groups = [_group(tenant, most, alone=alone) for tenant in tenants]
    frame = envelope([*top, *called], actions, entities)
    shown = fit(groups, LIMIT - weight(frame.envelope), "tenant")
    return envelope([*top, *called, *shown.body], actions, entities, shown.left_out)


def _heading(tenant: _Tenant) -> str:
    return "First scan" if tenant.first else "Changes"


def _tenants(notifications: Sequence[Notification], route_filter: RouteFilter) -> list[_Tenant]:
    """Return each tenant's part; tenants without anything to report are left out."""
    by_tenant: dict[str, list[Notification]] = {}
    for notification in sorted(notifications, key=lambda notification: (notification.entry.at, notification.entry.id)):
        by_tenant.setdefault(notification.tenant.id, []).append(notification)
    tenants = []
    for of_tenant in by_tenant.values():
        tenant = _tenant(of_tenant, route_filter)
        if tenant.items or tenant.unseen:
            tenants.append(tenant)
    return tenants


def _tenant(notifications: Sequence[Notification], route_filter: RouteFilter) -> _Tenant:
    """Return a tenant's part: what the route wants of all that moved, and all of it in numbers."""
    every, unseen = items_of(notifications, RouteFilter()), unseen_of(notifications, route_filter)
    items = tuple(item for item in every if route_filter.wants(item.rule, item.severity))
    below = sum(route_filter.wants_rule(item.rule) for item in every) - len(items)
    newest = notifications[-1]
    return _Tenant(
        name=name_of(newest.tenant.name, newest.tenant.id),
        newest=newest,
        first=any(notification.entry.first for notification in notifications),
        items=items,
        unseen=unseen,
        counted=counts(every, unseen, items, below),
    )


def _group(tenant: _Tenant, most: int, *, alone: bool) -> Group:
    newest = tenant.newest
    text = f"scan of {minute(newest.entry.at)}"
    if not tenant.first:
        text = f"{tenant.counted} · {text}"
    head = [] if alone else [_name(tenant)]
    head.append(line(quiet(text), spacing="None" if not alone else "Small"))
    if newest.document is not None:
        head += _inventory(newest.document) if not tenant.first else [_standing(newest.document)]
    if not alone and (button := link("Open the report", newest.report)):
        head.append({"type": "ActionSet", "spacing": "Small", "actions": list(button)})
    if tenant.first:
        return Group(head, [_part("The worst of them", as_one(tenant.bad), FIRST)] if tenant.bad else [])
    return Group(head, _parts(tenant, most))


def _name(tenant: _Tenant) -> Piece:
    first = [quiet("  first scan")] if tenant.first else []
    return line(run(tenant.name, NAME, weight="Bolder", size="Medium"), *first, separator=True, spacing="Medium")


def _inventory(document: FindingsDocument) -> list[Piece]:
    return inventory_line(document.changes)


def _standing(document: FindingsDocument) -> Piece:
    """Return how a tenant stands at its first scan, in numbers."""
    failing, outcomes = document.summary.failing, document.summary.outcomes
    by_severity = [f"{failing[severity]:,} {severity.value}" for severity in Severity if failing.get(severity)]
    total = sum(failing.values())
    text = f"{plural(total, 'verdict')} failing" + (f" ({', '.join(by_severity)})" if by_severity else "")
    others = f"{outcomes.get(Outcome.PASS, 0):,} pass, {outcomes.get(Outcome.NOT_ASSESSED, 0):,} not assessed."
    return line(run(f"{text}, {others}"), spacing="Small")


def _parts(tenant: _Tenant, most: int) -> list[Part]:
    changed = as_one(item for item in tenant.items if item.kind is Kind.CHANGED)
    good = as_one(item for item in tenant.items if item.kind in GOOD)
    parts = []
    if tenant.bad:
        parts.append(_part("New, back or worse", as_one(tenant.bad), most))
    if changed:
        parts.append(_part("Changed", changed, most))
    if good:
        parts.append(Part(_title(_kinds(good)), [good_row(item) for item in good], "finding", "findings", most))
    if tenant.unseen:
        rows = [unseen_row(unseen) for unseen in tenant.unseen]
        parts.append(Part(_title("Could not be looked at any more"), rows, "rule", "rules", most))
    return parts


def _kinds(items: Sequence[Item]) -> str:
    return ", ".join(kind.value for kind in GOOD if any(item.kind is kind for item in items)).capitalize()


def _part(title: str, items: Sequence[Item], most: int) -> Part:
    return Part(_title(title), [item_row(item) for item in items], "finding", "findings", most)


def _title(text: str) -> Piece:
    return line(bold(text), spacing="Medium")
