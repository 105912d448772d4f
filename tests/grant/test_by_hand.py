"""The `az rest` lines of docs/permissions.md do what `grant` does: run by a shell, against the simulated Graph."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from connectorwatch.doctor.tokens import identity_of
from inventory.permissions import GLOBAL_READER, GRANTED
from tests.grant.granting import scene

if TYPE_CHECKING:
    from tests.grant.granting import Scene

ROOT = Path(__file__).parents[2]
SHELL = shutil.which("bash")
AZ = """#!{python}
import json, re, sys, urllib.request
words = sys.argv[2:]
told = dict(zip(words[::2], words[1::2]))
url = told["--url"].replace("https://graph.microsoft.com", "{root}")
url = re.sub(r"servicePrincipals\\(appId='([^']*)'\\)", r"servicePrincipals?$filter=appId%20eq%20'\\1'", url)
body = told["--body"].encode() if "--body" in told else None
headers = {{"Authorization": "Bearer {token}", "Content-Type": "application/json"}}
request = urllib.request.Request(url, body, headers, method=told["--method"])
answer = json.load(urllib.request.urlopen(request))
answer = answer["value"][0] if "value" in answer else answer
wanted = re.search(r"value=='([^']*)'", told.get("--query", ""))
rows = [role["id"] for role in answer["appRoles"] if role["value"] == wanted[1]] if wanted else [answer["id"]]
print(rows[0])
"""
"""A stand-in for the Azure CLI: `rest` alone, and the two queries of the page."""


def by_hand(own: Scene, folder: Path) -> str:
    """Return the page's lines for an identity, and put a stand-in for the Azure CLI where they find it."""
    page = (ROOT / "docs/permissions.md").read_text(encoding="utf-8")
    lines = page.partition("### The same by hand")[2].partition("```sh\n")[2].partition("```")[0]
    az = folder / "az"
    token = own.simulator.administrator_token
    az.write_text(AZ.format(python=sys.executable, root=own.simulator.root, token=token), encoding="utf-8")
    az.chmod(0o700)
    return "set -eu\n" + lines.replace("OBJECT-ID", own.principal)


@pytest.mark.skipif(SHELL is None, reason="no bash here")
def test_the_lines_do_what_grant_does(tmp_path: Path) -> None:
    """After the lines were run `grant` finds nothing to do, and the next token names all permissions."""
    with scene() as own:
        script = by_hand(own, tmp_path)
        ran = subprocess.run(  # noqa: S603 - the page's own lines
            [str(SHELL), "-c", script],
            env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
        )
        granted = own.grant("--dry-run")

        assert ran.returncode == 0, ran.stderr
        assert identity_of(own.simulator.token).permissions == tuple(sorted(one.name for one in GRANTED))
    assert "Nothing to do" in granted.stdout


def test_the_other_role_is_named() -> None:
    """The page says what to set for Global Reader instead."""
    assert f"reader={GLOBAL_READER}" in (ROOT / "docs/permissions.md").read_text(encoding="utf-8")
