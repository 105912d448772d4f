"""A request for one scan of one tenant, as it travels through the queue."""

from __future__ import annotations

import json
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from common.errors import EvidenceError, RequestError
from common.ids import SCAN_ID, is_object_id
from common.schema_versions import check_schema

FAMILY = "connectorwatch.request"

Reason = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]
"""Why a scan is asked for, such as `schedule` or `manual`; it becomes the scan's trigger."""


class ScanRequest(BaseModel):
    """One scan that is asked for. Delivered twice it is one scan, since the id names what the scan stores.

    Attributes:
        tenant: The tenant's id, in lower case.
        scan_id: Which scan, as `common.ids.scan_id` makes it.
        asked_at: When it was asked for; a schedule's occurrence.
        reason: Why; it becomes the scan's trigger.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", serialize_by_alias=True, validate_by_name=True)

    schema_: Literal["connectorwatch.request/v1"] = Field(default="connectorwatch.request/v1", alias="schema")
    tenant: str = Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
    scan_id: str = Field(pattern=rf"^{SCAN_ID.pattern}$")
    asked_at: AwareDatetime
    reason: Reason

    def to_text(self) -> str:
        """Return the message."""
        return self.model_dump_json()


def parse_request(text: str | bytes) -> ScanRequest:
    """Return the request that a message carries. Keys of a newer minor version are ignored.

    Raises:
        RequestError: It is no request for a scan, or one of a newer major version.
    """
    try:
        content = json.loads(text)
        check_schema(content.get("schema") if isinstance(content, dict) else None, expected=FAMILY, major=1)
        return ScanRequest.model_validate(content | {"schema": f"{FAMILY}/v1"})
    except EvidenceError as error:
        raise RequestError(f"A message on the queue is no scan request of this version: {error}") from error
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors(include_url=False, include_input=False)[0]["loc"])
        raise RequestError(f"A scan request has a bad `{where}`: ask for the scan again.") from None
    except (ValueError, RecursionError) as error:
        raise RequestError("A message on the queue is not JSON: only connectorwatch may write there.") from error


def tenant_named_in(text: str | bytes) -> str | None:
    """Return the tenant that a message names, even one that is not understood otherwise; None if it names none."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return None
    tenant = content.get("tenant") if isinstance(content, dict) else None
    return tenant.lower() if isinstance(tenant, str) and is_object_id(tenant) else None
