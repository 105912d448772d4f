"""Evaluating `$filter`: parsed by odata-query, turned into a plain predicate."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from operator import ge, gt, le, lt
from typing import Any, TypeAlias

from odata_query import ast
from odata_query.exceptions import ODataException
from odata_query.grammar import ODataLexer, ODataParser

from simulator.errors import bad_request

Scope: TypeAlias = Mapping[str, object]
_Predicate: TypeAlias = Callable[[Scope], bool]
_Getter: TypeAlias = Callable[[Scope], object]

_Order: TypeAlias = Callable[[Any, Any], bool]

_ORDERS: dict[type, _Order] = {ast.Lt: lt, ast.LtE: le, ast.Gt: gt, ast.GtE: ge}
_WORDS = {ast.Eq: "eq", ast.NotEq: "ne", ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge", ast.In: "in"}

# odata-query 0.10 reads neither a list of one, `in ('x')`, nor `not(`; Graph takes both. The second
# alternative steps over text in quotes.
_REPAIRS = re.compile(r"(\sin\s*\(\s*(?:'(?:[^']|'')*'|[0-9a-fA-F-]{36})\s*)\)|'(?:[^']|'')*'|\b(not)\(")


@dataclass(frozen=True)
class Filter:
    """A compiled filter, with the properties and operators by which a service accepts or refuses it."""

    matches: _Predicate
    properties: frozenset[str]
    """The first part of each property path."""
    operators: frozenset[str]
    equals: Mapping[str, tuple[str, ...]]
    """Properties the filter pins to certain texts, whatever else it says."""


@lru_cache(maxsize=1024)
def compile_filter(text: str) -> Filter:
    """Compile a `$filter`.

    Raises:
        GraphError: the text is no filter, or uses what no service knows.
    """
    try:
        tree = ODataParser().parse(ODataLexer().tokenize(_REPAIRS.sub(_repair, text)))
    except ODataException as error:
        raise _invalid(str(error)) from error
    compiler = _Compiler()
    matches = compiler.predicate(tree)
    return Filter(matches, frozenset(compiler.properties), frozenset(compiler.operators), dict(_pinned(tree)))


def _repair(match: re.Match[str]) -> str:
    if match[1]:
        return f"{match[1]},)"
    return "not (" if match[2] else match[0]


def _invalid(message: str) -> Exception:
    return bad_request(f"Invalid filter clause: {message}")


class _Compiler:
    """Turns a syntax tree into a predicate and notes what it uses."""

    def __init__(self) -> None:
        self.properties: set[str] = set()
        self.operators: set[str] = set()
        self._variables: set[str] = set()

    def predicate(self, node: object) -> _Predicate:
        match node:
            case ast.BoolOp(op=op, left=left, right=right):
                return self._both(op, self.predicate(left), self.predicate(right))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                self.operators.add("not")
                inner = self.predicate(operand)
                return lambda scope: not inner(scope)
            case ast.Compare():
                return self._compare(node)
            case ast.Call(func=ast.Identifier(name="startswith"), args=[subject, ast.String(val=prefix)]):
                self.operators.add("startswith")
                value, start = self._getter(subject), prefix.casefold()
                return lambda scope: isinstance(text := value(scope), str) and text.casefold().startswith(start)
            case ast.CollectionLambda(owner=owner, operator=ast.Any(), lambda_=ast.Lambda() as body):
                return self._any(owner, body)
            case ast.Identifier() | ast.Attribute():
                flag = self._getter(node)
                return lambda scope: flag(scope) is True
            case _:
                raise _invalid(f"{type(node).__name__} is not supported here.")

    def _both(self, operator: object, left: _Predicate, right: _Predicate) -> _Predicate:
        if isinstance(operator, ast.And):
            self.operators.add("and")
            return lambda scope: left(scope) and right(scope)
        self.operators.add("or")
        return lambda scope: left(scope) or right(scope)

    def _any(self, owner: object, body: ast.Lambda) -> _Predicate:
        self.operators.add("any")
        items, name = self._getter(owner), body.identifier.name
        self._variables.add(name)
        inner = self.predicate(body.expression)
        self._variables.discard(name)
        return lambda scope: any(inner({**scope, name: item}) for item in _listed(items(scope)))

    def _compare(self, node: ast.Compare) -> _Predicate:
        self.operators.add(_WORDS[type(node.comparator)])
        value = self._getter(node.left)
        if isinstance(node.comparator, ast.In):
            wanted = frozenset(map(_comparable, _literals(node.right)))
            return lambda scope: _comparable(value(scope)) in wanted
        literal = _literal(node.right)
        if isinstance(node.comparator, ast.Eq):
            return lambda scope: _like(value(scope), literal) == literal
        if isinstance(node.comparator, ast.NotEq):
            return lambda scope: _like(value(scope), literal) != literal
        order = _ORDERS[type(node.comparator)]
        return lambda scope: _ordered(order, _like(value(scope), literal), literal)

    def _getter(self, node: object) -> _Getter:
        match node:
            case ast.Identifier(name=name):
                if name not in self._variables:
                    self.properties.add(name)
                return lambda scope: scope.get(name)
            case ast.Attribute(owner=owner, attr=attr):
                outer = self._getter(owner)
                return lambda scope: _part(outer(scope), attr)
            case _:
                raise _invalid("a property has to stand on the left.")


def _pinned(node: object) -> dict[str, tuple[str, ...]]:
    match node:
        case ast.BoolOp(op=ast.And(), left=left, right=right):
            return _pinned(left) | _pinned(right)
        case ast.Compare(comparator=ast.Eq() | ast.In(), left=ast.Identifier(name=name), right=right):
            return {name: tuple(str(item) for item in _literals(right))}
        case _:
            return {}


def _part(value: object, name: str) -> object:
    return value.get(name) if isinstance(value, Mapping) else None


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _literals(node: object) -> list[object]:
    return [_literal(item) for item in node.val] if isinstance(node, ast.List) else [_literal(node)]


def _literal(node: object) -> object:
    match node:
        case ast.DateTime(val=text) | ast.Date(val=text):
            return _moment(text)
        case ast.String(val=text) | ast.GUID(val=text):
            return _comparable(text)
        case ast.Null() | ast.Boolean() | ast.Integer() | ast.Float():
            return node.py_val
        case _:
            raise _invalid("a literal has to stand on the right.")


def _moment(text: str) -> datetime:
    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        raise _invalid(f"'{text}' is no time.") from error
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _comparable(value: object) -> object:
    """Texts compare without case, as the directory does it."""
    return value.casefold() if isinstance(value, str) else value


def _like(value: object, literal: object) -> object:
    """Return the value in the form the literal has."""
    if isinstance(literal, date) and isinstance(value, str):
        return _moment(value)
    return _comparable(value)


def _ordered(order: _Order, value: object, literal: object) -> bool:
    """Compare like with like; null and other types are never ordered."""
    return type(value) is type(literal) and value is not None and order(value, literal)
