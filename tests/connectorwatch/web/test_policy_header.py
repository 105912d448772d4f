"""A page gets no more rights than it asks for in its own head."""

from __future__ import annotations

import re

import pytest

from connectorwatch.web.policy_header import page_policy
from findings.reports.html import render_html
from tests.findings.reports.sample import document
from tests.findings.reports.sample_snapshot import snapshot

HASH = f"'sha256-{'A' * 43}='"
META = '<meta http-equiv="Content-Security-Policy" content="{}">'


@pytest.mark.parametrize(
    "html",
    [
        b"",
        b"\xff\xfe",
        b"<script>alert(1)</script>",
        META.format("script-src 'unsafe-inline'; style-src *").encode(),
        META.format("script-src 'self' https://evil.example").encode(),
        META.format("script-src 'sha256-AAAA'").encode(),
        META.format(f"script-src {HASH} https://evil.example").encode(),
        META.format(f"script-src-elem {HASH}").encode(),
        META.format("\n'sha256-").encode() + b"x" * 100_000,
    ],
)
def test_a_page_that_names_no_hash_runs_nothing(html: bytes) -> None:
    """Without a hash neither script nor style is let, whatever else the page asks for."""
    policy = page_policy(html)

    assert ("script" in policy, "style-src" in policy, "evil" in policy, "unsafe" in policy) == (False,) * 4
    assert policy.startswith("default-src 'none'; ")


def test_the_hashes_of_the_page_are_let() -> None:
    """What the page's own policy names may run, and only in the sandbox."""
    policy = page_policy(META.format(f"default-src 'none'; style-src {HASH}; script-src {HASH} {HASH}").encode())

    assert f"; script-src {HASH} {HASH}; style-src {HASH}; " in policy
    assert "allow-scripts" in policy
    assert "allow-same-origin" not in policy


def test_only_the_first_policy_counts() -> None:
    """A second one, smuggled in with a tenant's name behind the head, adds nothing."""
    html = META.format("default-src 'none'") + META.format(f"script-src {HASH}")

    assert "script-src" not in page_policy(html.encode())


def test_the_reports_own_style_and_script_are_let() -> None:
    """What the report names in its head stands in the header, to the letter."""
    page = render_html(document(), snapshot())
    asked = re.findall(r"'sha256-[^']+'", re.findall(r'Security-Policy" content="([^"]*)">', page.decode())[0])

    assert re.findall(r"'sha256-[^']+'", page_policy(page)) == [*asked[2:], *asked[:2]]
    assert len(asked) == 3
