"""docs/assumptions.md: what is believed of Graph, from the table in the code."""

from __future__ import annotations

from connectorwatch.recording.assumptions import ASSUMPTIONS, EFFECTS, GRADES, Assumption
from connectorwatch.recording.questions import QUESTIONS

_HEAD = """# Assumptions about Microsoft Graph

connectorwatch was built from documentation, schemas and published measurements; no live tenant was available. This page lists what it assumes of Graph, how well each assumption is founded, and what happens where it is false.
A guessed assumption can cost a verdict and never grants one. `connectorwatch record` shows how your tenant behaves ([operations](operations.md#how-your-tenants-graph-answers)).
This page is made from `connectorwatch/recording/assumptions.py` by `make docs`.
"""  # noqa: E501 - a paragraph of Markdown is one line


def assumptions_page() -> str:
    """Return docs/assumptions.md."""
    grades = [f"- **{grade}**: {words}" for grade, words in GRADES.items()]
    rows = ["| id | assumption | used in | grade | source | where it is false |", "|---|---|---|---|---|---|"]
    rows += [_row(assumption) for assumption in ASSUMPTIONS]
    questions = ["| id | question | if yes | if no |", "|---|---|---|---|"]
    questions += [f"| {q.id} | {q.text} | {q.if_yes} | {q.if_no} |" for q in QUESTIONS]
    parts = [
        _HEAD,
        "## Grades\n",
        *grades,
        "\n## What is assumed\n",
        *rows,
        "\n## Open questions\n\nEach recording answers those that it can.\n",
        *questions,
    ]
    return "\n".join(parts) + "\n"


def _row(assumption: Assumption) -> str:
    effect = f" *Costs:* {EFFECTS[assumption.effect]}." if assumption.effect else ""
    question = f" ({assumption.question})" if assumption.question else ""
    used = ", ".join(f"`{name}`" for name in assumption.used_in)
    return (
        f"| `{assumption.id}` | {assumption.belief}{question} | {used} | {assumption.grade} | "
        f"{assumption.source}, {assumption.dated.isoformat()} | {assumption.if_false}{effect} |"
    )
