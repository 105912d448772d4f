"""The connector release catalogue: which versions exist, since when, and which ones Microsoft installs by itself."""

from __future__ import annotations

import re
from datetime import date
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from common.errors import CatalogueError
from common.yaml_lines import Document, Problem, read_document

if TYPE_CHECKING:
    from collections.abc import Iterator

Version = tuple[int, int, int, int]

_FOUR_PARTS = re.compile(r"(\d{1,9})\.(\d{1,9})\.(\d{1,9})\.(\d{1,9})", re.ASCII)


def parse_version(text: str | None) -> Version | None:
    """Return a four-part version such as `1.5.4522.0` as numbers, or None where it cannot be read as one."""
    # Cached: a thousand connectors have only a few versions.
    return _parsed((text or "").strip()[:_LONGEST])


@lru_cache(maxsize=1024)
def _parsed(text: str) -> Version | None:
    match = _FOUR_PARTS.fullmatch(text)
    return None if match is None else _numbers(match.group())


def _four_parts(text: str) -> str:
    """Return a version of the catalogue; unlike a connector's it is readable, or the catalogue is refused."""
    if _FOUR_PARTS.fullmatch(text) is None:
        raise PydanticCustomError("four_parts", "must be four numbers with dots, such as 1.5.4522.0")
    return text


def _not_empty(releases: tuple[Release, ...]) -> tuple[Release, ...]:
    """Return the releases. Not a minimum length: pydantic counts against that only the items without faults."""
    if not releases:
        raise PydanticCustomError("empty", "must list at least one")
    return releases


_LONGEST = 40
"""Four numbers of nine digits with dots are 39 characters; a longer text is no version."""

FourParts = Annotated[str, AfterValidator(_four_parts)]


class Release(BaseModel):
    """One published version of the connector.

    `channel` is `auto_upgrade` where the release note says that Microsoft may install it by itself, `download` where
    it must be fetched, and None where the page does not say; `released` is None where the page gives no date.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="ignore")

    version: FourParts = Field(description="The version: four numbers with dots.")
    released: date | None = Field(default=None, description="The day of its release; none where Microsoft gives none.")
    channel: Literal["auto_upgrade", "download"] | None = Field(
        default=None,
        description="`auto_upgrade` where Microsoft may install it by itself, `download` where it must be fetched.",
    )
    fix: bool = Field(default=False, description="Whether it mends something of security or reliability.")
    minimum_for: tuple[str, ...] = Field(default=(), description="What works from this version on.")
    notes: str = Field(default="", description="What is new, in a few words.")

    @property
    def number(self) -> Version:
        """The version as four numbers."""
        return _numbers(self.version)


class Catalogue(BaseModel):
    """All known releases, with the day the list was last compared with Microsoft's page.

    Versions are compared by their four numbers. A release without a date is never the expected one.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="ignore")

    revised: date = Field(description="The day the list was last compared with Microsoft's page.")
    source: str = Field(description="The page the list was taken from.")
    unsupported_up_to: FourParts = Field(description="The newest version that Microsoft calls unsupported.")
    """The newest version that Microsoft calls unsupported. Dated data, since Microsoft has raised it before."""
    private_access_minimum: FourParts = Field(description="The oldest version that works with Private Access.")
    udp_dns_minimum: FourParts = Field(
        default="1.5.3829.0",
        description="The oldest version that carries UDP and private DNS of Private Access.",
    )
    releases: Annotated[tuple[Release, ...], AfterValidator(_not_empty)] = Field(
        description="The releases, newest first; at least one."
    )

    @property
    def unsupported_floor(self) -> Version:
        """The newest unsupported version, as four numbers."""
        return _numbers(self.unsupported_up_to)

    @property
    def private_access_floor(self) -> Version:
        """The oldest version that works with Private Access, as four numbers."""
        return _numbers(self.private_access_minimum)

    def newest(self) -> Release:
        """Return the newest release, however it is installed."""
        return max(self.releases, key=_number)

    def newest_auto_upgrade(self) -> Release | None:
        """Return the newest release that Microsoft may install by itself, or None where no release is marked so."""
        return max(
            (release for release in self.releases if release.channel == "auto_upgrade"), key=_number, default=None
        )

    def expected(self, at: date, grace_days: int) -> Release | None:
        """Return the release that a connector should have at least, or None while there is none.

        It is the newest one that Microsoft may install by itself and that has been out for more than `grace_days`
        whole days: on the last day of the grace it is not yet expected.
        """
        due = (
            release
            for release in self.releases
            if release.channel == "auto_upgrade"
            and release.released is not None
            and (at - release.released).days > grace_days
        )
        return max(due, key=_number, default=None)

    def is_newer_than_all(self, version: Version) -> bool:
        """Return whether a version is newer than every release, so that the catalogue must be behind."""
        return version > self.newest().number

    def find(self, version: Version) -> Release | None:
        """Return the release with a version, or None where the catalogue does not know it."""
        return next((release for release in self.releases if release.number == version), None)


def load_catalogue(text: str | bytes, source: str) -> Catalogue:
    """Return the catalogue that a YAML text holds.

    Raises:
        CatalogueError: It is malformed, has an unknown key, version, date or channel, has a version twice, or is not
            newest first by version and by date. The message names `source`, every line, and what is allowed.
    """
    content = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    document = read_document(content, source, CatalogueError)
    catalogue, problems = document.validated(Catalogue)
    if catalogue is not None:
        problems += [*_out_of_order(document, catalogue), *_dates_out_of_order(document, catalogue)]
    if catalogue is None or problems:
        raise document.refusal(problems)
    return catalogue


@cache
def built_in_catalogue() -> Catalogue:
    """Return the catalogue that comes with connectorwatch."""
    path = Path(__file__).with_name("releases.yaml")
    return load_catalogue(path.read_bytes(), path.name)


@lru_cache(maxsize=1024)
def _numbers(four_parts: str) -> Version:
    """Return a four-part version as numbers."""
    major, minor, build, revision = map(int, four_parts.split("."))
    return major, minor, build, revision


def _number(release: Release) -> Version:
    """Return the sort key of a release."""
    return release.number


def _out_of_order(document: Document, catalogue: Catalogue) -> Iterator[Problem]:
    """Yield a problem for each version that is there twice or stands below an older one."""
    seen: set[Version] = set()
    for position, release in enumerate(catalogue.releases):
        path = ("releases", position, "version")
        if release.number in seen:
            yield document.problem(path, f"{release.version} is there already; keep one of them")
        elif seen and release.number > min(seen):
            yield document.problem(path, f"{release.version} stands below an older version; list the newest first")
        seen.add(release.number)


def _dates_out_of_order(document: Document, catalogue: Catalogue) -> Iterator[Problem]:
    """Yield a problem for each date that is later than that of the release above it, or than the revision."""
    dated = [("revised", catalogue.revised, -1)] + [
        (release.version, release.released, position)
        for position, release in enumerate(catalogue.releases)
        if release.released is not None
    ]
    for (above, limit, _), (_, released, position) in pairwise(dated):
        if released > limit:
            path = ("releases", position, "released")
            yield document.problem(path, f"{released} is later than {limit} ({above}); the newest comes first")
