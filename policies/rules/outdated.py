"""Rules about connectors that are behind the newest release or behind a fix."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from policies.frameworks import controls
from policies.releases.catalogue import parse_version
from policies.rule import Judgement, Rule, failed, passed
from policies.rules.subjects import connectors
from policies.rules.version_words import CONFIGURE, HISTORY, UPDATE_STEPS, VERSION, unreadable
from policies.runbooks import Runbook, day
from policies.vocabulary import Severity

if TYPE_CHECKING:
    from datetime import datetime

    from inventory.models import Connector
    from inventory.snapshot import Snapshot
    from policies.evidence import Evidence
    from policies.releases.catalogue import Version


def _peer_is_ahead(snapshot: Snapshot, connector: Connector, expected: Version) -> bool | None:
    """Whether another connector of its group has the expected version; None where the group could not be read."""
    peers = snapshot.peers(connector)
    if peers is None:
        return None
    versions = (parse_version(peer.version) for peer in peers)
    return any(version is not None and version >= expected for version in versions)


def _likely_cause(connector: Connector, deferred: datetime | None, *, peer_is_ahead: bool | None) -> str:
    """Return why a connector probably was not updated; an inactive connector cannot be updated at all."""
    if not connector.is_active:
        return "connector is inactive"
    if deferred is not None:
        return "updates are deferred by the tenant"
    return "the updater may not work, since a peer in the group has the version" if peer_is_ahead else "unknown"


def _hint(connector: Connector, deferred: datetime | None, *, peer_is_ahead: bool | None) -> str:
    """Return what explains that a connector stayed behind, as the end of a sentence."""
    if deferred is not None:
        return f"; updates are deferred until {day(deferred)}"
    if peer_is_ahead and connector.is_active:
        return "; another connector of its group has it, so this server's updater may not work"
    return ""


def _outdated(evidence: Evidence, connector: Connector) -> Judgement:
    version = parse_version(connector.version)
    if version is None:
        return unreadable(connector)
    today, grace = evidence.snapshot.taken_at.astimezone(UTC).date(), evidence.policy.auto_upgrade_grace_days
    expected = evidence.releases.expected(today, grace)
    if expected is None or expected.released is None:
        return passed("no release that Microsoft installs by itself is older than the grace", version=connector.version)
    if version >= expected.number:
        return passed(f"version {connector.version}; {expected.version} is expected", version=connector.version)
    peer = _peer_is_ahead(evidence.snapshot, connector, expected.number)
    updater = evidence.snapshot.updater
    deferred = updater.deferred_until(evidence.snapshot.taken_at) if updater else None
    hint = _hint(connector, deferred, peer_is_ahead=peer)
    judgement = failed(
        Severity.MEDIUM,
        f"version {connector.version} is older than {expected.version}, which Microsoft installs by itself{hint}",
        version=connector.version,
        expected=expected.version,
        expected_since=expected.released.isoformat(),
    )
    # Volatile, so that a scan that could not read the group does not change the finding.
    return judgement.with_volatile(
        days_behind=(today - expected.released).days,
        peer_has_it=peer,
        likely_cause=_likely_cause(connector, deferred, peer_is_ahead=peer),
        **({"updates_deferred_until": deferred.date().isoformat()} if deferred else {}),
        **({"update_window": updater.hours} if updater and updater.hours else {}),
    )


VER003 = Rule(
    id="VER003",
    title="Connector is not outdated",
    subject="connector",
    severity=Severity.MEDIUM,
    why="Microsoft updates connectors by itself; where one stays behind, its updater may not work, or waits.",
    runbook=Runbook(
        summary="Bring the connector up to date, and find out why Microsoft's updates did not reach it.",
        steps=(
            (
                "If the tenant defers updates, decide whether that is still meant: the publishing profile's "
                "hybridAgentUpdaterConfiguration says until when."
            ),
            "On {machine}, see whether the updater runs: `Get-Service WAPCUpdaterSvc` ({updater_service}).",
            (
                "If it is missing, install the connector anew; if it is stopped: `Set-Service WAPCUpdaterSvc "
                "-StartupType Automatic; Start-Service WAPCUpdaterSvc`."
            ),
            "Read what it says: `Get-WinEvent -LogName '{updater_channel}' -MaxEvents 20`.",
            "See that it has the connector's addresses and proxy settings.",
            "If the expected version does not come within days, fetch it.",
            *UPDATE_STEPS,
        ),
        links=(HISTORY, CONFIGURE),
    ),
    subjects=connectors,
    check=_outdated,
    when_empty="the tenant has no connectors",
    controls=controls(nist="SI-2 SI-2(2)", iso="A.8.8", cis="7.4 12.1"),
    evidence={
        **VERSION,
        "expected": "the newest version that Microsoft installs by itself and that has had its grace",
        "expected_since": "the day of its release",
        "peer_has_it": "whether another connector of the group has it; not known where the group was not read",
        "likely_cause": "why it probably stayed behind",
        "days_behind": "days since the release of the expected version",
        "updates_deferred_until": "the day until which the tenant defers updates; not there if it does not, or unread",
        "update_window": "the hours in which the tenant lets connectors be updated, in their own time zone",
    },
    settings=("auto_upgrade_grace_days",),
)


def _behind_a_fix(evidence: Evidence, connector: Connector) -> Judgement:
    version = parse_version(connector.version)
    if version is None:
        return unreadable(connector)
    today, grace = evidence.snapshot.taken_at.astimezone(UTC).date(), evidence.policy.download_grace_days
    missing = [
        release
        for release in evidence.releases.releases
        if release.fix and release.number > version and release.released and (today - release.released).days > grace
    ]
    if not missing:
        return passed(
            f"version {connector.version} has every fix that is out for long enough", version=connector.version
        )
    newest, automatic = missing[0], evidence.releases.newest_auto_upgrade()
    comes_by_itself = automatic is not None and any(release.number <= automatic.number for release in missing)
    how = "" if comes_by_itself else "; it has to be fetched, since Microsoft does not install it by itself"
    judgement = failed(
        Severity.LOW if comes_by_itself else Severity.INFO,
        f"version {connector.version} lacks the fixes of {newest.version}, released on {newest.released}{how}",
        version=connector.version,
        lacks=[release.version for release in missing],
        installed_by_itself=comes_by_itself,
    )
    return judgement.with_volatile(days_behind=max((today - r.released).days for r in missing if r.released))


VER004 = Rule(
    id="VER004",
    title="Connector has the security and reliability fixes",
    subject="connector",
    severity=Severity.LOW,
    why="What Microsoft mends in a version to be fetched reaches nobody who waits for the automatic update.",
    runbook=Runbook(
        summary="Fetch the newer version, or wait knowingly.",
        steps=(
            "Read in Microsoft's version history what the fixes mend, and whether that concerns you.",
            *UPDATE_STEPS,
        ),
        links=(HISTORY, CONFIGURE),
    ),
    subjects=connectors,
    check=_behind_a_fix,
    when_empty="the tenant has no connectors",
    controls=controls(nist="SI-2", iso="A.8.8", cis="7.2 7.4"),
    evidence={
        **VERSION,
        "lacks": "newer versions with a fix, each out for longer than the grace",
        "installed_by_itself": "whether Microsoft installs one of them by itself",
        "days_behind": "days since the release of the oldest of them",
    },
    settings=("download_grace_days",),
)
