"""The `az rest` lines of docs/permissions.md do what `grant` does: run by a shell, against the simulated Graph."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from connectorwatch.doctor.tokens import identity_of
from inventory.permissions import GLOBAL_READER, GRANTED
from tests.connectorwatch.grants.granting import scene
from tests.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.connectorwatch.grants.granting import Scene

SHELL = shutil.which("bash")
AZ = """#!{python}
import json, re, sys, urllib.request
import jmespath
words = sys.argv[2:]
told = dict(zip(words[::2], words[1::2]))
url = told["--url"].replace("https://graph.microsoft.com", "{root}")
url, one = re.subn(r"servicePrincipals\\(appId='([^']*)'\\)", r"servicePrincipals?$filter=appId%20eq%20'\\1'", url)
body = told["--body"].encode() if "--body" in told else None
headers = {{"Authorization": "Bearer {token}", "Content-Type": "application/json"}}
request = urllib.request.Request(url, body, headers, method=told["--method"])
found = json.loads(urllib.request.urlopen(request).read() or "null")
found = found["value"][0] if one else found
found = jmespath.search(told["--query"], found) if "--query" in told else found
print("" if found is None else found)
"""
"""A stand-in for the Azure CLI: `rest` alone, with the query language of the real one."""


def by_hand(own: Scene, folder: Path, block: int) -> str:
    """Return one block of the page's lines for an identity, and put a stand-in for the Azure CLI where they find it."""
    page = (ROOT / "docs/permissions.md").read_text(encoding="utf-8")
    lines = page.partition("### The same by hand")[2].split("```sh\n")[block].partition("```")[0]
    az = folder / "az"
    token = own.simulator.administrator_token
    az.write_text(AZ.format(python=sys.executable, root=own.simulator.root, token=token), encoding="utf-8")
    az.chmod(0o700)
    return "set -eu\n" + lines.replace("OBJECT-ID", own.principal)


def ran(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run lines in a shell."""
    return subprocess.run(  # noqa: S603 - the page's own lines
        [str(SHELL), "-c", script],
        env={"PATH": f"{folder}:/usr/bin:/bin"},
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.slow
@pytest.mark.skipif(SHELL is None, reason="no bash here")
def test_the_lines_do_what_grant_does_and_undo_it(tmp_path: Path) -> None:
    """After the first block `grant` has nothing to do and a token names all; after the second nothing is left."""
    with scene() as own:
        given = ran(by_hand(own, tmp_path, 1), tmp_path)
        granted, permissions = own.grant("--dry-run"), identity_of(own.simulator.token).permissions
        taken = ran(by_hand(own, tmp_path, 2), tmp_path)
        revoked = own.grant("--revoke", "--dry-run")

        assert (given.returncode, taken.returncode) == (0, 0), given.stderr + taken.stderr
        assert permissions == tuple(sorted(one.name for one in GRANTED))
        assert identity_of(own.simulator.token).permissions == ()
    assert "Nothing to do" in granted.stdout
    assert "Nothing to do" in revoked.stdout


def test_the_other_role_is_named() -> None:
    """The page says what to set for Global Reader instead."""
    assert f"reader={GLOBAL_READER}" in (ROOT / "docs/permissions.md").read_text(encoding="utf-8")
