"""From a request to an answer, whatever happens: find out who asks, call the handler, translate what goes wrong."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

import structlog

from common.errors import ConnectorwatchError, StorageError
from connectorwatch.web import answers, fleet, health, inventory, tenant
from connectorwatch.web.callers import caller_of
from connectorwatch.web.messages import RefusedError, problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from connectorwatch.web.callers import Caller
    from connectorwatch.web.context import RequestContext
    from connectorwatch.web.messages import HttpRequest, HttpResponse

log = structlog.get_logger(__name__)

HANDLERS: Mapping[str, Callable[[RequestContext, Caller, HttpRequest], HttpResponse]] = {
    "page": fleet.page,
    "fleet_csv": fleet.fleet_csv,
    "tenants": fleet.tenants,
    "findings": tenant.findings,
    "registrars": tenant.registrars,
    "connectors": inventory.connectors,
    "groups": inventory.groups,
    "applications": inventory.applications,
    "artefact": tenant.artefact,
    "start_scan": tenant.start_scan,
    "give_answer": answers.give_answer,
    "health_details": health.health_details,
}
"""The handlers by the names of their routes; `health` is answered here."""


@dataclass(frozen=True)
class WebService:
    """The HTTP service.

    Attributes:
        context: Returns what the handlers work with; called when a request needs it, not before.
        trusted: Whether a principal's header is the platform's own, see `callers.believed`.
    """

    context: Callable[[], RequestContext]
    trusted: bool

    def answer(self, name: str, request: HttpRequest, *, keyed: bool) -> HttpResponse:
        """Return the answer of a route; errors of ours become problem documents that tell no secret.

        Args:
            name: The route's name.
            request: The request.
            keyed: Whether the host has checked a function key.
        """
        try:
            if name == "health":
                return self._health(request)
            caller = caller_of(request, keyed=keyed, trusted=self.trusted)
            return HANDLERS[name](self.context(), caller, request)
        except RefusedError as refused:
            return problem(refused)
        except StorageError as error:
            log.warning("storage refused a request", route=name, error=str(error))
            detail = "Storage does not answer as it should: try again in a while."
            return problem(RefusedError(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers={"Retry-After": "30"}))
        except ConnectorwatchError as error:
            log.error("a request could not be answered", route=name, error=str(error))  # noqa: TRY400 - ours say it all
            detail = "What is set or stored cannot be used as it is: the service's log says what to mend."
            return problem(RefusedError(HTTPStatus.INTERNAL_SERVER_ERROR, detail))

    def _health(self, request: HttpRequest) -> HttpResponse:
        """Answer that the service runs, with details for those whom the platform knows; nobody is refused."""
        try:
            caller = caller_of(request, keyed=False, trusted=self.trusted)
        except RefusedError:
            return health.alive()
        return health.health_details(self.context(), caller, request)
