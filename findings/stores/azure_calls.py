"""Calls of Azure Storage: a bounded number of attempts, and refusals as messages that name the remedy.

The SDKs' own retries are switched off: those for blobs leave 429 alone, and none of them tells its caller that an
earlier attempt may have been carried out. Messages of the SDKs are never shown, since they can hold addresses with
signatures.
"""

from __future__ import annotations

import random
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError

from common.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
Failure = AzureError | OSError
"""What the SDKs raise; an answer that breaks off in the middle of a transaction comes as an OSError of `requests`."""

_REFUSALS = 400
_PASSING = frozenset({408, 429, 500, 502, 503, 504})
_TAKEN = frozenset({404, 409, 412})
_CODE = re.compile(r"[A-Za-z]{1,80}")
_JITTER = random.SystemRandom()

ROLES = "Storage Blob Data Contributor and Storage Table Data Contributor"
_ADVICE = {
    "AuthorizationPermissionMismatch": f"grant the identity the roles {ROLES} on it, and wait some minutes",
    "AuthorizationFailure": f"let this network through its firewall, and grant the identity the roles {ROLES} on it",
    "AuthenticationFailed": "the key or signature in CONNECTORWATCH_STORAGE is wrong or has expired, or this machine's "
    "clock is: set a current one",
    "KeyBasedAuthenticationNotPermitted": "it takes no keys: set CONNECTORWATCH_STORAGE to its address "
    "(https://ACCOUNT.blob.core.windows.net) to use an identity",
    "InsufficientAccountPermissions": "the account or the signature is read-only: use one that may write",
    "AccountIsDisabled": "it is switched off: ask the owner of its subscription",
    "ContainerBeingDeleted": "the container is being deleted: try again in a minute",
    "TableBeingDeleted": "the table is being deleted: try again in a minute",
}


@dataclass(frozen=True)
class Patience:
    """How often and how long a call is tried.

    Attributes:
        attempts: Most attempts for one request.
        first_wait: Seconds before the second attempt; each further wait is twice as long, give or take a quarter.
        longest_wait: Seconds that no single wait exceeds, whatever `Retry-After` says.
        timeout: Seconds to wait for an answer's next bytes.
    """

    attempts: int = 6
    first_wait: float = 0.4
    longest_wait: float = 15.0
    timeout: float = 30.0

    @property
    def options(self) -> dict[str, float]:
        """Options for the SDKs' clients."""
        return {"retry_total": 0, "connection_timeout": min(self.timeout, 10.0), "read_timeout": self.timeout}

    def wait(self, attempt: int, error: Failure) -> None:
        """Sleep before the next attempt."""
        retry_after = _retry_after(error)
        backoff = self.first_wait * 2**attempt * _JITTER.uniform(0.75, 1.25)
        time.sleep(min(self.longest_wait, backoff if retry_after is None else max(retry_after, backoff)))


@dataclass(frozen=True)
class Calls:
    """Sends requests to one storage account."""

    account: str
    patience: Patience = Patience()

    def ask(self, call: Callable[[], T], *, landed: Callable[[], T | None] = lambda: None) -> T:
        """Return the result of a call, repeated while storage is busy, failing or out of reach.

        Args:
            call: What to ask.
            landed: Asked when an attempt after the first finds that somebody was there already: returns what `call`
                would have returned if that was an earlier attempt of ours, whose answer was lost; else None.

        Raises:
            HttpResponseError: Storage answered something else; the caller knows what it means.
            StorageError: Storage was still busy, broken or out of reach at the last attempt, or there is no token.
        """
        attempt = 0
        while True:
            try:
                return call()
            except (AzureError, OSError) as error:
                status = status_of(error)
                mine = landed() if attempt and status in _TAKEN else None
                if mine is not None:
                    return mine
                if status is not None and status not in _PASSING:
                    raise
                if _no_token(error) or attempt + 1 == self.patience.attempts:
                    raise self.refused(error) from None
                self.patience.wait(attempt, error)
                attempt += 1

    def refused(self, error: Failure, place: str = "") -> StorageError:
        """Return the error to raise for an answer; it names the account and the remedy, and holds no secret."""
        where = f"The storage account {self.account}{f' ({place})' if place else ''}"
        status = status_of(error)
        if status is None:
            return StorageError(f"{where} {_without_answer(error)}")
        code = code_of(error)
        if status in _PASSING:
            return StorageError(
                f"{where} answered {status} {self.patience.attempts} times: nothing is half-written, repeat it later."
            )
        advice = _ADVICE.get(code) or (
            f"grant the identity the roles {ROLES} on it"
            if status in (401, 403)
            else "look the code up in its reference"
        )
        return StorageError(f"{where} refused with {status} {code or 'and no code'}: {advice}.")


def status_of(error: Failure) -> int | None:
    """Return the status of the refusal that an error stands for, or None where no whole answer came."""
    status = error.status_code if isinstance(error, HttpResponseError) else None
    return status if status is not None and status >= _REFUSALS else None


def code_of(error: Failure) -> str:
    """Return storage's own code for a refusal, such as `BlobNotFound`, or an empty text."""
    code = getattr(error, "error_code", None)
    text = getattr(code, "value", code)
    return text if isinstance(text, str) and _CODE.fullmatch(text) else ""


def _no_token(error: Failure) -> bool:
    """Return whether it was azure-identity that failed, before any request to storage."""
    return isinstance(error, ClientAuthenticationError) and status_of(error) is None


def _without_answer(error: Failure) -> str:
    if _no_token(error):
        return (
            "cannot be reached, since there is no token for it: sign in with `az login`, or give this machine an "
            f"identity with the roles {ROLES}."
        )
    text = str(error).lower()
    if "resolve" in text or "name or service" in text:
        return "is not known by that name: correct CONNECTORWATCH_STORAGE, or this network's DNS."
    why = "no answer in time" if "timed out" in text else "the connection failed"
    return f"cannot be reached ({why}): check this network and the account's firewall, and repeat it."


def _retry_after(error: Failure) -> float | None:
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    try:
        return max(0.0, float(headers.get("Retry-After", "")))
    except ValueError:
        return None
