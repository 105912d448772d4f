"""A walk as blocks: the proven cause first, then what is ruled out, what is not known, and what is left to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.cells import cut
from common.text import minute
from connectorwatch.diagnosis.answer_blocks import advice_blocks, link_blocks
from connectorwatch.diagnosis.blocks import Block, Line, Points, Rows, Title
from connectorwatch.diagnosis.subject import Result

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectorwatch.diagnosis.blocks import Tone
    from connectorwatch.diagnosis.walk import Walk

_KINDS = {"application": "application", "connector": "connector", "group": "connector group"}
_LISTS: tuple[tuple[Result, str, Tone], ...] = (
    (Result.NOT_KNOWN, "Not known", "unsure"),
    (Result.SUSPECT, "Possible", "unsure"),
    (Result.RULED_OUT, "Ruled out", "good"),
)


def walk_blocks(walked: Walk, *, live: bool) -> Iterator[Block]:
    """Yield a walk; `live` says that Graph was asked just now."""
    seen = "seen just now" if live else "as of the scan of"
    yield Title(f"{cut(walked.name)}: {_KINDS[walked.kind]}, {seen} {minute(walked.taken_at)}", level=1)
    if walked.cause is None:
        yield Title(
            "No cause is proven by what Graph tells.", "unsure" if walked.observations(Result.NOT_KNOWN) else "plain"
        )
    else:
        yield Title(f"Cause: {walked.cause.says}", "bad")
        yield Points(walked.cause.steps, ordered=True)
        yield from advice_blocks(walked.cause.commands)
    for result, title, tone in _LISTS:
        looks = walked.observations(result)
        if looks:
            yield Title(title, tone)
            yield Rows(tuple((f"{step.step}", observation.says) for step, observation in looks))
    yield from _left(walked)
    yield from link_blocks(tuple({page.url: page for step in walked.steps for page in step.pages}.values()))


def _left(walked: Walk) -> Iterator[Block]:
    """Yield what is to be run, and which steps were not taken."""
    to_run = walked.observations(Result.TO_RUN)
    if to_run:
        yield Title("To look at yourself" if walked.cause is None else "If it still fails, look at this yourself")
        yield Line(f"on {walked.servers or 'each connector server of the group'}, unless it says otherwise", "dim")
        for step, observation in to_run:
            for command in observation.commands:
                yield from advice_blocks((command.model_copy(update={"title": f"Step {step.step}: {command.title}"}),))
            if not observation.commands:
                yield Title("", level=3)
                yield Line(f"Step {step.step}: {observation.says}")
    if walked.remaining:
        first, last = walked.remaining[0], walked.remaining[-1]
        steps = f"step {first}" if first == last else f"steps {first} to {last}"
        yield Title("Not looked at", level=3)
        yield Line(f"Of the ten steps, {steps}: mend the cause first, then scan and ask again.")
