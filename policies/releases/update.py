"""Bringing a release catalogue up to date with a page that was read, and writing it down again."""

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
"""By how many days Microsoft may correct a date. It moved that of 1.5.4287.0 from 20 to 28 May 2025, by eight."""

_TOLD = 10
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
    """A catalogue brought up to date.

    Attributes:
        catalogue: The new catalogue.
        changes: What it says differently, a sentence each.
        warnings: What has to be looked at by a person, a sentence each; the page's own warnings first.
    """

    catalogue: Catalogue
    changes: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass
class _Telling:
    changes: list[str]
    warnings: list[str]


def updated(catalogue: Catalogue, page: Page, today: date) -> Update:
    """Return the catalogue with what the page adds and corrects.

    Known versions keep our notes, `fix` and `minimum_for`. One without a date that the page does not list stays. A
    channel that the page no longer tells in known words stays, with a warning; one that it tells differently is taken
    and told. The unsupported floor only rises.

    Args:
        catalogue: What is known so far.
        page: What the page says.
        today: The day of the comparison, which becomes `revised`.

    Raises:
        CatalogueError: The page lost a version that we know with its date, dates one by more than two weeks
            differently or not at all, is of a later day than today, changes date and channel of a version together,
            or calls a version unsupported that cannot be; or the outcome is no catalogue.
    """
    _check_days(page, today)
    _check_nothing_lost(catalogue, page)
    telling = _Telling([], list(page.warnings))
    known = {release.number: release for release in catalogue.releases}
    merged = {found.number: _merged(known.get(found.number), found, telling) for found in page.releases}
    releases = sorted((known | merged).values(), key=lambda release: release.number, reverse=True)
    renewed = catalogue.model_copy(
        update={
            "revised": today,
            "source": f"{_PAGE_DATE.sub('', catalogue.source)} (ms.date {page.dated or 'not given'})",
            "unsupported_up_to": _floor(catalogue, page, tuple(releases), telling),
            "releases": tuple(releases),
        }
    )
    whole = load_catalogue(catalogue_text(renewed), "the updated catalogue")
    return Update(whole, tuple(telling.changes), tuple(telling.warnings))


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
    """Refuse a page that is of a later day than today."""
    named = [(found.version, found.released) for found in page.releases] + [("its own date", page.dated)]
    for what, day in named:
        if day is not None and day > today:
            raise refusal(f"{what} ({day}) lies after today ({today}), or this machine's clock is wrong")


def _check_nothing_lost(catalogue: Catalogue, page: Page) -> None:
    """Refuse a page that lacks a version which Microsoft has listed before; one never listed has no date."""
    listed = {found.number for found in page.releases}
    lost = [one.version for one in catalogue.releases if one.released is not None and one.number not in listed]
    if lost:
        more = f" and {len(lost) - _TOLD} more" if len(lost) > _TOLD else ""
        raise refusal(f"it has lost {', '.join(lost[:_TOLD])}{more}, which the catalogue knows with their dates")


def _merged(known: Release | None, found: FoundRelease, telling: _Telling) -> Release:
    """Return a release as it is known and found, and tell what changes."""
    if known is None:
        telling.changes.append(
            f"{found.version} is new: released {found.released or 'on a day not given'}, channel "
            f"{found.channel or 'not said'}. Add its fix, minimum_for and notes by hand."
        )
        return Release(version=found.version, released=found.released, channel=found.channel)
    shifted = known.released != found.released
    _check_shift(known, found)
    if shifted:
        telling.changes.append(f"{known.version} was released {found.released}, not {known.released}.")
    if found.channel is None and known.channel is not None:
        telling.warnings.append(f"{known.version} keeps its channel {known.channel}, which the page no longer tells.")
        return known.model_copy(update={"released": found.released})
    if found.channel != known.channel:
        if shifted and known.released is not None:
            raise refusal(f"both the date and the channel of {known.version} changed, as if notes were mixed up")
        telling.changes.append(f"{known.version} has channel {found.channel}, not {known.channel or 'none'}.")
    return known.model_copy(update={"released": found.released, "channel": found.channel})


def _check_shift(known: Release, found: FoundRelease) -> None:
    """Refuse a date that is gone or far from the known one."""
    if known.released is None:
        return
    if found.released is None:
        raise refusal(f"it gives no date for {known.version}, which was released {known.released}")
    if abs((found.released - known.released).days) > SMALL_SHIFT_DAYS:
        raise refusal(f"it dates {known.version} {found.released}, where {known.released} is known")


def _floor(catalogue: Catalogue, page: Page, releases: tuple[Release, ...], telling: _Telling) -> str:
    """Return the newest unsupported version: the page's where it is higher than ours and can be."""
    known, floor = catalogue.unsupported_up_to, page.unsupported_up_to
    if floor is None or floor == known:
        return known
    raised = catalogue.model_copy(update={"unsupported_up_to": floor, "releases": releases})
    if raised.unsupported_floor <= catalogue.unsupported_floor:
        telling.warnings.append(f"The page calls only {floor} and older unsupported; {known} and older stay so here.")
        return known
    if raised.find(raised.unsupported_floor) is None or raised.newest().number <= raised.unsupported_floor:
        raise refusal(f"it calls {floor} and older unsupported, which is no version below the newest")
    telling.changes.append(f"{floor} and older are unsupported, not only {known} and older.")
    return floor
