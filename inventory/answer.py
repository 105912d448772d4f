"""Graph's answers and the meaning of its refusals: the only module that reads Graph's error bodies.

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
from common.text import sentences
from inventory.permissions import CONNECTOR_ROLE, PERSON_ROLE, opening, person_roles
from inventory.request import ANY_404

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inventory.caller import Caller
    from inventory.request import GraphRequest

NO_DIRECTORY_ROLE = "NotAdminRoleNoEnoughCustomPermission_UnauthorizedAccess"
NO_LICENCE = frozenset({"AadPremiumLicenseRequired"})
UNLICENSED_LIST = "Authentication_RequestFromNonPremiumTenantOrB2CTenant"
"""A 403 of reports and logs for want of a licence: the list may well hold something, so it is unread and not empty."""
NO_PERSON_ROLE = "Authentication_RequestFromUnsupportedUserRole"
"""A 403 of reports and logs for a person without a directory role that may read them."""
_PIM_UNAUTHORIZED = "Attempted to perform an unauthorized operation"
"""How PIM's message begins for a person without such a role. Its code differs from source to source, so that this one
message is compared; a refusal that is not recognised by it still says the same where the token holds the permission."""
HELD = "Graph refuses although the token holds"
"""How the reason begins where a permission is held and refused all the same, and no directory role explains it."""
CODE_LENGTH, MESSAGE_LENGTH = 100, 200
DEEPEST = 8
_REQUEST_ID = re.compile(r"[0-9A-Za-z-]{1,64}")


@dataclass(frozen=True)
class Answer:
    """One answer of Graph's, of a request or of a batch's member; header names are in lower case.

    `members` holds the answers inside a batch's answer by their ids, as far as they can be told apart; `caller` is
    whose token the request carried, None where that is not known.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    members: Mapping[str, Answer] = field(default_factory=dict)
    caller: Caller | None = None

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
        match = _REQUEST_ID.fullmatch(self.headers.get("request-id", ""))
        return match.group() if match else None

    @property
    def is_json(self) -> bool:
        """Whether the answer says that it is JSON; proxies and portals answer with HTML and status 200."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"


@dataclass(frozen=True)
class GraphFault:
    """An error body as read: every code found from the outside in, and the outermost message; both cut to length.

    `is_error` tells an error without a code from what is no error body at all.
    """

    is_error: bool = False
    codes: tuple[str, ...] = ()
    message: str = ""


def fault_of(body: bytes) -> GraphFault:
    """Read an error body of any of Graph's shapes; one that is none of them has no codes."""
    try:
        node = from_json(body)
    except ValueError:
        return GraphFault()
    is_error = isinstance(node, dict) and isinstance(node.get("error"), dict)
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
    return GraphFault(is_error, tuple(codes), messages[0] if messages else "")


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
    """Whether a refusal means that this list is empty; only an error body of Graph's can mean that."""
    fault = fault_of(answer.body) if answer.refuses else GraphFault()
    codes = fault.codes or (f"http_{answer.status}",)
    if answer.status == 404:  # noqa: PLR2004 - not found
        codes = (*codes, ANY_404)
    with_status = (f"{answer.status} {code}" for code in codes)
    return fault.is_error and not ask.empty.isdisjoint((*codes, *with_status))


def error_of(answer: Answer, ask: GraphRequest) -> ReadError:
    """Return the error that a refusal means for what was asked: which permission, which licence, which fault."""
    fault = fault_of(answer.body)
    # Only a refusal's code has its documented meaning; that of a fault or a redirect is shown and not interpreted.
    code = fault.codes[0] if fault.codes and answer.refuses else f"http_{answer.status}"
    code_text = f" {fault.codes[0]}" if fault.codes else ""
    message = f" ({fault.message})" if fault.message else ""
    licence = NO_LICENCE.intersection(fault.codes)
    if ask.premium and answer.refuses and licence:
        return NotLicensedError(
            "the tenant has no Microsoft Entra ID P2 or ID Governance licence, so there is none",
            code=min(licence),
            request_id=answer.request_id,
        )
    if answer.status == 401:  # noqa: PLR2004 - unauthorized
        return DeniedError(
            f"Graph did not accept the token{message}",
            code=code,
            advice="Sign in again, or check which tenant and which cloud the credential belongs to.",
            request_id=answer.request_id,
        )
    if answer.status == 403:  # noqa: PLR2004 - forbidden
        return _denied(answer, ask, fault, code)
    return FailedError(
        f"Graph answered {answer.status}{code_text}{message}",
        code=code,
        advice="Scan again; if it stays, give the request id to Microsoft's support.",
        request_id=answer.request_id,
    )


def _denied(answer: Answer, ask: GraphRequest, fault: GraphFault, code: str) -> DeniedError:
    """Return what is missing: a directory role, a licence, or else the Graph permission."""
    code = fault.codes[-1] if fault.codes else code
    holds = answer.caller is not None and answer.caller.opens(*opening(ask.permission))
    person = answer.caller is not None and answer.caller.person
    if NO_DIRECTORY_ROLE in fault.codes:
        return _without_connector_role(answer, person=person)
    if UNLICENSED_LIST in fault.codes:
        return DeniedError(
            "the tenant has no Microsoft Entra ID licence that this list takes, so it could not be read",
            code=UNLICENSED_LIST,
            advice="Get Microsoft Entra ID P1 or P2, or accept that what rests on this list is not assessed.",
            request_id=answer.request_id,
        )
    if _wants_person_role(fault) or (holds and person):
        return _without_person_role(answer, ask, code)
    if holds:
        return DeniedError(
            f"{HELD} {ask.permission} or a broader permission",
            code=code,
            advice=ask.advice or "Scan again; if it stays, give the request id to Microsoft's support.",
            request_id=answer.request_id,
        )
    return DeniedError(
        f"Graph refuses: permission {ask.permission} is missing",
        code=code,
        permission=ask.permission,
        advice=sentences(
            f"Grant {ask.permission} to the identity that scans and consent to it as an administrator", ask.advice
        ),
        request_id=answer.request_id,
    )


def _wants_person_role(fault: GraphFault) -> bool:
    return NO_PERSON_ROLE in fault.codes or _PIM_UNAUTHORIZED in fault.message


def _without_person_role(answer: Answer, ask: GraphRequest, code: str) -> DeniedError:
    roles = person_roles(ask.permission)
    named = f"one of the directory roles {', '.join(roles)}" if roles else "the directory role Global Reader"
    return DeniedError(
        f"Graph refuses because the person who signed in does not hold {named}",
        code=code,
        permission=PERSON_ROLE,
        advice=sentences("Let the person be Global Reader, which covers every list of a scan", ask.advice),
        request_id=answer.request_id,
    )


def _without_connector_role(answer: Answer, *, person: bool) -> DeniedError:
    advice = (
        "Let the person who signs in be Global Reader, which covers every list of a scan; a custom role with those two "
        "actions opens connectors alone."
        if person
        else "Give the identity that scans a custom role with those two actions, or Global Reader: `connectorwatch "
        "grant` does either, and `connectorwatch doctor` says for whom."
    )
    return DeniedError(
        "Graph refuses because the identity has no directory role that may read connectors",
        code=NO_DIRECTORY_ROLE,
        permission=CONNECTOR_ROLE,
        advice=advice,
        request_id=answer.request_id,
    )
