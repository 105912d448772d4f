"""The rule about the age of the release catalogue, by which versions are judged."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from common.text import counted
from policies.frameworks import controls
from policies.releases.catalogue import parse_version
from policies.rule import Judgement, Rule, failed, not_assessed, passed
from policies.rules.holders import tenant_only
from policies.rules.version_words import HISTORY
from policies.runbooks import Runbook
from policies.vocabulary import Severity

if TYPE_CHECKING:
    from policies.evidence import Evidence


def _catalogue(evidence: Evidence, _tenant: None) -> Judgement:
    releases, snapshot = evidence.releases, evidence.snapshot
    age = (snapshot.taken_at.astimezone(UTC).date() - releases.revised).days
    versions = {connector.version for connector in snapshot.connectors.records if connector.version}
    unknown = sorted(
        text for text in versions if (version := parse_version(text)) and releases.is_newer_than_all(version)
    )
    facts = {"revised": releases.revised.isoformat(), "newest": releases.newest().version}
    if unknown:
        judgement = failed(
            Severity.INFO, f"connectors run {', '.join(unknown)}, which the catalogue does not know", **facts
        )
        return judgement.with_volatile(days_old=age, versions=unknown)
    if age > evidence.policy.catalogue_max_age_days:
        judgement = failed(
            Severity.INFO, f"the catalogue was last compared with Microsoft's page {age} days ago", **facts
        )
        return judgement.with_volatile(days_old=age)
    silent = {connector.id for connector in snapshot.connectors.items if parse_version(connector.version) is None}
    if silent:
        why = f"whether the catalogue knows the version of {counted(len(silent), 'connector')} could not be read"
        return not_assessed(why, **facts)
    return passed(f"the catalogue was compared with Microsoft's page {age} days ago", **facts)


VER005 = Rule(
    id="VER005",
    title="The release catalogue is up to date",
    subject="tenant",
    severity=Severity.INFO,
    why="Versions are judged by the catalogue; one that is behind calls an outdated connector up to date.",
    runbook=Runbook(
        summary="Bring the release catalogue up to date.",
        steps=(
            "Save Microsoft's version history page, and run: `connectorwatch releases --from PAGE --to releases.yaml`.",
            "Name that file in the policy: `releases: releases.yaml`.",
        ),
        links=(HISTORY,),
    ),
    subjects=tenant_only,
    check=_catalogue,
    when_empty="there is no tenant",
    controls=controls(nist="SI-2(2)", iso="A.8.8", cis="7.2"),
    evidence={
        "revised": "the day on which the catalogue was last compared with Microsoft's page",
        "newest": "the newest version in it",
        "versions": "versions that connectors run and the catalogue does not know",
        "days_old": "days since it was revised",
    },
    settings=("catalogue_max_age_days", "releases"),
)
