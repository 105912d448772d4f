"""Remove secrets from log text: by their form, and by value where the value is known."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

HIDDEN = "[hidden]"
SHORTEST = 8
"""A known secret that is shorter would hide half of every log."""

_LOOKS = re.compile(
    r"""
      \beyJ[\w-]{4,}\.[\w-]{4,}(?:\.[\w-]*){1,3}              # a JSON web token
    | (?:(?<=bearer\s)|(?<=bearer%20))[\w.~+/=%-]{8,}         # what follows Bearer in a header
    | (?<=sharedkey\s)\w+:[\w+/=]+                            # Azure Storage's own header
    | (?<=[?&]code=)[^&\s"'<>\\]+                             # a function key
    | (?<=\bsig=)[^&\s"'<>\\;]+                               # a signature: SAS, webhook of a workflow
    | (?<=%26sig%3d)[^%&\s"'<>\\]+ | (?<=%3fsig%3d)[^%&\s"'<>\\]+
    | (?<=accountkey=)[^;\s"'\\]+                             # connection strings
    | (?<=sharedaccesskey=)[^;\s"'\\]+
    | (?<=client_secret=)[^&\s"'\\]+                          # bodies sent to the login service
    | (?<=client_assertion=)[^&\s"'\\]+
    | (?<=access_token=)[^&\s"'\\]+
    | (?<="access_token":")[^"]+ | (?<="access_token":\s")[^"]+
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_NAMES = (
    r"access_token|refresh_token|id_token|client_secret|client_assertion|assertion|device_code|accountkey|"
    r"sharedaccesskey|x-functions-key|x-identity-header|identity_header|msi_secret|x-ms-client-principal|"
    r"x-ms-token-[a-z]{1,20}-(?:access|id|refresh)-token|x-zumo-auth|authorization|proxy-authorization|"
    r"api[_-]?key|ocp-apim-subscription-key"
)
"""Names of fields, headers and variables whose values are secrets, wherever they stand."""
_NAMED = re.compile(
    rf"""
    (?P<kept>(?<![\w-])(?:{_NAMES}|password|passwd|secret)\\{{0,3}}["']?\s{{0,4}}[:=]\s{{0,4}}\\{{0,3}}"\s{{0,4}})
        [^"\\]*(?:\\[^"][^"\\]*)*                            # a text in quotes, to their end
    | (?P<bare>(?<![\w-])(?:{_NAMES})["']?\s{{0,4}}[:=]\s{{0,4}}["']?
        (?:(?:bearer|basic|negotiate|sharedkey(?:lite)?)\s{{1,4}})?)
        [^\s"'&,;<>\\]+                                         # a word
    | (?P<jar>\bcookie["']?\s{{0,4}}[:=]\s{{0,4}})[^\r\n]+           # all of a header
    | (?P<scheme>\bBasic\s{{1,4}})(?-i:(?=[a-z+/]{{0,256}}[A-Z0-9=])[A-Za-z0-9+/_-]{{6,}}={{0,2}})
    | (?P<user>://)[^\s/@"'<>]{{1,512}}(?=@)                      # user and password in an address
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_SECRET_KEYS = frozenset(
    {
        "authorization",
        "token",
        "access_token",
        "refresh_token",
        "id_token",
        "secret",
        "client_secret",
        "client_assertion",
        "password",
        "x-functions-key",
        "x-identity-header",
        "x-ms-client-principal",
        "cookie",
        "set-cookie",
        "key",
        "connection_string",
    }
)

_known: set[str] = set()


def hide(*secrets: str | None) -> None:
    """Hide these texts wherever they would be logged from now on; those under eight characters are ignored."""
    _known.update(secret for secret in secrets if secret and len(secret) >= SHORTEST)


def redact(text: str) -> str:
    """Return a text without tokens, signatures, function keys, account keys, and the secrets given to `hide`."""
    for secret in _known:
        text = text.replace(secret, HIDDEN)
    return _NAMED.sub(_without_value, _LOOKS.sub(HIDDEN, text))


def _without_value(match: re.Match[str]) -> str:
    """Return what stands before a secret, and a mark in the secret's place."""
    return f"{match[match.lastgroup or 0]}{HIDDEN}"


def redact_value(value: Any) -> Any:  # noqa: ANN401 - whatever is logged
    """Return the same value with every text in it redacted; what no log can show as data becomes redacted text."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {
            redact(str(key)): HIDDEN if str(key).lower() in _SECRET_KEYS else redact_value(part)
            for key, part in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [redact_value(part) for part in value]
    return value if value is None or isinstance(value, bool | int | float) else redact(str(value))


def redact_event(_logger: object, _name: str, event: Mapping[str, Any]) -> dict[str, Any]:
    """Redact one log event; a structlog processor, the last before the renderer."""
    redacted: dict[str, Any] = redact_value(dict(event))
    return redacted


def redact_records() -> None:
    """Redact every record of Python's own logging, from whichever library, before any handler sees it."""
    usual = logging.getLogRecordFactory()
    if isinstance(usual, _Redacting):
        return
    logging.setLogRecordFactory(_Redacting(usual))


class _Redacting:
    """Makes log records whose text, arguments and traceback hold no secrets."""

    def __init__(self, usual: Any) -> None:  # noqa: ANN401 - whatever makes records so far
        self.usual = usual

    def __call__(self, *args: Any, **kwargs: Any) -> logging.LogRecord:  # noqa: ANN401 - logging's own
        """Return a record."""
        record: logging.LogRecord = self.usual(*args, **kwargs)
        try:
            message = record.getMessage()
        except (TypeError, ValueError, KeyError):  # arguments that do not fit; logging would print them as they are
            message = f"{record.msg} {record.args}"
        record.msg, record.args = redact(message), None
        if record.exc_info and record.exc_info[0] is not None:
            record.exc_text = redact(logging.Formatter().formatException(record.exc_info))
        return record
