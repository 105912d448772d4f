"""Steps 1 and 2 of the walk: which group carries it, and whether the group's connectors can."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.cells import cut
from common.errors import NotReadError
from common.text import counted, minute, sentences
from connectorwatch.diagnosis.advice import advice, is_old
from connectorwatch.diagnosis.subject import Case, Observation, Result, called
from connectorwatch.diagnosis.version_checks import state_of, version_checks
from policies.machines import machine_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from connectorwatch.diagnosis.advice import Advice
    from inventory.models import Application, Connector, ConnectorGroup
    from inventory.snapshot import Section, Snapshot

_BACK = ("services", "admin-events", "test-ports", "trust-file")
"""What to run where a connector lost contact: stopped, blocked, or with an expired certificate."""
_MOVE = "Move it to a group with active connectors until then, if one reaches the same back ends."
_QUICK_ACCESS = "quickaccessapp"


def carried(case: Case) -> Iterator[Observation]:
    """Step 1: is it published, and which group carries it?"""
    publishing = case.application.on_premises_publishing if case.application else None
    if publishing is not None and publishing.is_on_prem_publishing_enabled is False:
        yield Observation(
            result=Result.CAUSE,
            says="The application is not published: publishing on premises is switched off for it.",
            steps=("Publish it again on its Application proxy page in the Entra admin center.",),
        )
    elif case.last_seen is not None:
        yield _gone(case, case.last_seen)
    elif case.groups:
        yield Observation(result=Result.RULED_OUT, says=_where(case))
        yield from _carries_anything(case)
    else:
        yield _in_no_group(case)


def connectors(case: Case) -> Iterator[Observation]:
    """Step 2: has each group connectors that are active and new enough for what they have to carry?"""
    if case.connector is not None:
        yield from _connector(case, case.connector)
        return
    if not case.groups:
        yield Observation(result=Result.NOT_KNOWN, says="Which connectors carry it is not known.")
    for group in case.groups:
        yield from _group(case, group)


def _gone(case: Case, last_seen: datetime) -> Observation:
    """Return that something is not in the tenant any more."""
    steps: tuple[str, ...]
    if case.kind == "connector":
        why = " Entra removes a connector after ten days without contact."
        steps = (
            "If its server still exists, install the connector anew and put it into its group.",
            "If the server is gone for good, nothing has to be done.",
        )
    elif case.kind == "application":
        why, steps = "", ("If it still exists, assign it to a connector group.",)
    else:
        why, steps = "", ("Assign its applications and connectors to another group.",)
    what = {"application": "No connector group carries it any more", "connector": "It is gone from the tenant"}
    says = f"{what.get(case.kind, 'It was deleted')}; the scan of {minute(last_seen)} was the last to see it.{why}"
    return Observation(result=Result.CAUSE, says=says, steps=steps)


def _where(case: Case) -> str:
    verb = {"application": "It is carried by", "connector": "It belongs to", "group": "This is"}[case.kind]
    names = " and ".join(f"{called(group)}{_kind(group)}" for group in case.groups)
    return f"{verb} connector group {names}."


def _kind(group: ConnectorGroup) -> str:
    notes = [note for note in (cut(group.region or ""), "the default group" if group.is_default else None) if note]
    return f" ({', '.join(notes)})" if notes else ""


def _in_no_group(case: Case) -> Observation:
    lists: list[Section[Application] | Section[Connector]] = [
        entry.applications if case.kind == "application" else entry.members for entry in case.snapshot.contents
    ]
    unread = [section.reason or section.status for section in lists if not section.known]
    if not case.snapshot.groups.known:
        unread.append(case.snapshot.groups.reason or case.snapshot.groups.status)
    if unread:
        return Observation(
            result=Result.NOT_KNOWN, says=sentences("Its group is not known, since not all was read", unread[0])
        )
    return Observation(
        result=Result.CAUSE,
        says=f"No connector group {'carries' if case.kind == 'application' else 'holds'} it.",
        steps=("Assign it to a connector group in the Entra admin center.",),
    )


def _carries_anything(case: Case) -> Iterator[Observation]:
    """Yield that a group or a connector has nothing to carry, if that is so."""
    if case.kind == "application":
        return
    for group in case.groups:
        try:
            number = len(case.snapshot.applications(group.id))
        except NotReadError as error:
            yield Observation(
                result=Result.NOT_KNOWN, says=sentences("What the group carries was not read", error.reason)
            )
            continue
        if number:
            yield Observation(result=Result.RULED_OUT, says=f"The group carries {counted(number, 'application')}.")
        elif may_be_empty(case, group):
            says = f"Group {called(group)} carries no application, and need not: {may_be_empty(case, group)}."
            yield Observation(result=Result.RULED_OUT, says=says)
        else:
            yield Observation(
                result=Result.CAUSE,
                says=f"Group {called(group)} carries no application, so nothing goes through it.",
                steps=("Assign the applications that should go this way to the group.",),
            )


def may_be_empty(case: Case, group: ConnectorGroup) -> str:
    """Return why a group may carry nothing, as the rules have it; nothing where it should carry something."""
    if group.is_default:
        return "new connectors wait in the default group"
    purpose = case.evidence.policy.for_group(group.id, group.name).purpose
    return "" if purpose == "serving" else f"the policy says that it is for {purpose}"


def _carries_nothing(case: Case, group: ConnectorGroup) -> bool:
    """Whether a group is known to carry no application."""
    try:
        return not case.snapshot.applications(group.id)
    except NotReadError:
        return False


def _group(case: Case, group: ConnectorGroup) -> Iterator[Observation]:
    name = called(group)
    try:
        members = case.snapshot.members(group.id)
    except NotReadError as error:
        yield Observation(
            result=Result.NOT_KNOWN,
            says=sentences(
                f"The connectors of group {name} were not read", error.reason, _advice(case.snapshot, group)
            ),
        )
        return
    active = [member for member in members if member.is_active]
    if not active and case.kind != "application" and _carries_nothing(case, group) and may_be_empty(case, group):
        says = f"No connector of group {name} is active, and nothing depends on it."
        yield Observation(result=Result.RULED_OUT, says=says)
    elif not members:
        default = ", as it may be with the default group" if group.is_default else ""
        yield Observation(
            result=Result.CAUSE,
            says=f"Group {name} has no connector{default}.",
            steps=("Put at least two connectors into it, on two servers.", _MOVE),
        )
    elif not active:
        yield Observation(
            result=Result.CAUSE,
            says=f"No connector of group {name} is active: {state_of(members)}.",
            steps=("Start the services; where they run, read the log and test the ports.", _MOVE),
            commands=_commands(case, members),
        )
    else:
        yield from _able(case, group, members, active)


def _able(
    case: Case, group: ConnectorGroup, members: Sequence[Connector], active: list[Connector]
) -> Iterator[Observation]:
    """Yield whether a group's active connectors can carry what they have to."""
    rest = "; nothing is left if it fails" if len(active) == 1 else ""
    yield Observation(
        result=Result.RULED_OUT,
        says=f"{len(active)} of {counted(len(members), 'connector')} of group {called(group)} "
        f"{'is' if len(active) == 1 else 'are'} active{rest}.",
    )
    yield from version_checks(case, active)
    yield from _region(case, group)


def _region(case: Case, group: ConnectorGroup) -> Iterator[Observation]:
    """Yield that Quick Access goes through a region of its own, which Microsoft does not support."""
    home = next((other.region for other in case.snapshot.groups.records if other.is_default), None)
    types = {
        (application.on_premises_publishing.application_type or "").casefold()
        for application in case.applications
        if application.on_premises_publishing
    }
    if _QUICK_ACCESS in types and group.region and home and group.region != home:
        yield Observation(
            result=Result.SUSPECT,
            says=f"Quick Access goes through region {cut(group.region)} and the default group is in {cut(home)}; "
            "Microsoft supports no other regions for Quick Access.",
            steps=("Carry Quick Access by a group in the tenant's own region.",),
        )


def _connector(case: Case, connector: Connector) -> Iterator[Observation]:
    if connector.is_active:
        yield Observation(result=Result.RULED_OUT, says="The connector is active: it is in contact with the service.")
        yield from version_checks(case, (connector,))
        return
    try:
        twins = [
            other
            for other in case.snapshot.same_machine_name(connector)
            if other.is_active and machine_of(other) == machine_of(connector)
        ]
    except NotReadError:
        twins = []
    if twins:
        yield Observation(
            result=Result.CAUSE,
            says=f"This is a leftover: the same machine has an active connector, id {twins[0].id}.",
            steps=(
                "See that the active one is in the right group.",
                "Let this one go: it vanishes after ten days without contact.",
            ),
        )
        return
    yield Observation(
        result=Result.CAUSE,
        says=f"The connector is {cut(connector.status)}{_since(case, connector)}: without contact it carries nothing.",
        steps=(
            "Start the services; where they run, read the log and test the ports.",
            "Renew the trust if its certificate has expired.",
        ),
        commands=_commands(case, (connector,)),
    )


def _since(case: Case, connector: Connector) -> str:
    """Return since when a connector is known to be inactive."""
    life = case.evidence.lives.connectors.get(connector.id)
    return f" since {minute(life.inactive_since)} or before" if life and life.inactive_since else ""


def _commands(case: Case, members: Sequence[Connector]) -> tuple[Advice, ...]:
    return advice(_BACK, old=all(is_old(member.version) for member in members), cloud=case.cloud)


def _advice(seen: Snapshot, group: ConnectorGroup) -> str | None:
    return next((entry.members.advice for entry in seen.contents if entry.group_id == group.id), None)
