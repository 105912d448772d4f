"""What Graph answered, and what a refusal means: the one place that reads Graph's error bodies.

Sources: Graph "errors" and "best practices" pages (2026-05): act on `code` only, walk nested codes, never parse
`message`; and what others saw live: empty codes from the App Proxy back end (2020-07), an error wrapped in an error
(2024-02), PIM's `UnknownError` with JSON in its message (2025).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic_core import from_json

from common.errors import DeniedError, FailedError, NotLicensedError, ReadError
from inventory.permissions import CONNECTOR_ROLE
from inventory.request import ANY_404

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inventory.request import GraphRequest

NO_DIRECTORY_ROLE = "NotAdminRoleNoEnoughCustomPermission_UnauthorizedAccess"
NO_LICENCE = frozenset({"AadPremiumLicenseRequired"})
CODE_LENGTH, MESSAGE_LENGTH = 100, 200
DEEPEST = 8
_REQUEST_ID = re.compile(r"[0-9A-Za-z-]{1,64}")


@dataclass(frozen=True)
class Answer:
    """One answer of Graph's, of a request or of a batch's member; header names are in lower case.

    `members` holds the answers inside a batch's answer by their ids, as far as they can be told apart.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    members: Mapping[str, Answer] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether Graph did what it was asked."""
        return 200 <= self.status < 300  # noqa: PLR2004 - the HTTP success class

    @property
    def refuses(self) -> bool:
        """Whether Graph will not do this, as opposed to a fault of its own."""
        return 400 <= self.status < 500  # noqa: PLR2004 - the HTTP client errors

    @property
    def request_id(self) -> str | None:
        """Graph's own id of the request, for the log and for Microsoft's support; None where it is no id."""
        found = _REQUEST_ID.fullmatch(self.headers.get("request-id", ""))
        return found.group() if found else None

    @property
    def is_json(self) -> bool:
        """Whether the answer says that it is JSON; proxies and portals answer with HTML and status 200."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"


@dataclass(frozen=True)
class GraphFault:
    """An error body as read: every code found from the outside in, and the outermost message; both cut to length.

    `found` tells an error without a code from what is no error body at all.
    """

    found: bool = False
    codes: tuple[str, ...] = ()
    message: str = ""


def fault_of(body: bytes) -> GraphFault:
    """Read an error body of any of Graph's shapes; one that is none of them has no codes."""
    try:
        node = from_json(body)
    except ValueError:
        return GraphFault()
    found = isinstance(node, dict) and isinstance(node.get("error"), dict)
    codes: list[str] = []
    messages: list[str] = []
    for _ in range(DEEPEST):
        if not isinstance(node, dict):
            break
        code, message = node.get("code"), node.get("message")
        codes += [code[:CODE_LENGTH]] if isinstance(code, str) and code else []
        messages += [message[:MESSAGE_LENGTH]] if isinstance(message, str) else []
        codes += _codes_in_message(message)
        node = node.get("error") or node.get("innerError") or node.get("innererror")
    return GraphFault(found, tuple(codes), messages[0] if messages else "")


def _codes_in_message(message: Any) -> list[str]:  # noqa: ANN401 - whatever stood there
    """PIM puts `{"errorCode": "PermissionScopeNotGranted", …}` into the message of an `UnknownError`."""
    if not isinstance(message, str) or not message.startswith("{"):
        return []
    try:
        inner = from_json(message)
    except ValueError:
        return []
    code = inner.get("errorCode") if isinstance(inner, dict) else None
    return [code[:CODE_LENGTH]] if isinstance(code, str) and code else []


def says_empty(answer: Answer, ask: GraphRequest) -> bool:
    """Whether a refusal is this list's way of saying that it is empty; what is no error of Graph's never is."""
    fault = fault_of(answer.body) if answer.refuses else GraphFault()
    said = fault.codes or (f"http_{answer.status}",)
    if answer.status == 404:  # noqa: PLR2004 - not found
        said = (*said, ANY_404)
    return fault.found and not ask.empty.isdisjoint(said)


def error_of(answer: Answer, ask: GraphRequest) -> ReadError:
    """Return the error that a refusal means for what was asked: which permission, which licence, which fault."""
    fault = fault_of(answer.body)
    # Only a refusal's code means what it says; that of a fault or of a redirect is told, and nothing follows from it.
    code = fault.codes[0] if fault.codes and answer.refuses else f"http_{answer.status}"
    words = f" {fault.codes[0]}" if fault.codes else ""
    told = f" ({fault.message})" if fault.message else ""
    licence = NO_LICENCE.intersection(fault.codes)
    if ask.premium and answer.refuses and licence:
        return NotLicensedError(
            "the tenant has no Microsoft Entra ID P2 or ID Governance licence, so there is none",
            code=min(licence),
            request_id=answer.request_id,
        )
    if answer.status == 401:  # noqa: PLR2004 - unauthorized
        return DeniedError(
            f"Graph did not accept the token{told}",
            code=code,
            advice="Sign in again, or check which tenant and which cloud the credential belongs to.",
            request_id=answer.request_id,
        )
    if answer.status == 403:  # noqa: PLR2004 - forbidden
        return _denied(answer, ask, fault, code)
    return FailedError(
        f"Graph answered {answer.status}{words}{told}",
        code=code,
        advice="Scan again; if it stays, give the request id to Microsoft's support.",
        request_id=answer.request_id,
    )


def _denied(answer: Answer, ask: GraphRequest, fault: GraphFault, code: str) -> DeniedError:
    """Return what is missing: for App Proxy's own refusal a directory role, else the Graph permission."""
    if NO_DIRECTORY_ROLE in fault.codes:
        return DeniedError(
            "Graph refuses because the identity has no directory role that may read connectors",
            code=NO_DIRECTORY_ROLE,
            permission=CONNECTOR_ROLE,
            advice="Give the identity that scans a custom role with those two actions, or Global Reader: "
            "`connectorwatch grant` does either, and `connectorwatch doctor` says for whom.",
            request_id=answer.request_id,
        )
    return DeniedError(
        f"Graph refuses: permission {ask.permission} is missing",
        code=fault.codes[-1] if fault.codes else code,
        permission=ask.permission,
        advice=ask.advice
        or f"Grant {ask.permission} to the identity that scans and consent to it as an administrator.",
        request_id=answer.request_id,
    )
