"""Routes: whom announcements reach, by which way, what they want to hear, and when they do not want to be disturbed.

A route names environment variables that hold addresses and passwords, never these themselves: a policy file is read by
many and lies in version control.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, time
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import ConfigDict, Field, field_validator

from common.ids import is_object_id
from common.yaml_lines import Document, Problem, shown, suggestion
from policies.policy_file.policy_part import PolicyPart
from policies.vocabulary import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pydantic import JsonValue

Kind = Literal["teams", "webhook", "mail"]

SECRETS = ("webhook", "secret", "password")
"""Keys of a route whose values are secrets, so that the file names an environment variable instead."""
OWN_PREFIX = "CONNECTORWATCH_"
DEFAULT_WEBHOOK = f"{OWN_PREFIX}TEAMS_WEBHOOK_URL"
"""The one setting of ours that a route may name."""
_ENVIRONMENT = re.compile(r"env:([A-Za-z_][A-Za-z0-9_]{0,127})", re.ASCII)
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){0,8}", re.ASCII)
_PORT = r"(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
_SERVER = re.compile(
    rf"(?=[^:]{{1,253}}(?::|$))[A-Za-z0-9-]{{1,63}}(?:\.[A-Za-z0-9-]{{1,63}})*\.?(?::{_PORT})?", re.ASCII
)
_CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
_NEEDS: Mapping[str, tuple[str, ...]] = {
    "teams": ("webhook",),
    "webhook": ("webhook", "secret"),
    "mail": ("to", "sender"),
}
_FORMS = {
    "to": (_ADDRESS, "a mail address"),
    "sender": (_ADDRESS, "a mail address"),
    "smtp": (_SERVER, "a host, or a host and a port"),
}
_MAIL_ONLY = ("to", "sender", "smtp", "user", "password")
_NO_VARIABLE = (
    "must be env:NAME, the name of an environment variable that holds the value: what stands in a file is no secret "
    "any more, so make a new one if it stood here"
)


class Person(PolicyPart):
    """Somebody whom a card calls by name."""

    id: str = Field(
        pattern=r"^[^\s<>&\"]{1,256}$", description="The person's user principal name or object id in Microsoft Entra."
    )
    name: str = Field(min_length=1, max_length=100, description="The name that the card shows.")


class QuietHours(PolicyPart):
    """The hours in which a route is not disturbed; what happens then is told when they end."""

    model_config = ConfigDict(serialize_by_alias=True)

    from_: str = Field(alias="from", pattern=_CLOCK, description="When they begin, such as `22:00`, local time.")
    to: str = Field(pattern=_CLOCK, description="When they end; before `from`, it is the next morning.")
    zone: str = Field(description="The time zone by its IANA name, such as `Europe/Berlin`.")
    except_: Severity | None = Field(
        alias="except",
        default=Severity.CRITICAL,
        description="Findings that are new, reopened or changed and at least as severe are told all the same; `null` "
        "for none.",
    )

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("must be the IANA name of a time zone, such as Europe/Berlin")
        return value

    def holds(self, now: datetime) -> bool:
        """Return whether a moment is in these hours, by the clock on the wall of that zone."""
        local = now.astimezone(ZoneInfo(self.zone)).time()
        begin, end = time.fromisoformat(self.from_), time.fromisoformat(self.to)
        return begin <= local < end if begin <= end else local >= begin or local < end


class Route(PolicyPart):
    """One way to people, or to a machine."""

    id: str = Field(
        pattern=r"^[A-Za-z0-9]([A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$",
        description="What the route is called: letters, digits, `.`, `_` and `-`. No two routes share an id.",
    )
    kind: Kind = Field(
        default="teams",
        description="`teams` posts cards to a Teams Workflow, `webhook` signed JSON to a machine, `mail` sends the "
        "digest alone.",
    )
    webhook: str | None = Field(
        default=None,
        description="`env:NAME`: the variable of the environment that holds the address to post to. For `teams` and "
        "`webhook`.",
    )
    secret: str | None = Field(
        default=None, description="`env:NAME`: the variable that holds the secret to sign with. For `webhook`."
    )
    to: tuple[str, ...] = Field(default=(), max_length=50, description="Mail addresses. For `mail`.")
    sender: str | None = Field(
        default=None, description="The address that mail comes from; with Microsoft Graph, a mailbox of the tenant."
    )
    smtp: str | None = Field(
        default=None,
        description="The mail server, `host` or `host:port` (587), spoken to with STARTTLS. Without it mail goes "
        "through Microsoft Graph.",
    )
    user: str | None = Field(default=None, description="Who signs in to the mail server, if anybody does.")
    password: str | None = Field(default=None, description="`env:NAME`: the variable that holds that user's password.")
    severity: Severity = Field(default=Severity.LOW, description="The least severe finding that is told.")
    rules: tuple[str, ...] = Field(
        default=(), description="Rules (`VER003`) or families of rules (`VER`) that are told; all of them without it."
    )
    tenants: tuple[str, ...] = Field(
        default=(), description="Ids of the tenants that are told about; all of them without it."
    )
    mentions: tuple[Person, ...] = Field(
        default=(), description="Who is called by name when something is new, reopened or worse."
    )
    quiet: QuietHours | None = Field(default=None, description="Hours in which nothing is told.")
    changes: bool = Field(default=True, description="Whether it hears what scans changed. Mail never does.")
    digest: bool = Field(default=True, description="Whether it hears how all tenants stand, once a week.")
    service: bool = Field(
        default=True,
        description="Whether it hears what goes wrong with the service itself: scans that fail, permissions that are "
        "lost, routes that do not work. Mail never does.",
    )

    def covers(self, tenant_id: str) -> bool:
        """Return whether the route tells about a tenant."""
        return not self.tenants or tenant_id.lower() in {listed.lower() for listed in self.tenants}


def variable(reference: str) -> str:
    """Return the name of the environment variable that `env:NAME` refers to."""
    return reference.removeprefix("env:")


def without_secrets(document: Document) -> tuple[Document, list[Problem]]:
    """Return a policy file in which no route holds a secret, and a complaint for each that did; no value is shown."""
    data, problems = document.data, []
    if not isinstance(data, dict) or not isinstance(routes := data.get("routes"), list):
        return document, []
    cleared: list[JsonValue] = []
    for place, route in enumerate(routes):
        entry = dict(route) if isinstance(route, dict) else route
        for key in SECRETS if isinstance(entry, dict) else ():
            if isinstance(entry, dict) and entry.get(key) is not None and (complaint := _no_reference(entry[key])):
                problems.append(document.problem(("routes", place, key), complaint))
                entry[key] = "env:HIDDEN"
        cleared.append(entry)
    return replace(document, data={**data, "routes": cleared}), problems


def _no_reference(value: JsonValue) -> str | None:
    """Return what is wrong with a reference to an environment variable, or None."""
    reference = _ENVIRONMENT.fullmatch(value) if isinstance(value, str) else None
    if reference is None:
        return _NO_VARIABLE
    if reference[1].upper().startswith(OWN_PREFIX) and reference[1] != DEFAULT_WEBHOOK:
        return f"names that begin with {OWN_PREFIX} are settings; give the variable another name"
    return None


def route_problems(document: Document, rule_ids: frozenset[str]) -> Iterator[Problem]:
    """Yield what is wrong with a file's routes beyond their keys and types."""
    routes = document.data.get("routes") if isinstance(document.data, dict) else None
    lines: dict[str, int] = {}
    for place, route in enumerate(routes if isinstance(routes, list) else []):
        if isinstance(route, dict):
            for key, complaint in _complaints(route, rule_ids):
                yield document.problem(("routes", place, key) if key else ("routes", place), complaint)
            route_id = route.get("id")
            if isinstance(route_id, str) and (first := lines.get(route_id.casefold())):
                yield document.problem(("routes", place, "id"), f"the same id as on line {first}; give it another")
            elif isinstance(route_id, str):
                lines[route_id.casefold()] = document.lines["routes", place, "id"]


def _complaints(route: Mapping[str, JsonValue], rule_ids: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with one route, with the key that it stands at."""
    kind = route.get("kind", "teams")
    for key in _NEEDS.get(str(kind), ()):
        if not route.get(key):
            yield "", f"a route of the kind {kind} needs {key}; add it"
    for key in _foreign(str(kind)):
        if route.get(key) is not None:
            yield key, f"a route of the kind {kind} has none; remove it"
    yield from _filters(route, rule_ids)
    for key, (form, what) in _FORMS.items():
        value = route.get(key)
        for text in _texts(value if isinstance(value, list) else [value]):
            if not form.fullmatch(text):
                yield key, f"must be {what}; it says {shown(text)}"


def _filters(route: Mapping[str, JsonValue], rule_ids: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the rules and tenants that a route names."""
    families = sorted({*rule_ids, *(rule.rstrip("0123456789") for rule in rule_ids), "SVC"})
    for rule in _texts(route.get("rules")):
        if rule not in families and not rule.startswith("SVC"):
            yield "rules", f"unknown rule {shown(rule)}, {suggestion(rule, families)}"
    for tenant in _texts(route.get("tenants")):
        if not is_object_id(tenant):
            yield "tenants", f"must be ids of tenants; it says {shown(tenant)}"


def _foreign(kind: str) -> Sequence[str]:
    """Return the keys that make no sense for a kind."""
    if kind == "mail":
        return ("webhook", "secret")
    return (*_MAIL_ONLY, *(("secret",) if kind == "teams" else ()))


def _texts(value: JsonValue) -> list[str]:
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []
