"""The HTTP routes of the cloud's face: each translates a request and its answer; the host checks function keys.

Every route stands twice: for machines at the level FUNCTION, where the host lets nobody in without a key, and for
people below `people/` at the level ANONYMOUS, where only a principal of App Service authentication is let in.
docs/api.md says why.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import azure.functions as func

from connectorwatch.web.table import ROUTES, HttpRoute

routes = func.Blueprint()  # type: ignore[no-untyped-call]  # published without its types


def _register(route: HttpRoute, name: str, path: str, *, keyed: bool) -> None:
    def handle(req: func.HttpRequest) -> func.HttpResponse:
        return _answer(route, req, keyed=keyed)

    level = func.AuthLevel.FUNCTION if keyed else func.AuthLevel.ANONYMOUS
    routed = routes.route(route=path, methods=[route.method], auth_level=level)(handle)
    routes.function_name(name)(routed)


def _answer(route: HttpRoute, req: func.HttpRequest, *, keyed: bool) -> func.HttpResponse:
    # Imported here: the host indexes this file at every cold start, timers' and queues' included.
    from connectorwatch.web.app import service
    from connectorwatch.web.messages import HttpRequest

    headers = {name.lower(): value for name, value in req.headers.items()}
    body = req.get_body() if route.method == "POST" else b""
    request = HttpRequest(urlsplit(req.url).path, dict(req.route_params), dict(req.params), headers, body)
    response = service().answer(route.name, request, keyed=keyed)
    return func.HttpResponse(response.content, status_code=response.status, headers=response.all_headers)


for each in ROUTES:
    if each.keys:
        _register(each, each.name, each.path, keyed=True)
    if each.people:
        _register(each, f"people_{each.name}", each.people_path, keyed=False)
    if each.anybody:
        _register(each, each.name, each.path, keyed=False)
