"""The weekly card."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from common.text import minute
from findings.cards.announcement import LIMIT
from findings.cards.layout import Group, Part, fit
from findings.cards.pieces import bold, columns, envelope, facts, heading, line, quiet, run, severity_run, weight
from findings.cards.safe_text import NAME, name_of, plural
from policies.vocabulary import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from findings.cards.announcement import Card, RouteFilter, TenantRow
    from findings.cards.pieces import Piece

WORST, OLDEST = 10, 5
"""Most tenants in the table, and most of the oldest findings listed."""
NUMBER, WEEK = "44px", "52px"
"""How wide columns of numbers are: all of them fit on a telephone, beside a name."""
_SHORT = {Severity.CRITICAL: "CRIT", Severity.MEDIUM: "MED"}
OLD = timedelta(days=8)
"""A tenant without a scan for this long was not scanned in the week that the card covers."""


def digest_card(rows: Sequence[TenantRow], now: datetime, route_filter: RouteFilter) -> Card:
    """Return the digest: one card on the state of all tenants, however many there are.

    Args:
        rows: The rows of the view ConnectorTenants, in any order.
        now: The moment that the card speaks for.
        route_filter: The route's filter. Its threshold leaves milder findings out of the numbers; its mentions and
            rules have no effect, as rows count findings by severity alone.
    """
    severities = [severity for severity in Severity if severity.rank <= route_filter.threshold.rank]
    tenants = sorted((_Tenant.of(row, severities) for row in rows), key=lambda tenant: tenant.order)
    top = [heading(f"Private network connectors: the week to {now:%Y-%m-%d}")]
    groups = [
        Group(_standing(tenants, severities, now)),
        Group([], _worst(tenants, severities)),
        Group([], _oldest(tenants, now)),
    ]
    frame = envelope(top)
    shown = fit([group for group in groups if group.head or group.parts], LIMIT - weight(frame.envelope), "part")
    return envelope([*top, *shown.body], left_out=shown.left_out)


@dataclass(frozen=True)
class _Tenant:
    """One tenant's row; `before` is how much failed a week before, None where that is not known."""

    name: str
    row: TenantRow
    failing: tuple[int, ...]
    before: int | None

    @classmethod
    def of(cls, row: TenantRow, severities: Sequence[Severity]) -> _Tenant:
        """Return a row as the card sees it."""
        earlier = [int(count) for count in str(row.get("week_before", "")).split(",") if count.isdecimal()]
        return cls(
            name=name_of(str(row.get("name", "")), str(row["tenant"])),
            row=row,
            failing=tuple(int(row.get(severity.value, 0)) for severity in severities),
            before=sum(earlier[: len(severities)]) if len(earlier) == len(Severity) else None,
        )

    @property
    def order(self) -> tuple[object, ...]:
        """What sorts the worst first."""
        return tuple(-count for count in self.failing), self.name, str(self.row["tenant"])

    @property
    def total(self) -> int:
        """How much fails now."""
        return sum(self.failing)

    @property
    def scanned(self) -> datetime | None:
        """When it was last scanned."""
        return _moment(self.row.get("scanned_at"))

    def number(self, column: str) -> int:
        """Return a count of the row, 0 where it is not known."""
        return int(self.row.get(column, 0))


def _standing(tenants: Sequence[_Tenant], severities: Sequence[Severity], now: datetime) -> list[Piece]:
    clean = sum(tenant.scanned is not None and not tenant.total for tenant in tenants)
    headline = f"{clean:,} of {plural(len(tenants), 'tenant')} without a failing finding{_from(severities)}."
    return [line(run(headline)), facts(*_facts(tenants, severities, now))]


def _from(severities: Sequence[Severity]) -> str:
    return "" if severities[-1] is Severity.INFO else f" of severity {severities[-1].value} or worse"


def _facts(tenants: Sequence[_Tenant], severities: Sequence[Severity], now: datetime) -> list[tuple[str, str]]:
    counts = Counter({severity: sum(t.failing[index] for t in tenants) for index, severity in enumerate(severities)})
    by_severity = ", ".join(f"{counts[severity]:,} {severity.value}" for severity in severities if counts[severity])
    facts = [("Failing now", f"{counts.total():,}" + (f" ({by_severity})" if by_severity else ""))]
    facts.append(("Since last week", _trend(tenants)))
    if ending := sum(tenant.number("waivers_ending") for tenant in tenants):
        facts.append(("Waivers ending", f"{ending:,} within 14 days{_first(tenants, 'next_waiver_end')}"))
    if purges := sum(tenant.number("purges") for tenant in tenants):
        facts.append(("To be purged", f"{plural(purges, 'inactive connector')}{_first(tenants, 'next_purge', 'by')}"))
    added = sum(tenant.number("registrars_added") for tenant in tenants)
    facts.append(("New registrars", f"{added:,} in the last 7 days"))
    if unread := sum(tenant.row.get("all_assessed") is False for tenant in tenants):
        facts.append(("Not assessed", f"something in {plural(unread, 'tenant')}"))
    if late := sum(tenant.scanned is None or now - tenant.scanned > OLD for tenant in tenants):
        facts.append(("Not scanned", f"{plural(late, 'tenant')} this week"))
    return facts


def _trend(tenants: Sequence[_Tenant]) -> str:
    """Return how many more or fewer fail than a week before, in the tenants that were scanned then."""
    moved = [tenant.total - tenant.before for tenant in tenants if tenant.before is not None]
    if not moved:
        return "not known yet"
    better, worse = sum(by < 0 for by in moved), sum(by > 0 for by in moved)
    summary = f"{_signed(sum(moved))} (better in {better:,}, worse in {worse:,} of {plural(len(moved), 'tenant')})"
    return summary if len(moved) > 1 else _signed(sum(moved))


def _signed(number: int, none: str = "no change") -> str:
    # A minus sign, as a hyphen at the beginning would be a list in Markdown.
    return f"{number:+,}".replace("-", "\N{MINUS SIGN}") if number else none


def _first(tenants: Sequence[_Tenant], column: str, preposition: str = "on") -> str:
    """Return the earliest day of a column, in words; only digits and hyphens of it ever leave here."""
    days = [moment.date() for tenant in tenants if (moment := _moment(tenant.row.get(column)))]
    return f", the first {preposition} {min(days).isoformat()}" if days else ""


def _worst(tenants: Sequence[_Tenant], severities: Sequence[Severity]) -> list[Part]:
    failing = [tenant for tenant in tenants if tenant.total]
    if not failing:
        return []
    shown = severities[:4]
    head = columns(
        ("stretch", [line(bold("Tenant"))]),
        *(
            (NUMBER, [line(severity_run(severity, _SHORT.get(severity)), horizontalAlignment="Right")])
            for severity in shown
        ),
        (WEEK, [line(bold("Week"), horizontalAlignment="Right")]),
        spacing="Medium",
        separator=True,
    )
    rows = [_tenant_row(tenant, len(shown)) for tenant in failing]
    return [Part(head, rows, "tenant with failing findings", "tenants with failing findings", WORST)]


def _tenant_row(tenant: _Tenant, shown: int) -> Piece:
    week = "-" if tenant.before is None else _signed(tenant.total - tenant.before, "0")
    return columns(
        ("stretch", [line(run(tenant.name, NAME))]),
        *((NUMBER, [line(run(f"{count:,}"), horizontalAlignment="Right")]) for count in tenant.failing[:shown]),
        (WEEK, [line(quiet(week), horizontalAlignment="Right")]),
        spacing="Small",
    )


def _oldest(tenants: Sequence[_Tenant], now: datetime) -> list[Part]:
    known = [(since, tenant) for tenant in tenants if (since := _moment(tenant.row.get("oldest_open")))]
    known.sort(key=lambda pair: (pair[0], pair[1].order))
    rows = [_oldest_row(tenant, since, now) for since, tenant in known]
    if not rows:
        return []
    title = line(bold("Open for longest"), separator=True, spacing="Medium")
    return [Part(title, rows[:OLDEST], "finding", "findings", OLDEST)]


def _oldest_row(tenant: _Tenant, since: datetime, now: datetime) -> Piece:
    days = plural(max(0, (now - since).days), "day")
    also = f" (the same update also fixes {rules})" if (rules := tenant.row.get("oldest_also")) else ""
    return line(
        bold(str(tenant.row.get("oldest_subject", "")) or "one finding", NAME),
        quiet(f"  {tenant.row.get('oldest_rule', '')}{also} · {days}, since {minute(since)[:10]} · "),
        run(tenant.name, NAME),
        spacing="Small",
    )


def _moment(value: object) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) and value else None
