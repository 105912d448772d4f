"""Answers as blocks: the same words for the terminal and for a ticket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.text import counted
from connectorwatch.diagnosis.blocks import Block, Code, Line, Links, Points, Rows, Title

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from connectorwatch.diagnosis.advice import Advice, Page
    from connectorwatch.diagnosis.answers import Answer, Answers

KINDS = {
    "host": "host",
    "url": "address",
    "aadsts": "sign-in code",
    "hresult": "Windows code",
    "spn": "Kerberos name",
    "account": "account",
    "reason": "reason",
    "transaction": "transaction",
    "correlation": "correlation",
    "trace": "trace",
    "request": "request",
    "session": "session",
    "object": "object",
    "application": "application",
    "tenant": "tenant",
    "client": "registration client",
    "identifier": "identifier",
}
"""What varies in an error, in words."""
_CUT = 300


def answer_blocks(answers: Answers, *, old: bool, alone: bool = True) -> Iterator[Block]:
    """Yield what a paste tells.

    Args:
        answers: What was recognised, or why nothing was.
        old: Whether commands have the names of before 1.5.3829.0.
        alone: Whether no walk follows, which says better than the checklist what to look at.
    """
    if answers.unknown is not None:
        yield Title("Not recognised" if alone else "The text: not recognised", "unsure")
        yield Line(answers.unknown)
        yield from map(Line, answers.notes)
        if not alone:
            return
        yield Title("What to check anyway, in this order")
        yield from advice_blocks(answers.checklist)
        yield from link_blocks(answers.pages)
        return
    shown: set[Advice] = set()
    for number, answer in enumerate(answers.recognised, 1):
        yield from _answer(number, answer, shown)
        shown |= set(answer.commands)
    if answers.notes:
        yield Title("Beside this", level=3)
        yield from map(Line, answers.notes)
    if any(answer.commands for answer in answers.recognised):
        names = "before" if old else "since"
        other = "" if old else "; for an older connector say --version"
        yield Title("Names", level=3)
        yield Line(f"Commands have the names {names} 1.5.3829.0{other}.", "dim")


def _answer(number: int, answer: Answer, shown: AbstractSet[Advice]) -> Iterator[Block]:
    times = f", {counted(answer.count, 'time')}" if answer.count > 1 else ""
    event = f" (event {answer.event})" if answer.event else ""
    yield Title(f"{number}. {answer.title}{event}", "bad")
    yield Line(f"seen in: {answer.seen}{times}", "dim")
    if answer.found:
        yield Rows(tuple((KINDS[kind], ", ".join(values)[:_CUT]) for kind, values in answer.found.items()))
    yield Title("Why", level=3)
    yield Points(answer.causes)
    yield Title("What to do", level=3)
    yield Points(answer.steps, ordered=True)
    yield from advice_blocks([command for command in answer.commands if command not in shown])
    again = [command.title for command in answer.commands if command in shown]
    if again:
        yield Title("As above", "dim", level=3)
        yield Points(tuple(again))
    if answer.disputed:
        yield Title("Sources disagree", "unsure", level=3)
        yield Points(answer.disputed)
    yield from link_blocks(answer.pages)


def advice_blocks(commands: Sequence[Advice]) -> Iterator[Block]:
    """Yield commands, each with where to run it and how to read its answer."""
    for command in commands:
        yield Code(
            f"{command.title} ({command.where})" if command.where else command.title, command.lines, command.answer
        )


def link_blocks(pages: Sequence[Page]) -> Iterator[Block]:
    """Yield sources with their dates."""
    if pages:
        yield Title("Read", level=3)
        yield Links(tuple((page.url, f"{page.title}, {page.dates}") for page in pages))
