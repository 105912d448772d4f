"""The command `evaluate`."""

from __future__ import annotations

from pathlib import Path

import click

from common.errors import EvidenceError
from connectorwatch.commands.options import as_json, fail_on, leave, policy, show


@click.command()
@click.argument("evidence", type=click.Path(path_type=Path))
@policy
@fail_on
@as_json
def evaluate(evidence: Path, policy: str | None, fail_on: str, *, as_json: bool) -> None:
    """Judge stored EVIDENCE (an evidence.json.gz) again, offline."""
    from connectorwatch.scanning.scan import judge_stored
    from connectorwatch.usecases.report import refuse_reports
    from policies.evidence_file import read_limited
    from policies.policy_file.read import read_policy_file
    from policies.rules import RULE_IDS

    try:
        content = read_limited(evidence)
    except OSError as error:
        raise EvidenceError(
            f"{evidence} cannot be read: {error.strerror}. Give the path of an evidence.json.gz."
        ) from None
    refuse_reports(content, evidence)
    other = read_policy_file(Path(policy), RULE_IDS) if policy else None
    result = judge_stored(content, str(evidence), other)
    show(result, None, as_json=as_json)
    leave(result, fail_on)
