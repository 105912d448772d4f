"""The names of the app's functions, for the alert on failures; `make docs` writes them to infra/functions.json."""

from __future__ import annotations

from functools import cache

from function_app import app

NAME = "infra/functions.json"


@cache
def function_names() -> tuple[str, ...]:
    """Return the names as the host lists them; the app can be asked once in a process."""
    return tuple(str(function.get_function_name()) for function in app.get_functions())
