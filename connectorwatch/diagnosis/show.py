"""A diagnosis on stdout: for people, for a ticket, or as JSON; and the exit code that it deserves."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from common.exit_codes import exit_code
from connectorwatch.diagnosis.advice import is_old
from connectorwatch.diagnosis.answer_blocks import answer_blocks
from connectorwatch.diagnosis.answers import Answers
from connectorwatch.diagnosis.blocks import markdown, print_blocks
from connectorwatch.diagnosis.subject import Result
from connectorwatch.diagnosis.walk import Walk
from connectorwatch.diagnosis.walk_blocks import walk_blocks
from connectorwatch.terminal.console import results

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from common.exit_codes import ExitCode
    from connectorwatch.diagnosis.blocks import Block

SCHEMA = "connectorwatch.diagnosis/v1"


@dataclass(frozen=True)
class Diagnosis:
    """What is told: answers to a text, a walk, or both.

    Attributes:
        answers: What a pasted text means.
        walked: The ten steps for one thing.
        live: Whether Graph was asked just now.
        version: The connector's version, where somebody said it.
    """

    answers: Answers | None
    walked: Walk | None
    live: bool = False
    version: str | None = None


class DiagnosisDocument(BaseModel):
    """A diagnosis as JSON."""

    model_config = ConfigDict(frozen=True, serialize_by_alias=True, validate_by_name=True)

    schema_: str = Field(default=SCHEMA, alias="schema")
    answers: Answers | None
    walk: Walk | None


def show(diagnosis: Diagnosis, form: str, console: Console | None = None) -> None:
    """Write a diagnosis to stdout as `text`, `md` or `json`."""
    if form == "json":
        document = DiagnosisDocument(answers=diagnosis.answers, walk=diagnosis.walked)
        sys.stdout.write(document.model_dump_json(indent=2) + "\n")
    elif form == "md":
        sys.stdout.write(markdown(_blocks(diagnosis)))
    else:
        print_blocks(_blocks(diagnosis), console or results())


def diagnosis_exit_code(diagnosis: Diagnosis) -> ExitCode:
    """Return FAILING for a proven cause, NOT_ASSESSED where something is not recognised or not known, else DONE."""
    answers, walked = diagnosis.answers, diagnosis.walked
    recognised = answers is None or bool(answers.recognised)
    known = walked is None or not walked.observations(Result.NOT_KNOWN)
    return exit_code(failing=walked is not None and walked.cause is not None, all_known=recognised and known)


def _blocks(diagnosis: Diagnosis) -> Iterator[Block]:
    """Yield what the text means, which somebody pasted first of all, then the walk."""
    if diagnosis.answers is not None:
        alone = diagnosis.walked is None
        yield from answer_blocks(diagnosis.answers, old=is_old(diagnosis.version), alone=alone)
    if diagnosis.walked is not None:
        yield from walk_blocks(diagnosis.walked, live=diagnosis.live)
