"""The release catalogue on the terminal, with the version that connectors should run and why."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from common.text import counted, visible
from connectorwatch.terminal.console import results
from connectorwatch.terminal.findings import UNSURE
from policies.releases.catalogue import built_in_catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from rich.console import Console

    from policies.policy_file.model import Policy
    from policies.releases.catalogue import Catalogue, Release

SCHEMA = "connectorwatch.releases/v1"

_CHANNELS = {"auto_upgrade": "auto-upgrade", "download": "download", None: "not said"}


def print_releases(catalogue: Catalogue, policy: Policy, today: date, *, as_json: bool) -> None:
    """Print the catalogue and what it asks for on stdout; see `show_releases` and `releases_json`."""
    if as_json:
        sys.stdout.write(releases_json(catalogue, policy, today))
    else:
        show_releases(catalogue, policy, today)


def show_releases(catalogue: Catalogue, policy: Policy, today: date, console: Console | None = None) -> None:
    """Print the catalogue as a table that fits 80 columns, and below it what the fleet should run.

    Args:
        catalogue: The releases; a file's words are shown with everything visible.
        policy: Whose grace and greatest age of a catalogue count.
        today: The day that ages are counted to.
        console: Where to print.
    """
    out = console or results()
    grace_days = policy.auto_upgrade_grace_days
    out.print(_table(catalogue, grace_days, today))
    for sentence in advice(catalogue, grace_days, today):
        out.print()
        out.print(Text(visible(sentence)))
    for sentence in cautions(catalogue, policy.catalogue_max_age_days, today):
        out.print()
        out.print(Text(visible(sentence), UNSURE))


def advice(catalogue: Catalogue, grace_days: int, today: date) -> Iterator[str]:
    """Yield what the fleet should run and why, a paragraph each."""
    expected = catalogue.expected(today, grace_days)
    grace = counted(grace_days, "day")
    if expected is None or expected.released is None:
        yield (
            f"No version is expected: none that Microsoft may install by itself has been out for more than {grace}, "
            "the policy's grace."
        )
    else:
        yield (
            f"Every connector should run {expected.version} or newer: Microsoft may install it by itself "
            f"(auto-upgrade), and it was released on {expected.released}, {_ago(expected.released, today)}, so the "
            f"policy's grace of {grace} is over. An older connector is out of contact, or its updater does not work."
        )
    yield from _coming(catalogue, grace_days, today)
    yield from _fetched(catalogue, today)
    yield (
        f"{catalogue.unsupported_up_to} and older are unsupported: update them at once. Private Access needs "
        f"{catalogue.private_access_minimum} or newer, and {catalogue.udp_dns_minimum} for UDP and private DNS."
    )
    source = catalogue.source.replace("(ms.date ", "(page dated ")
    yield f"Catalogue revised {catalogue.revised}, from {source}. A release after the page's date is not in it."


def cautions(catalogue: Catalogue, max_age_days: int, today: date) -> Iterator[str]:
    """Yield why the catalogue itself may be behind."""
    age = (today - catalogue.revised).days
    if age > max_age_days:
        yield (
            f"The catalogue was last compared with Microsoft's page {counted(age, 'day')} ago. Bring it up to date "
            "with `connectorwatch releases --from PAGE --to FILE`, or update connectorwatch."
        )
    if catalogue.revised < built_in_catalogue().revised:
        yield (
            f"The built-in catalogue is newer ({built_in_catalogue().revised}) than the one that the policy points to: "
            "leave out `releases` in the policy, or bring that file up to date."
        )


def releases_json(catalogue: Catalogue, policy: Policy, today: date) -> str:
    """Return the catalogue with what it asks for on a day under a policy, as JSON."""
    grace_days = policy.auto_upgrade_grace_days
    expected, fetched = catalogue.expected(today, grace_days), _newer(catalogue)
    document = {
        "schema": SCHEMA,
        "at": today.isoformat(),
        "grace_days": grace_days,
        "expected": expected and expected.version,
        "coming": {release.version: due.isoformat() for release, due in _next(catalogue, grace_days, today)},
        "newest_download": fetched and fetched.version,
        "advice": list(advice(catalogue, grace_days, today)),
        "cautions": list(cautions(catalogue, policy.catalogue_max_age_days, today)),
        **catalogue.model_dump(mode="json", exclude={"releases"}),
        "releases": [
            {**release.model_dump(mode="json"), "days_old": _days_old(release, today)} for release in catalogue.releases
        ],
    }
    return json.dumps(document, indent=2) + "\n"


def _table(catalogue: Catalogue, grace_days: int, today: date) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("version", "released", "channel", "fix"):
        table.add_column(heading, no_wrap=True)
    table.add_column("days", no_wrap=True, justify="right")
    table.add_column("minimum for", overflow="fold")
    expected = catalogue.expected(today, grace_days)
    for release in catalogue.releases:
        days = _days_old(release, today)
        table.add_row(
            release.version,
            str(release.released or "not given"),
            _CHANNELS[release.channel],
            "fix" if release.fix else "",
            "" if days is None else str(days),
            Text(visible("; ".join(release.minimum_for))),
            style="bold" if release == expected else "dim" if release.number <= catalogue.unsupported_floor else "",
        )
    return table


def _coming(catalogue: Catalogue, grace_days: int, today: date) -> Iterator[str]:
    for release, due in _next(catalogue, grace_days, today):
        yield f"{release.version}, auto-upgrade and released on {release.released}, will be expected from {due} on."


def _fetched(catalogue: Catalogue, today: date) -> Iterator[str]:
    """Yield why the newest download is not asked for, where there is one that is newer than what installs itself."""
    release = _newer(catalogue)
    if release is None:
        return
    when = f", released on {release.released}, {_ago(release.released, today)}" if release.released else ""
    fix = " It fixes security or reliability issues, so consider it where that matters." if release.fix else ""
    yield (
        f"The newest for download only is {release.version}{when}. It is not the baseline, since no updater installs "
        f"it: asking for it would blame servers whose updater works.{fix}"
    )


def _next(catalogue: Catalogue, grace_days: int, today: date) -> list[tuple[Release, date]]:
    """Return the releases that install themselves and are still within the grace, with the day it is over."""
    return [
        (release, due)
        for release in catalogue.releases
        if release.channel == "auto_upgrade"
        and release.released is not None
        and (due := release.released + timedelta(days=grace_days + 1)) > today
    ]


def _newer(catalogue: Catalogue) -> Release | None:
    """Return the newest release for download only, if it is newer than all that install themselves."""
    newest = next((release for release in catalogue.releases if release.channel == "download"), None)
    automatic = catalogue.newest_auto_upgrade()
    return None if newest is None or (automatic and automatic.number > newest.number) else newest


def _days_old(release: Release, today: date) -> int | None:
    return None if release.released is None else (today - release.released).days


def _ago(day: date, today: date) -> str:
    return f"{counted((today - day).days, 'day')} ago"
