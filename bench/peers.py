"""`make bench-peers`: our whole scan beside the same reading by the SDK's typed models, in one run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pydantic import TypeAdapter

from bench.measure import command, median
from bench.serving import served
from inventory.decode import Page
from inventory.models import Principal, RoleGrant

ROOT = Path(__file__).parent.parent
PEER = ROOT / ".venv-peers/bin/python"
RECORDS = 10_000


class GrantWithPrincipal(RoleGrant):
    """A role assignment with its principal inside, as `$expand=principal` answers it."""

    principal: Principal | None = None


def main() -> int:
    """Measure and print."""
    body = _assignments()
    with tempfile.TemporaryDirectory() as folder, served(latency=0.05) as environment:
        ours = command(lambda n: ["connectorwatch", "scan", "--json", "--out", f"{folder}/{n}"], environment)
        file = Path(folder) / "assignments.json"
        file.write_bytes(body)
        began = time.perf_counter()
        done = subprocess.run(  # noqa: S603 - our own module in its own environment
            [PEER, "bench/peer_sdk.py", file],
            env={**os.environ, **environment},
            cwd=ROOT,
            capture_output=True,
            check=True,
        )
        whole = time.perf_counter() - began
    theirs = json.loads(done.stdout)
    pages = TypeAdapter(Page[GrantWithPrincipal])
    decoding = median(lambda: pages.validate_json(body))
    sys.stdout.write(
        "\n| what | ours | typed models | ratio |\n|---|---|---|---|\n"
        f"| whole scan, as a command / reading alone | {ours.seconds:.2f} s | {theirs['reading']:.1f} s "
        f"| {theirs['reading'] / ours.seconds:.0f} |\n"
        f"| decoding {theirs['records']:,} assignments with principals | {decoding * 1000:.0f} ms "
        f"| {theirs['decoding']:.1f} s | {theirs['decoding'] / decoding:.0f} |\n\n"
        f"read by the typed models: {theirs['counts']}; their whole process took {whole:.0f} s\n"
    )
    return 0


def _assignments() -> bytes:
    """Return one page of role assignments with their principals, made by hand in Graph's shape."""
    rows = [
        {
            "id": f"lAPpYvVpN0KRkAEhdxReE{number:06d}",
            "principalId": f"00000000-0000-4000-8000-{number:012d}",
            "roleDefinitionId": "f2ef992c-3afb-46b9-b7cf-a126ee74c451",
            "directoryScopeId": "/",
            "principal": {
                "@odata.type": "#microsoft.graph.user",
                "id": f"00000000-0000-4000-8000-{number:012d}",
                "displayName": f"User {number}",
                "userPrincipalName": f"user{number}@large.example",
                "mail": f"user{number}@large.example",
                "businessPhones": [],
            },
        }
        for number in range(RECORDS)
    ]
    return json.dumps({"value": rows}).encode()


if __name__ == "__main__":
    sys.exit(main())
