"""Drive the app as the Functions host does: start it, fire its triggers, move its messages."""

from __future__ import annotations

import base64
import json
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from tests.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from azure.storage.queue import QueueClient

PYTHON = ROOT / ".venv-runtime/bin/python"
HOST = Path(__file__).with_name("host.py")


@dataclass
class Host:
    """The app in a process of its own, in Microsoft's runtime.

    Attributes:
        functions: What the host was told: the bindings of each function.
        retries: Which functions the host is to repeat by itself.
        indexed: The modules that were loaded when the app had been indexed.
    """

    process: subprocess.Popen[str]
    functions: dict[str, list[dict[str, Any]]]
    retries: dict[str, bool]
    indexed: list[str]

    def invoke(self, function: str, **inputs: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever a trigger brings
        """Invoke a function, and return how it ended."""
        return self.ask({"function": function, "inputs": inputs})

    def timer(self, function: str, following: str) -> dict[str, Any]:
        """Fire a timer for an occurrence."""
        status = {"Last": "2026-01-01T00:00:00+00:00", "Next": following, "LastUpdated": "2026-01-01T00:00:00+00:00"}
        return self.invoke(function, timer={"json": {"IsPastDue": False, "ScheduleStatus": status, "Schedule": {}}})

    def http(self, function: str, url: str, method: str = "GET", **params: str) -> tuple[int, dict[str, str], bytes]:
        """Ask a route, and return status, headers and body."""
        query = dict(parse_qsl(urlsplit(url).query))
        http = {"method": method, "url": f"http://127.0.0.1{url}", "params": params, "query": query}
        answer = self.invoke(function, req={"http": http})
        assert answer["ok"], answer["trace"]
        told = answer["http"]
        return told["status"], told["headers"], base64.b64decode(told["body"])

    def ask(self, what: dict[str, Any]) -> dict[str, Any]:
        """Send a line, and return the line that answers it."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(what) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer


@contextmanager
def hosted(package: Path, settings: Mapping[str, str], log: Path) -> Iterator[Host]:
    """Yield the app, indexed by the runtime; what it logs goes to a file."""
    with log.open("a", encoding="utf-8") as told:
        process = subprocess.Popen(  # noqa: S603 - our own script in the runtime's environment
            [PYTHON, HOST], cwd=package, env=dict(settings), stdin=-1, stdout=-1, stderr=told, text=True
        )
    with process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            first: dict[str, Any] = json.loads(line or "{}")
            assert "functions" in first, first.get("failure") or log.read_text(encoding="utf-8")[-2000:]
            yield Host(process, first["functions"], first["retries"], first["modules"])
        finally:
            process.kill()


@dataclass
class Mail:
    """The queue and its poison queue, moved as the host moves them."""

    queue: QueueClient
    poison: QueueClient

    def work(self, host: Host) -> list[dict[str, Any]]:
        """Hand every visible message to `scan_tenant`, up to five times, and what fails then to `failed_scan`."""
        answers = []
        for message in self.queue.receive_messages(visibility_timeout=600):
            for _ in range(attempts()):
                answers.append(host.invoke("scan_tenant", message={"string": message.content}))
                if answers[-1]["ok"]:
                    break
            else:
                self.poison.send_message(message.content)
            self.queue.delete_message(message)
        for message in self.poison.receive_messages():
            answers.append(host.invoke("failed_scan", message={"string": message.content}))
            self.poison.delete_message(message)
        return answers


def attempts() -> int:
    """Return how often host.json lets a message be tried."""
    told = json.loads((ROOT / "host.json").read_text(encoding="utf-8"))
    return int(told["extensions"]["queues"]["maxDequeueCount"])
