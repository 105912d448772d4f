"""Routes: whom announcements reach, by which way, which announcements they receive, and when they are left in peace.

A route names environment variables that hold addresses and passwords, never these themselves: a policy file is read by
many and lies in version control. The file's entries have one shape for all kinds; `routes_of_entries` turns each into
a route of its kind, which has the keys of that kind and no others.
"""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import ConfigDict, Discriminator, Field, Tag, TypeAdapter, field_validator

from policies.policy_file.policy_part import PolicyPart
from policies.vocabulary import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Kind = Literal["teams", "webhook", "mail"]
MessageKind = Literal["changes", "service", "digest"]

OWN_PREFIX = "CONNECTORWATCH_"
DEFAULT_WEBHOOK = f"{OWN_PREFIX}TEAMS_WEBHOOK_URL"
"""The one setting of ours that a route may name."""
_CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"


class Person(PolicyPart):
    """A person whom a card mentions by name."""

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


class _Identified(PolicyPart):
    id: str = Field(
        pattern=r"^[A-Za-z0-9]([A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$",
        description="What the route is called: letters, digits, `.`, `_` and `-`. No two routes share an id.",
    )


class RouteOptions(_Identified):
    """What routes of all kinds have: an id, and which announcements they receive when."""

    can_send: ClassVar[tuple[MessageKind, ...]] = ("changes", "service", "digest")
    """The kinds of messages that a route of this kind is able to send."""

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

    @property
    def subscribed(self) -> tuple[MessageKind, ...]:
        """The kinds of messages that it receives: those it is able to send and has turned on."""
        return tuple(kind for kind in self.can_send if getattr(self, kind))


class _Connection(_Identified):
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


class RouteEntry(RouteOptions, _Connection):
    """A route as the policy file holds it: the keys of all kinds; its own kind needs some and refuses others."""

    model_config = ConfigDict(title="Route")


class TeamsRoute(RouteOptions):
    """Cards posted to a Teams workflow. `webhook` names the variable with its address, as `env:NAME`."""

    kind: Literal["teams"] = "teams"
    webhook: str


class WebhookRoute(RouteOptions):
    """Signed JSON posted to a receiver. `webhook` and `secret` name the variables with address and signing secret."""

    kind: Literal["webhook"] = "webhook"
    webhook: str
    secret: str


class _MailRoute(RouteOptions):
    can_send = ("digest",)

    kind: Literal["mail"] = "mail"
    to: tuple[str, ...]
    sender: str


class SmtpRoute(_MailRoute):
    """Mail through a mail server, `host` or `host:port`, with STARTTLS; `password` names a variable, as `env:NAME`."""

    smtp: str
    user: str | None = None
    password: str | None = None


class GraphMailRoute(_MailRoute):
    """Mail through Microsoft Graph, from a mailbox of the tenant."""


def _tag(route: Mapping[str, Any]) -> str:
    if route.get("kind") == "mail":
        return SmtpRoute.__name__ if route.get("smtp") else GraphMailRoute.__name__
    return (WebhookRoute if route.get("kind") == "webhook" else TeamsRoute).__name__


Route = Annotated[
    Annotated[TeamsRoute, Tag("TeamsRoute")]
    | Annotated[WebhookRoute, Tag("WebhookRoute")]
    | Annotated[SmtpRoute, Tag("SmtpRoute")]
    | Annotated[GraphMailRoute, Tag("GraphMailRoute")],
    Discriminator(_tag),
]
"""A route of the policy file, by kind; mail is two, by the way it is sent."""
BY_KIND: Mapping[str, tuple[type[RouteOptions], ...]] = {
    "teams": (TeamsRoute,),
    "webhook": (WebhookRoute,),
    "mail": (SmtpRoute, GraphMailRoute),
}
"""The classes that a `kind` of the policy file may become."""
_ROUTES: TypeAdapter[tuple[Route, ...]] = TypeAdapter(tuple[Route, ...])


def routes_of_entries(entries: Iterable[RouteEntry]) -> tuple[Route, ...]:
    """Return the routes of entries that `route_checks.route_problems` found no fault with."""
    return _ROUTES.validate_python(tuple(entry.model_dump() for entry in entries))


def variable(reference: str) -> str:
    """Return the name of the environment variable that `env:NAME` refers to."""
    return reference.removeprefix("env:")
