"""The `$filter` evaluator against plain Python."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import GraphError
from simulator.filters import compile_filter

if TYPE_CHECKING:
    from collections.abc import Callable

_WORDS = st.sampled_from(["", "a", "Ab", "abc", "it's", "in ('a')", "not(", "é", "Z"])
_ROWS = st.fixed_dictionaries(
    {
        "name": st.none() | _WORDS,
        "size": st.none() | st.integers(-3, 3),
        "open": st.none() | st.booleans(),
        "tags": st.none() | st.lists(_WORDS, max_size=3),
        "at": st.sampled_from([None, "2026-11-01T00:00:00Z", "2026-11-02T10:00:00.5Z"]),
    }
)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _low(value: object) -> object:
    return value.casefold() if isinstance(value, str) else value


def _text_leaf(word: str, operator: str) -> tuple[str, Callable[[dict[str, Any]], bool]]:
    if operator == "startswith":
        return (
            f"startswith(name,{_quoted(word)})",
            lambda row: row["name"] is not None and row["name"].casefold().startswith(word.casefold()),
        )
    if operator == "in":
        return f"name in ({_quoted(word)})", lambda row: _low(row["name"]) == word.casefold()
    if operator == "any":
        return (
            f"tags/any(t:t eq {_quoted(word)})",
            lambda row: word.casefold() in [tag.casefold() for tag in row["tags"] or ()],
        )
    equal = operator == "eq"
    return f"name {operator} {_quoted(word)}", lambda row: (_low(row["name"]) == word.casefold()) is equal


_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "lt": lambda left, right: left < right,
    "le": lambda left, right: left <= right,
    "gt": lambda left, right: left > right,
    "ge": lambda left, right: left >= right,
    "eq": lambda left, right: left == right,
}


def _size_leaf(number: int, operator: str) -> tuple[str, Callable[[dict[str, Any]], bool]]:
    compare = _ORDERS[operator]
    return f"size {operator} {number}", lambda row: row["size"] is not None and compare(row["size"], number)


def _time_leaf(text: str, operator: str) -> tuple[str, Callable[[dict[str, Any]], bool]]:
    compare, moment = _ORDERS[operator], datetime.fromisoformat(text)
    return (
        f"at {operator} {text}",
        lambda row: row["at"] is not None and compare(datetime.fromisoformat(row["at"]), moment),
    )


_LEAVES = st.one_of(
    st.builds(_text_leaf, _WORDS, st.sampled_from(["eq", "ne", "in", "any", "startswith"])),
    st.builds(_size_leaf, st.integers(-3, 3), st.sampled_from(sorted(_ORDERS))),
    st.builds(
        _time_leaf, st.sampled_from(["2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z"]), st.sampled_from(sorted(_ORDERS))
    ),
    st.just(("open", lambda row: row["open"] is True)),
    st.just(("name eq null", lambda row: row["name"] is None)),
    st.just(("size ne null", lambda row: row["size"] is not None)),
)


def _joined(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    pairs = st.tuples(children, children)
    return st.one_of(
        pairs.map(lambda two: (f"({two[0][0]} and {two[1][0]})", lambda row: two[0][1](row) and two[1][1](row))),
        pairs.map(lambda two: (f"({two[0][0]} or {two[1][0]})", lambda row: two[0][1](row) or two[1][1](row))),
        children.map(lambda one: (f"not ({one[0]})", lambda row: not one[1](row))),
    )


@given(st.recursive(_LEAVES, _joined, max_leaves=5), _ROWS)
def test_filter_means_what_python_means(
    pair: tuple[str, Callable[[dict[str, Any]], bool]], row: dict[str, Any]
) -> None:
    """A filter matches exactly the rows the same condition in Python holds for."""
    text, expected = pair
    assert compile_filter(text).matches(row) is expected(row)


@pytest.mark.parametrize(
    ("text", "equals"),
    [
        ("a eq 'X' and (b in ('y','z') and c ne 'w')", {"a": ("x",), "b": ("y", "z")}),
        ("a eq 'X' or b eq 'y'", {}),
        ("not(a eq 'x')", {}),
        ("a eq 62E90394-69f5-4237-9190-012177145e10", {"a": ("62e90394-69f5-4237-9190-012177145e10",)}),
    ],
)
def test_pinned_properties(text: str, equals: dict[str, tuple[str, ...]]) -> None:
    """A filter tells which properties it pins, whatever else it says."""
    assert dict(compile_filter(text).equals) == equals


def test_nested_collections() -> None:
    """A collection of objects is searched by their properties, and a plain value has none."""
    wanted = compile_filter("identities/any(i:i/issuer eq 'here')")
    assert wanted.matches({"identities": [{"issuer": "there"}, {"issuer": "Here"}]})
    assert not wanted.matches({"identities": ["here"]})
    assert wanted.properties == {"identities"}


@pytest.mark.parametrize(
    "text", ["", "a", "a eq", "now() eq 1", "a eq (b)", "a eq 2026-13-01T00:00:00Z", "a/all(x:x eq 1)", "a/any()"]
)
def test_filters_that_are_none(text: str) -> None:
    """What is no filter is refused, but for a bare flag."""
    if text == "a":
        assert compile_filter(text).matches({"a": True})
    else:
        with pytest.raises(GraphError):
            compile_filter(text)


def test_a_day_is_its_first_moment() -> None:
    """A date without a time is midnight in UTC."""
    assert compile_filter("at ge 2026-11-01").matches({"at": "2026-11-01T00:00:00Z"})
