"""Damage done to answers by faults."""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from simulator.calls import JSON_TYPE, Announcement, Answer, Service, Transport
from simulator.errors import GraphError, Wrapping, denied, no_licence, throttled, unauthorized
from simulator.faults import FaultKind
from simulator.options import read_options
from simulator.queries import next_link

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulator.calls import Call
    from simulator.faults import Fault

_MIB: Final = 1 << 20
_HTML = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Service unavailable</h1></body></html>"


class Faults:
    """The faults of a run, and how often each has struck."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        """Start counting."""
        self._faults = faults
        self._seen = [0] * len(faults)

    def pick(self, call: Call, *, renewed: bool) -> Fault | None:
        """Return the first fault that strikes this call, if one does."""
        for index, fault in enumerate(self._faults):
            if not fault.matches(call) or (renewed and fault.kind in {FaultKind.CLAIMS, FaultKind.EXPIRED}):
                continue
            self._seen[index] += 1
            turn = self._seen[index] - fault.after
            if turn > 0 and (fault.times is None or turn <= fault.times):
                return fault
        return None


def broken(fault: Fault, call: Call, serve: Callable[[], Answer], root: str) -> Answer:
    """Return the real answer as a fault damages it.

    Raises:
        GraphError: the fault is a refusal.
    """
    refusal = _refusal(fault, call)
    if refusal is not None:
        raise refusal
    if fault.kind in _INSTEAD:
        return _INSTEAD[fault.kind](fault)
    answer = serve()
    if fault.kind in _PAGES:
        return replace(answer, body=_paged(fault, call, answer.body, root))
    return _SPOILT[fault.kind](fault, answer) if fault.kind in _SPOILT else answer


def _refusal(fault: Fault, call: Call) -> GraphError | None:
    service = call.service or Service.DIRECTORY
    match fault.kind:
        case FaultKind.DENIED:
            return denied(fault.shape)
        case FaultKind.UNAUTHORIZED | FaultKind.EXPIRED:
            return unauthorized("Lifetime validation failed, the token is expired.")
        case FaultKind.CLAIMS:
            return unauthorized(_CLAIMS, headers={"WWW-Authenticate": _challenge()})
        case FaultKind.LICENSE:
            return no_licence()
        case FaultKind.STATUS | FaultKind.THROTTLED:
            return _status(fault, service)
        case FaultKind.FAIL_PAGE if read_options(call).page == fault.page:
            return _status(fault, service)
        case FaultKind.ERROR_CODE_EMPTY:
            return GraphError(fault.status or 404, "", fault.message or "No HTTP resource was found.")
        case FaultKind.DOUBLE_WRAPPED_ERROR:
            code = fault.code or "InvalidFilter"
            return GraphError(fault.status or 400, code, "The  filter is invalid.", wrapping=Wrapping.DOUBLE)
        case _:
            return None


_CLAIMS = (
    "Continuous access evaluation resulted in challenge with result: InteractionRequired "
    "and code: TokenIssuedBeforeRevocationTimestamp"
)


def _challenge() -> str:
    """Return a claims challenge: https://learn.microsoft.com/entra/identity-platform/claims-challenge, 2026."""
    claims = json.dumps({"access_token": {"nbf": {"essential": True, "value": "1795154400"}}})
    encoded = base64.b64encode(claims.encode()).decode()
    where = 'realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize"'
    return f'Bearer {where}, error="insufficient_claims", claims="{encoded}"'


def _status(fault: Fault, service: Service) -> GraphError:
    announcement = None
    status = fault.status or (429 if fault.kind is FaultKind.THROTTLED else 500)
    if fault.retry_after is not None:
        announcement = Announcement(service, fault.retry_after, status, fault.retry_after_date)
    error = throttled(announcement, service, status)
    if fault.kind is not FaultKind.THROTTLED:
        error.code = fault.code if fault.code is not None else _CODES.get(status, "UnknownError")
        error.message = fault.message or "The service says no."
    return error


_CODES = {
    400: "BadRequest",
    404: "Request_ResourceNotFound",
    429: "TooManyRequests",
    500: "InternalServerError",
    501: "NotImplemented",
    502: "BadGateway",
    503: "serviceNotAvailable",
    504: "GatewayTimeout",
}


def _gzip_bomb(fault: Fault) -> Answer:
    """Return a few kilobytes that inflate to as many MiB as the fault says."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    parts = [packer.compress(b'{"value":[],"padding":"')]
    parts += [packer.compress(b" " * _MIB) for _ in range(fault.size)]
    parts += [packer.compress(b'"}'), packer.flush()]
    return Answer(200, b"".join(parts), {"Content-Encoding": "gzip"})


def _big(fault: Fault) -> Answer:
    return Answer(200, b'{"value":[],"padding":"' + b" " * (fault.size * _MIB) + b'"}')


def _body(fault: Fault) -> Answer:
    body = fault.body if isinstance(fault.body, bytes) else str(fault.body).encode()
    return Answer(fault.status or 200, body, content_type=fault.content_type or JSON_TYPE)


_INSTEAD: dict[FaultKind, Callable[[Fault], Answer]] = {
    FaultKind.HTML: lambda fault: Answer(fault.status or 200, _HTML, content_type="text/html; charset=utf-8"),
    FaultKind.EMPTY: lambda _: Answer(200, b""),
    FaultKind.REDIRECT: lambda fault: Answer(302, b"", {"Location": str(fault.to)}),
    FaultKind.GARBAGE: lambda _: Answer(200, b'{"value":[{"id":"\xff\xfe\x80"}]}'),
    FaultKind.BODY: _body,
    FaultKind.GZIP_BOMB: _gzip_bomb,
    FaultKind.BIG: _big,
    FaultKind.RESET: lambda _: Answer(0, b"", transport=Transport.RESET),
    FaultKind.HANG: lambda fault: Answer(0, b"", transport=Transport.HANG, seconds=fault.seconds),
}
_SPOILT: dict[FaultKind, Callable[[Fault, Answer], Answer]] = {
    FaultKind.CUT: lambda _, answer: replace(answer, transport=Transport.CUT),
    FaultKind.CUT_JSON: lambda _, answer: replace(answer, body=answer.body[: len(answer.body) // 2]),
    FaultKind.CONTENT_TYPE: lambda fault, answer: replace(answer, content_type=str(fault.content_type)),
}
_PAGES = frozenset({FaultKind.ENDLESS_PAGES, FaultKind.LOOPING_PAGES, FaultKind.FOREIGN_NEXT_LINK})


def _paged(fault: Fault, call: Call, body: bytes, root: str) -> bytes:
    content = json.loads(body)
    options = read_options(call)
    query = f"?{call.raw_query}" if call.raw_query else ""
    links = {
        FaultKind.ENDLESS_PAGES: next_link(call, root, options.offset + len(content["value"]), options.page + 1),
        FaultKind.LOOPING_PAGES: f"{root}/{call.version}{call.raw_path}{query}",
        FaultKind.FOREIGN_NEXT_LINK: fault.url,
    }
    return json.dumps(content | {"@odata.nextLink": links[fault.kind]}).encode()
