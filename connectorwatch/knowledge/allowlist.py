"""The hosts and ports that a firewall has to let out, as a table for people, as CSV and as JSON."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from common.text import cell, counted
from connectorwatch.knowledge.loading import cited, sources, topic
from connectorwatch.knowledge.model import Cloud, Need
from connectorwatch.terminal.findings import UNSURE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import Console

    from connectorwatch.knowledge.model import HostEntry

SCHEMA = "connectorwatch.allowlist/v1"
_NEEDS: dict[Need, str] = {"always": "always", "registration": "to register"}
_COLUMNS = (
    "host",
    "port",
    "protocol",
    "direction",
    "need",
    "purpose",
    "wildcard",
    "optional",
    "remark",
    "disputed",
    "source",
    "page_date",
    "checked",
)


class Host(BaseModel):
    """One host with its ports: what for, whether always or to register, and what sources say."""

    model_config = ConfigDict(frozen=True)

    host: str
    ports: tuple[int, ...]
    need: Need
    later: bool
    """Whether a source says that it is needed after registration as well."""
    also_to_register: bool
    """Whether registration needs it too, where it is needed always."""
    purpose: str
    wildcard: bool
    optional: bool
    remark: str
    disputed: tuple[str, ...]
    source: str
    page_date: date | None
    checked: date

    @property
    def needed(self) -> str:
        """When it is needed, in words."""
        return f"{_NEEDS[self.need]}{', perhaps later' if self.later else ''}"


class Allowlist(BaseModel):
    """A whole list as JSON; everything is outbound TCP."""

    model_config = ConfigDict(frozen=True, serialize_by_alias=True, validate_by_name=True)

    schema_: str = Field(default=SCHEMA, alias="schema")
    cloud: Cloud
    hosts: tuple[Host, ...]


def allowlist(cloud: Cloud, need: Need | None = None) -> Allowlist:
    """Return the hosts of a cloud.

    Args:
        cloud: Which cloud.
        need: `always` leaves out what no source wants after registration; `registration` leaves out what registration
            does without. None shows all.
    """
    hosts = tuple(host for entry in _entries(cloud) for host in _hosts(entry))
    return Allowlist(cloud=cloud, hosts=tuple(host for host in hosts if _fits(host, need)))


def _fits(host: Host, need: Need | None) -> bool:
    also = host.later if need == "always" else host.also_to_register
    return need is None or host.need == need or also


def _hosts(entry: HostEntry) -> Iterator[Host]:
    source = cited(entry)[0]
    path = f"Only {entry.path} is fetched; a firewall rule names the host." if entry.path else None
    optional = "Not in the newest list; harmless to leave out." if entry.optional else None
    for host in entry.hosts:
        yield Host(
            host=host,
            ports=entry.ports,
            need=entry.need,
            later=entry.later,
            also_to_register=host in entry.also_to_register,
            purpose=entry.purpose,
            wildcard="*" in host,
            optional=entry.optional,
            remark=" ".join(note for note in (path, optional, entry.remark) if note),
            disputed=tuple(f"{claim.says} ({_source_line(claim.source)})" for claim in entry.disputed),
            source=source.url,
            page_date=source.page,
            checked=source.checked,
        )


def _source_line(key: str) -> str:
    source = sources()[key]
    return f"{source.title}, {source.dates}"


def allowlist_csv(listed: Allowlist) -> str:
    """Return a list as CSV, one row a host and port."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for host in listed.hosts:
        for port in host.ports:
            row = (host.host, port, "tcp", "outbound", host.needed, host.purpose, host.wildcard, host.optional)
            tail = (host.remark, " | ".join(host.disputed), host.source, host.page_date or "", host.checked)
            writer.writerow([cell(str(value)) for value in (*row, *tail)])
    return text.getvalue()


def print_allowlist(listed: Allowlist, console: Console) -> None:
    """Print a list at 80 columns, by purpose, with what sources disagree about below."""
    console.print(
        Text.assemble(
            ("Outbound TCP from each connector server", "bold"),
            f", cloud {listed.cloud}: {counted(len(listed.hosts), 'host')}",
        )
    )
    notes: list[tuple[str, ...]] = []
    for (purpose, needed), hosts in _by_purpose(listed.hosts).items():
        console.print()
        console.print(Text.assemble((purpose[:1].upper() + purpose[1:], "bold"), f": {needed}"))
        shared = {host.remark for host in hosts} if len(hosts) > 1 else set()
        for remark in shared if len(shared) == 1 else ():
            if remark:
                console.print(Padding(Text(remark, "dim"), (0, 0, 0, 2), expand=False))
        table = Table.grid(padding=(0, 2, 0, 0))
        for host in hosts:
            remark = "" if len(shared) == 1 else host.remark
            table.add_row(f"  {host.host}", ", ".join(map(str, host.ports)), _mark(host, notes), Text(remark, "dim"))
        console.print(table)
    _print_notes(listed, notes, console)


def _by_purpose(hosts: Iterable[Host]) -> dict[tuple[str, str], list[Host]]:
    grouped: dict[tuple[str, str], list[Host]] = {}
    for host in hosts:
        grouped.setdefault((host.purpose, host.needed), []).append(host)
    return grouped


def _mark(host: Host, notes: list[tuple[str, ...]]) -> Text:
    """Return the number of the note on what sources disagree about; a new one joins the notes."""
    if not host.disputed:
        return Text("")
    if host.disputed not in notes:
        notes.append(host.disputed)
    return Text(f"[{notes.index(host.disputed) + 1}]", UNSURE)


def _print_notes(listed: Allowlist, notes: list[tuple[str, ...]], console: Console) -> None:
    console.print()
    console.print(Text("No TLS inspection, no proxy authentication. Nothing has to be let in."))
    if any(host.wildcard for host in listed.hosts):
        console.print(Text("A firewall without wildcards has to let out the address ranges of Azure instead."))
    for number, claims in enumerate(notes, 1):
        console.print()
        console.print(Text(f"[{number}] Sources disagree:", UNSURE))
        for claim in claims:
            console.print(Padding(Text(f"- {claim}"), (0, 0, 0, 4), expand=False))
    console.print()
    for source in dict.fromkeys(source for entry in _entries(listed.cloud) for source in cited(entry)):
        console.print(Text(f"{source.title}, {source.dates}", "dim"))
        console.print(Text(f"  {source.url}"), soft_wrap=True)


def _entries(cloud: Cloud) -> list[HostEntry]:
    return [entry for entry in topic("hosts").entries if cloud in entry.clouds]
