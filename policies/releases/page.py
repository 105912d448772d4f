"""Read Microsoft's version history page by its constant features; refuse a page of another shape.

The page: https://learn.microsoft.com/en-us/entra/global-secure-access/reference-version-history (its revisions of
2021-04-27 to 2026-06-08 were examined). Each version has a heading and below it a release status, which begins with a
date and says whether the version must be downloaded or may install itself. A status that is not understood gives no
channel and a warning, never a guess.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from common.errors import CatalogueError
from common.yaml_lines import shown
from policies.releases.catalogue import parse_version
from policies.releases.page_blocks import page_text
from policies.releases.page_status import FOUR_PARTS, channel_of, days_in, page_day

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from policies.releases.catalogue import Version
    from policies.releases.page_blocks import Block, Kind
    from policies.releases.page_status import Channel

_FEWEST, _NEWEST = 5, 3
_LONGEST = 2000
"""How many characters of a heading or a status are read."""
_VERSION_HEADING = re.compile(
    rf"(?:(?:[^.:]*\s)?(?:version|release):?\s+)?v?(?P<version>{FOUR_PARTS})(?P<mark>\s*[(\[:\u2013\u2014-].*)?",
    re.IGNORECASE,
)
_RETIRED = re.compile(r"deprecated|unsupported|retired", re.IGNORECASE)
_RELEASED = re.compile("released", re.IGNORECASE)
_STATUS_HEADING = re.compile(r"\bstatus\b", re.IGNORECASE)
_UNSUPPORTED_HEADING = re.compile(
    r"\b(?:unsupported|(?:not|no longer) supported|(?:end|out) of support)\b", re.IGNORECASE
)
_AND_OLDER = re.compile(
    rf"(?P<version>{FOUR_PARTS})\s?(?:\([^)]{{0,200}}\)\s?)?"
    r"(?:or|and)\s(?:any\s|all\s)?(?:earlier|older|below|lower|before|prior)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class FoundRelease:
    """The page's entry for one version.

    Attributes:
        version: Four numbers with dots.
        released: The day that its status begins with, or None where it names none.
        channel: As in the catalogue; None where the status does not state it in known words.
        retired: Whether its heading calls it deprecated or unsupported.
    """

    version: str
    released: date | None
    channel: Channel | None
    retired: bool

    @property
    def number(self) -> Version:
        """The version as four numbers."""
        return _number(self.version)


@dataclass(frozen=True)
class Page:
    """The content of the version history page.

    Attributes:
        releases: The versions, newest first.
        dated: The page's own date (`ms.date`), or None where it gives none.
        unsupported_up_to: The newest version that it calls unsupported, or None where it does not say.
        warnings: What was not understood and has to be checked by a person, a sentence each.
    """

    releases: tuple[FoundRelease, ...]
    dated: date | None
    unsupported_up_to: str | None
    warnings: tuple[str, ...]


@dataclass
class _Section:
    """A heading with the texts below it; `version` is None if the heading is not that of a version."""

    level: int
    heading: str
    version: str | None
    retired: bool
    parts: list[tuple[str, list[str]]] = field(default_factory=lambda: [("", [])])
    """Each subheading with the texts below it; the first part stands below none."""

    @property
    def statuses(self) -> list[list[str]]:
        """The texts below each subheading that speaks of a status."""
        return [texts for subheading, texts in self.parts if _STATUS_HEADING.search(subheading)]

    def status(self) -> str:
        """Return the release status: below its own heading, else the first dated text with the word "released"."""
        below = [text for texts in self.statuses for text in texts]
        alone = (text for subheading, texts in self.parts if not subheading for text in texts if _RELEASED.search(text))
        return (" ".join(below) or next(filter(days_in, alone), ""))[:_LONGEST]


def read_page(text: str, kind: Kind) -> Page:
    """Return the content of the version history page.

    Args:
        text: The whole page.
        kind: Whether it is Markdown or HTML; see `page_blocks.kind_of`.

    Raises:
        CatalogueError: It does not have the shape of the version history page: fewer than five versions, one of the
            newest three without a dated status, two statuses for one version, or versions or dates that do not
            descend.
    """
    page = page_text(text, kind)
    sections = tuple(_sections(page.blocks))
    versions = [section for section in sections if section.version is not None]
    _check_shape(versions)
    warnings: list[str] = []
    releases = tuple(_release(section, warnings) for section in versions)
    _check_dates(releases)
    floor = _floor(sections, warnings)
    warnings += (
        f"{release.version} is called deprecated, yet unsupported are only {floor} and older."
        for release in releases
        if release.retired and floor is not None and release.number > _number(floor)
    )
    dated = page_day(page.dated or "")
    if dated is None:
        warnings.append("The page does not say when it was last revised (ms.date).")
    return Page(releases, dated, floor, tuple(warnings))


def refusal(reason: str) -> CatalogueError:
    """Return the error for a refused page, with the reason and what to do instead."""
    return CatalogueError(
        f"The version history page is refused: {reason}. Save the English page anew, or compare it by eye and edit "
        "the catalogue by hand."
    )


def _sections(blocks: Iterable[Block]) -> Iterator[_Section]:
    """Yield the parts of a page: a version's heading begins one wherever it stands, others by their level."""
    current: _Section | None = None
    for block in blocks:
        heading = _VERSION_HEADING.fullmatch(block.text[:_LONGEST]) if block.level else None
        if heading or (block.level and (current is None or block.level <= current.level)):
            if current is not None:
                yield current
            version, mark = (heading["version"], heading["mark"]) if heading else (None, None)
            current = _Section(block.level, block.text[:_LONGEST], version, _RETIRED.search(mark or "") is not None)
        elif current is not None and block.level:
            current.parts.append((block.text[:_LONGEST], []))
        elif current is not None:
            current.parts[-1][1].append(block.text)
    if current is not None:
        yield current


def _check_shape(versions: list[_Section]) -> None:
    """Refuse a page whose version headings are few, out of order, or without their statuses."""
    if len(versions) < _FEWEST:
        raise refusal(f"it has {len(versions)} headings such as “Version 1.5.4522.0”, where at least {_FEWEST} belong")
    for above, below in pairwise(versions):
        if _number(below.version) >= _number(above.version):
            raise refusal(f"{below.version} stands below {above.version}, where the newest comes first")
    for section in versions:
        if len(section.statuses) > 1:
            raise refusal(f"{section.version} has two release statuses, so a version's heading may be missing")
    for section in versions[:_NEWEST]:
        if not days_in(section.status()):
            raise refusal(f"{section.version} has no release status that begins with a date")


def _check_dates(releases: tuple[FoundRelease, ...]) -> None:
    dated = [(release.released, release.version) for release in releases if release.released is not None]
    for (later, above), (earlier, below) in pairwise(dated):
        if earlier > later:
            raise refusal(f"{below} ({earlier}) would be of a later day than {above} ({later}) above it")


def _release(section: _Section, warnings: list[str]) -> FoundRelease:
    """Return the entry of a version's section; wording that is not known becomes a warning."""
    version, status = section.version or "", section.status()
    dates, (channel, understood) = days_in(status), channel_of(status, version)
    if not dates:
        warnings.append(f"{version} has no release date on the page.")
    if not understood:
        warnings.append(f"The status of {version} does not say in known words how it is installed: {shown(status)}.")
    if len(set(dates)) > 1:
        channel = None  # two notes may have run into one
        warnings.append(
            f"The status of {version} names several dates, so only the first is taken, and no channel: {shown(status)}."
        )
    return FoundRelease(version, dates[0] if dates else None, channel, section.retired)


def _floor(sections: Iterable[_Section], warnings: list[str]) -> str | None:
    """Return the newest unsupported version if the texts under such a heading give exactly one."""
    texts = [
        text
        for section in sections
        for subheading, texts in section.parts
        if _UNSUPPORTED_HEADING.search(subheading or ("" if section.version else section.heading))
        for text in texts
    ]
    floors = {match["version"] for text in texts for match in _AND_OLDER.finditer(text)}
    if len(floors) == 1:
        return floors.pop()
    warnings.append("The page does not say in known words up to which version connectors are unsupported.")
    return None


def _number(version: str | None) -> Version:
    """Return a version that matched `FOUR_PARTS` as four numbers."""
    return parse_version(version) or (0, 0, 0, 0)
