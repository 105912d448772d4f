"""Microsoft's version history page is understood in many shapes, or refused; no guess is made about a channel."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import CatalogueError
from policies.releases.page import Page, read_page
from policies.releases.page_blocks import Kind, kind_of, page_text
from policies.releases.page_status import channel_of, days_in, page_day
from tests.policies.releases.history_pages import (
    AUTO,
    DOWNLOAD,
    LISTED,
    PLAIN,
    STYLES,
    Block,
    Style,
    blocks_of,
    html,
    markdown,
    newer,
)

WRITERS = {"markdown": markdown, "html": html}
KINDS: list[Kind] = ["markdown", "html"]
LONG_AUTO = (
    "Released for download. Occasionally Contoso provides automatic updates for all connectors. "
    "This version may perform auto-upgrade of your connector. While the updater runs, connectors may update "
    "automatically. If you don’t see the updater, reinstall to get updates, via the download page."  # noqa: RUF001 - as Microsoft writes it
)


def read(blocks: list[Block]) -> Page:
    """Return what is read from blocks, which must be the same from Markdown as from HTML."""
    pages = [read_page(WRITERS[kind](blocks), kind) for kind in KINDS]
    assert pages[0] == pages[1]
    return pages[0]


def refused(blocks: list[Block]) -> str:
    """Return why blocks are refused, as Markdown and as HTML."""
    said = set()
    for kind in KINDS:
        with pytest.raises(CatalogueError) as caught:
            read_page(WRITERS[kind](blocks), kind)
        said.add(str(caught.value))
    (reason,) = said
    assert reason.startswith("The version history page is refused: ")
    assert reason.endswith("edit the catalogue by hand.")
    return reason


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_shapes_of_the_page(style: Style) -> None:
    """Every version is read with its day and channel, whatever the product is called and however days are written."""
    page = read(blocks_of(style=style))

    assert [(one.version, one.released, one.channel) for one in page.releases] == [
        (one.version, one.released, one.channel) for one in LISTED
    ]
    assert (page.dated, page.unsupported_up_to, page.warnings) == (date(2026, 6, 8), "1.5.612.0", ())


def test_status_without_a_heading_of_its_own() -> None:
    """A status may stand right below the version; only the text that tells of a dated release counts."""
    blocks = [block for block in blocks_of() if block != (3, "Release status")]
    first = blocks.index((2, "Version 1.5.4892.0"))
    blocks.insert(first + 1, (0, "Released with care."))

    assert [one.channel for one in read(blocks).releases] == [one.channel for one in LISTED]


def test_versions_below_a_common_heading() -> None:
    """A version's heading counts at whatever level it stands, such as below “Unsupported versions”."""
    blocks = blocks_of()
    old = blocks.index((2, "Unsupported versions"))
    deeper = [(level + 1 if level > 0 and at > old else level, text) for at, (level, text) in enumerate(blocks)]

    assert read(deeper) == read(blocks)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (AUTO, ("auto_upgrade", True)),
        (LONG_AUTO, ("auto_upgrade", True)),
        ("This version might be automatically updated.", ("auto_upgrade", True)),
        ("Released for auto upgrade.", ("auto_upgrade", True)),
        (DOWNLOAD, ("download", True)),
        ("Available for download only.", ("download", True)),
        ("Version 1.5.4522.0 is only offered on the download page.", ("download", True)),
        (PLAIN, (None, True)),
        (f"{AUTO} {DOWNLOAD}", (None, False)),
        ("It is only available for download and may auto-upgrade.", (None, False)),
        ("This version may perform auto-upgrade, but not in Azure Government.", (None, False)),
        ("This version isn't only available via the download page.", (None, False)),
        ("This version isn’t only available via the download page.", (None, False)),  # noqa: RUF001 - as Microsoft writes it
        (f"{AUTO} It will not auto-upgrade.", (None, False)),
        (f"{DOWNLOAD} It will auto-upgrade later.", (None, False)),
        (f"{PLAIN} This version will not be auto-upgraded.", (None, False)),
        (f"{PLAIN} Automatic updates are not offered.", (None, False)),
        ("Version 1.5.4364.0 may auto-upgrade.", (None, False)),
        ("Earlier versions may auto-upgrade.", (None, False)),
        ("You can turn on auto-upgrade. Released for download.", (None, True)),
        ("Only TLS 1.2 is used when you download.", (None, False)),
        ("It is there.", (None, False)),
        ("", (None, False)),
    ],
)
def test_channel(status: str, expected: tuple[str | None, bool]) -> None:
    """A channel is taken from a plain sentence alone; denials, other versions and contradictions are not understood."""
    assert channel_of(status, "1.5.4522.0") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("June 8, 2026: x", "2026-06-08"),
        ("JUNE 08 2026", "2026-06-08"),
        ("Sept. 1st, 2026", "2026-09-01"),
        ("8 June 2026", "2026-06-08"),
        ("on the 3rd of Dec 2026", "2026-12-03"),
        ("2026-06-08T00:00", "2026-06-08"),
    ],
)
def test_days(text: str, expected: str) -> None:
    """A day is read with its month by name or as in ISO 8601."""
    assert [day.isoformat() for day in days_in(text)] == [expected]


@pytest.mark.parametrize(
    "text", ["", "June 31, 2026", "2026-13-01", "Juno 8, 2026", "06/08/2026", "1.5.4522.0", "12026-06-08"]
)
def test_no_day(text: str) -> None:
    """What is no day of the calendar, or could be two, is none."""
    assert days_in(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [("06/08/2026", date(2026, 6, 8)), ("2026-06-08T00:00:00.0Z", date(2026, 6, 8)), ("13/08/2026", None), ("?", None)],
)
def test_day_of_the_page(text: str, expected: date | None) -> None:
    """Front matter has its day as Microsoft's authors write it, the month first, or as in ISO 8601."""
    assert page_day(text) == expected


@pytest.mark.parametrize("kind", KINDS)
def test_page_without_its_own_day(kind: Kind) -> None:
    """A page without `ms.date` is read, with a warning."""
    page = read_page(WRITERS[kind](blocks_of(), None), kind)

    assert page.dated is None
    assert page.warnings == ("The page does not say when it was last revised (ms.date).",)


def test_front_matter_in_its_forms() -> None:
    """Front matter may have another end, quotes, Windows lines and a byte order mark, or hold nothing."""
    body = markdown(blocks_of(), None)
    matters = ["---\r\nms.date: '2026-06-08'\r\n...\r\n", "\ufeff---\nms.date:   06/08/2026\n---\n"]

    assert [read_page(matter + body, "markdown").dated for matter in matters] == [date(2026, 6, 8)] * 2
    assert read_page("---\n---\n" + body, "markdown").dated is None


def test_unknown_status() -> None:
    """A status in unknown words gives no channel and is quoted in a warning, cut and without control characters."""
    style = Style(download="Released into the wild\x1b. " + "x" * 3000)
    page = read_page(markdown(blocks_of(style=style)), "markdown")

    assert [one.channel for one in page.releases if one.channel != "auto_upgrade"] == [None] * 15
    assert page.warnings[0].startswith("The status of 1.5.4892.0 does not say in known words how it is installed: ")
    assert "\x1b" not in page.warnings[0]
    assert len(page.warnings[0]) < 200


def test_status_with_several_days() -> None:
    """Of several days the first is the release's; no channel is taken, since two notes may have run into one."""
    page = read(blocks_of(style=Style(download=f"{DOWNLOAD} Revised on July 9, 2027.")))

    assert (page.releases[0].released, page.releases[0].channel) == (date(2026, 6, 8), None)
    assert "1.5.4892.0 names several dates, so only the first is taken, and no channel" in page.warnings[0]


def test_old_version_without_a_day() -> None:
    """Below the newest three a status without a day is told."""
    page = read(blocks_of([*LISTED[:4], LISTED[4].model_copy(update={"released": None}), *LISTED[5:]]))

    assert page.releases[4].released is None
    assert page.warnings == ("1.5.4287.0 has no release date on the page.",)


@pytest.mark.parametrize("floor", ["1.5.4892.0", "1.5.4522.0", "1.5.4522.1"])
def test_unsupported_floor(floor: str) -> None:
    """The section of unsupported versions, wherever it stands, gives the newest of them."""
    assert read(blocks_of(floor=floor)).unsupported_up_to == floor


@pytest.mark.parametrize(
    "text",
    [
        "Update at once from versions before 1.5.612.0.",
        "Update from 1.5.612.0 or earlier, or from 1.5.402.0 or earlier.",
        "Update from 1.5.612.0.1 or earlier.",
    ],
)
def test_unsupported_floor_in_unknown_words(text: str) -> None:
    """A floor that is not given, given twice or no version is none, with a warning."""
    blocks = [(level, text if said.startswith("Update at once") else said) for level, said in blocks_of()]
    page = read(blocks)

    assert page.unsupported_up_to is None
    assert page.warnings == ("The page does not say in known words up to which version connectors are unsupported.",)


def test_deprecated_above_the_floor() -> None:
    """A heading that calls a version deprecated which the section does not mean is told."""
    blocks = [(level, f"{text} (deprecated)" if text == "Version 1.5.1526.0" else text) for level, text in blocks_of()]

    assert read(blocks).warnings == ("1.5.1526.0 is called deprecated, yet unsupported are only 1.5.612.0 and older.",)


def test_too_few_versions() -> None:
    """With fewer than five versions it is another page."""
    assert "it has 4 headings such as “Version 1.5.4522.0”, where at least 5 belong" in refused(blocks_of(LISTED[:4]))
    assert len(read(blocks_of(LISTED[:5])).releases) == 5
    assert "it has 0 headings" in refused([(0, "Nothing here.")])


def test_versions_that_do_not_descend() -> None:
    """Versions out of order, or there twice, are refused."""
    assert "1.5.4892.0 stands below 1.5.4594.0" in refused(blocks_of([LISTED[1], LISTED[0], *LISTED[2:]]))
    assert "1.5.36.0 stands below 1.5.36.0" in refused(blocks_of([*LISTED, LISTED[-1]]))


def test_days_that_do_not_descend() -> None:
    """A version dated later than a newer one is refused, wherever it stands."""
    late = LISTED[8].model_copy(update={"released": date(2025, 1, 1)})

    assert "1.5.3437.0 (2023" not in (said := refused(blocks_of([*LISTED[:8], late, *LISTED[9:]])))
    assert "1.5.3437.0 (2025-01-01) would be of a later day than 1.5.3829.0 (2024-04-02)" in said


@pytest.mark.parametrize("place", [0, 1, 2])
def test_newest_without_a_status(place: int) -> None:
    """Each of the newest three needs a status with a day."""
    releases = [one.model_copy(update={"released": None}) if at == place else one for at, one in enumerate(LISTED)]

    assert f"{LISTED[place].version} has no release status that begins with a date" in refused(blocks_of(releases))


def test_two_statuses_for_one_version() -> None:
    """A version with two statuses hides another version's heading."""
    blocks = [block for block in blocks_of() if block != (2, "Version 1.5.4522.0")]

    assert "1.5.4594.0 has two release statuses" in refused(blocks)


def test_new_version() -> None:
    """A version that nobody knew is read like any other."""
    new = newer(released=date(2026, 10, 1), channel="auto_upgrade")

    found = read(blocks_of([new, *LISTED])).releases[0]

    assert (found.version, found.released, found.channel, found.retired) == (
        "1.5.5000.0",
        date(2026, 10, 1),
        "auto_upgrade",
        False,
    )


def test_kinds() -> None:
    """A page tells by its content whether it is HTML."""
    assert kind_of(markdown(blocks_of())) == "markdown"
    assert kind_of("# One<br>two") == "markdown"
    assert [kind_of(text) for text in (html([]), "<H2 id=x>", "<!-- a -->\n<html>")] == ["html"] * 3


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "text", ["<![foo[", "<!x", "<a" * 9, "[" * 3000, "> " * 3000, "\ud800[a](\ud800)", "</svg><p>", "&#xd800;"]
)
def test_parsers_raise_nothing(kind: Kind, text: str) -> None:
    """What trips parsers is text like any other."""
    assert page_text(text, kind).dated is None


@given(st.text() | st.text(alphabet="<>![]#-/h2 \n1.5"), st.sampled_from(KINDS))
def test_junk(text: str, kind: Kind) -> None:
    """Junk is refused with our error and no other."""
    with pytest.raises(CatalogueError):
        read_page(text, kind)
