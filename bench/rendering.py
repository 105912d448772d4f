"""What rendering costs: each format alone and all together, for 500 connectors and 1,000 verdicts, half of them bad."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.measure import median
from findings.document import Lifecycle
from findings.reports.formats import FORMATS
from policies.vocabulary import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from findings.document import FindingsDocument, VerdictEntry
    from inventory.snapshot import Snapshot

    Renderer = Callable[[FindingsDocument, Snapshot], bytes]

ASKED = 1000


def rendering_rows(judged: FindingsDocument, snapshot: Snapshot) -> list[tuple[str, str, str]]:
    """Return what it takes to render all files of a scan, and each of them alone."""
    document = _thousand(judged)
    whole = _seconds(document, snapshot, *(report.render for report in FORMATS.values()))
    size = sum(len(report.render(document, snapshot)) for report in FORMATS.values())
    connectors, verdicts = len(snapshot.connectors.items), len(document.verdicts)
    return [
        (
            "rendering all formats",
            _shown(whole),
            f"{connectors:,} connectors, {verdicts:,} verdicts, {size / 1e6:.1f} MB",
        ),
        *(
            (
                f"{report.file} alone",
                _shown(_seconds(document, snapshot, report.render)),
                _megabytes(report.render(document, snapshot)),
            )
            for report in FORMATS.values()
        ),
    ]


def _seconds(document: FindingsDocument, snapshot: Snapshot, *renderers: Renderer) -> float:
    return median(lambda: [render(document, snapshot) for render in renderers])


def _shown(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


def _megabytes(content: bytes) -> str:
    return f"{len(content) / 1e6:.2f} MB"


def _thousand(document: FindingsDocument) -> FindingsDocument:
    """Return the document with 1,000 verdicts of all rules, every other one of them a failure with a life."""
    every = document.verdicts
    if len(every) < ASKED:
        raise RuntimeError(f"{len(every)} verdicts are too few to take {ASKED} of them")
    chosen = [every[place * len(every) // ASKED] for place in range(ASKED)]
    verdicts = (_failing(entry, document) if place % 2 else entry for place, entry in enumerate(chosen))
    return document.model_copy(update={"verdicts": tuple(verdicts)})


def _failing(entry: VerdictEntry, document: FindingsDocument) -> VerdictEntry:
    at = document.scan.finished_at
    life = Lifecycle(state="open", change="new", first_seen=at, last_seen=at, assessed_at=at)
    return entry.model_copy(update={"outcome": Outcome.FAIL, "lifecycle": life})
