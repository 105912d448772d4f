"""Stands in for the Functions host: drives Microsoft's Python runtime, one JSON object a line in and out.

Runs in .venv-runtime, in the folder of a deployed package, with that package's settings as its environment. The
runtime talks protobuf to a host; plain objects with the same fields do as well (azure-functions-runtime 1.3.0).
"""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import sys
from types import SimpleNamespace
from typing import Any

sys.path.insert(0, ".")


class Message(SimpleNamespace):
    """A protobuf message, as far as the runtime looks at it; with the numbers of all kinds' enumerations."""

    Failure, Success = 0, 1
    out, inout = 1, 2
    undefined = 0

    def WhichOneof(self, _name: str) -> str | None:  # noqa: N802 - protobuf's name
        """Return which field is set, of those of which one can be; only a name stands beside them."""
        return next((field for field in vars(self) if field != "name"), None)


class Messages:
    """All kinds of messages."""

    def __getattr__(self, name: str) -> type[Message]:
        """Return a kind of message by its name."""
        return type(name, (Message,), {})


PROTOS = Messages()


def request(**fields: Any) -> Message:  # noqa: ANN401 - whatever a message holds
    """Return what the runtime's coroutines are given."""
    return Message(request=Message(**fields), properties={"protos": PROTOS, "host": "127.0.0.1"})


def typed(value: Any) -> Message:  # noqa: ANN401 - whatever a trigger brings
    """Return a value as a trigger brings it: {"json": …}, {"string": …} or {"http": {…}}."""
    ((kind, content),) = value.items()
    if kind == "http":
        content = Message(**{"headers": {}, "params": {}, "query": {}, "body": Message(), **content})
    elif kind == "json":
        content = json.dumps(content)
    return Message(**{kind: content})


async def invoke(runtime: Any, function_id: str, told: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401 - untyped package
    """Invoke a function as the host does, and return how it ended."""
    inputs = [Message(name=name, data=typed(value)) for name, value in told["inputs"].items()]
    metadata = {name: typed(value) for name, value in told.get("metadata", {}).items()}
    answer = await runtime.invocation_request(
        request(
            invocation_request=Message(
                invocation_id="invocation-1",
                function_id=function_id,
                input_data=inputs,
                trigger_metadata=metadata,
                trace_context=Message(trace_parent="", trace_state="", attributes={}),
                retry_context=Message(retry_count=0, max_retry_count=0, exception=None),
            )
        )
    )
    failure = getattr(answer.result, "exception", None)
    value = getattr(answer, "return_value", None)
    http = getattr(value, "http", None)
    return {
        "ok": answer.result.status == Message.Success,
        "failure": failure and failure.message,
        "trace": failure and failure.stack_trace,
        "http": http and _plain_http(http),
        "modules": sorted(sys.modules),
    }


def _plain_http(http: Message) -> dict[str, Any]:
    body = getattr(http.body, "bytes", None)
    content = body if body is not None else getattr(http.body, "string", "").encode()
    return {"status": int(http.status_code), "headers": http.headers, "body": base64.b64encode(content).decode()}


async def serve() -> None:
    """Index the app, tell its functions, and invoke what is asked for until nobody asks any more."""
    import azure_functions_runtime as runtime

    start = Message(capabilities={}, function_app_directory=".")
    answer = await runtime.worker_init_request(request(worker_init_request=start))
    if answer.result.status != Message.Success:
        tell({"failure": answer.result.exception.message})
        return
    runtime.start_threadpool_executor()
    metadata = await runtime.functions_metadata_request(request(functions_metadata_request=Message()))
    found = {one.name: one for one in metadata.function_metadata_results}
    tell(
        {
            "functions": {name: [json.loads(raw) for raw in one.raw_bindings] for name, one in found.items()},
            "retries": {name: bool(one.retry_options) for name, one in found.items()},
            "modules": sorted(sys.modules),
        }
    )
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        told = json.loads(line)
        tell(await invoke(runtime, found[told["function"]].function_id, told))


def tell(what: dict[str, Any]) -> None:
    """Write one line."""
    OUT.write(json.dumps(what) + "\n")
    OUT.flush()


if __name__ == "__main__":
    OUT, sys.stdout = sys.stdout, sys.stderr  # what functions print must not get between our lines
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)  # as the worker around the runtime does
    asyncio.run(serve())
