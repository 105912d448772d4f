"""The digest as a mail: text and HTML. Names of tenants are text, whatever they hold, and stand in no header."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from common.text import counted, minute, visible
from connectorwatch.tenants.overview import tenant_line
from findings.reports.fleet_page import Fleet
from policies.vocabulary import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connectorwatch.channels.port import Message
    from findings.reports.fleet_page.lines import TenantStatus

MOST_TENANTS, LONGEST_NAME = 200, 120
"""How many tenants a mail lists, the worst first, and how many characters of a name it shows."""
_HEAD = ("Tenant", "State", "Failing", "Not known", "Last scan")


def digest_mail(message: Message, sender: str, to: Sequence[str]) -> EmailMessage:
    """Return the mail of a digest, with lines short enough for every mail server.

    Args:
        message: The digest.
        sender: The address it comes from; the policy file lets through addresses only.
        to: Those it goes to.
    """
    fleet = Fleet(tuple(map(tenant_line, message.rows)), message.at)
    statuses = fleet.statuses
    rows = [_row(status) for status in statuses[:MOST_TENANTS]]
    counts = ", ".join(f"{number} {state}" for _, state, number in fleet.counts) or "no tenants"
    more = len(statuses) - len(rows)
    rest = f"{counted(more, 'further tenant')} {'is' if more == 1 else 'are'} not listed here." if more else ""
    mail = EmailMessage(policy=SMTP.clone(raise_on_defect=True))
    mail["Subject"] = f"Entra private network connectors: {counts}"
    mail["From"], mail["To"] = sender, ", ".join(to)
    mail["Date"] = message.at
    # The same digest has the same id, so that whoever gets it twice sees it once.
    mail["Message-ID"] = f"<{message.id}@connectorwatch.invalid>"
    mail["Auto-Submitted"] = "auto-generated"
    intro = f"How {counted(len(statuses), 'tenant')} stood on {minute(message.at)}: {counts}."
    mail.set_content("\n\n".join((intro, *map(_text, rows), *([rest] if rest else []))) + "\n")
    mail.add_alternative(_html(intro, rows, rest), subtype="html")
    return mail


def _row(status: TenantStatus) -> tuple[str, ...]:
    line = status.line
    failing = ", ".join(f"{line.failing[severity]} {severity}" for severity in Severity if line.failing.get(severity))
    scanned = minute(line.scanned_at) if line.scanned_at else "never"
    name = visible(line.name)[:LONGEST_NAME] or "(no name)"
    return (f"{name} ({visible(line.id)})", status.state, failing or "none", " ".join(status.gaps), scanned)


def _text(row: tuple[str, ...]) -> str:
    return "\n".join(f"{head}: {cell}" for head, cell in zip(_HEAD, row, strict=True) if cell)


def _html(intro: str, rows: list[tuple[str, ...]], rest: str) -> str:
    style = ' style="border:1px solid #ccc;padding:4px 8px;text-align:left;vertical-align:top"'
    cells = [[Markup(f"<td{style}>") + escape(cell) + Markup("</td>") for cell in row] for row in rows]  # noqa: S704 - ours
    head = Markup("").join(Markup(f"<th{style}>{cell}</th>") for cell in _HEAD)  # noqa: S704 - our own words
    body = Markup("\n").join(Markup("<tr>") + Markup("").join(row) + Markup("</tr>") for row in cells)
    page = (
        Markup('<!doctype html><html lang="en"><meta charset="utf-8"><title>connectorwatch</title><body>\n<p>')
        + escape(intro)
        + Markup('</p>\n<table style="border-collapse:collapse">\n<tr>')
        + head
        + Markup("</tr>\n")
        + body
        + Markup("\n</table>\n<p>")
        + escape(rest)
        + Markup("</p></body></html>\n")
    )
    return str(page)
