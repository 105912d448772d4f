"""The command `answer`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click

from connectorwatch.commands.options import moment, out, policy, tenant


@click.command()
@click.argument("key")
@click.option(
    "--verdict",
    required=True,
    type=click.Choice(["expected", "wrong", "handled"]),
    help="It was meant; it was not meant; or it has been dealt with.",
)
@click.option("--reason", required=True, metavar="TEXT", help="Why.")
@click.option("--by", required=True, metavar="NAME", help="Who answers.")
@click.option("--at", callback=moment, metavar="TIME", help="When it was answered, instead of now.")
@tenant
@policy
@out
@click.option("--stored", is_flag=True, help="Keep the answer with the stored scans and not in the policy file.")
@click.option("--new", is_flag=True, help="Make the policy file where it is not there; policy.yaml is made anyway.")
def answer(**options: Any) -> None:  # noqa: ANN401 - click passes the options by name
    """Answer the finding KEY about something that happened.

    KEY is RULE/subject-id, of CON003, CON005 or REG011, as in findings.csv, in report.md, and in a finding's details
    in report.html.

    "expected" ends the finding; "wrong" confirms it, so that it stays open and high until its subject is gone;
    "handled" ends it until its subject acts anew. The newest answer counts, from the next scan on. It is kept in the
    policy file, --policy, else CONNECTORWATCH_POLICY, else policy.yaml here, or with --stored beside the scans.
    """
    from connectorwatch.scanning.answers import stored_answers
    from connectorwatch.usecases.answer import AnswerRequest, answer_in_policy, answer_in_store, answer_text
    from connectorwatch.usecases.history import stored_state
    from connectorwatch.usecases.waive import newest_stored
    from connectorwatch.usecases.waive_target import elsewhere, place
    from connectorwatch.wiring import Choices, policy_of, settings_of, store_of

    settings = settings_of(Choices(options["tenant"], options["out"], options["policy"]))
    store, now = store_of(settings), datetime.now(UTC)
    request = AnswerRequest(*(options[name] for name in ("key", "verdict", "reason", "by", "at")))
    if options["stored"]:
        state = stored_state(store, settings.tenant_id)
        more = policy_of(settings).for_tenant(state.tenant.id).policy.answers
        click.echo(answer_text(answer_in_store(store, state, request, more, now), "the store"))
        return
    path = place(settings, new=options["new"], way_out="keep the answer with the stored scans (--stored)")
    created = not path.exists()
    state = stored_state(store, settings.tenant_id)
    stored = stored_answers(store, state.tenant.id).answers
    given = answer_in_policy(path, state, request, stored, now)
    click.echo(answer_text(given, str(path)))
    if warning := elsewhere(path, "The answer", newest_stored(store, state.tenant.id), created=created):
        click.echo(f"connectorwatch: {warning}", err=True)
