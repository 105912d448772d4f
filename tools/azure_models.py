"""Microsoft's own models of resources: names of properties, what is required, and values, by names in JSON.

The models are those of the management libraries, which are made from the same descriptions as Bicep's types.
"""

from __future__ import annotations

import re
from datetime import timedelta
from enum import Enum
from importlib import import_module
from inspect import signature
from typing import Any, NamedTuple, Union, get_args, get_origin


class Shape(NamedTuple):
    """What is known of one property."""

    holds: str = ""
    """`bool`, `int`, `str`, `a list`, `a map`, `an object`; empty where the model does not say."""
    inside: Model | None = None
    """What an object holds, or each item of a list, or each value of a map."""
    values: frozenset[str] = frozenset()
    required: bool = False
    readonly: bool = False


class Model(NamedTuple):
    """A name for sentences, and a class that says more, or the properties where the library flattened them away."""

    name: str
    said: type | dict[str, Shape]

    def shapes(self) -> dict[str, Shape]:
        """Return the properties by their names in JSON, for both forms that Microsoft's generators make.

        Raises:
            ValueError: Where the class tells none, so that a new form of library does not pass for a fit.
        """
        if isinstance(self.said, dict):
            return self.said
        found = _mapped(self.said) if hasattr(self.said, "_attribute_map") else _annotated(self.said)
        if not found:
            raise ValueError(f"{self.name} tells no properties: its library has a form that {__name__} cannot read.")
        return found


def _annotated(model: type) -> dict[str, Shape]:
    """Read a model of annotated fields, each with its name in JSON."""
    found = {}
    for owner in reversed(model.__mro__):
        for attribute, annotation in vars(owner).get("__annotations__", {}).items():
            field: Any = vars(owner).get(attribute)
            if hasattr(field, "_rest_name_input"):
                shape = _shape(annotation, owner.__module__)
                found[field._rest_name_input or attribute] = shape._replace(  # noqa: SLF001 - said nowhere else
                    required=type(None) not in get_args(annotation),
                    readonly=field._visibility == ["read"],  # noqa: SLF001 - as above
                )
    return found


def _mapped(model: Any) -> dict[str, Shape]:  # noqa: ANN401 - a class with attributes of its generator
    """Read a model with a map of attributes to names in JSON; a dot in a name is an object that was flattened away."""
    rules, asked = model._validation, signature(model.__init__).parameters  # noqa: SLF001 - said nowhere else
    objects: dict[tuple[str, ...], dict[str, Shape]] = {(): {}}
    for attribute, told in model._attribute_map.items():  # noqa: SLF001 - as above
        *outer, name = re.split(r"(?<!\\)\.", told["key"])
        rule = rules.get(attribute, {})
        readonly = bool(rule.get("readonly")) or attribute not in asked
        shape = Shape() if readonly else _shape(asked[attribute].annotation, model.__module__)
        within = _place(objects, tuple(outer), model.__name__)
        within[name] = shape._replace(required=bool(rule.get("required")), readonly=readonly)
    return objects[()]


def _place(objects: dict[tuple[str, ...], dict[str, Shape]], names: tuple[str, ...], owner: str) -> dict[str, Shape]:
    """Return the properties of an object that was flattened away, by its names from the outermost in."""
    if names not in objects:
        objects[names] = {}
        model = Model(f"{owner}.{'.'.join(names)}", objects[names])
        _place(objects, names[:-1], owner)[names[-1]] = Shape("an object", model)
    return objects[names]


def _shape(annotation: Any, module: str) -> Shape:  # noqa: ANN401 - any annotation
    """Return what an annotation says: a plain type, a reference to a model or an enumeration, a list or map of them."""
    origin, parts = get_origin(annotation), [part for part in get_args(annotation) if part is not type(None)]
    if origin is Union:
        # An enumeration stands beside the plain type; it says more.
        return _shape(parts[-1], module)
    if origin in {list, dict}:
        return _shape(parts[-1], module)._replace(holds="a list" if origin is list else "a map")
    name = str(getattr(annotation, "__forward_arg__", annotation)).removeprefix("_models.")
    named = getattr(import_module(module.rpartition(".")[0]), name, None)
    if isinstance(named, type) and issubclass(named, Enum):
        values = frozenset(str(member.value).lower() for member in named)
        return Shape(holds="str" if issubclass(named, str) else "int", values=values)
    if isinstance(named, type):
        return Shape("an object", Model(name, named))
    return Shape({bool: "bool", int: "int", float: "int", str: "str", timedelta: "str"}.get(annotation, ""))
