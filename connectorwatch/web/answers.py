"""The handler with which people answer findings. Who answers is taken from the sign-in, and when from the clock."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, get_args

from common.errors import SettingsError
from common.text import timestamp
from connectorwatch.usecases.answer import AnswerRequest, NotAnswerableError, UnknownFindingError, answer_in_store
from connectorwatch.usecases.history import stored_state
from connectorwatch.web.messages import RefusedError, as_json
from connectorwatch.web.paging import asked_page
from connectorwatch.web.tenant import check_type, tenant_line
from policies.policy_file.answers import AnswerVerdict

if TYPE_CHECKING:
    from connectorwatch.usecases.answer import GivenAnswer
    from connectorwatch.web.callers import Caller
    from connectorwatch.web.context import RequestContext
    from connectorwatch.web.messages import HttpRequest, HttpResponse
    from findings.state.document import State

LARGEST = 16 * 1024
"""The most bytes of a body: three texts, the longest of 1,000 characters."""
_MEMBERS = ("key", "verdict", "reason")
_VERDICTS: tuple[AnswerVerdict, ...] = get_args(AnswerVerdict)
_OWN = {
    "by": "who answers is taken from the sign-in",
    "at": "an answer has the moment at which it arrives",
    "tenant": "the address names the tenant",
}


def give_answer(context: RequestContext, caller: Caller, request: HttpRequest) -> HttpResponse:
    """Keep a person's answer to a finding; it counts from the next scan on.

    Raises:
        RefusedError: 403 for whoever may not answer, 400, 413 or 415 for a body that is no answer, 404 for a finding
            that is not known, 409 for one that takes no answer.
    """
    tenant_id = tenant_line(context, caller, request).id
    asked_page(request)
    if not caller.may_answer:
        raise RefusedError(
            HTTPStatus.FORBIDDEN, "You may read this tenant; to answer findings ask for Connectorwatch.Answer."
        )
    if not caller.name:
        raise RefusedError(HTTPStatus.FORBIDDEN, "Answers are given by people: sign in with a user name.")
    check_type(caller, request)
    asked, state = _asked(request.body, caller.name), _state(context, tenant_id)
    try:
        given = answer_in_store(context.store, state, asked, (), context.now())
    except UnknownFindingError as error:
        raise RefusedError(HTTPStatus.NOT_FOUND, str(error)) from error
    except NotAnswerableError as error:
        raise RefusedError(HTTPStatus.CONFLICT, str(error)) from error
    except SettingsError as error:
        raise RefusedError(HTTPStatus.BAD_REQUEST, str(error)) from error
    return as_json(_response(tenant_id, given), HTTPStatus.OK if given.repeated else HTTPStatus.CREATED)


def _state(context: RequestContext, tenant_id: str) -> State:
    try:
        return stored_state(context.store, tenant_id)
    except SettingsError as error:
        raise RefusedError(HTTPStatus.NOT_FOUND, "No scan of this tenant is stored yet: ask for one.") from error


def _asked(body: bytes, name: str) -> AnswerRequest:
    """Return the answer in a body: an object with three texts and nothing else."""
    if len(body) > LARGEST:
        raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"An answer has at most {LARGEST:,} bytes.")
    try:
        content = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _bad("The body is no JSON") from error
    if not isinstance(content, dict):
        raise _bad("The body is no JSON object")
    for member in content.keys() - set(_MEMBERS):
        shown = member[:40].encode("unicode_escape").decode("ascii")
        raise _bad(f"The member {shown!r} is not taken" + (f": {_OWN[member]}" if member in _OWN else ""))
    key, verdict, reason = (content.get(member) for member in _MEMBERS)
    if verdict not in _VERDICTS:
        raise _bad(f"verdict must be one of {', '.join(_VERDICTS)}")
    if not isinstance(key, str) or not isinstance(reason, str):
        raise _bad("key and reason must be texts")
    return AnswerRequest(key, verdict, reason, name)


def _bad(problem: str) -> RefusedError:
    example = '{"key": "CON003/...", "verdict": "expected", "reason": "..."}'
    return RefusedError(HTTPStatus.BAD_REQUEST, f"{problem}. Send {example}.", more={"members": list(_MEMBERS)})


def _response(tenant_id: str, given: GivenAnswer) -> dict[str, object]:
    answer, before = given.answer, None if given.repeated else given.before
    return {
        "tenant": tenant_id,
        "key": answer.key,
        "verdict": answer.verdict,
        "reason": answer.reason,
        "by": answer.by,
        "at": timestamp(answer.at),
        "repeated": given.repeated,
        "replaces": {"verdict": before.verdict, "by": before.by, "at": timestamp(before.at)} if before else None,
    }
