"""The Content-Security-Policy that a page is served with: what the page itself asks for, and never more."""

from __future__ import annotations

import re

_OWN = re.compile(rb'<meta http-equiv="Content-Security-Policy" content="([^"<>]{0,4096})">')
_HASHES = re.compile(r"(script|style)-src((?: 'sha256-[A-Za-z0-9+/]{43}=')+)(?=;|$)")
_SANDBOX = "sandbox allow-downloads allow-popups allow-popups-to-escape-sandbox"


def page_policy(html: bytes) -> str:
    """Return the policy for a page of ours.

    Only a script and a style may run whose hash the page names in the policy in its head, which our templates write
    before any name of a tenant; a script smuggled in behind it has no hash there. A page that names none gets neither.
    Whatever runs is sandboxed, so it cannot speak for the service's own origin; links and downloads work.
    """
    policy = _OWN.search(html)
    named = dict(_HASHES.findall(policy[1].decode("ascii", "replace"))) if policy else {}
    return "; ".join((
        "default-src 'none'",
        *(f"{kind}-src{hashes}" for kind, hashes in sorted(named.items())),
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        f"{_SANDBOX} allow-scripts" if "script" in named else _SANDBOX,
    ))  # fmt: skip
