"""The ten steps from "it does not work" to the cause, for one application, connector or connector group. Pure.

What Graph can tell is answered; the rest is said as what to run where. The walk stops at the first proven cause. What
was not read is not known, and never ruled out.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

from connectorwatch.diagnosis import application_checks, group_checks
from connectorwatch.diagnosis.advice import Advice, Page, advice, is_old, pages
from connectorwatch.diagnosis.subject import Case, Kind, Observation, Result, called
from connectorwatch.knowledge.loading import command, topic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from connectorwatch.knowledge.model import FlowStep
    from inventory.models import Connector

SCHEMA = "connectorwatch.walk/v1"
_SERVERS = 4

CHECKS: dict[str, Callable[[Case], Iterator[Observation]]] = {
    "group": group_checks.carried,
    "connectors": group_checks.connectors,
    "timeout": application_checks.timeout,
    "application": application_checks.setup,
}
"""The steps that Graph can answer, by their ids in the flowchart."""


class Step(BaseModel):
    """One step with what was found out."""

    model_config = ConfigDict(frozen=True)

    step: int
    title: str
    looks: tuple[Observation, ...]
    pages: tuple[Page, ...]

    def with_result(self, result: Result) -> tuple[Observation, ...]:
        """Return the observations with this result."""
        return tuple(observation for observation in self.looks if observation.result is result)


class Walk(BaseModel):
    """A whole walk.

    Attributes:
        servers: The servers on which something is to be run, by name.
        cause: The proven one, at which the walk stopped; None where there is none.
        steps: What was looked at.
        remaining: The steps behind the cause.
    """

    model_config = ConfigDict(frozen=True, serialize_by_alias=True, validate_by_name=True, validate_by_alias=True)

    schema_: str = Field(default=SCHEMA, alias="schema")
    kind: Kind
    id: str
    name: str
    taken_at: datetime
    servers: str
    cause: Observation | None
    steps: tuple[Step, ...]
    remaining: tuple[int, ...]

    def observations(self, result: Result) -> tuple[tuple[Step, Observation], ...]:
        """Return what came out so, with its step."""
        return tuple((step, observation) for step in self.steps for observation in step.with_result(result))


def walk(case: Case) -> Walk:
    """Return what is wrong with a case as far as it can be proven, and what is left to look at."""
    steps: list[Step] = []
    cause = None
    flowchart: tuple[FlowStep, ...] = topic("flowchart").entries
    for entry in flowchart:
        looks, cause = _until_cause(_observe(case, entry))
        steps.append(Step(step=entry.step, title=_title(case, entry), looks=looks, pages=pages(entry)))
        if cause is not None:
            break
    return Walk(
        kind=case.kind,
        id=case.id,
        name=case.name,
        taken_at=case.snapshot.taken_at,
        servers=_names(case.servers),
        cause=cause,
        steps=tuple(steps),
        remaining=tuple(entry.step for entry in flowchart[len(steps) :]),
    )


def _until_cause(looks: Iterable[Observation]) -> tuple[tuple[Observation, ...], Observation | None]:
    """Return observations up to the first cause, and that."""
    seen = []
    for observation in looks:
        seen.append(observation)
        if observation.result is Result.CAUSE:
            return tuple(seen), observation
    return tuple(seen), None


def _observe(case: Case, entry: FlowStep) -> Iterator[Observation]:
    """Yield what a step finds, and what it leaves to run."""
    if entry.id in CHECKS:
        yield from CHECKS[entry.id](case)
    else:
        yield Observation(result=Result.TO_RUN, says=f"{_title(case, entry)}?", commands=tuple(_commands(case, entry)))
        return
    if entry.private_commands and case.private_applications and case.kind != "connector":
        commands = tuple(_advised(case, entry.private_commands, {}))
        yield Observation(result=Result.TO_RUN, says=f"{entry.private_title}?", commands=commands)


def _title(case: Case, entry: FlowStep) -> str:
    """Return a step's title; that for Private Access where nothing else is concerned."""
    only_private = case.private_applications and not case.web_applications
    return entry.private_title if only_private and entry.private_title else entry.title


def _commands(case: Case, entry: FlowStep) -> Iterator[Advice]:
    """Yield a step's commands for what is concerned: web applications, applications of Private Access, or both."""
    values = _values(case)
    web = entry.commands if values or entry.id != "internal-url" else ("resolve",)
    private = entry.private_commands
    if private is None or not case.private_applications:
        yield from _advised(case, web, values)
    elif not case.web_applications:
        yield from _advised(case, private, {})
    else:
        yield from _advised(case, tuple(dict.fromkeys((*web, *private))), values)


def _advised(case: Case, keys: Iterable[str], values: Mapping[str, str]) -> Iterator[Advice]:
    """Yield commands, twice where the servers have both sets of names."""
    old = [server for server in case.servers if is_old(server.version)]
    new = [server for server in case.servers if not is_old(server.version)]
    for key in keys:
        both = bool(command(key).before and old and new)
        for servers in (new, old) if both else (list(case.servers),):
            names_before = bool(old) and (servers is old or not new)
            (advised,) = advice((key,), old=names_before, cloud=case.cloud, values=values)
            where = advised.where if advised.where != "connector server" else f"on {_names(servers)}" if both else ""
            yield advised.model_copy(update={"where": where})


def _names(servers: Sequence[Connector]) -> str:
    """Return the names of servers, the first four of them."""
    names = [called(server) for server in servers]
    more = f" and {len(names) - _SERVERS} more" if len(names) > _SERVERS else ""
    return ", ".join(names[:_SERVERS]) + more


def _values(case: Case) -> dict[str, str]:
    """Return what the commands can use of what Graph tells."""
    for url in application_checks.internal_urls(case.web_applications):
        try:
            parts = urlsplit(url)
            port = parts.port or (80 if parts.scheme == "http" else 443)
        except ValueError:  # no address at all
            continue
        return {"url": url, "host": parts.hostname or "", "port": str(port)}
    return {}
