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
    return "\n".join((_HEAD, *("\n".join(_question(one)) for one in questions)))


def _question(one: Question) -> Iterator[str]:
    yield f"## {one.title}"
    yield ""
    yield one.says
    if one.see:
        yield one.see
    yield ""
    if one.disputed:
        yield "Sources disagree:"
        yield ""
        for claim in one.disputed:
            source = sources()[claim.source]
            yield f"- {claim.says} ([{source.title}]({source.url}), {source.dates})"
        yield ""
    for key in one.commands:
        found = command(key)
        yield f"{found.title} On the {found.where}:" if found.where != "here" else found.title
        yield ""
        yield "```powershell"
        yield from map(blank, found.lines)
        yield "```"
        yield ""
        yield found.answer
        yield ""
    links = "; ".join(f"[{source.title}]({source.url}), {source.dates}" for source in cited(one))
    yield f"Sources: {links}."
    yield ""
