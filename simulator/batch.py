"""JSON batching: up to twenty calls in one request, each with its own answer."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import TYPE_CHECKING

from simulator.calls import Answer, Call
from simulator.errors import bad_request
from simulator.faults import FaultKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulator.calls import Announcement
    from simulator.dice import Dice
    from simulator.faults import Fault

_MOST = 20
_SHOWN = ("Cache-Control", "OData-Version", "x-ms-resource-unit", "Retry-After", "WWW-Authenticate", "Location")
_SHOWN_TOO = ("x-ms-throttle-limit-percentage", "x-ms-throttle-scope", "x-ms-throttle-information", "Allow")


def answer_batch(call: Call, fault: Fault | None, answer_member: Callable[[Call], Answer], dice: Dice) -> Answer:
    """Answer a batch: 200, whatever became of its members, which come back in another order.

    Raises:
        GraphError: the batch itself cannot be read.
    """
    members = _members(call)
    announced: list[Announcement] = []
    parts = []
    for name, member in members:
        answer = answer_member(member)
        announced += answer.announcements
        parts.append((name, answer))
    parts = _misplaced(dice.shuffled(parts), fault)
    body = b'{"responses":[' + b",".join(_part(name, answer) for name, answer in parts) + b"]}"
    return Answer(200, body, {"OData-Version": "4.0"}, announcements=tuple(announced))


def _misplaced(parts: list[tuple[str, Answer]], fault: Fault | None) -> list[tuple[str, Answer]]:
    """Lose, double or rename the first member, if that is the fault."""
    kind = fault.kind if fault else None
    if kind is FaultKind.BATCH_MISSING:
        return parts[1:]
    if kind is FaultKind.BATCH_DOUBLE:
        return [*parts, *parts[:1]]
    if kind is FaultKind.BATCH_FOREIGN:
        return [(f"{name}-foreign" if index == 0 else name, answer) for index, (name, answer) in enumerate(parts)]
    return parts


def _members(call: Call) -> list[tuple[str, Call]]:
    try:
        content = json.loads(call.body)
        requests = content["requests"]
        members = [(str(request["id"]), _member(call, request)) for request in requests]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise bad_request("Invalid batch payload format.") from error
    if not members or len(members) > _MOST:
        raise bad_request(f"Number of batch request steps exceeds the maximum value of {_MOST}.")
    if len({name for name, _ in members}) < len(members):
        raise bad_request("Request Id values must be unique.")
    return members


def _member(call: Call, request: dict[str, object]) -> Call:
    """Read one member; its url is relative to the batch's version, its headers are its own."""
    url, headers = str(request["url"]), request.get("headers") or {}
    if not isinstance(headers, dict):
        raise TypeError("headers")
    member = Call.parse(
        str(request["method"]).upper(),
        url,
        headers={str(name): str(value) for name, value in headers.items()},
        token=call.token,
        version=call.version,
        body=json.dumps(request.get("body")).encode(),
    )
    # An absolute url, or one of another version, leads nowhere: what stands there is taken for a path.
    if "://" in url.partition("?")[0]:
        member = replace(member, path=f"/{url}", raw_path=f"/{url}")
    return replace(member, connection=call.connection)


def _part(name: str, answer: Answer) -> bytes:
    headers = {key: answer.headers[key] for key in (*_SHOWN, *_SHOWN_TOO) if key in answer.headers}
    head: dict[str, object] = {"id": name, "status": answer.status, "headers": headers}
    if answer.transport is not None:
        # Inside a batch nothing is cut or reset: the gateway speaks for the service.
        head["status"] = 504
        return _joined(head, b'{"error":{"code":"GatewayTimeout","message":"The service did not answer."}}')
    headers["Content-Type"] = answer.content_type
    if not answer.body or _whole(answer.body):
        return _joined(head, answer.body or b"null")
    # What is not JSON comes as base64 text (https://learn.microsoft.com/graph/json-batching, 2025-02).
    return _joined(head, json.dumps(base64.b64encode(answer.body).decode()).encode())


def _joined(head: dict[str, object], body: bytes) -> bytes:
    return json.dumps(head).encode()[:-1] + b',"body":' + body + b"}"


def _whole(body: bytes) -> bool:
    """Return whether a body can be put into a batch as it is."""
    try:
        json.loads(body)
    except ValueError:
        return False
    return True
