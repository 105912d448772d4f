"""The command `diagnose`."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from connectorwatch.commands.options import out, tenant

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectorwatch.diagnosis.answers import Answers
    from connectorwatch.diagnosis.subject import Case, Kind
    from policies.evidence import Evidence

SUBJECTS: dict[str, Kind] = {"app": "application", "connector": "connector", "group": "group"}


@click.command()
@click.argument("text", required=False)
@click.option(
    "--file", "path", metavar="FILE", type=click.Path(path_type=Path), help="Read the text from a file, or - ."
)
@click.option("--event", type=click.IntRange(0, 65535), help="An event id, with --channel.")
@click.option("--channel", help="The event's channel, such as Microsoft-AadApplicationProxy-Connector/Admin.")
@click.option("--version", metavar="VERSION", help="The connector's version, for the names in commands.")
@click.option("--app", metavar="NAME|ID", help="Walk the ten steps for an application.")
@click.option("--connector", metavar="NAME|ID", help="Walk them for a connector.")
@click.option("--group", metavar="NAME|ID", help="Walk them for a connector group.")
@click.option("--live", is_flag=True, help="Query Graph now, store nothing, instead of using the newest scan.")
@click.option("--cloud", type=click.Choice(["global", "usgov"]), default="global", show_default=True)
@click.option("--format", "form", type=click.Choice(["text", "md", "json"]), default="text", show_default=True)
@tenant
@out
def diagnose(**options: Any) -> None:  # noqa: ANN401 - click passes the options by name
    """Explain an error, or why an application cannot be reached.

    TEXT is a pasted error or log; - reads it from stdin.

    Exit codes: 0 recognised, or no cause proven and everything known; 3 a cause is proven; 4 not recognised, or
    something is not known; 1 could not do it; 2 wrong usage.
    """
    from connectorwatch.diagnosis.show import Diagnosis, diagnosis_exit_code, show
    from connectorwatch.diagnosis.walk import walk

    subject, text = _subject(options), _text(options)
    if subject is None and text is None and options["event"] is None:
        raise click.UsageError("Give a TEXT, --file or --event, or name something: --app, --connector or --group.")
    case = None if subject is None else _case(options, *subject)
    version = options["version"] or (case.version if case else None)
    answers = _answers(options, text, version)
    symptoms = answers.symptoms if answers else frozenset[str]()
    walked = None if case is None else walk(replace(case, symptoms=symptoms, cloud=options["cloud"]))
    diagnosis = Diagnosis(answers, walked, live=options["live"], version=version)
    show(diagnosis, options["form"])
    sys.exit(diagnosis_exit_code(diagnosis))


def _subject(options: Mapping[str, Any]) -> tuple[Kind, str] | None:
    named = [(SUBJECTS[option], options[option]) for option in SUBJECTS if options[option] is not None]
    if len(named) > 1:
        raise click.UsageError("Name one of --app, --connector and --group.")
    if not named and (options["live"] or options["tenant"] or options["out"]):
        raise click.UsageError("--live, --tenant and --out go with --app, --connector or --group.")
    return named[0] if named else None


def _text(options: Mapping[str, Any]) -> str | None:
    from connectorwatch.diagnosis.paste import checked, read_file

    text, path, event, channel = (options[name] for name in ("text", "path", "event", "channel"))
    if sum(given is not None for given in (text, path, event)) > 1:
        raise click.UsageError("Give one of TEXT, --file and --event.")
    if (event is None) != (channel is None):
        raise click.UsageError("--event and --channel go together: an id means something only within its channel.")
    if path is not None or text == "-":
        return read_file(path or Path("-"))
    return None if text is None else checked(text, "The text")


def _answers(options: Mapping[str, Any], text: str | None, version: str | None) -> Answers | None:
    from connectorwatch.diagnosis.answers import answer_event, answer_text

    if text is not None:
        return answer_text(text, version, options["cloud"])
    if options["event"] is None:
        return None
    return answer_event(options["event"], options["channel"], version, options["cloud"])


def _case(options: Mapping[str, Any], kind: Kind, wanted: str) -> Case:
    from connectorwatch.diagnosis.evidence import case_of, live_evidence, newest_evidence
    from connectorwatch.wiring import Choices, scanning, settings_of, store_of

    choices = Choices(options["tenant"], options["out"])

    async def now() -> Evidence:
        async with scanning(choices) as scan:
            return await live_evidence(scan)

    if options["live"]:
        return case_of(asyncio.run(now()), kind, wanted)
    settings = settings_of(choices)
    return case_of(newest_evidence(store_of(settings), settings.tenant_id), kind, wanted)
