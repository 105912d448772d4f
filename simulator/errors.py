"""The errors Graph answers with, each in the shape its service gives it."""

from __future__ import annotations

import json
import math
from email.utils import formatdate
from enum import StrEnum
from http import HTTPStatus
from typing import TYPE_CHECKING

from simulator.calls import Service

if TYPE_CHECKING:
    from collections.abc import Mapping

    from simulator.calls import Announcement


class Shape(StrEnum):
    """The shapes of a refusal, by the service that refuses."""

    DIRECTORY_ROLE = "directory_role"
    SCOPE = "scope"
    PIM = "pim"
    REPORT = "report"


class Wrapping(StrEnum):
    """How an error body is wrapped."""

    SINGLE = "single"
    DOUBLE = "double"


class GraphError(Exception):
    """A request that Graph refuses, with the status, code and message of the answer."""

    def __init__(  # noqa: PLR0913 - each is a part of the answer
        self,
        status: int,
        code: str,
        message: str,
        *,
        headers: Mapping[str, str] | None = None,
        inner: Mapping[str, str] | None = None,
        wrapping: Wrapping = Wrapping.SINGLE,
        announcement: Announcement | None = None,
    ) -> None:
        """Keep the status, the error code, the message and what else the answer will carry."""
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})
        self.inner = dict(inner or {})
        self.wrapping = wrapping
        self.announcement = announcement

    def body(self, inner: Mapping[str, str], inner_name: str) -> bytes:
        """Return the error body around the given inner error."""
        within = self.inner | dict(inner)
        error: dict[str, object] = {"code": self.code, "message": self.message, inner_name: within}
        wrapped: dict[str, object] = {"error": error}
        if self.wrapping is Wrapping.DOUBLE:
            wrapped = {"error": wrapped}
        return json.dumps(wrapped).encode()


# Seen on App Proxy endpoints: the backend checks the directory role, not the scope
# (microsoftgraph/msgraph-sdk-powershell#2428, 2023).
_NO_ROLE = ("NotAdminRoleNoEnoughCustomPermission_UnauthorizedAccess", "Unauthorized Access.")
_NO_SCOPE = ("Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
# PIM hides its code inside the message (Azure/azure-cli#33778).
_NO_PIM_SCOPE = {
    "errorCode": "PermissionScopeNotGranted",
    "message": "Authorization failed due to missing permission scope.",
    "instanceAnnotations": [],
}
_DENIALS = {
    Shape.DIRECTORY_ROLE: _NO_ROLE,
    Shape.SCOPE: _NO_SCOPE,
    Shape.PIM: ("UnknownError", json.dumps(_NO_PIM_SCOPE)),
    Shape.REPORT: _NO_SCOPE,
}
# What people get who hold the permission and none of the directory roles: the first is documented for reports (Graph
# "list directoryAudits", 2025), the message of the second was reported by others, its code differs between them.
_NO_PERSON_ROLE = {
    Shape.REPORT: ("Authentication_RequestFromUnsupportedUserRole", "User is not in the allowed roles"),
    Shape.PIM: ("UnauthorizedAccessException", "Attempted to perform an unauthorized operation."),
    Shape.DIRECTORY_ROLE: _NO_ROLE,
}


def denied(shape: Shape) -> GraphError:
    """Return a 403 in one of its shapes."""
    return GraphError(403, *_DENIALS[shape])


def denied_person(shape: Shape) -> GraphError:
    """Return the 403 for a person who holds the permission but no directory role for it."""
    return GraphError(403, *_NO_PERSON_ROLE[shape])


def no_licence() -> GraphError:
    """Return PIM's refusal in a tenant without P2: 400, not 403 (maester365/maester#1421, 2026-01-22)."""
    message = "The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license."
    return GraphError(400, "AadPremiumLicenseRequired", message)


def no_segment(segment: str) -> GraphError:
    """Return Graph's refusal of a path that does not exist in this version."""
    return GraphError(400, "BadRequest", f"Resource not found for the segment '{segment}'.")


def backend_not_found(path: str) -> GraphError:
    """Return the App Proxy backend's own 404, whose code is empty (microsoftgraph/microsoft-graph-docs#8929)."""
    message = f"No HTTP resource was found that matches the request URI 'https://eur1.msgraph.msappproxy.net{path}'."
    return GraphError(404, "", message)


def no_object(object_id: str) -> GraphError:
    """Return the directory's refusal of an unknown id."""
    message = f"Resource '{object_id}' does not exist or one of its queried reference-property objects are not present."
    return GraphError(404, "Request_ResourceNotFound", message)


def bad_request(message: str, code: str = "BadRequest") -> GraphError:
    """Return a 400 with the given message."""
    return GraphError(400, code, message)


def unauthorized(message: str, *, headers: Mapping[str, str] | None = None) -> GraphError:
    """Return a 401 as every service of Graph gives it."""
    challenge = {"WWW-Authenticate": 'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common"'}
    return GraphError(401, "InvalidAuthenticationToken", message, headers=headers or challenge)


def not_allowed() -> GraphError:
    """Return a 405: nearly everything here is for reading."""
    message = "Specified HTTP method is not allowed for the request target."
    return GraphError(405, "Request_BadRequest", message, headers={"Allow": "GET"})


def throttled(announcement: Announcement | None, service: Service, status: int = 429) -> GraphError:
    """Return a 429 or 503, with a Retry-After if one is announced."""
    headers = {"x-ms-throttle-scope": "Tenant_Application/ReadWrite", "x-ms-throttle-information": "CPULimitExceeded"}
    headers = headers if status == HTTPStatus.TOO_MANY_REQUESTS and service is Service.DIRECTORY else {}
    if announcement is not None:
        headers["Retry-After"] = retry_after(announcement)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        # The example of https://learn.microsoft.com/graph/throttling, 2026-05
        inner = {"code": "429", "message": "Please retry after", "status": "429"}
        code, message = "TooManyRequests", "Please retry again later."
    else:
        inner, code, message = {}, "serviceNotAvailable", "The service is temporarily unavailable."
    return GraphError(status, code, message, headers=headers, inner=inner, announcement=announcement)


def retry_after(announcement: Announcement) -> str:
    """Return the value of a Retry-After header: whole seconds, or a date."""
    if announcement.as_date:
        return formatdate(announcement.date, usegmt=True)
    return str(math.ceil(announcement.seconds))
