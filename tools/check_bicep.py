"""Check Bicep files as far as that goes without its compiler: grammar, names, functions, modules, and properties.

Run by `make infra` in a venv of its own. API versions, and what Azure refuses for other reasons, show at the first
`azd provision` (docs/deploy.md says so).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tree_sitter_bicep
from pycep import BicepParser
from tree_sitter import Language, Parser

from tools.check_properties import misfit_properties, text_of, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

FUNCTIONS = frozenset(
    {
        "concat",
        "empty",
        "environment",
        "guid",
        "items",
        "last",
        "loadTextContent",
        "max",
        "replace",
        "split",
        "subscription",
        "subscriptionResourceId",
        "tenant",
        "toLower",
        "union",
        "uniqueString",
    }
)
"""Functions of Bicep that infra/ uses; another one is a slip, or belongs here (Microsoft Learn, "Bicep functions")."""
_LOOPS = frozenset({"loop_variable", "loop_enumerator"})
_VALUES = frozenset({"parameter_declaration", "variable_declaration"})

Node = Any
"""A node of tree-sitter, which is published without types that mypy can see from the project's own environment."""


def problems_in(path: Path) -> list[str]:
    """Return what is wrong with one file, each as `FILE:LINE: SENTENCE`; nothing where nothing was found."""
    source = path.read_bytes()
    root = Parser(Language(tree_sitter_bicep.language())).parse(source).root_node
    broken = [_at(path, node, "is no Bicep") for node in walk(root) if node.is_error or node.is_missing]
    broken += [_at(path, name, "rests on itself") for name in _circular(root)]
    if broken:
        return broken
    misfits = (_at(path, node, said) for node, said in misfit_properties(root))
    return [*_unreadable(path), *_unknown_names(path, root), *_misfed_modules(path, root), *misfits]


def _unreadable(path: Path) -> Iterator[str]:
    """Yield a problem where the scanner's own parser, which knows less of Bicep, would leave the file out."""
    try:
        BicepParser().parse(text=path.read_text())
    except Exception as error:  # noqa: BLE001 - a foreign parser with errors of many kinds; each means the same
        yield f"{path}:1: the scanner cannot read this file and would leave it out: {str(error).splitlines()[0]}"


def _unknown_names(path: Path, root: Node) -> Iterator[str]:
    """Yield names that are used and not declared, declared and not used, and functions nobody knows."""
    declared = {name.text: name for name in _declared(root)}
    loops = {node.text for node in walk(root) if node.type in _LOOPS or _is_loop_variable(node)}
    called = [node.child_by_field_name("function") for node in walk(root) if node.type == "call_expression"]
    used = list(_used(root))
    for name in used:
        if name.text not in declared and name.text not in loops:
            yield _at(path, name, "is declared nowhere in this file")
    for function in called:
        if not _in_decorator(function) and text_of(function) not in FUNCTIONS:
            yield _at(path, function, "is no function that tools/check_bicep.py knows")
    names = {name.text for name in used}
    for text, name in declared.items():
        may_rest = name.parent.type not in _VALUES or _meant_unused(path, name)
        if text not in names and not may_rest:
            yield _at(path, name, "is never used")


def _circular(root: Node) -> Iterator[Node]:
    """Yield the names of variables whose value cannot be told without it, however many others lie between."""
    declared = {
        node.named_children[0].text: node for node in root.named_children if node.type == "variable_declaration"
    }
    needs = {name: {used.text for used in _used(node)} & declared.keys() for name, node in declared.items()}
    for name, node in declared.items():
        reached: set[bytes] = set()
        ahead = set(needs[name])
        while ahead:
            reached |= ahead
            ahead = {further for near in ahead for further in needs[near]} - reached
        if name in reached:
            yield node.named_children[0]


def _meant_unused(path: Path, name: Node) -> bool:
    """Return whether the line before a declaration says, in the linter's own words, that it is not used."""
    lines = path.read_text().splitlines()
    return "#disable-next-line no-unused-params" in lines[name.start_point[0] - 1]


def _misfed_modules(path: Path, root: Node) -> Iterator[str]:
    """Yield modules whose file is missing, that are given too little or too much, or asked for what they do not say."""
    modules: dict[str, frozenset[str]] = {}
    for module in (node for node in walk(root) if node.type == "module_declaration"):
        name, place = module.named_children[0], module.named_children[1]
        file = path.parent / text_of(place).strip("'")
        if not file.exists():
            yield _at(path, place, "is no file")
            continue
        needed, optional, outputs = _interface(file)
        modules[text_of(name)] = outputs
        given = {text_of(key) for key in _keys(_property(module, "params"))}
        for missing in sorted(needed - given):
            yield _at(path, name, f"is not given {missing}")
        for extra in sorted(given - needed - optional):
            yield _at(path, name, f"is given {extra}, which it does not take")
    for node in walk(root):
        module_name, asked = _asked_output(node)
        if module_name in modules and asked not in modules[module_name]:
            yield _at(path, node, f"asks module {module_name} for an output that it does not have")


def _interface(file: Path) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Return a module's parameters without a default, those with one, and its outputs."""
    root = Parser(Language(tree_sitter_bicep.language())).parse(file.read_bytes()).root_node
    parameters = [node for node in root.named_children if node.type == "parameter_declaration"]
    needed = frozenset(text_of(node.named_children[0]) for node in parameters if b"=" not in node.text)
    every = frozenset(text_of(node.named_children[0]) for node in parameters)
    outputs = (node for node in root.named_children if node.type == "output_declaration")
    return needed, every - needed, frozenset(text_of(node.named_children[0]) for node in outputs)


def _asked_output(node: Node) -> tuple[str, str]:
    """Return module and output of an expression like `module.outputs.name`; two empty texts for any other node."""
    parts = text_of(node).split(".") if node.type == "member_expression" else []
    return (parts[0], parts[2]) if len(parts) == 3 and parts[1] == "outputs" else ("", "")  # noqa: PLR2004 - as shown


def _declared(root: Node) -> Iterator[Node]:
    for node in root.named_children:
        if node.type.endswith("_declaration") and node.type != "output_declaration":
            yield node.named_children[0]


def _used(root: Node) -> Iterator[Node]:
    """Yield the identifiers that stand for a value."""
    for node in walk(root):
        parent = node.parent
        if node.type != "identifier" or _in_decorator(node):
            continue
        declares = parent.type.endswith("_declaration") and parent.named_children[0] == node
        is_key = parent.type == "object_property" and parent.named_children[0] == node
        calls = parent.type == "call_expression" and parent.child_by_field_name("function") == node
        if not (declares or is_key or calls):
            yield node


def _is_loop_variable(node: Node) -> bool:
    parent = node.parent
    return parent is not None and parent.type == "for_statement" and parent.child_by_field_name("initializer") == node


def _in_decorator(node: Node) -> bool:
    while node is not None:
        if node.type == "decorators":
            return True
        node = node.parent
    return False


def _property(node: Node, name: str) -> Node | None:
    """Return the value of the first property of that name below a node."""
    for found in walk(node):
        if found.type == "object_property" and text_of(found.named_children[0]) == name:
            return found.named_children[1]
    return None


def _keys(node: Node | None) -> Iterator[Node]:
    for child in node.named_children if node is not None else ():
        if child.type == "object_property":
            yield child.named_children[0]


def _at(path: Path, node: Node, said: str) -> str:
    return f"{path}:{node.start_point[0] + 1}: `{text_of(node)[:60]}` {said}"


def main(folder: str, mistakes: str) -> int:
    """Check the files of one folder, and that each planted mistake of another is found.

    Returns:
        0, or 1 with the problems on stderr. The first line of a planted mistake is `// EXPECTED WORDS`.
    """
    files = sorted(Path(folder).rglob("*.bicep"))
    problems = [problem for file in files for problem in problems_in(file)]
    planted = sorted(Path(mistakes).glob("*.bicep"))
    for file in planted:
        expected = file.read_text().splitlines()[0].removeprefix("// ")
        if not any(expected in problem for problem in problems_in(file)):
            problems.append(f"{file}:1: the planted mistake was not found: {expected}")
    sys.stderr.write("".join(f"{problem}\n" for problem in problems))
    sys.stdout.write(f"{len(files)} Bicep files checked, {len(planted)} planted mistakes looked for\n")
    return 1 if problems or not files or not planted else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
