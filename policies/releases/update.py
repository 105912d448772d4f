"""Update a release catalogue from the version history page, and write it as YAML."""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING

from ruamel.yaml import YAML

from policies.releases.catalogue import Release, load_catalogue
from policies.releases.page import refusal

if TYPE_CHECKING:
    from datetime import date

    from policies.releases.catalogue import Catalogue
    from policies.releases.page import FoundRelease, Page

SMALL_SHIFT_DAYS = 14
"""The largest accepted correction of a release date, in days.

Microsoft moved the date of 1.5.4287.0 by eight days, from 20 to 28 May 2025.
"""

_MOST_NAMED = 10
_PAGE_DATE = re.compile(r"\s*\(ms\.date[^)]*\)")
_HEAD = """\
# The releases of the Microsoft Entra private network connector, newest first.
# Written from Microsoft's version history page by `connectorwatch releases --from`.
#
#   channel      auto_upgrade: the release note says that Microsoft may install it by itself
#                download:     it must be fetched
#                left out:     the page does not say
#   fix          the note names a mended weakness, leak, crash or hang
#   minimum_for  what works, or starts to be asked for, from this version on
"""


@dataclass(frozen=True)
class Update:
    """An updated catalogue.

    Attributes:
        catalogue: The new catalogue.
        changes: The differences from the old catalogue, a sentence each.
        warnings: What a person has to check, a sentence each; warnings about reading the page come first.
    """

    catalogue: Catalogue
    changes: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass
class _Report:
    changes: list[str]
    warnings: list[str]


def updated(catalogue: Catalogue, page: Page, today: date) -> Update:
    """Return the catalogue with what the page adds and corrects.

    Known versions keep `fix`, `minimum_for` and notes. A version without a date that the page does not list stays. A
    channel that the page no longer states in known words stays, with a warning; a different channel replaces it and
    is listed as a change. The newest unsupported version can only rise.

    Args:
        catalogue: The catalogue so far.
        page: The content of the page.
        today: The day of the comparison, which becomes `revised`.

    Raises:
        CatalogueError: The page lacks a version that the catalogue has with a date, moves a date by over two weeks or
            removes it, has a date after today, changes date and channel of a version together, or calls an impossible
            version unsupported; or the result is no valid catalogue.
    """
    _check_days(page, today)
    _check_nothing_lost(catalogue, page)
    report = _Report([], list(page.warnings))
    known = {release.number: release for release in catalogue.releases}
    merged = {entry.number: _merged(known.get(entry.number), entry, report) for entry in page.releases}
    releases = sorted((known | merged).values(), key=lambda release: release.number, reverse=True)
    renewed = catalogue.model_copy(
        update={
            "revised": today,
            "source": f"{_PAGE_DATE.sub('', catalogue.source)} (ms.date {page.dated or 'not given'})",
            "unsupported_up_to": _floor(catalogue, page, tuple(releases), report),
            "releases": tuple(releases),
        }
    )
    whole = load_catalogue(catalogue_text(renewed), "the updated catalogue")
    return Update(whole, tuple(report.changes), tuple(report.warnings))


def catalogue_text(catalogue: Catalogue) -> str:
    """Return a catalogue as the YAML that `load_catalogue` reads."""
    head = catalogue.model_dump(exclude={"releases"})
    releases = (_yaml([release.model_dump(exclude_defaults=True)]) for release in catalogue.releases)
    return "\n".join((_HEAD, _yaml(head), "releases:", *releases))


def _yaml(value: object) -> str:
    yaml = YAML(pure=True)
    yaml.default_flow_style = False
    yaml.allow_unicode = False  # a next-line character would be written as a line break
    yaml.width = 1_000_000  # a note stays on its line
    file = StringIO()
    yaml.dump(value, file)
    return file.getvalue()


def _check_days(page: Page, today: date) -> None:
    """Refuse a page with a date after today."""
    named = [(entry.version, entry.released) for entry in page.releases] + [("its own date", page.dated)]
    for subject, day in named:
        if day is not None and day > today:
            raise refusal(f"{subject} ({day}) lies after today ({today}), or this machine's clock is wrong")


def _check_nothing_lost(catalogue: Catalogue, page: Page) -> None:
    """Refuse a page that lacks a version which it listed before; a version that it never listed has no date."""
    listed = {entry.number for entry in page.releases}
    lost = [
        release.version
        for release in catalogue.releases
        if release.released is not None and release.number not in listed
    ]
    if lost:
        more = f" and {len(lost) - _MOST_NAMED} more" if len(lost) > _MOST_NAMED else ""
        raise refusal(f"it has lost {', '.join(lost[:_MOST_NAMED])}{more}, which the catalogue knows with their dates")


def _merged(known: Release | None, entry: FoundRelease, report: _Report) -> Release:
    """Return a release updated from the page's entry, and add the differences to the report."""
    if known is None:
        report.changes.append(
            f"{entry.version} is new: released {entry.released or 'on a day not given'}, channel "
            f"{entry.channel or 'not said'}. Add its fix, minimum_for and notes by hand."
        )
        return Release(version=entry.version, released=entry.released, channel=entry.channel)
    shifted = known.released != entry.released
    _check_shift(known, entry)
    if shifted:
        report.changes.append(f"{known.version} was released {entry.released}, not {known.released}.")
    if entry.channel is None and known.channel is not None:
        report.warnings.append(f"{known.version} keeps its channel {known.channel}, which the page no longer tells.")
        return known.model_copy(update={"released": entry.released})
    if entry.channel != known.channel:
        if shifted and known.released is not None:
            raise refusal(f"both the date and the channel of {known.version} changed, as if notes were mixed up")
        report.changes.append(f"{known.version} has channel {entry.channel}, not {known.channel or 'none'}.")
    return known.model_copy(update={"released": entry.released, "channel": entry.channel})


def _check_shift(known: Release, entry: FoundRelease) -> None:
    """Refuse an entry whose date is missing or differs by more than `SMALL_SHIFT_DAYS`."""
    if known.released is None:
        return
    if entry.released is None:
        raise refusal(f"it gives no date for {known.version}, which was released {known.released}")
    if abs((entry.released - known.released).days) > SMALL_SHIFT_DAYS:
        raise refusal(f"it dates {known.version} {entry.released}, where {known.released} is known")


def _floor(catalogue: Catalogue, page: Page, releases: tuple[Release, ...], report: _Report) -> str:
    """Return the newest unsupported version: the page's if it is higher than the catalogue's and plausible."""
    known, floor = catalogue.unsupported_up_to, page.unsupported_up_to
    if floor is None or floor == known:
        return known
    raised = catalogue.model_copy(update={"unsupported_up_to": floor, "releases": releases})
    if raised.unsupported_floor <= catalogue.unsupported_floor:
        report.warnings.append(f"The page calls only {floor} and older unsupported; {known} and older stay so here.")
        return known
    if raised.find(raised.unsupported_floor) is None or raised.newest().number <= raised.unsupported_floor:
        raise refusal(f"it calls {floor} and older unsupported, which is no version below the newest")
    report.changes.append(f"{floor} and older are unsupported, not only {known} and older.")
    return floor
