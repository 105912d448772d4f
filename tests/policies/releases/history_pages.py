"""Version history pages by hand, in several plausible shapes; of their words only the status phrases are real.

A `Style` says what may differ from page to page. `blocks_of` gives the page as blocks, so that a test can shuffle or
damage it before it becomes Markdown or HTML.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from html import escape
from typing import TYPE_CHECKING

from common.errors import CatalogueError
from policies.releases.catalogue import Release, built_in_catalogue
from policies.releases.page import read_page
from policies.releases.update import updated

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

    from policies.releases.page_blocks import Kind

TODAY = date(2026, 12, 1)
BUILT_IN = built_in_catalogue()
KNOWN = {release.version: release for release in BUILT_IN.releases}
LISTED = tuple(release for release in BUILT_IN.releases if release.released is not None)
AUTO = (
    "Released for download. This version may perform auto-upgrade of your connector. You can install via the download "
    "page."
)
DOWNLOAD = "Released for download. This version is only available for install via the download page."
PLAIN = "Released for download."

Block = tuple[int, str]
"""A heading's level, 0 for a paragraph and -1 for a list item, and its text."""


def american(day: date) -> str:
    """Return a day such as June 8, 2026."""
    return f"{day:%B} {day.day}, {day.year}"


def british(day: date) -> str:
    """Return a day such as 8 June 2026."""
    return f"{day.day} {day:%B} {day.year}"


@dataclass(frozen=True)
class Style:
    """What may differ from page to page."""

    heading: str = "Version {}"
    retired: str = "Version {} (Deprecated)"
    status: str = "Release status"
    day: Callable[[date], str] = american
    auto: str = AUTO
    download: str = DOWNLOAD
    plain: str = PLAIN
    level: int = 2


STYLES = {
    "today's": Style(),
    "older": Style(
        heading="{}",
        retired="{}",
        download="Released for download\nThis version is only available for install via the download page. ",
    ),
    "British": Style(heading="Connector version: {}", day=british, level=3),
    "ISO": Style(heading="v{}", retired="Version {} - Unsupported", day=str, status="Status of the release"),
    "renamed": Style(
        heading="Contoso Private Link Agent version {}",
        status="RELEASE  STATUS",
        auto="RELEASED FOR DOWNLOAD AND AUTOMATIC UPDATE. This release will be automatically upgraded.",
        download="Released.  It is available only from the Download\tpage.",
        day=lambda day: f"{day:%b}. {day.day:02}, {day.year}",
    ),
}


def status_of(release: Release, style: Style) -> str:
    """Return the status of a release in a style."""
    said = {"auto_upgrade": style.auto, "download": style.download, None: style.plain}[release.channel]
    return said if release.released is None else f"{style.day(release.released)}: {said}"


def blocks_of(releases: Sequence[Release] = LISTED, style: Style = Style(), floor: str = "1.5.612.0") -> list[Block]:
    """Return a page as blocks; the section of unsupported versions stands before the first of them."""
    blocks: list[Block] = [(1, "Release notes"), (0, "What is new in which version."), (2, "Overview"), (0, "Read on.")]
    told = False
    for release in releases:
        old = release.number <= tuple(map(int, floor.split(".")))
        if old and not told:
            blocks += [(2, "Unsupported versions"), (0, f"Update at once from version {floor} or earlier.")]
            told = True
        blocks += [
            (style.level, (style.retired if old else style.heading).format(release.version)),
            (style.level + 1, style.status),
            (0, status_of(release, style)),
            (style.level + 1, "New features and improvements"),
            (-1, "The `connector` does **more** than before."),
            (style.level + 1, "Fixed issues"),
            (-1, "Nothing crashes since 1.5.1.0, and connectors may auto-upgrade."),
        ]
    return [*blocks, (2, "Next steps"), (-1, "Read [more](../more.md).")]


def markdown(blocks: Sequence[Block], dated: str | None = "06/08/2026") -> str:
    """Return blocks as Markdown with front matter."""
    front = "" if dated is None else f"---\ntitle: Release notes\nms.date: {dated}\nauthor: somebody\n---\n\n"
    marks = {0: "", -1: "- "}
    return front + "\n\n".join(f"{marks.get(level, '#' * max(level, 0) + ' ')}{text}" for level, text in blocks) + "\n"


def html(blocks: Sequence[Block], dated: str | None = "2026-06-08T00:00:00Z") -> str:
    """Return blocks as HTML with what a browser saves around them."""
    tags = {0: "p", -1: "li"}
    meta = "" if dated is None else f'<meta name="ms.date" content="{dated}">'
    body = "".join(
        f"<{(tag := tags.get(level, f'h{level}'))} class=x><a href='#'></a><span>{escape(text)}</span></{tag}>\n"
        for level, text in blocks
    )
    return (
        f"<!-- saved --><!DOCTYPE html><html><head>{meta}<meta name=x><title>Notes</title><style>h2 {{}}</style></head>"
        f"<body><![endif]><script>'<h2>Version 9.9.9.9</h2>'</script><noscript><h2>Version 9.9.9.9</h2></noscript>"
        f"<nav><ul><li>Version 9.9.9.9<br>below</li></ul></nav><main>{body}</main></svg></body></html>"
    )


def newer(**changes: object) -> Release:
    """Return a release that the built-in catalogue does not know."""
    return Release(version="1.5.5000.0").model_copy(update=changes)


def damaged(blocks: list[Block], random: Random) -> list[Block]:
    """Return blocks with some of them gone, moved, doubled or cut short."""
    blocks = list(blocks)
    for _ in range(random.randint(1, 4)):
        at, other = random.randrange(len(blocks)), random.randrange(len(blocks))
        level, text = blocks[at]
        match random.randrange(5):
            case 0:
                del blocks[at]
            case 1:
                blocks[at], blocks[other] = blocks[other], blocks[at]
            case 2:
                blocks.insert(other, blocks[at])
            case 3:
                blocks[at] = (level, text[: random.randrange(len(text) + 1)])
            case _:
                start = random.randrange(len(text) + 1)
                blocks[at] = (level, text[:start] + text[random.randrange(start, len(text) + 1) :])
    return blocks


def assert_channels_are_right(blocks: list[Block], kind: Kind) -> None:
    """Make sure that blocks are refused by our error, or give every known version the channel it has."""
    text = markdown(blocks) if kind == "markdown" else html(blocks)
    try:
        found = updated(BUILT_IN, read_page(text, kind), TODAY).catalogue
    except CatalogueError:
        return
    assert {one.version: one.channel for one in found.releases if one.version in KNOWN} == {
        one.version: one.channel for one in KNOWN.values()
    }
