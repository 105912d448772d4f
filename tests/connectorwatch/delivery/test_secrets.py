"""Addresses, signatures, signing secrets and passwords are in no log, no error, no card and no stored byte."""

from __future__ import annotations

import gzip
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from simulator import Simulator
from tests.connectorwatch.channels.workflow import FLOW, SIGNATURE, error, reset, status
from tests.connectorwatch.delivery.world import HIDDEN_SECRET
from tests.e2e.running import environment, tenant_file
from tests.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.connectorwatch.channels.workflow import Answer, Workflow

PASSWORD = "planted-password-3kd8"
POLICY = """
routes:
  - {id: siem, kind: webhook, webhook: env:SIEM, secret: env:SIEM_SECRET}
  - {id: wrong, webhook: env:WRONG}
  - {id: old, webhook: env:OLD}
  - {id: boss, kind: mail, to: [b@c.example], sender: c@c.example, smtp: "127.0.0.1:9", user: u, password: env:PASSWORD}
"""
LOUDLY = (
    "import logging, sys\n"
    "logging.basicConfig(level=logging.DEBUG)\n"
    "logging.getLogger('httpx').setLevel(logging.DEBUG)\n"
    "logging.getLogger('httpcore').setLevel(logging.DEBUG)\n"
    "from connectorwatch.__main__ import main\n"
    "from connectorwatch.service.delivery import deliver_all, send_digest\n"
    "from connectorwatch.service.composition import service_of\n"
    "import os\n"
    "try:\n"
    "    main(['--log-level', 'debug', 'scan'], standalone_mode=False)\n"
    "except SystemExit:\n"
    "    pass\n"
    "service = service_of(os.environ)\n"
    "print(send_digest(service), service)\n"
    "print(deliver_all(service))\n"
)


@pytest.mark.slow
@pytest.mark.parametrize(
    "answers",
    [[], [reset, status(500, f"sig={SIGNATURE}"), *[error(400, "InvalidRequest")] * 20]],
    ids=["well", "badly"],
)
def test_no_secret_is_anywhere(tmp_path: Path, flow: Workflow, answers: list[Answer]) -> None:
    """Told and not told, with every debug line of every library, nothing that is secret shows up anywhere."""
    (tmp_path / "policy.yaml").write_text(POLICY, encoding="utf-8")
    flow.answers[:] = answers
    with Simulator(tenant_file("contoso")).in_thread() as graph:
        settings = environment(graph) | {
            "CONNECTORWATCH_TENANT_ID": graph.tenant.tenant.id,
            "CONNECTORWATCH_STORAGE": str(tmp_path / "out"),
            "CONNECTORWATCH_POLICY": str(tmp_path / "policy.yaml"),
            "CONNECTORWATCH_WEBHOOK_HOSTS": "127.0.0.1",
            "CONNECTORWATCH_TEAMS_WEBHOOK_URL": flow.url,
            "AzureWebJobsStorage": "AccountName=planted;AccountKey=cGxhbnRlZC1hY2NvdW50LWtleQ==;",
            "SIEM": f"{flow.url}&siem",
            "SIEM_SECRET": HIDDEN_SECRET,
            "WRONG": f"https://hooks.example/{FLOW}?sig={SIGNATURE}",
            "OLD": f"https://contoso.webhook.office.com/{FLOW}?sig={SIGNATURE}",
            "PASSWORD": PASSWORD,
        }
        told = subprocess.run(  # noqa: S603 - our own code
            [sys.executable, "-c", LOUDLY], cwd=ROOT, env=settings, capture_output=True, check=True
        )

    assert flow.heard
    assert b"httpcore" in told.stderr
    assert b"announcements not delivered" in told.stderr
    assert b"make a Workflow in the Teams channel" in told.stderr
    files = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    contents = [gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes() for path in files]
    assert any(path.name == "state.json" and path.parent.name == "_fleet" for path in files)
    sent = [heard.body for heard in flow.heard]
    for secret in (SIGNATURE, FLOW, HIDDEN_SECRET, HIDDEN_SECRET.removeprefix("whsec_"), PASSWORD):
        assert not [content for content in (told.stdout, told.stderr, *contents, *sent) if secret.encode() in content]
