"""A process like the host's: loads the routes, says what they are, and calls some; prints what it saw as JSON."""

from __future__ import annotations

import json
import sys
from urllib.parse import parse_qsl, urlsplit

import azure.functions as func

from function_routes import routes

HEAVY = ("pydantic", "jinja2", "structlog", "azure.identity", "azure.storage", "azure.data", "msgraph", "rich")
LOADED = [name for name in HEAVY if name in sys.modules]


def main() -> None:
    """Load, call, print."""
    from tests.connectorwatch.web.sites import EVERYTHING, MINE

    app = func.FunctionApp()
    app.register_functions(routes)
    functions = {each.get_function_name(): each for each in app.get_functions()}
    triggers = {name: trigger.get_dict_repr() for name, each in functions.items() if (trigger := each.get_trigger())}
    seen = {
        "loaded": LOADED,
        "routes": {name: [told["authLevel"].name, told["route"]] for name, told in triggers.items()},
    }

    def call(name: str, url: str, headers: dict[str, str], **route: str) -> tuple[int, str]:
        parts = urlsplit(url)
        request = func.HttpRequest(
            "GET", url, headers=headers, params=dict(parse_qsl(parts.query)), route_params=route, body=b""
        )
        answer = functions[name].get_user_function()(request)
        return answer.status_code, answer.headers["Content-Type"]

    seen["answers"] = {
        "key": call("tenants", "https://x.example/api/tenants?code=key", {}),
        "page": call("page", "https://x.example/api/", {}),
        "nobody": call("people_tenants", "https://x.example/api/people/tenants", {}),
        "principal": call("people_tenants", "https://x.example/api/people/tenants", EVERYTHING),
        "health": call("health", "https://x.example/api/health", {}),
        "filter": call("findings", "https://x.example/api/tenants/t/findings?state=x", {}, tenant=MINE),
    }
    sys.stdout.write(json.dumps(seen))


if __name__ == "__main__":
    main()
