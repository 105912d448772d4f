"""YAML files that people write: read strictly, and every complaint names its line and what is allowed."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, TypeVar, cast

from pydantic import BaseModel, JsonValue, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ruamel.yaml.events import Event

    from common.errors import ConnectorwatchError

MAX_BYTES = 1024 * 1024
"""How large a file may be: a policy for a thousand groups needs a tenth of it."""

Path = tuple[str | int, ...]
M = TypeVar("M", bound=BaseModel)

_MAX_DEPTH = 20
_MAX_TOLD = 10
_MAX_SHOWN = 80

_BARE_WORD = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?", re.ASCII)
_CONSTANTS: dict[str, JsonValue] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}

_WORDS = {
    "bool_type": "must be true or false",
    "date_from_datetime_parsing": "must be a date such as 2026-06-08",
    "date_parsing": "must be a date such as 2026-06-08",
    "date_type": "must be a date such as 2026-06-08",
    "dict_type": "must hold lines of the form `key: value`",
    "greater_than_equal": "must be at least {ge}",
    "int_type": "must be a whole number without quotes",
    "less_than_equal": "must be at most {le}",
    "model_type": "must hold lines of the form `key: value`",
    "string_pattern_mismatch": "must be letters, digits, `.`, `_` and `-`, at most 64",
    "string_too_short": "must not be empty",
    "string_type": "must be text; put it in quotes",
    "tuple_type": "must be a list",
    "value_error": "{error}",
}


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong with a file: the line it stands on, counted from 1, and the complaint."""

    line: int
    text: str


@dataclass(frozen=True)
class Document:
    """A file as plain data, with the line of every key and list item.

    Attributes:
        source: What to call the file in a complaint.
        error: The error that a complaint becomes.
        data: Mappings, lists, texts, numbers, true, false and null, as in JSON; an empty file is an empty mapping.
        lines: Path of keys and list positions, to line counted from 1.
    """

    source: str
    error: type[ConnectorwatchError]
    data: JsonValue
    lines: dict[Path, int]

    def problem(self, path: Path, complaint: str) -> Problem:
        """Return a complaint about what stands at a path, or about the nearest thing around it that is there."""
        known = next(path[:length] for length in range(len(path), -1, -1) if path[:length] in self.lines)
        keys = ".".join(str(key) if _BARE_WORD.fullmatch(str(key)) else shown(key) for key in path)
        return Problem(self.lines[known], f"{keys}: {complaint}" if keys else complaint)

    def validated(self, model: type[M]) -> tuple[M | None, list[Problem]]:
        """Return the data as a model, or None and what is wrong with it; unknown keys and near types are wrong."""
        try:
            # JSON mode: a date and a choice may come as text, yet "2" is no number and 1 is not true.
            return model.model_validate_json(json.dumps(self.data), strict=True, extra="forbid"), []
        except ValidationError as error:
            schema = model.model_json_schema()
            return None, [
                self.problem(detail["loc"], _complaint(dict(detail), schema))
                for detail in error.errors(include_url=False)
            ]

    def refusal(self, problems: Sequence[Problem]) -> ConnectorwatchError:
        """Return the error that tells of the problems, in the order of their lines, at most the first ten."""
        messages = [f"line {problem.line}, {problem.text}" for problem in sorted(problems)]
        if len(messages) == 1:
            return self.error(f"{self.source}, {messages[0]}")
        if len(messages) > _MAX_TOLD:
            messages = [*messages[:_MAX_TOLD], f"and {len(messages) - _MAX_TOLD} more"]
        return self.error(f"{self.source} has {len(problems)} problems:\n  " + "\n  ".join(messages))


def read_document(content: bytes, source: str, error: type[ConnectorwatchError]) -> Document:
    """Return a YAML 1.2 file as plain data with its lines.

    Refused with `error`: more than 1 MiB, text that is not UTF-8, YAML that is malformed, nested more than 20 deep or
    of several documents, a key that is there twice, and what could mean something else than it says or grow when it
    is read: tags, aliases and merge keys.
    """
    if len(content) > MAX_BYTES:
        raise error(f"{source} is larger than {MAX_BYTES} bytes, which is no file of ours; check the path.")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as cause:
        line = content.count(b"\n", 0, cause.start) + 1
        raise error(f"{source}, line {line}: not UTF-8 text; save the file as UTF-8.") from cause
    try:
        reader = _Reader(YAML(typ="safe", pure=True).parse(text))
        return Document(source, error, reader.document(), reader.lines)
    except _Refused as cause:
        raise error(f"{source}, line {cause.args[0]}: {cause.args[1]}") from cause
    except MarkedYAMLError as cause:
        line = (cause.problem_mark or cause.context_mark).line + 1  # some complaints have the second only
        problem = _plain(cause.problem or cause.context)
        raise error(f"{source}, line {line}: not YAML, {problem}; mend the line.") from cause
    except YAMLError as cause:
        line = text.count("\n", 0, getattr(cause, "position", 0)) + 1
        raise error(f"{source}, line {line}: holds a control character; remove it.") from cause


def shown(value: object) -> str:
    """Return a value from a file so that it can be shown: as JSON on one line, nothing unprintable, cut when long."""
    text = json.dumps(value, ensure_ascii=False)
    text = text if text.isprintable() else json.dumps(value)
    return text if len(text) <= _MAX_SHOWN else text[:_MAX_SHOWN] + "…"


def suggestion(word: str, known: Sequence[str]) -> str:
    """Return a question with the known word that is closest to a mistaken one, or else all the known words."""
    by_fold = {name.casefold(): name for name in known}
    close = get_close_matches(word.casefold(), by_fold, n=1)
    return f'did you mean "{by_fold[close[0]]}"?' if close else f"known are: {', '.join(sorted(known))}"


class _Refused(Exception):  # noqa: N818 - not an error of its own: it carries line and complaint to `read_document`
    """A well-formed file says something that we do not take."""


@dataclass
class _Reader:
    """Turns the parser's events into plain data. Ours, since ruamel's own constructor raises anything on junk."""

    events: Iterator[Event]
    lines: dict[Path, int] = field(default_factory=dict)

    def document(self) -> JsonValue:
        """Return the only document of the file."""
        self.lines[()] = 1
        next(self.events)  # the stream starts
        if isinstance(next(self.events), StreamEndEvent):
            return {}
        data = self._value(next(self.events), ())
        next(self.events)  # the document ends
        after = next(self.events)
        if isinstance(after, DocumentStartEvent):
            raise _refused(after, "a second document starts; one file holds one")
        return {} if data is None else data

    def _value(self, event: Event, path: Path) -> JsonValue:
        """Return what an event begins, and remember where it stands."""
        self.lines.setdefault(path, event.start_mark.line + 1)
        if isinstance(event, AliasEvent):
            raise _refused(event, "aliases (*name) are not taken; write the value out")
        if isinstance(event, (CollectionStartEvent, ScalarEvent)) and event.tag is not None:
            raise _refused(event, "tags (!name) are not taken; leave it out")
        if len(path) > _MAX_DEPTH:
            raise _refused(event, f"nested more than {_MAX_DEPTH} deep")
        if isinstance(event, MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, SequenceStartEvent):
            return self._sequence(path)
        scalar = cast("ScalarEvent", event)  # nothing else can begin a value
        return _scalar(scalar) if scalar.style is None else _text(scalar)

    def _mapping(self, path: Path) -> JsonValue:
        """Return a mapping. Keys are text whatever they look like: a group may be called 2026 or true."""
        mapping: dict[str, JsonValue] = {}
        while not isinstance(event := next(self.events), MappingEndEvent):
            if not isinstance(event, ScalarEvent) or event.tag is not None:
                raise _refused(event, "a key must be plain text")
            key = _text(event)
            if key == "<<":
                raise _refused(event, "merge keys (<<) are not taken; write the keys out")
            if key in mapping:
                raise _refused(event, f"key {shown(key)} is already on line {self.lines[*path, key]}; keep one of them")
            self.lines[*path, key] = event.start_mark.line + 1
            mapping[key] = self._value(next(self.events), (*path, key))
        return mapping

    def _sequence(self, path: Path) -> JsonValue:
        """Return a list."""
        items: list[JsonValue] = []
        while not isinstance(event := next(self.events), SequenceEndEvent):
            items.append(self._value(event, (*path, len(items))))
        return items


def _refused(event: Event, complaint: str) -> _Refused:
    """Return a complaint about where an event stands."""
    return _Refused(event.start_mark.line + 1, complaint)


def _text(event: ScalarEvent) -> str:
    """Return a scalar's text; half a character (a lone surrogate, written as an escape) is refused."""
    text = str(event.value)
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise _refused(event, "holds an escape that is half a character; remove it")
    return text


def _scalar(event: ScalarEvent) -> JsonValue:
    """Return what an unquoted scalar means by the YAML 1.2 core schema, decimal numbers only; a date stays text."""
    text = _text(event)
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


def _complaint(detail: dict[str, Any], schema: dict[str, Any]) -> str:
    """Return one of pydantic's findings in our words: what is wrong, and what is allowed."""
    if detail["type"] == "extra_forbidden":
        *path, key = detail["loc"]
        return f"unknown key, {suggestion(str(key), _known_keys(schema, path))}"
    if detail["type"] == "missing":
        return "is missing; add it"
    usual = str(detail["msg"]).replace("Input should be", "must be")
    words = _WORDS.get(detail["type"], usual).format(**detail.get("ctx", {}))
    return f"{words}; it says {shown(detail['input'])}"


def _known_keys(schema: dict[str, Any], path: Sequence[str | int]) -> list[str]:
    """Return the keys that a JSON Schema knows at a path."""
    part = schema
    for key in path:
        part = part.get("properties", {}).get(key) or part.get("additionalProperties") or part.get("items", {})
        part = schema["$defs"].get(part.get("$ref", "").rpartition("/")[2], part)
    return list(part.get("properties", ()))


def _plain(text: str) -> str:
    """Return a parser's complaint without anything unprintable, since it can quote the file."""
    return "".join(character if character.isprintable() else "?" for character in text)
