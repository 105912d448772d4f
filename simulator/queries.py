"""Query options applied to an endpoint's result, as the service would."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from simulator.errors import GraphError, Wrapping, bad_request
from simulator.filters import compile_filter
from simulator.kinds import Fields, Resource, check_select, known, limited, project
from simulator.options import Options, read_options, skip_token
from simulator.results import Absent, Item, Listing, Plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulator.calls import Call
    from simulator.filters import Filter
    from simulator.results import Rules, Shown

_LARGEST_PAGE = 999
_ADVANCED = frozenset({"ne", "not"})
_NO_FILTER = "Unsupported or invalid query filter clause specified for property '{}' of resource '{}'."


def answer_body(result: Shown, call: Call, root: str, page_size: int) -> bytes:
    """Return the JSON of a result after the caller's query options."""
    if isinstance(result, Plain):
        body = {"@odata.context": _context(root, call, result.context), **result.fields}
    else:
        body = _item(result, call, root) if isinstance(result, Item) else _page(result, call, root, page_size)
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def count_text(listing: Listing, call: Call) -> bytes:
    """Return the answer of a `/$count` path: a bare number, and only with eventual consistency."""
    if not call.eventual:
        raise _needs_eventual("$count")
    return str(len(_rows(listing, call, read_options(call)))).encode()


def _context(root: str, call: Call, path: str) -> str:
    return f"{root}/{call.version}/$metadata#{path}"


def _item(item: Item, call: Call, root: str) -> Fields:
    options = read_options(call)
    if options.filter is not None or options.top is not None:
        raise bad_request("Query options $filter and $top can be applied only to collections.")
    _check_expand(item.rules, options)
    check_select(item.kinds, call.version, options.select)
    context: Fields = {"@odata.context": _context(root, call, f"{item.context}/$entity")}
    typed: Fields = {"@odata.type": item.resource.type_name} if item.typed else {}
    return context | typed | _row(item, item.resource, call.version, options)


def _row(result: Item | Listing, row: Resource, version: str, options: Options) -> Fields:
    kind = row.kind if result.typed else result.kinds[0]
    fields = project(row, kind, version, options.select)
    for wanted in options.expand:
        related = result.rules.expand[wanted.name](row)
        if not isinstance(related, Absent):
            fields[wanted.name] = None if related is None else _related(result, related, version)
    return fields


def _related(result: Item | Listing, related: Resource, version: str) -> Fields:
    if isinstance(result, Listing) and related.kind.name in result.unreadable:
        return limited(related, version)
    typed: Fields = {"@odata.type": related.type_name} if related.kind.name in _DIRECTORY_TYPES else {}
    return typed | project(related, related.kind, version, ())


_DIRECTORY_TYPES = frozenset({"user", "group", "servicePrincipal", "agentIdentity"})


def _page(listing: Listing, call: Call, root: str, page_size: int) -> Fields:
    options = read_options(call)
    _check_expand(listing.rules, options)
    check_select(listing.kinds, call.version, options.select)
    rows = _rows(listing, call, options)
    size = _size(listing.rules, options, page_size)
    end = options.offset + size
    names = ",".join(f"{wanted.name}()" for wanted in options.expand)
    context = listing.context + (f"({','.join(options.select)})" if options.select else f"({names})" if names else "")
    body: Fields = {"@odata.context": _context(root, call, context)}
    if options.count and options.offset == 0 and (call.eventual or not listing.rules.advanced):
        body["@odata.count"] = len(rows)
    if not options.select and options.offset == 0:
        body["@microsoft.graph.tips"] = _tip(listing, call)
    if end < len(rows):
        body["@odata.nextLink"] = next_link(call, root, end, options.page + 1)
    body["value"] = [_member(listing, row, call.version, options) for row in rows[options.offset : end]]
    return body


def next_link(call: Call, root: str, offset: int, page: int) -> str:
    """Return the absolute link to a page, with the whole query in it."""
    kept = [
        part for part in call.raw_query.split("&") if part and not part.startswith(("$skiptoken=", "%24skiptoken="))
    ]
    query = "&".join([*kept, f"$skiptoken={skip_token(call, offset, page)}"])
    return f"{root}/{call.version}{call.raw_path}?{query}"


def _tip(listing: Listing, call: Call) -> str:
    names = ",".join(sorted(known(listing.kinds, call.version) - {"id"})[:2])
    return (
        "Use $select to choose only the properties your app needs, as this can lead to performance improvements. "
        f"For example: GET {call.path.lstrip('/')}?$select={names}"
    )


def _member(listing: Listing, row: Resource, version: str, options: Options) -> Fields:
    if not listing.typed:
        return _row(listing, row, version, options)
    if row.kind.name in listing.unreadable:
        return limited(row, version)
    return {"@odata.type": row.type_name, **_row(listing, row, version, options)}


def _size(rules: Rules, options: Options, default: int) -> int:
    if options.top is None:
        return default
    if options.top > _LARGEST_PAGE and rules.advanced:
        message = f"Invalid page size specified: '{options.top}'. Must be between 1 and 999 inclusive."
        raise GraphError(400, "Request_UnsupportedQuery", message)
    return min(options.top, _LARGEST_PAGE)


def _rows(listing: Listing, call: Call, options: Options) -> Sequence[Resource]:
    rows = listing.rows
    if options.search is not None:
        rows = _searched(listing, call, options.search)
    if options.filter is None and listing.rules.required:
        raise _missing(listing.rules)
    if options.filter is not None:
        wanted = compile_filter(options.filter)
        _check_filter(listing, wanted, call, options)
        rows = [row for row in _candidates(listing, wanted, rows) if wanted.matches(row.fields)]
    if options.orderby is not None:
        name, _, direction = options.orderby.partition(" ")
        _check_properties(listing, [name], call.version)
        rows = sorted(rows, key=lambda row: str(row.fields.get(name) or ""), reverse=direction.lower() == "desc")
    return rows


def _candidates(listing: Listing, wanted: Filter, rows: Sequence[Resource]) -> Sequence[Resource]:
    """Return the rows a filter can match, by the index where it pins an indexed property."""
    for name, by_value in listing.index.items():
        if name in wanted.equals:
            return [row for value in dict.fromkeys(wanted.equals[name]) for row in by_value.get(value, ())]
    return rows


def _searched(listing: Listing, call: Call, search: str) -> list[Resource]:
    if not call.eventual or not listing.rules.advanced:
        raise _needs_eventual("$search")
    name, _, text = search.strip('"').partition(":")
    _check_properties(listing, [name], call.version)
    return [row for row in listing.rows if text.casefold() in str(row.fields.get(name) or "").casefold()]


def _check_filter(listing: Listing, wanted: Filter, call: Call, options: Options) -> None:
    rules = listing.rules
    _check_properties(listing, wanted.properties, call.version)
    if rules.properties is not None and not wanted.properties <= rules.properties:
        raise _unsupported(listing, min(wanted.properties - rules.properties))
    if not wanted.operators <= rules.operators:
        raise _unsupported(listing, min(wanted.properties, default=""))
    if rules.required and not any(len(wanted.equals.get(name, ())) == 1 for name in rules.required):
        raise _missing(rules)
    if rules.advanced and wanted.operators & _ADVANCED and not (call.eventual and options.count):
        # https://learn.microsoft.com/graph/aad-advanced-queries, 2026-05
        raise _needs_eventual("$filter", "Request_UnsupportedQuery")


def _check_properties(listing: Listing, names: Sequence[str] | frozenset[str], version: str) -> None:
    for name in sorted(names):
        if name not in known(listing.kinds, version):
            kind = listing.kinds[0].name if len(listing.kinds) == 1 else "directoryObject"
            message = f"Could not find a property named '{name}' on type 'microsoft.graph.{kind}'."
            raise bad_request(f"Invalid filter clause: {message}")


def _unsupported(listing: Listing, name: str) -> GraphError:
    if listing.rules.filter_code == "InvalidFilter":
        return bad_request("The filter is invalid.", "InvalidFilter")
    return bad_request(_NO_FILTER.format(name, listing.kinds[0].name), listing.rules.filter_code)


def _missing(rules: Rules) -> GraphError:
    names = " or ".join(rules.required)
    return bad_request(f"The required parameters {names} is missing.", "MissingParameters")


def _needs_eventual(option: str, code: str = "Request_BadRequest") -> GraphError:
    message = f"Request with {option} query parameter only works through MSGraph with a special request header: "
    return bad_request(f"{message}'ConsistencyLevel: eventual'", code)


def _check_expand(rules: Rules, options: Options) -> None:
    for wanted in options.expand:
        if wanted.name not in rules.expand:
            message = f"Could not find a property named '{wanted.name}' that can be expanded here."
            raise bad_request(f"Parsing OData Select and Expand failed: {message}")
    if rules.one_expand and len(options.expand) > 1:
        raise bad_request("Only one property can be expanded in a single query.", "Request_BadRequest")
    if not rules.nested_select and any(wanted.options for wanted in options.expand):
        # Seen with two envelopes, and two spaces in the message (microsoft-graph-docs-contrib#9157, 2024-02-23).
        raise GraphError(400, "InvalidFilter", "The  filter is invalid.", wrapping=Wrapping.DOUBLE)
