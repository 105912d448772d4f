"""All routes in one table: names, methods, paths and who is let in. Loads nothing, since the host reads it at start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class HttpRoute:
    """One route.

    Attributes:
        name: What its handler is called, see `dispatch.HANDLERS`.
        path: The path below the host's prefix `api/`, as the platform writes it.
        what: What it answers, for people.
        method: The only method; the host answers 405 to others.
        keys: Whether machines reach it with a function key, at this path.
        people: Whether people reach it, below `people/`.
        anybody: Whether it asks nobody who they are.
    """

    name: str
    path: str
    what: str
    method: Literal["GET", "POST"] = "GET"
    keys: bool = True
    people: bool = True
    anybody: bool = False

    @property
    def people_path(self) -> str:
        """The path for people, below the host's prefix."""
        return f"people/{self.path}" if self.path != HOME else "people"


HOME = "{ignored:maxlength(0)?}"
"""The host's way to write the empty path; an empty route would become the function's name."""

ROUTES = (
    HttpRoute("page", HOME, "the fleet page (HTML)"),
    HttpRoute("fleet_csv", "fleet.csv", "the same as a table (CSV)"),
    HttpRoute("tenants", "tenants", "tenants with their standing (JSON, pages)"),
    HttpRoute("findings", "tenants/{tenant}/findings", "findings; filters `state`, `severity`, `rule` (JSON, pages)"),
    HttpRoute("registrars", "tenants/{tenant}/registrars", "who can register connectors (JSON, pages)"),
    HttpRoute(
        "connectors",
        "tenants/{tenant}/connectors",
        "connectors; filters `active`, `group_id`, `version` (JSON, pages)",
    ),
    HttpRoute("groups", "tenants/{tenant}/groups", "connector groups; filter `group_id` (JSON, pages)"),
    HttpRoute(
        "applications", "tenants/{tenant}/applications", "applications; filters `group_id`, `kind` (JSON, pages)"
    ),
    HttpRoute("artefact", "tenants/{tenant}/scans/{scan}/{file}", "one report of one scan, or of `latest`"),
    HttpRoute("start_scan", "tenants/{tenant}/scans", "ask for a scan (202)", method="POST"),
    HttpRoute("give_answer", "tenants/{tenant}/answers", "answer a finding (201)", method="POST", keys=False),
    HttpRoute(
        "health", "health", "alive; details where a signed-in person asks", keys=False, people=False, anybody=True
    ),
    HttpRoute(
        "health_details",
        "health/details",
        "how old the newest scans are, and what kept them from seeing everything",
        people=False,
    ),
)
"""Every route that the service answers."""


def markdown() -> str:
    """Return the table of routes for docs/api.md."""
    head = ["| method | for machines (function key) | for people (signed in) | answers |", "|---|---|---|---|"]
    rows = [f"| {route.method} | {_keyed(route)} | {_personal(route)} | {route.what} |" for route in ROUTES]
    return "\n".join([*head, *rows]) + "\n"


def _keyed(route: HttpRoute) -> str:
    if route.anybody:
        return f"`api/{route.path}`, no key"
    if not route.keys:
        return "no"
    return f"`api/{'' if route.path == HOME else route.path}`"


def _personal(route: HttpRoute) -> str:
    return f"`api/{route.people_path}`" if route.people else f"`api/{route.path}`" if route.anybody else "no"
