"""Why a finding ended, in words."""

from __future__ import annotations

import pytest

from findings.document import GoneEntry
from findings.reports.csv_file import render_findings_csv
from findings.reports.html import render_html
from findings.reports.json_file import render_json
from findings.reports.lifecycle_text import life_text
from findings.reports.markdown import render_markdown
from findings.reports.ocsf import render_ocsf
from findings.reports.sarif import render_sarif
from findings.reports.view import moved
from findings.state.endings import BY_TIME, ending_words
from findings.views.log_rows import log_rows
from findings.views.tables import COLUMNS
from policies.vocabulary import Ending, Outcome, Severity, Subject
from tests.findings.reports.sample import about, document_of, life, verdict
from tests.findings.reports.sample_snapshot import snapshot

CONNECTOR, PERSON = about("connector", 7, "hq"), about("principal", 8, "Ada")


@pytest.mark.parametrize(
    ("subject", "ending", "by", "expected"),
    [
        (CONNECTOR, "fixed", "fixed", "fixed, as the check passes on facts that changed"),
        (CONNECTOR, "left_scope", "subject_gone", "left the scope, as it is no longer in the tenant"),
        (CONNECTOR, "left_scope", "not_applicable", "left the scope, as the check no longer applies"),
        (CONNECTOR, "left_scope", "fixed", "left the scope, as what it was about is no longer there"),
        (PERSON, "left_scope", "subject_gone", "left the scope, as the access that was checked is gone"),
        (PERSON, "left_scope", "fixed", "left the scope, as the access that was checked is gone"),
        (PERSON, "left_scope", "not_applicable", "left the scope, as the check no longer applies"),
        (CONNECTOR, "answered", "not_applicable", "answered, as somebody said what it was"),
        (CONNECTOR, "not_asked", "rule_disabled", "no longer asked, as the policy changed"),
        (CONNECTOR, None, "fixed", "fixed, as the check passes on facts that changed"),
        (CONNECTOR, None, "not_applicable", "left the scope, as the check no longer applies"),
        (PERSON, None, "subject_gone", "left the scope"),
        (CONNECTOR, None, "rule_disabled", "no longer asked, as the rule was switched off"),
        (CONNECTOR, None, "something_later", "something later"),
        (CONNECTOR, None, None, ""),
    ],
)
def test_ending_words(subject: Subject, ending: Ending | None, by: str | None, expected: str) -> None:
    """Each ending has one sentence, in which a person who only lost a role is not called gone."""
    ended = life("resolved", state="resolved").model_copy(update={"ending": ending, "resolved_by": by})

    assert ending_words(ended, subject) == expected


ENDED = life("resolved", state="resolved").model_copy(update={"ending": "left_scope", "resolved_by": "subject_gone"})
SENTENCE = "left the scope, as the access that was checked is gone"


def test_the_same_sentence_in_every_format() -> None:
    """Report, Markdown, CSV, OCSF and SARIF hold the sentence, and machines find the ending beside what resolved it."""
    gone = GoneEntry(
        key="REG001/8", rule="REG001", severity=Severity.HIGH, subject=PERSON, message="unexpected", lifecycle=ENDED
    )
    document = document_of((), gone=(gone,))
    page = snapshot()
    texts = {
        "html": render_html(document, page).decode(),
        "markdown": render_markdown(document, page).decode(),
        "csv": render_findings_csv(document).decode("utf-8-sig"),
        "ocsf": render_ocsf(document).decode(),
        "sarif": render_sarif(document).decode(),
    }

    assert {name for name, text in texts.items() if SENTENCE in text} == set(texts)
    assert {row.ending for row in log_rows(document) if row.source == "finding"} == {"left_scope"}
    assert '"ending":"left_scope"' in render_json(document).decode().replace(": ", ":")


def test_the_ending_stands_in_the_views() -> None:
    """The row of a finding in the views has the ending as a column."""
    assert COLUMNS["ConnectorFindings"]["ending"] is str


def test_opened_because_time_had_closed_it() -> None:
    """Reports say of a finding that time had closed why it is open again."""
    opened = life("reopened").model_copy(update={"correction": "time"})
    document = document_of((verdict("CON003", about("connector", 7, "hq"), Outcome.FAIL, life=opened),))

    assert [entry.because for entry in moved(document)] == [BY_TIME]
    assert life_text(opened, CONNECTOR) == f"{BY_TIME}."
