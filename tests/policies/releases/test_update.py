"""A catalogue takes over what a page adds, and never silently what contradicts what is known."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.errors import CatalogueError
from policies.releases.catalogue import Catalogue, Release, load_catalogue
from policies.releases.page import read_page
from policies.releases.update import Update, catalogue_text, updated
from tests.examples import examples
from tests.policies.releases.history_pages import (
    BUILT_IN,
    KNOWN,
    LISTED,
    TODAY,
    Block,
    Style,
    assert_channels_are_right,
    blocks_of,
    damaged,
    markdown,
    newer,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policies.releases.page_blocks import Kind

always = settings(deadline=None, derandomize=True, max_examples=examples(100))
SEEDS = st.integers(min_value=0, max_value=2**32)


def update(blocks: Sequence[Block], catalogue: Catalogue = BUILT_IN, today: date = TODAY) -> Update:
    """Return a catalogue brought up to date from blocks."""
    return updated(catalogue, read_page(markdown(blocks), "markdown"), today)


def refused(blocks: Sequence[Block], catalogue: Catalogue = BUILT_IN, today: date = TODAY) -> str:
    """Return why blocks are refused."""
    with pytest.raises(CatalogueError) as caught:
        update(blocks, catalogue, today)
    return str(caught.value)


def having(version: str, **changes: object) -> list[Release]:
    """Return the listed releases, one of them changed."""
    return [one.model_copy(update=changes) if one.version == version else one for one in LISTED]


def knowing(version: str, **changes: object) -> Catalogue:
    """Return the built-in catalogue, one of its releases changed."""
    releases = [one.model_copy(update=changes) if one.version == version else one for one in BUILT_IN.releases]
    return BUILT_IN.model_copy(update={"releases": tuple(releases)})


def test_nothing_new() -> None:
    """The page that the catalogue was made from changes nothing but the day of the comparison."""
    found = update(blocks_of())

    assert found.catalogue == BUILT_IN.model_copy(update={"revised": TODAY})
    assert (found.changes, found.warnings) == ((), ())


def test_new_versions() -> None:
    """New versions are added at their places, with nothing of ours; the known ones keep our words."""
    new = newer(released=date(2026, 11, 30), channel="auto_upgrade")
    between = newer(version="1.5.4500.0", released=date(2025, 10, 1))
    found = update(blocks_of([new, *LISTED[:3], between, *LISTED[3:]]))

    assert set(found.catalogue.releases) == {*BUILT_IN.releases, new, between}
    assert found.changes == (
        "1.5.5000.0 is new: released 2026-11-30, channel auto_upgrade. Add its fix, minimum_for and notes by hand.",
        "1.5.4500.0 is new: released 2025-10-01, channel not said. Add its fix, minimum_for and notes by hand.",
    )


def test_new_version_without_a_day() -> None:
    """A new version below the newest three may come without a day, and is never expected."""
    found = update(blocks_of([*LISTED[:3], newer(version="1.5.4500.0", channel="auto_upgrade"), *LISTED[3:]]))

    assert "1.5.4500.0 is new: released on a day not given, channel auto_upgrade." in found.changes[0]


def test_version_that_was_never_listed_stays() -> None:
    """1.5.3417.0, which Microsoft names without listing it, stays with our words."""
    found = update(blocks_of()).catalogue

    assert found.find((1, 5, 3417, 0)) == KNOWN["1.5.3417.0"]


def test_version_that_is_listed_at_last() -> None:
    """A version without a day takes the page's day and channel, and keeps our words."""
    listed = KNOWN["1.5.3417.0"].model_copy(update={"released": date(2023, 1, 1), "channel": "download"})
    found = update(blocks_of(sorted([*LISTED, listed], key=lambda one: one.number, reverse=True)))

    assert found.catalogue.find((1, 5, 3417, 0)) == listed
    assert found.changes == (
        "1.5.3417.0 was released 2023-01-01, not None.",
        "1.5.3417.0 has channel download, not none.",
    )


def test_lost_versions() -> None:
    """A page without versions that it had is refused, and they are named, at most ten."""
    assert "it has lost 1.5.4594.0, 1.5.36.0, which" in refused(blocks_of([LISTED[0], *LISTED[2:-1]]))
    assert "1.5.402.0 and 2 more, which" in refused(blocks_of(LISTED[:5]))


@pytest.mark.parametrize(("days", "taken"), [(-14, True), (-8, True), (14, True), (-15, False), (15, False)])
def test_corrected_day(days: int, *, taken: bool) -> None:
    """A day that moved by up to two weeks is taken and told; one that moved further is refused."""
    moved = date(2025, 10, 10) + timedelta(days=days)
    blocks = blocks_of(having("1.5.4522.0", released=moved))

    if taken:
        assert update(blocks).changes == (f"1.5.4522.0 was released {moved}, not 2025-10-10.",)
    else:
        assert f"it dates 1.5.4522.0 {moved}, where 2025-10-10 is known" in refused(blocks)


def test_known_day_is_gone() -> None:
    """A known version that has no day any more is refused."""
    assert "it gives no date for 1.5.4364.0, which was released 2025-06-25" in refused(
        blocks_of(having("1.5.4364.0", released=None))
    )


def test_changed_channel() -> None:
    """A channel that the page tells differently, on the same day, is taken and told."""
    found = update(blocks_of(having("1.5.4892.0", channel="auto_upgrade")))

    assert found.catalogue.newest_auto_upgrade() == found.catalogue.newest()
    assert found.changes == ("1.5.4892.0 has channel auto_upgrade, not download.",)


def test_changed_channel_and_day() -> None:
    """A channel that changes together with the day looks like notes mixed up, and is refused."""
    moved = having("1.5.4892.0", channel="auto_upgrade", released=date(2026, 6, 9))

    assert "both the date and the channel of 1.5.4892.0 changed" in refused(blocks_of(moved))


@pytest.mark.parametrize("status", ["Released for download.", "Released into the wild."])
def test_channel_that_is_no_longer_told(status: str) -> None:
    """A known channel stays where the page no longer tells it, with a warning."""
    found = update(blocks_of(style=Style(auto=status)))

    assert found.catalogue.releases == BUILT_IN.releases
    assert found.warnings[-1] == "1.5.4364.0 keeps its channel auto_upgrade, which the page no longer tells."


def test_days_to_come() -> None:
    """A page of a later day than today is refused, be it a release's or its own."""
    assert "1.5.4892.0 (2026-06-08) lies after today (2026-06-07)" in refused(blocks_of(), today=date(2026, 6, 7))
    with pytest.raises(CatalogueError, match=r"its own date \(2027-01-01\) lies after today"):
        updated(BUILT_IN, read_page(markdown(blocks_of(), "01/01/2027"), "markdown"), TODAY)


def test_raised_floor() -> None:
    """A higher unsupported floor is taken over and told."""
    found = update(blocks_of(floor="1.5.1975.0"))

    assert found.catalogue.unsupported_up_to == "1.5.1975.0"
    assert found.changes == ("1.5.1975.0 and older are unsupported, not only 1.5.612.0 and older.",)


@pytest.mark.parametrize("floor", ["1.5.402.0", "1.5.0612.0"])
def test_floor_that_does_not_rise(floor: str) -> None:
    """A floor that is lower, or the same in other digits, leaves ours, and is told."""
    found = update(blocks_of(floor=floor))

    assert found.catalogue.unsupported_up_to == "1.5.612.0"
    assert f"The page calls only {floor} and older unsupported; 1.5.612.0 and older stay so here." in found.warnings


@pytest.mark.parametrize("floor", ["1.5.4892.0", "1.5.4000.0"])
def test_floor_that_cannot_be(floor: str) -> None:
    """A floor that is the newest version, or none that is known, is refused."""
    assert f"it calls {floor} and older unsupported, which is no version below the newest" in refused(
        blocks_of(floor=floor)
    )


def test_floor_that_is_not_told() -> None:
    """Without a section of unsupported versions our floor stays, with a warning."""
    found = update([block for block in blocks_of() if not block[1].startswith("Update at once")])

    assert found.catalogue.unsupported_up_to == "1.5.612.0"
    assert len(found.warnings) == 1


def test_never_listed_version_may_be_the_newest() -> None:
    """A version without a day stays at its place by its number, be it the newest."""
    ahead = BUILT_IN.model_copy(update={"releases": (newer(), *BUILT_IN.releases)})

    assert update(blocks_of(), ahead).catalogue.newest() == newer()


def test_source_names_the_page_and_its_day() -> None:
    """The source stays the page's address, with its new day or without one."""
    address = BUILT_IN.source.partition(" ")[0]
    dated, undated = (
        updated(BUILT_IN, read_page(markdown(blocks_of(), day), "markdown"), TODAY).catalogue.source
        for day in ("11/30/2026", None)
    )

    assert (dated, undated) == (f"{address} (ms.date 2026-11-30)", f"{address} (ms.date not given)")


def test_built_in_catalogue_round_trips() -> None:
    """What is written of a catalogue is read as the same catalogue."""
    assert load_catalogue(catalogue_text(BUILT_IN), "written") == BUILT_IN


@always
@given(st.lists(st.text(), min_size=1, max_size=3), st.text(), st.booleans())
def test_any_words_round_trip(minimum_for: list[str], notes: str, fix: bool) -> None:  # noqa: FBT001 - drawn
    """Whatever words a catalogue holds, they are written so that they are read again."""
    catalogue = knowing("1.5.4892.0", minimum_for=tuple(minimum_for), notes=notes, fix=fix)
    catalogue = catalogue.model_copy(update={"source": notes})

    assert load_catalogue(catalogue_text(catalogue), "written") == catalogue


@always
@given(SEEDS, st.sampled_from(["markdown", "html"]), st.sampled_from(["today's", "plain"]))
def test_damaged_pages(seed: int, kind: Kind, shape: str) -> None:
    """A page with parts gone, moved, doubled or cut never gives a known version a wrong channel."""
    style = Style() if shape == "today's" else Style(plain="It exists.")
    assert_channels_are_right(damaged(blocks_of(style=style), Random(seed)), kind)  # noqa: S311 - hypothesis draws it


@always
@given(SEEDS, st.sampled_from(["markdown", "html"]))
def test_shuffled_pages(seed: int, kind: Kind) -> None:
    """A page whose statuses are shuffled never gives a known version a wrong channel."""
    blocks = blocks_of()
    places = [at for at, block in enumerate(blocks) if block[1] == "Release status"]
    moved = list(places)
    Random(seed).shuffle(moved)  # noqa: S311 - hypothesis draws it
    statuses = {place: blocks[other + 1] for place, other in zip(places, moved, strict=True)}
    shuffled = [statuses.get(at - 1, block) for at, block in enumerate(blocks)]

    assert_channels_are_right(shuffled, kind)
