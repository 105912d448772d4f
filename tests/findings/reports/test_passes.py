"""What passes is carried by a number a rule, unless the policy asks for each."""

from __future__ import annotations

import json

import pytest

from findings.document import FindingsDocument, Lifecycle
from findings.reports.ocsf import render_ocsf
from findings.reports.passes import counts, listed
from findings.reports.sarif import render_sarif
from policies.vocabulary import Outcome
from tests.findings.reports.published import complaints, needs_schemas
from tests.findings.reports.sample import about, document_of, scan_summary, verdict


def _document(passes: str, passing: int = 3, *, extra: tuple[Outcome, ...] = ()) -> FindingsDocument:
    verdicts = [verdict("VER001", about("connector", number, f"c-{number}"), Outcome.PASS) for number in range(passing)]
    verdicts += [
        verdict("GRP001", about("group", number, f"g-{number}"), outcome) for number, outcome in enumerate(extra)
    ]
    document = document_of(tuple(verdicts))
    return document.model_copy(update={"policy": document.policy.model_copy(update={"passes": passes})})


def _events(document: FindingsDocument) -> list[dict[str, object]]:
    return [json.loads(line) for line in render_ocsf(document).splitlines()]


def test_ocsf_counts_what_passes() -> None:
    """By default one event a rule holds the number of subjects that pass; failures stand one by one."""
    events = _events(_document("count", extra=(Outcome.FAIL, Outcome.NOT_ASSESSED, Outcome.PASS)))

    numbers = {str(event["message"]).split(":")[0]: event["count"] for event in events if "count" in event}
    assert numbers == {"VER001": 3, "GRP001": 1}
    assert len(events) == 2 + 2


def test_ocsf_lists_what_passes_where_the_policy_says_so() -> None:
    """With `all` each passing subject has an event, and none has a number."""
    events = _events(_document("all"))

    assert (len(events), [event for event in events if "count" in event]) == (3, [])


def test_sarif_counts_what_passes_with_its_rule() -> None:
    """By default a rule holds the numbers of what passes and does not apply, and only other results stand alone."""
    document = _document("count", extra=(Outcome.FAIL, Outcome.NOT_APPLICABLE, Outcome.PASS))

    (run,) = json.loads(render_sarif(document))["runs"]

    numbers = {rule["id"]: rule["properties"] for rule in run["tool"]["driver"]["rules"]}
    assert (numbers["VER001"]["passed"], "notApplicable" in numbers["VER001"]) == (3, False)
    assert (numbers["GRP001"]["passed"], numbers["GRP001"]["notApplicable"]) == (1, 1)
    assert [result["kind"] for result in run["results"]] == ["fail"]


def test_a_finding_that_is_resolved_is_never_a_number() -> None:
    """A pass that resolves a finding stands by itself in both ways."""
    at = scan_summary().finished_at
    life = Lifecycle(state="resolved", change="resolved", first_seen=at, last_seen=at, assessed_at=at)
    document = _document("count", passing=2)
    first, *others = document.verdicts
    document = document.model_copy(update={"verdicts": (first.model_copy(update={"lifecycle": life}), *others)})

    assert [verdict.key for verdict in listed(document)] == [first.key]
    assert counts(document, Outcome.PASS) == {"VER001": 1}


@pytest.mark.slow
def test_sarif_leaves_out_what_github_would_refuse() -> None:
    """Of more than 25,000 results the worst stand in the file, and a notification says how many do not."""
    failing = tuple(verdict("VER001", about("connector", number, "c"), Outcome.FAIL) for number in range(25_002))

    (run,) = json.loads(render_sarif(document_of(failing)))["runs"]

    texts = [note["message"]["text"] for note in run["invocations"][0]["toolExecutionNotifications"]]
    assert len(run["results"]) == 25_000
    assert "2 results more stand in findings.json alone." in texts


@needs_schemas
@pytest.mark.parametrize("passes", ["count", "all"])
def test_both_ways_are_valid(passes: str) -> None:
    """Either way both files are valid by the published schemas."""
    made = json.loads(render_sarif(_document(passes, extra=(Outcome.FAIL, Outcome.NOT_APPLICABLE))))

    assert complaints("sarif-schema-2.1.0.json", made) == []
    for event in _events(_document(passes, extra=(Outcome.FAIL, Outcome.NOT_ASSESSED))):
        assert complaints("ocsf-1.8.0-compliance_finding.json", event) == []
