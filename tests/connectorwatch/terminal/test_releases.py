"""`releases` shows the catalogue and says in words what the fleet should run and why."""

from __future__ import annotations

import io
import json
import re
from datetime import date
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from common.errors import CatalogueError
from connectorwatch.__main__ import main
from connectorwatch.settings import Settings
from connectorwatch.terminal.releases import advice, cautions, releases_json, show_releases
from connectorwatch.wiring import policy_of, releases_of
from policies.policy_file.model import Policy
from policies.policy_file.read import LoadedPolicy
from policies.releases.catalogue import Catalogue, Release, built_in_catalogue
from policies.releases.update import catalogue_text
from tests.making import RELEASES

if TYPE_CHECKING:
    from pathlib import Path

BUILT_IN = built_in_catalogue()
TODAY = date(2026, 11, 20)


def shown(catalogue: Catalogue = BUILT_IN, grace: int = 60, today: date = TODAY) -> str:
    """Return what is printed, at 80 columns."""
    file = io.StringIO()
    show_releases(catalogue, Policy(auto_upgrade_grace_days=grace), today, Console(file=file, width=80))
    return file.getvalue()


def said(catalogue: Catalogue = BUILT_IN, grace: int = 60, today: date = TODAY) -> str:
    """Return the advice on one line."""
    return " ".join(advice(catalogue, grace, today))


def only(*releases: Release) -> Catalogue:
    """Return a catalogue of a few releases."""
    return RELEASES.model_copy(update={"releases": releases})


def pointing(folder: Path, content: str | None, name: str = "mine.yaml") -> LoadedPolicy:
    """Return a policy in a folder that points to a catalogue there."""
    if content is not None:
        (folder / name).write_text(content, encoding="utf-8")
    return LoadedPolicy(Policy(releases=name), str(folder / "policy.yaml"), "")


def run(*options: str) -> Result:
    """Run the command, with no policy in the environment."""
    return CliRunner(env={"CONNECTORWATCH_POLICY": None}).invoke(main, ["releases", *options])


def test_table() -> None:
    """Each release stands with its day, channel, fix, age and what it is the minimum for, within 80 columns."""
    lines = shown().splitlines()

    assert max(map(len, lines)) <= 80
    assert re.split(r"\s{2,}", lines[1].strip()) == [
        *("1.5.4892.0", "2026-06-08", "download", "fix", "165", "tray diagnostics")
    ]
    assert any(re.split(r"\s{2,}", line.strip())[:3] == ["1.5.3417.0", "not given", "not said"] for line in lines)


def test_expected_version() -> None:
    """The expected version is told with its channel, day, age and the grace that is over."""
    assert said().startswith(
        "Every connector should run 1.5.4522.0 or newer: Microsoft may install it by itself (auto-upgrade), and it was "
        "released on 2025-10-10, 406 days ago, so the policy's grace of 60 days is over."
    )


def test_version_within_the_grace() -> None:
    """A version that installs itself and is younger than the grace is told with the day from which it is expected."""
    words = said(today=date(2025, 12, 9))

    assert words.startswith("Every connector should run 1.5.4364.0 or newer")
    assert "1.5.4522.0, auto-upgrade and released on 2025-10-10, will be expected from 2025-12-10 on." in words
    assert "will be expected" not in said(today=date(2025, 12, 10))


def test_nothing_expected() -> None:
    """Without a version that is old enough nothing is expected, and the grace is told."""
    assert said(grace=3650).startswith("No version is expected")
    assert "more than 1 day, the policy's grace" in said(only(Release(version="1.5.1.0")), grace=1)


def test_newest_download() -> None:
    """The newest download is told with why it is not the baseline, and whether it mends something."""
    words = said()

    assert "The newest for download only is 1.5.4892.0, released on 2026-06-08, 165 days ago." in words
    assert "It is not the baseline, since no updater installs it" in words
    assert "It fixes security or reliability issues" in words


def test_newest_download_without_a_day_or_fix() -> None:
    """What is not known of it is left out."""
    words = said(only(Release(version="1.5.9.0", channel="download")))

    assert "The newest for download only is 1.5.9.0. It is not" in words
    assert "mends" not in words


def test_no_newer_download() -> None:
    """A download that is older than what installs itself is not worth a word."""
    automatic = Release(version="1.5.9.0", released=date(2020, 1, 1), channel="auto_upgrade")

    assert "download only" not in said(only(automatic, Release(version="1.5.8.0", channel="download")))
    assert "download only" not in said(only(automatic))


def test_floors_and_source() -> None:
    """The unsupported floor, the minimums for Private Access, and the catalogue's day and page are told."""
    page = BUILT_IN.source.partition(" ")[0]
    assert said().endswith(
        "1.5.612.0 and older are unsupported: update them at once. Private Access needs 1.5.3417.0 or newer, "
        f"and 1.5.3829.0 for UDP and private DNS. Catalogue revised {BUILT_IN.revised}, from {page} (page dated "
        "2026-06-08). A release after the page's date is not in it."
    )


def test_old_catalogue() -> None:
    """A catalogue older than the policy allows is warned of, as by the rule about it."""
    assert list(cautions(BUILT_IN, 365, date(2027, 11, 20))) == []
    (words,) = cautions(BUILT_IN, 365, date(2027, 11, 21))

    assert "was last compared with Microsoft's page 366 days ago" in words
    assert "was last compared" in shown(today=date(2027, 11, 21)).replace("\n", " ")


def test_catalogue_behind_the_built_in_one() -> None:
    """A policy's catalogue that is older than ours is warned of."""
    (words,) = cautions(RELEASES, 365, TODAY)

    assert words.startswith(f"The built-in catalogue is newer ({BUILT_IN.revised})")


def test_hostile_words_are_shown_visibly() -> None:
    """Control characters and markup of a catalogue file reach no terminal."""
    hostile = Release(version="1.5.9.0", minimum_for=("[red]\x1b[2J",))

    text = shown(only(hostile).model_copy(update={"source": "\x1b]0;x\x07[bold]"}))

    assert "\x1b" not in text
    assert "[red]\\x1b[2J" in text
    assert "[bold]" in text


def test_json() -> None:
    """As JSON the same is told, with the age of each release."""
    document = json.loads(releases_json(BUILT_IN, Policy(auto_upgrade_grace_days=60), date(2025, 12, 9)))

    assert document["schema"] == "connectorwatch.releases/v1"
    assert (document["at"], document["grace_days"], document["revised"]) == ("2025-12-09", 60, str(BUILT_IN.revised))
    assert (document["expected"], document["newest_download"]) == ("1.5.4364.0", "1.5.4892.0")
    assert document["coming"] == {"1.5.4522.0": "2025-12-10"}
    ages = {release["version"]: release["days_old"] for release in document["releases"]}
    assert (ages["1.5.4522.0"], ages["1.5.3417.0"]) == (60, None)


def test_json_where_nothing_is_known() -> None:
    """Nothing expected and nothing to download are null."""
    document = json.loads(releases_json(only(Release(version="1.5.9.0")), Policy(auto_upgrade_grace_days=60), TODAY))

    assert (document["expected"], document["newest_download"], document["coming"]) == (None, None, {})


def test_command(tmp_path: Path) -> None:
    """The command takes the grace of the policy that it is given."""
    policy = tmp_path / "policy.yaml"
    policy.write_text("auto_upgrade_grace_days: 3650\n", encoding="utf-8")

    assert "No version is expected" in run("--policy", str(policy)).output
    assert json.loads(run("--policy", str(policy), "--json").stdout)["grace_days"] == 3650


def test_policy_points_to_a_catalogue(tmp_path: Path) -> None:
    """A policy's catalogue is found from the policy's own folder, and is what the command shows."""
    loaded = pointing(tmp_path, catalogue_text(RELEASES))
    (tmp_path / "policy.yaml").write_text("releases: mine.yaml\n", encoding="utf-8")

    assert releases_of(loaded, Settings()) == RELEASES
    assert "made by hand" in run("--policy", str(tmp_path / "policy.yaml")).output


def test_policy_without_a_catalogue() -> None:
    """Without the key the built-in catalogue counts."""
    assert releases_of(LoadedPolicy.built_in(), Settings()) is BUILT_IN


@pytest.mark.parametrize(
    ("name", "why"),
    [("none.yaml", "No such file or directory"), (".", "Is a directory"), ("a\0b", "no name of a file")],
)
def test_catalogue_that_cannot_be_read(tmp_path: Path, name: str, why: str) -> None:
    """A catalogue that is not there is refused, with the policy that names it."""
    with pytest.raises(CatalogueError) as caught:
        releases_of(pointing(tmp_path, None, name), Settings())

    assert f"cannot be read ({why}): correct `releases` in {tmp_path / 'policy.yaml'}" in str(caught.value)


def test_catalogue_that_is_none(tmp_path: Path) -> None:
    """A file that is no catalogue is refused with its lines and nothing that stands in it."""
    loaded = pointing(tmp_path, "revised: 2026-11-20\nplanted-secret: planted-value\n")
    (tmp_path / "policy.yaml").write_text("releases: mine.yaml\n", encoding="utf-8")
    result = run("--policy", str(tmp_path / "policy.yaml"))

    with pytest.raises(
        CatalogueError, match=r"mine\.yaml, which .*policy\.yaml points to, is no .* see line 1"
    ) as told:
        releases_of(loaded, Settings())
    assert "planted" not in str(told.value)
    assert (result.exit_code, "planted" in result.output, "mine.yaml" in result.stderr) == (1, False, True)


@pytest.mark.parametrize("how", ["absolute", "upwards", "link"])
def test_a_policy_leads_to_no_file_elsewhere(tmp_path: Path, how: str) -> None:
    """A catalogue lies below its policy's folder; only a policy that the command line names may lead elsewhere."""
    folder, elsewhere = tmp_path / "policies", tmp_path / "elsewhere.yaml"
    folder.mkdir()
    elsewhere.write_text(catalogue_text(RELEASES), encoding="utf-8")
    if how == "link":
        (folder / "link.yaml").symlink_to(elsewhere)
    name = {"absolute": str(elsewhere), "upwards": "../elsewhere.yaml", "link": "link.yaml"}[how]
    policy = folder / "policy.yaml"
    policy.write_text(f"releases: {name}\n", encoding="utf-8")
    settings = Settings(policy=str(policy))

    with pytest.raises(CatalogueError, match="leads out of the policy's folder"):
        releases_of(policy_of(settings), settings)

    named = Settings().naming_policy(str(policy))
    assert releases_of(policy_of(named), named) == RELEASES
    assert "made by hand" in run("--policy", str(policy)).output
    other = named.model_copy(update={"policy": str(tmp_path / "another.yaml")})
    assert not other.policy_is_named
