"""The release catalogue: what it expects of a connector, and what it refuses to read."""

from __future__ import annotations

import json
import os
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import CatalogueError
from policies.releases.catalogue import Catalogue, Release, built_in_catalogue, load_catalogue, parse_version

HEAD = """\
revised: 2026-11-20
source: a page
unsupported_up_to: 1.5.1.0
private_access_minimum: 1.5.2.0
releases:
"""
NEWER = "- {version: 1.5.20.0, released: 2026-05-01, channel: auto_upgrade}\n"
OLDER = "- {version: 1.5.3.0, released: 2026-01-01, channel: download}\n"
CHANNELS = {"download": "download", "download_and_may_auto_upgrade": "auto_upgrade", None: None}

parts = st.integers(min_value=0, max_value=999_999_999)
numbers = st.tuples(parts, parts, parts, parts)
days = st.dates(min_value=date(2015, 1, 1), max_value=date(2035, 12, 31))
graces = st.integers(min_value=0, max_value=3650)
releases = st.builds(
    Release,
    version=st.tuples(*[st.integers(min_value=0, max_value=9)] * 4).map(lambda four: ".".join(map(str, four))),
    released=st.none() | days,
    channel=st.sampled_from(["auto_upgrade", "download", None]),
)
catalogues = st.builds(
    Catalogue,
    revised=days,
    source=st.just("a page"),
    unsupported_up_to=st.just("1.5.1.0"),
    private_access_minimum=st.just("1.5.2.0"),
    releases=st.lists(releases, min_size=1, max_size=8).map(tuple),
)


def complaint(text: str) -> str:
    """Return what is said when a text is refused as a catalogue."""
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(text, "mine.yaml")
    return str(caught.value)


@given(numbers)
def test_version_round_trip(four: tuple[int, int, int, int]) -> None:
    """Four numbers with dots are read as these numbers."""
    assert parse_version(".".join(map(str, four))) == four


@given(st.none() | st.text())
def test_junk_is_no_version(text: str | None) -> None:
    """Whatever a connector reports is four numbers or nothing, and never an error."""
    found = parse_version(text)
    assert found is None or len(found) == 4


@pytest.mark.parametrize("text", [None, "", "1.5.612", "1.5.612.0.1", "1.5.x.0", "-1.5.6.0", "1.5.٣.0", "1.5.6.0-beta"])
def test_not_four_parts(text: str | None) -> None:
    """What is not four plain numbers is no version."""
    assert parse_version(text) is None


def test_versions_compare_as_numbers() -> None:
    """1.5.612.0 is older than 1.5.4522.0, though its text sorts after it."""
    older, newer = parse_version("1.5.612.0"), parse_version("1.5.4522.0")
    assert older is not None
    assert newer is not None
    assert older < newer


def test_built_in_baselines() -> None:
    """The newest release is for download only, and the newest automatic one is older."""
    catalogue = built_in_catalogue()
    automatic = catalogue.newest_auto_upgrade()
    assert catalogue.newest().version == "1.5.4892.0"
    assert automatic is not None
    assert automatic.version == "1.5.4522.0"


def test_built_in_floors() -> None:
    """The floors are Microsoft's of 2026."""
    catalogue = built_in_catalogue()
    assert catalogue.unsupported_floor == (1, 5, 612, 0)
    assert catalogue.private_access_floor == (1, 5, 3417, 0)


def test_built_in_is_read_once() -> None:
    """The built-in catalogue is read once for the whole run."""
    assert built_in_catalogue() is built_in_catalogue()


def test_built_in_agrees_with_the_facts() -> None:
    """The built-in catalogue has the researched versions, dates, channels and fix flags, and no others."""
    folder = os.environ.get("CONNECTORWATCH_FACTS")
    facts = Path(folder or "") / "connector-versions.json"
    if folder is None or not facts.is_file():
        pytest.skip("CONNECTORWATCH_FACTS names no folder with connector-versions.json")
    expected = [
        (fact["version"], fact["released"], CHANNELS[fact["release_type"]], fact["security_or_reliability_fix"])
        for fact in json.loads(facts.read_text(encoding="utf-8"))
    ]
    assert [
        (release.version, release.released and release.released.isoformat(), release.channel, release.fix)
        for release in built_in_catalogue().releases
    ] == expected


@pytest.mark.parametrize(
    ("at", "version"),
    [
        (date(2025, 6, 25), None),
        (date(2025, 8, 24), None),
        (date(2025, 8, 25), "1.5.4364.0"),
        (date(2025, 12, 9), "1.5.4364.0"),
        (date(2025, 12, 10), "1.5.4522.0"),
        (date(2026, 11, 20), "1.5.4522.0"),
    ],
)
def test_expected_after_sixty_days(at: date, version: str | None) -> None:
    """An automatic release is expected from the 61st day after its release."""
    found = built_in_catalogue().expected(at, 60)
    assert (found.version if found else None) == version


def test_undated_is_never_expected() -> None:
    """An automatic release without a date counts for nothing."""
    catalogue = load_catalogue(HEAD + "- {version: 1.5.9.0, channel: auto_upgrade}\n" + OLDER, "mine.yaml")
    assert catalogue.expected(date(2036, 1, 1), 0) is None


def test_no_automatic_release() -> None:
    """A catalogue of downloads has no newest automatic release."""
    assert load_catalogue(HEAD + OLDER, "mine.yaml").newest_auto_upgrade() is None


@given(catalogues, days, graces)
def test_expected_is_past_its_grace(catalogue: Catalogue, at: date, grace: int) -> None:
    """Whatever is expected is automatic, and has been out for longer than the grace."""
    found = catalogue.expected(at, grace)
    if found is not None:
        assert found.channel == "auto_upgrade"
        assert found.released is not None
        assert at - found.released > timedelta(days=grace)


@given(catalogues, days, graces, graces)
def test_more_grace_expects_no_newer(catalogue: Catalogue, at: date, one: int, other: int) -> None:
    """With more grace never a newer release is expected."""
    strict, lenient = catalogue.expected(at, min(one, other)), catalogue.expected(at, max(one, other))
    assert lenient is None or (strict is not None and lenient.number <= strict.number)


@given(catalogues)
def test_newest_is_newest(catalogue: Catalogue) -> None:
    """No release is newer than the newest one, in whatever order they are listed."""
    assert all(release.number <= catalogue.newest().number for release in catalogue.releases)
    assert not catalogue.is_newer_than_all(catalogue.newest().number)


def test_newer_than_the_catalogue() -> None:
    """A version above the newest release is newer than all."""
    assert built_in_catalogue().is_newer_than_all((1, 5, 4892, 1))


def test_find() -> None:
    """A release is found by its four numbers, and a version between releases is not."""
    found = built_in_catalogue().find((1, 5, 3890, 0))
    assert found is not None
    assert found.version == "1.5.3890.0"
    assert built_in_catalogue().find((1, 5, 3891, 0)) is None


def test_small_catalogue_is_read() -> None:
    """A catalogue needs little; what is left out is unknown."""
    catalogue = load_catalogue(HEAD + NEWER + OLDER, "mine.yaml")
    assert [release.fix for release in catalogue.releases] == [False, False]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + "- {version: 1.5.3.0, chanel: download}\n", 'line 6, releases.0.chanel: unknown key, did you mean "ch'),
        ("revisd: 2026-01-01\n" + HEAD + OLDER, 'line 1, revisd: unknown key, did you mean "revised"?'),
        (HEAD + "- {version: 1.5.3}\n", "line 6, releases.0.version: must be four numbers with dots, such as 1.5.45"),
        (HEAD + "- {version: 1.5}\n", "line 6, releases.0.version: must be text; put it in quotes; it says 1.5"),
        (HEAD + "- {released: 2026-01-01}\n", "line 6, releases.0.version: is missing; add it"),
        (HEAD + OLDER + OLDER, "line 7, releases.1.version: 1.5.3.0 is there already"),
        (HEAD + OLDER + "- version: 01.5.3.0\n", "line 7, releases.1.version: 01.5.3.0 is there already"),
        (HEAD + OLDER + "- version: 1.5.20.0\n", "line 7, releases.1.version: 1.5.20.0 stands below an older version"),
        (
            HEAD + NEWER + "-\n  version: 1.5.3.0\n  released: 2026-06-01\n",
            "line 9, releases.1.released: 2026-06-01 is later than 2026-05-01 (1.5.20.0)",
        ),
        (
            HEAD + "- {version: 1.5.3.0, released: 2026-11-21}\n",
            "line 6, releases.0.released: 2026-11-21 is later than 2026-11-20 (revised)",
        ),
        (
            HEAD + "- {version: 1.5.3.0, released: 2026-13-01}\n",
            'line 6, releases.0.released: must be a date such as 2026-06-08; it says "2026-13-01"',
        ),
        (
            HEAD + "- {version: 1.5.3.0, channel: magic}\n",
            "line 6, releases.0.channel: must be 'auto_upgrade' or 'download'; it says \"magic\"",
        ),
        (HEAD + "- {version: 1.5.3.0, fix: 1}\n", "line 6, releases.0.fix: must be true or false; it says 1"),
        (HEAD + "  []\n", "line 5, releases: must list at least one; it says []"),
        (HEAD, "line 5, releases: must be a list; it says null"),
        (HEAD.replace("1.5.1.0", "1.5.one.0") + OLDER, "line 3, unsupported_up_to: must be four numbers with dots"),
        (HEAD.replace("private_access_minimum: 1.5.2.0\n", "") + OLDER, "line 1, private_access_minimum: is missing"),
        (HEAD + "- {version: '\ud800'}\n", "line 6: not UTF-8 text"),
    ],
)
def test_refused(text: str, said: str) -> None:
    """A catalogue that is wrong is refused with the line, the key and what is allowed."""
    assert f"mine.yaml, {said}" in complaint(text)


def test_all_disorder_is_told() -> None:
    """Versions and dates out of order are told together."""
    told = complaint(HEAD + OLDER + NEWER)
    assert told.startswith("mine.yaml has 2 problems:\n  line 7, releases.1.released:")
    assert "\n  line 7, releases.1.version:" in told
