"""docs/faq.md, made from the knowledge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectorwatch.knowledge.details import blank
from connectorwatch.knowledge.loading import cited, command, sources, topic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectorwatch.knowledge.model import Question

_HEAD = """# Frequently asked

Every answer with its sources, the date each page gives itself, and the day it was last compared with what stands here.
This page is made from `connectorwatch/knowledge/faq.yaml` by `make docs`.
"""


def faq_page() -> str:
    """Return the page of questions and answers as Markdown."""
    questions: tuple[Question, ...] = topic("faq").entries
    return "\n".join((_HEAD, *("\n".join(_question(question)) for question in questions)))


def _question(question: Question) -> Iterator[str]:
    yield f"## {question.title}"
    yield ""
    yield question.says
    if question.see:
        yield question.see
    yield ""
    if question.disputed:
        yield "Sources disagree:"
        yield ""
        for claim in question.disputed:
            source = sources()[claim.source]
            yield f"- {claim.says} ([{source.title}]({source.url}), {source.dates})"
        yield ""
    for key in question.commands:
        entry = command(key)
        yield f"{entry.title} On the {entry.where}:" if entry.where != "here" else entry.title
        yield ""
        yield "```powershell"
        yield from map(blank, entry.lines)
        yield "```"
        yield ""
        yield entry.answer
        yield ""
    links = "; ".join(f"[{source.title}]({source.url}), {source.dates}" for source in cited(question))
    yield f"Sources: {links}."
    yield ""
