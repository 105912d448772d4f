"""Applications, cases and results for the tests of the walk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectorwatch.diagnosis.evidence import case_of
from inventory.models import Application, OnPremisesPublishing
from tests.making import (
    application,
    connector,
    evidence,
    group,
    holds,
    snapshot,
)

if TYPE_CHECKING:
    from connectorwatch.diagnosis.subject import Case, Kind, Result
    from connectorwatch.diagnosis.walk import Walk
    from inventory.models import Connector
    from inventory.snapshot import Section

PARIS = group("Paris")
OLD = "1.5.3437.0"


def published(name: str = "Payroll", *, key: str | None = None, **fields: Any) -> Application:  # noqa: ANN401 - fields of one model
    """Return an application published as the fields say, with the longest time-out and Microsoft's domain otherwise."""
    usual = {"application_type": "enterpriseapp", "external_url": "https://pay-contoso.msappproxy.net/"}
    publishing = OnPremisesPublishing(**usual | {"application_server_timeout": "Long"} | fields)
    return application(name, key=key).model_copy(update={"on_premises_publishing": publishing})


def case(
    *apps: Application,
    members: tuple[Connector, ...] | Section[Any] = (),
    kind: Kind = "application",
    name: str = "Payroll",
) -> Case:
    """Return the case of an application in group Paris, which has two connectors unless told otherwise."""
    listed = members if isinstance(members, tuple) else ()
    unlisted = None if isinstance(members, tuple) else members
    some = listed or (connector("PAR01"), connector("PAR02"))
    seen = snapshot({PARIS: holds(*some, members=unlisted, apps=apps or (published(),))})
    return case_of(evidence(seen), kind, name)


def says(walked: Walk, result: Result) -> list[tuple[int, str]]:
    """Return the sentences with a result, each with its step."""
    return [(step.step, look.says) for step, look in walked.observations(result)]
