"""The simulated Graph, for the demo and for `simulate`. Nothing else in the product imports it."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal, NoReturn

import click

from common.errors import SettingsError
from common.extras import extra

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from simulator import Simulator

HEALTHY_TENANTS = ("contoso", "clean", "no-p2", "empty", "one-machine")
"""The bundled tenants from which everything can be read; together they show what connectorwatch expects of Graph."""
Shell = Literal["sh", "powershell"]
_SETTING: Mapping[Shell, Callable[[str, str], str]] = {
    "sh": "export {}={}".format,
    "powershell": '$env:{} = "{}"'.format,
}
"""How each shell sets a variable; the values are addresses, words and tokens, which need no quoting."""
_TOKEN = "CONNECTORWATCH_GRAPH_TOKEN"  # noqa: S105 - a variable's name
_POLL_SECONDS = 0.5
"""Seconds between two checks of a simulated identity's grants."""


def _simulator(tenant: Path | None, port: int, latency: float | None) -> Simulator:
    _require_simulator()
    with extra("demo", "The simulated Graph"):
        from simulator import TENANTS, TenantFileError, load_tenant
        from simulator import Simulator as Simulated

    try:
        return Simulated(load_tenant(tenant or TENANTS / "contoso.yaml"), port=port, latency=latency)
    except TenantFileError as error:
        raise SettingsError(str(error)) from None


def _require_simulator() -> None:
    """Make sure that the simulator is here: what is deployed does without it."""
    if find_spec("simulator") is None:
        raise SettingsError(
            "There is no simulated Graph in this installation: it is left out of what is deployed. "
            "Run this in a copy of the whole repository."
        )


def _environment(simulator: Simulator) -> dict[str, str]:
    return {
        "CONNECTORWATCH_GRAPH_ROOT": simulator.root,
        "CONNECTORWATCH_CREDENTIAL": "token",
        _TOKEN: simulator.token,
    }


@contextmanager
def demo_environment(environment: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Serve the bundled tenant on an unused loopback port and yield the environment with the settings that scan it.

    Other settings of the environment (storage, policy, limits) apply; Contoso's own policy where none is set.

    Raises:
        SettingsError: There is no simulator here.
    """
    _require_simulator()
    with extra("demo", "The simulated Graph"):
        from simulator import DEMO_POLICY

    with _simulator(None, 0, None).in_thread() as simulator:
        settings = _environment(simulator) | {"CONNECTORWATCH_TENANT_ID": simulator.tenant.tenant.id}
        yield {"CONNECTORWATCH_POLICY": str(DEMO_POLICY), **environment, **settings}


@contextmanager
def bundled_environment(name: str) -> Iterator[dict[str, str]]:
    """Serve a bundled tenant on an unused loopback port and yield the settings that scan it, and no others.

    Args:
        name: One of `HEALTHY_TENANTS`.

    Raises:
        SettingsError: There is no simulator here.
    """
    _require_simulator()
    with extra("demo", "The simulated Graph"):
        from simulator import DEMO_POLICY, TENANTS

    with _simulator(TENANTS / f"{name}.yaml", 0, None).in_thread() as simulator:
        tenant = {"CONNECTORWATCH_TENANT_ID": simulator.tenant.tenant.id, "CONNECTORWATCH_POLICY": str(DEMO_POLICY)}
        yield _environment(simulator) | tenant


def _print_new_tokens(simulator: Simulator, setting: Callable[[str, str], str]) -> NoReturn:
    """Print a new token whenever the identity's permissions change, until interrupted."""
    stop, token = threading.Event(), simulator.token
    while True:
        stop.wait(_POLL_SECONDS)
        if (now := simulator.token) != token:
            click.echo(f"# its permissions changed; signed in again:\n{setting(_TOKEN, now)}")
            token = now


def serve(tenant: Path | None, port: int, latency_ms: int | None, shell: Shell) -> None:
    """Serve a tenant file until interrupted, and print the settings that scan it as a shell takes them.

    Raises:
        SettingsError: The tenant file is invalid, the port is taken, or there is no simulator here.
    """
    setting = _SETTING[shell]
    latency = None if latency_ms is None else latency_ms / 1000
    try:
        with _simulator(tenant, port, latency).in_thread() as simulator:
            click.echo(f"# a simulated Graph on {simulator.root}; stop it with Ctrl-C. Scan it with these settings:")
            for name, value in _environment(simulator).items():
                click.echo(setting(name, value))
            click.echo("# `connectorwatch grant` wants an administrator's sign-in, which is this token instead:")
            click.echo(f"# {setting(_TOKEN, simulator.administrator_token)}")
            _print_new_tokens(simulator, setting)
    except KeyboardInterrupt:
        click.echo("stopped", err=True)
    except BrokenPipeError:
        raise  # whoever read the settings has gone: the port is not to blame
    except OSError as error:
        raise SettingsError(
            f"Port {port} cannot be used: {error.strerror}. Choose another, or leave --port out."
        ) from None
