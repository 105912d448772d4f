"""Two hundred ordinary lines of servers' logs, composed for these tests; nothing in them concerns a connector."""

from __future__ import annotations

from itertools import cycle
from pathlib import Path

_FORMS = Path(__file__).with_name("ordinary_lines.txt").read_text(encoding="utf-8").splitlines()
_HOSTS = ("web01", "app02.contoso.com", "db-prod-3", "fw-edge", "k8s-node-7", "mail.fabrikam.com", "DC02")
_ADDRESSES = ("10.20.4.15", "192.168.7.31", "172.16.9.200", "203.0.113.77", "198.51.100.4")
_PATHS = ("/", "/api/v2/orders?id=1000", "/login", "/static/app.js", "/healthz", "/owa/auth.owa", "/pay/12027/print")


def _lines() -> tuple[str, ...]:
    """Return 200 lines: every form several times, with changing hosts, addresses and paths."""
    forms, hosts, addresses, paths = cycle(_FORMS), cycle(_HOSTS), cycle(_ADDRESSES), cycle(_PATHS)
    return tuple(
        next(forms).replace("{host}", next(hosts)).replace("{address}", next(addresses)).replace("{path}", next(paths))
        + f" #{number}"
        for number in range(200)
    )


ORDINARY_LINES = _lines()
