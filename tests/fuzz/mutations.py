"""Making answers go wrong, by chance and repeatably."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from inventory.answer import Answer
from tests.fuzz.values import CODES, STATUSES, TEXTS, TYPES, WAITS, dumped, links, nested, other_value, places

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

HTML = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Blocked by your administrator</body></html>"


def broken(chance: random.Random, answer: Answer, url: str, evil: str = "evil.example") -> Answer:
    """Return an answer with one thing wrong, now and then two; where it leads to another host, it is `evil`."""
    for _ in range(1 if chance.random() < 0.8 else 2):
        document = _document(answer.body)
        if url.endswith("/$batch") and chance.random() < 0.4:
            answer = chance.choice(_BATCHES)(chance, answer, document)
        elif isinstance(document, dict) and chance.random() < 0.25:
            document["@odata.nextLink"] = chance.choice((*links(_root(url), evil), *_own(url)))
            answer = _with(answer, document)
        else:
            answer = chance.choice(_ANYTHING)(chance, answer, document)
    return answer


def _root(url: str) -> str:
    return "/".join(url.split("/")[:3])


def _own(url: str) -> tuple[str, ...]:
    """Return next pages that were there before, or that never end."""
    return (url, url, f"{url}{'&' if '?' in url else '?'}$skiptoken=x")


def _document(body: bytes) -> Any:  # noqa: ANN401 - any JSON
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _with(answer: Answer, document: object) -> Answer:
    return replace(answer, body=dumped(document))


def _another_value(chance: random.Random, answer: Answer, document: Any) -> Answer:  # noqa: ANN401 - any JSON
    """Change one value, or drop it, or a few."""
    found = places(document)
    for container, key in chance.sample(found, min(len(found), chance.choice((1, 1, 1, 3)))):
        if isinstance(container, dict) and chance.random() < 0.3:
            container.pop(key, None)
        elif not isinstance(container, list) or key < len(container):
            container[key] = other_value(chance, container[key]) if key in _keys(container) else None
    return _with(answer, document)


def _keys(container: Any) -> Any:  # noqa: ANN401 - a dict's keys or a list's indexes
    return container.keys() if isinstance(container, dict) else range(len(container))


def _another_record(chance: random.Random, answer: Answer, document: Any) -> Answer:  # noqa: ANN401 - any JSON
    """Repeat, lose, empty or mix the items of a list."""
    lists = [container[key] for container, key in places(document) if isinstance(container[key], list)]
    if lists:
        items = chance.choice(lists)
        match chance.randrange(5):
            case 0:
                items.extend(items[:3])
            case 1:
                items.clear()
            case 2:
                del items[chance.randrange(len(items) + 1) :]
            case 3:
                chance.shuffle(items)
            case _:
                items.append(chance.choice((None, 7, "x", [], {}, {"id": "x"})))
    return _with(answer, document)


def _double_field(chance: random.Random, answer: Answer, document: Any) -> Answer:  # noqa: ANN401 - any JSON
    """Write a field twice, the wrong one first or last."""
    names = [key for _, key in places(document) if isinstance(key, str)] or ["value"]
    field = dumped(chance.choice(names)) + b":" + chance.choice((b"null", b"[]", b'"x"', b"1", dumped("active")))
    mark = chance.choice((b"{", b"}"))
    spots = [spot for spot, byte in enumerate(answer.body) if byte == mark[0]] or [0]
    spot = chance.choice(spots)
    if mark == b"{":
        return replace(answer, body=answer.body[: spot + 1] + field + b"," + answer.body[spot + 1 :])
    return replace(answer, body=answer.body[:spot] + b"," + field + answer.body[spot:])


def _raw_value(chance: random.Random, answer: Answer, document: Any) -> Answer:  # noqa: ANN401 - any JSON
    """Put in what `json` does not write: nesting, numbers of thousands of digits, half a surrogate."""
    found = [(container, key) for container, key in places(document) if isinstance(container, dict)]
    if not found:
        return replace(answer, body=nested(chance))
    container, key = chance.choice(found)
    container[key] = "@here@"
    raw = chance.choice((nested(chance), b"9" * 5000, b"-1e9999", b'"\\ud800"', b"NaN", b"1.", b"+1", b"'x'", b"{,}"))
    return replace(answer, body=dumped(document).replace(b'"@here@"', raw))


def _bytes(chance: random.Random, answer: Answer, document: Any) -> Answer:  # noqa: ANN401 - any JSON
    """Cut the body, encode it otherwise, or replace it."""
    body, middle = answer.body, chance.randrange(len(answer.body) + 1)
    text = json.dumps(document, ensure_ascii=False)
    bodies: tuple[Callable[[], bytes], ...] = (
        lambda: body[:middle],
        lambda: body[:-1],
        lambda: body[:middle] + b"\xff\xfe\x80" + body[middle:],
        lambda: body[:middle] + bytes([chance.randrange(256)]) + body[middle + 1 :],
        lambda: text.encode("utf-16", "surrogatepass"),
        lambda: text.encode("latin-1", "replace"),
        lambda: b"\xef\xbb\xbf" + body,
        lambda: body + body,
        lambda: body + b"\x00",
        lambda: gzip.compress(body),
        lambda: b"",
        lambda: b"null",
        lambda: b"[]",
        lambda: b"{}",
        lambda: b'{"value":null}',
        lambda: b'{"value":{}}',
        lambda: b'{"error":{"code":"","message":"oops"}}',
        lambda: HTML,
    )
    return replace(answer, body=chance.choice(bodies)())


def _header(chance: random.Random, answer: Answer, _: object) -> Answer:
    """Say something else in a header."""
    name, values = chance.choice(
        (
            ("content-type", TYPES),
            ("retry-after", WAITS),
            ("x-ms-throttle-limit-percentage", ("nan", "inf", "-1", "0.8", "1.8", "lots", "")),
            ("request-id", TEXTS),
            ("date", ("", "tomorrow", *WAITS)),
            ("www-authenticate", ('Bearer claims="e30"', 'Bearer claims="/w=="', "Bearer claims=", "é")),
        )
    )
    headers = {**answer.headers, name: chance.choice(values)}
    return replace(answer, headers=headers)


def _refused(chance: random.Random, answer: Answer, document: object) -> Answer:
    """Answer with another status, with or without an error to match."""
    status, code = chance.choice(STATUSES), chance.choice(CODES)
    error: object = {"code": code, "message": chance.choice((*TEXTS, '{"errorCode":"x"}', '{"errorCode":7}', "{"))}
    for _ in range(chance.choice((0, 1, 1, 1, 2, 5))):
        error = {chance.choice(("error", "error", "innerError")): error}
    headers = {**answer.headers, "content-type": "application/json"}
    if chance.random() < 0.3:
        headers["retry-after"] = chance.choice(WAITS)
    body = chance.choice((dumped(error), dumped(error), dumped(error), HTML, b"", dumped(document)))
    return Answer(status, headers, body)


def _page_of_a_portal(_: random.Random, answer: Answer, __: object) -> Answer:
    return replace(answer, headers={**answer.headers, "content-type": "text/html"}, body=HTML)


def _no_link(_: random.Random, answer: Answer, document: Any) -> Answer:  # noqa: ANN401 - any JSON
    """Lose the next page."""
    if isinstance(document, dict):
        document.pop("@odata.nextLink", None)
    return _with(answer, document)


def _listed(document: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - any JSON
    """Return the members of a batch's answer; none where an earlier damage has left none."""
    members = document.get("responses") if isinstance(document, dict) else None
    return members if isinstance(members, list) and all(isinstance(one, dict) for one in members) else []


def _members(chance: random.Random, answer: Answer, document: Any) -> Answer:  # noqa: ANN401 - any JSON
    """Lose, double, rename or exchange members of a batch."""
    members = _listed(document)
    if not members:
        return answer
    one, two = chance.choice(members), chance.choice(members)
    match chance.randrange(6):
        case 0:
            members.remove(one)
        case 1:
            members.append({**two, "id": one.get("id")})
        case 2:
            one["id"] = chance.choice(("", "00", "1 ", "٣", "21", "-1", "x", 3, None, True, 1.0))
        case 3:
            one["id"], two["id"] = two.get("id"), one.get("id")
        case 4:
            members.append({"id": "99", "status": 200, "body": {"value": []}})
        case _:
            members.clear()
    return _with(answer, document)


def _member(chance: random.Random, answer: Answer, document: Any) -> Answer:  # noqa: ANN401 - any JSON
    """Break one member of a batch as if it were an answer of its own, or what stands around it."""
    members = _listed(document)
    if not members:
        return answer
    one = chance.choice(members)
    match chance.randrange(4):
        case 0:
            one["status"] = chance.choice((0, 99, 100, 600, 1000, -200, "200", 200.5, None, True, 10**30, *STATUSES))
        case 1:
            one["headers"] = chance.choice(
                (None, [], {"Retry-After": 3}, {"Retry-After": chance.choice(WAITS)}, {"": 1})
            )
        case 2:
            one["body"] = chance.choice((None, "eyJ2YWx1ZSI6W119", "", 7, [], {}, {"value": []}, {"value": [{}]}))
        case _:
            spoilt = _refused(chance, answer, one.get("body"))
            one |= {"status": spoilt.status, "headers": dict(spoilt.headers), "body": _document(spoilt.body)}
    return _with(answer, document)


_ANYTHING: tuple[Callable[[random.Random, Answer, Any], Answer], ...] = (
    _another_value,
    _another_value,
    _another_value,
    _another_record,
    _double_field,
    _raw_value,
    _bytes,
    _header,
    _refused,
    _page_of_a_portal,
    _no_link,
)
_BATCHES: tuple[Callable[[random.Random, Answer, Any], Answer], ...] = (_members, _member, _member)
