"""A scan on the terminal: what was not read, what fails, what changed, and the path of the full report."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rich.constrain import Constrain
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from common.cells import SENTENCE, cut
from common.text import counted, minute, sentences, unless_named, visible
from connectorwatch.scanning.repeated import named_policy
from connectorwatch.terminal.findings import STYLES, UNSURE, findings_blocks
from findings.reports import inventory, registrars, view
from findings.reports.group_owners import group_owners
from policies.vocabulary import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rich.console import Console, RenderableType

    from findings.document import FindingsDocument, SectionInfo
    from findings.reports.inventory import GroupRow, VersionCounts
    from inventory.snapshot import Snapshot

_TONES: dict[str, str] = STYLES | {"unsure": "bold yellow", "good": "bold green"}
_LIST_NAME, _WIDEST = 70, 100
_INVENTORY = ("connectors", "connector_groups")
"""Lists without which changes of the inventory are not known."""
_GROUPS, _LISTS, _REASONS, _VERSIONS = 40, 6, 5, 4


def summary_table(
    document: FindingsDocument,
    snapshot: Snapshot,
    console: Console,
    report_path: str | None,
    repeated: Sequence[str] = (),
) -> None:
    """Print a scan so that it can be read at 80 columns, with or without colours.

    Names from the tenant are printed as text only: no markup, no control characters, cut where they are long.

    Args:
        document: The scan's result.
        snapshot: What the scan saw, for the groups and versions.
        console: Where to print. It decides about colours, by terminal and by `NO_COLOR`.
        report_path: Where the whole report is, if it was written.
        repeated: Messages about a scan id that already existed.
    """
    where = "use --json for all of them" if report_path is None else "all in the report"
    name = cut(document.tenant.name or document.tenant.id)
    console.print(Text.assemble((name, "bold"), f"  scanned {minute(document.scan.started_at)}"))
    for line in repeated:
        console.print(Text(visible(line), UNSURE))
    for block in (_unread(document, snapshot), _headline(document, repeated), _groups(document, snapshot, where)):
        if block is not None:
            console.print()
            console.print(block)
    console.print()
    console.print(_facts(document, snapshot))
    for block in findings_blocks(document, snapshot, where):
        console.print()
        console.print(block)
    if report_path is not None:
        console.print()
        console.print(Text(f"Report: {visible(report_path)}"), soft_wrap=True)


def _unread(document: FindingsDocument, snapshot: Snapshot) -> RenderableType | None:
    """Return what was not assessed and why, first of all, or None where everything was."""
    reasons, others = view.unread(document.sections), view.unexplained(document)
    if not reasons and not others:
        return None
    labels = inventory.list_labels(snapshot)
    title = "Not everything could be assessed." + (" Not read:" if reasons else "")
    grid = unread_lists(title, document.sections, labels)
    for item in others[:_REASONS]:
        subjects = counted(len(item.subjects), "subject")
        rules = visible(", ".join(item.rules))
        grid.add_row(Text(f"{subjects}: {cut(item.message, SENTENCE)} ({rules})"))
    if len(others) > _REASONS:
        grid.add_row(Text(f"and {counted(len(others) - _REASONS, 'more reason')}"))
    return grid


def unread_lists(title: str, sections: Iterable[SectionInfo], labels: Mapping[str, str]) -> Table:
    """Return a title, then the lists that were not read, each reason once with what to do about it."""
    grid = Table.grid()
    grid.add_row(Text(title, style=f"bold {UNSURE}"))
    for reason in view.unread(sections):
        grid.add_row(Text(_some(labels.get(name, name) for name in reason.names)))
        why = reason.why
        reason_text = cut(why.reason or "", SENTENCE)
        permission = unless_named(why.permission, reason_text, why.advice)
        needs = f"Needs {permission}" if permission else ""
        words = visible(sentences(f"{why.outcome}:", reason_text, needs, why.advice))
        grid.add_row(Padding(Text(words, style=UNSURE), (0, 0, 0, 2)))
    return grid


def _headline(document: FindingsDocument, repeated: Sequence[str]) -> Text:
    """Return the scan's result in one or two sentences."""
    headline = view.headline(document)
    notes = []
    if document.scan.superseded:
        notes.append("A newer scan was remembered before this one, which changed no finding.")
    if document.scan.first:
        notes.append(f"This {'was' if repeated else 'is'} the first scan of this tenant.")
    first, *others = headline.sentences
    return Text.assemble((first, _TONES[headline.tone]), " " if others or notes else "", " ".join((*others, *notes)))


def _groups(document: FindingsDocument, snapshot: Snapshot, where: str) -> RenderableType:
    """Return a table of the connector groups, worst first; `where` says where the omitted ones are."""
    rows = inventory.group_rows(document, snapshot)
    if rows is None:
        return Text("Connector groups: not read", style=UNSURE)
    more = f"and {len(rows) - _GROUPS} more, {where}" if len(rows) > _GROUPS else None
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), caption=more, caption_justify="left", expand=True)
    table.add_column("Group", no_wrap=True, overflow="ellipsis", ratio=1, width=12)  # and wider where there is room
    table.add_column("Region", no_wrap=True, overflow="ellipsis", max_width=8)
    table.add_column("Active", no_wrap=True)
    table.add_column("Versions", no_wrap=True, overflow="ellipsis", max_width=20)
    table.add_column("Apps", no_wrap=True)
    table.add_column("Worst", min_width=8)
    for row in rows[:_GROUPS]:
        table.add_row(
            Text(cut(row.name) or row.id),
            Text(cut(row.region)),
            _known(None if row.active is None else f"{row.active} of {row.connectors}"),
            _versions(row.versions),
            _known(row.applications),
            _worst(row),
        )
    return Constrain(table, _WIDEST)


def _versions(versions: VersionCounts | None) -> Text:
    """Return a group's versions, one a line."""
    if versions is None:
        return _known(None)
    lines = [_times(version, number) for version, number in versions[:_VERSIONS]]
    return Text("\n".join((*lines, "and others") if len(versions) > _VERSIONS else lines))


def _worst(row: GroupRow) -> Text:
    """Return the worst severity of a group; `none` only where everything was assessed."""
    if row.worst is not None:
        return Text(row.worst, style=STYLES[row.worst])
    return Text("none") if row.assessed else Text("not assessed", style=UNSURE)


def _facts(document: FindingsDocument, snapshot: Snapshot) -> Table:
    """Return the tenant's versions, its registrars and what changed, a line each."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    versions = inventory.version_counts(snapshot)
    if versions is None:
        grid.add_row("Versions", _known(None))
    else:
        shown = ", ".join(_times(version, number) for version, number in versions) or "no connectors"
        grid.add_row("Versions", Text(cut(shown, SENTENCE)))
    baseline = visible(document.releases.newest_auto_upgrade or "none known")
    grid.add_row("Baseline", Text(f"{baseline}, the newest release that Microsoft installs by itself"))
    grid.add_row("Registrars", _registrars(document, inventory.list_labels(snapshot)))
    if snapshot.role_eligibilities.status == "not_licensed":
        grid.add_row("Licence", Text("no Privileged Identity Management, so every role is standing; no REG005"))
    grid.add_row("Changes", _changes(document))
    grid.add_row("Policy", Text(named_policy(document.policy.source, document.policy.sha256), overflow="fold"))
    return grid


def _changes(document: FindingsDocument) -> str:
    """Return how many findings moved, and how much of the inventory; a first scan has nothing to be compared with."""
    moved = Counter(entry.change for entry in view.moved(document))
    if document.scan.first:
        waived = len(view.waived(document))
        findings = f"{counted(moved.total(), 'finding')}{f', {waived} of them waived' if waived else ''}"
        return f"first scan: {findings}, nothing to compare with"
    findings = ", ".join(f"{number} {change}" for change, number in moved.items())
    if not findings and not view.compared(document):
        findings = "findings not compared with earlier scans"
    if document.changes:
        return f"{findings or 'no finding'}; {len(document.changes)} in the inventory"
    read = all(section.known for section in document.sections if section.name in _INVENTORY)
    return findings or ("none" if read else "no finding; the inventory was not read in full")


def _times(version: str, number: int) -> str:
    """Return a version with how many connectors run it."""
    return f"{number} × {cut(version)}"  # noqa: RUF001 - the sign for times


def _registrars(document: FindingsDocument, labels: Mapping[str, str]) -> Text:
    """Return the number of possible registrars; an incomplete list never reads as none."""
    hidden = registrars.hiding(document)
    if not document.registrars and (hidden or document.registrars_unresolved is not None):
        return _known(None)
    counts = registrars.counts(document)
    gates = sum(gate.verdict.outcome is Outcome.FAIL for gate in group_owners(document))
    text = Text(counts.sentence, style=UNSURE if counts.unknown else "")
    if gates:
        text.append(f"; {gates} can let themselves or others in (REG010)")
    if hidden:
        text.append(
            f", perhaps more: {_some(labels.get(section.name, section.name) for section in hidden)} not read",
            style=UNSURE,
        )
    return text


def _some(names: Iterable[str]) -> str:
    """Return the first of some names, and how many more there are."""
    every = list(names)
    more = f" and {len(every) - _LISTS} more" if len(every) > _LISTS else ""
    return ", ".join(cut(name, _LIST_NAME) for name in every[:_LISTS]) + more


def _known(value: str | int | None) -> Text:
    """Return a value, or that it was not read, which is never 0."""
    return Text("not read", style=UNSURE) if value is None else Text(str(value))
