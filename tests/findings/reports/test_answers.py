"""An answer is shown with its finding in every format, harmless whoever wrote it, and the page says how to answer."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from connectorwatch.scanning.answers import stored_answers
from connectorwatch.terminal.findings import findings_blocks
from connectorwatch.usecases.answer import answer_in_store
from findings.cards.announcement import Notification, RouteFilter
from findings.cards.change import change_card
from findings.reports.answers import answered, how_to_answer, is_asked
from findings.reports.formats import FORMATS
from findings.reports.json_file import parse_json, render_json
from policies.vocabulary import Severity
from tests.connectorwatch.usecases.answering import LATER, REQUEST, scan, scanned_store, state_in
from tests.findings.reports.page import Page
from tests.findings.state.answering import CON003, NEW, tenant
from tests.making import TENANT

if TYPE_CHECKING:
    from pathlib import Path

    from findings.cards.announcement import Card
    from findings.document import FindingsDocument
    from findings.state.document import State
    from policies.policy_file.answers import AnswerVerdict

EVIL = "the <b>plan</b> | `x` =1+1"


def answered_scan(folder: Path, verdict: AnswerVerdict) -> tuple[FindingsDocument, State]:
    """Return the result of the scan after an answer, and the state after it."""
    store = scanned_store(folder)
    request = replace(REQUEST, verdict=verdict, reason=EVIL)
    answer_in_store(store, state_in(store), request, (), LATER)
    document = scan(store, 3, tuple(stored_answers(store, TENANT).answers))
    return document, state_in(store)


@pytest.fixture(scope="module", params=["expected", "wrong"])
def done(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, FindingsDocument]:
    """Return an answer's verdict, and the scan after it."""
    return request.param, answered_scan(tmp_path_factory.mktemp("out"), request.param)[0]


@pytest.mark.parametrize("form", sorted(name for name in FORMATS if not name.endswith("-csv")))
def test_every_format_names_the_answer(done: tuple[str, FindingsDocument], form: str) -> None:
    """Every format that lists findings says what was answered, by whom and why."""
    verdict, document = done
    content = FORMATS[form].render(document, tenant(NEW))
    shown = Page(content).text if form == "html" else content.decode().replace("\\", "")

    assert verdict in shown
    assert "ada@contoso.example" in shown
    assert form != "html" or b"<b>plan</b>" not in content
    assert "plan" in shown


def test_the_fields(done: tuple[str, FindingsDocument]) -> None:
    """findings.json, findings.csv and findings.sarif carry the answer in fields of its own."""
    verdict, document = done
    moment = "2026-11-22T18:00:00Z"
    whole = {"verdict": verdict, "reason": EVIL, "by": "ada@contoso.example", "at": moment}
    (entry,) = (entry for entry in json.loads(render_json(document))["verdicts"] if entry["key"] == CON003)
    table = csv.DictReader(io.StringIO(FORMATS["csv"].render(document).decode("utf-8-sig")))
    (row,) = (row for row in table if row["key"] == CON003)
    results = json.loads(FORMATS["sarif"].render(document))["runs"][0]["results"]
    (result,) = (result for result in results if result["properties"]["key"] == CON003)
    (event,) = (
        event
        for line in FORMATS["ocsf"].render(document).decode().splitlines()
        if (event := json.loads(line))["metadata"]["uid"].endswith(CON003)
    )

    assert entry["answer"] == whole
    assert [row[name] for name in ("answer", "answer_by", "answer_at")] == [verdict, "ada@contoso.example", moment]
    assert result["properties"]["answer"] == whole
    assert f"Answered as {verdict} by ada@contoso.example at 2026-11-22 18:00 UTC" in result["message"]["text"]
    assert event["comment"].startswith(f"Answered as {verdict} by ada@contoso.example")
    assert parse_json(render_json(document)) == document


def test_an_answered_event_fails_nothing(tmp_path: Path) -> None:
    """An answered event counts as not applicable and ends as answered; a wrong one fails as high."""
    ended, _ = answered_scan(tmp_path / "a", "handled")
    wrong, _ = answered_scan(tmp_path / "b", "wrong")
    outcomes = [
        (entry.outcome.value, entry.severity.value, entry.lifecycle.ending if entry.lifecycle else None)
        for document in (ended, wrong)
        for entry in document.verdicts
        if entry.key == CON003
    ]

    assert outcomes == [("not_applicable", "high", "answered"), ("fail", "high", None)]
    assert [(entry.rule, entry.ended, entry.answer.verdict) for entry in answered(ended)] == [
        ("CON003", True, "handled")
    ]
    assert [entry.ended for entry in answered(wrong)] == [False]
    failing = [document.summary.failing[Severity.HIGH] for document in (ended, wrong)]
    assert failing[1] == failing[0] + 1


def test_outside_any_history(tmp_path: Path) -> None:
    """Where evidence is judged again without a history, an answer still shows whether it ends its finding."""
    ended, _ = answered_scan(tmp_path / "a", "expected")
    wrong, _ = answered_scan(tmp_path / "b", "wrong")
    alone = [
        document.model_copy(
            update={
                "verdicts": tuple(entry.model_copy(update={"lifecycle": None}) for entry in document.verdicts),
                "gone": (),
            }
        )
        for document in (ended, wrong)
    ]

    assert [[entry.ended for entry in answered(document)] for document in alone] == [[True], [False]]


def test_how_to_answer(tmp_path: Path) -> None:
    """A failing event shows the command that answers it, with its key quoted; a finding about a state shows none."""
    document, _ = answered_scan(tmp_path, "wrong")
    by_rule = {entry.rule: entry for entry in document.verdicts}
    page = FORMATS["html"].render(document, tenant(NEW))

    assert how_to_answer(by_rule["GRP001"]) == ""
    assert how_to_answer(by_rule["CON005"]).startswith("connectorwatch answer CON005/event:")
    evil = by_rule["CON005"].model_copy(update={"key": "CON005/$(x)\u202e'"})
    assert how_to_answer(evil).startswith("connectorwatch answer 'CON005/$(x)\\u202e'\"'\"'' --verdict")
    assert is_asked(document)
    assert b'id="answers"' in page
    assert f"connectorwatch answer {CON003} --verdict" in Page(page).text


def _content(card: Card | None) -> dict[str, Any]:
    assert card is not None
    (attachment,) = json.loads(card.to_bytes())["attachments"]
    content: dict[str, Any] = attachment["content"]
    return content


def test_a_card_leads_to_how_to_answer(tmp_path: Path) -> None:
    """The card of an event has a link to where the report says how to answer; without a report there is none."""
    document, state = answered_scan(tmp_path, "wrong")
    entry = state.outbox[-1]
    told = Notification(document.tenant, entry, document, "https://x.example/report.html")
    cards = [change_card([note], RouteFilter()) for note in (told, replace(told, report=None))]
    links = [[action["url"] for action in _content(card).get("actions", [])] for card in cards]

    assert links == [["https://x.example/report.html", "https://x.example/report.html#answers"], []]


def test_what_the_terminal_says(tmp_path: Path) -> None:
    """The terminal says of a finding that failed and is answered by whom, and of one that ended the same."""
    verdicts: tuple[AnswerVerdict, ...] = ("wrong", "expected")
    for verdict in verdicts:
        document, _ = answered_scan(tmp_path / verdict, verdict)
        file = io.StringIO()
        for block in findings_blocks(document, tenant(NEW), "in the report"):
            Console(file=file, width=400).print(block)
        assert f"answered as {verdict} by ada@contoso.example" in file.getvalue()
