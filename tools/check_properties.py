"""Hold resources in Bicep files against Microsoft's own models: names of properties, what is required, and values.

The models are those of the management libraries, which are made from the same descriptions as Bicep's types. They are
of each library's newest API version, so a property that is newer than the version in the file is not noticed.
"""

from __future__ import annotations

import re
from datetime import timedelta
from enum import Enum
from importlib import import_module
from inspect import signature
from typing import TYPE_CHECKING, Any, NamedTuple, Union, get_args, get_origin

if TYPE_CHECKING:
    from collections.abc import Iterator

STORAGE, WEB, MONITOR = "azure.mgmt.storage.models", "azure.mgmt.web.models", "azure.mgmt.monitor.models"
LOGS, ZONES = "azure.mgmt.loganalytics.models", "azure.mgmt.privatedns.models"
INSIGHTS = "azure.mgmt.applicationinsights"
_MODELS = {
    "Microsoft.Insights/actionGroups": (MONITOR, "ActionGroupResource"),
    "Microsoft.Insights/components": (f"{INSIGHTS}.v2020_02_02.models", "ApplicationInsightsComponent"),
    "Microsoft.Insights/dataCollectionRules": (MONITOR, "DataCollectionRuleResource"),
    "Microsoft.Insights/scheduledQueryRules": (MONITOR, "ScheduledQueryRuleResource"),
    "Microsoft.Insights/workbooks": (f"{INSIGHTS}.v2023_06_01.models", "Workbook"),
    "Microsoft.KeyVault/vaults": ("azure.mgmt.keyvault.models", "VaultCreateOrUpdateParameters"),
    "Microsoft.ManagedIdentity/userAssignedIdentities": ("azure.mgmt.msi.v2024_11_30.models", "Identity"),
    "Microsoft.Network/privateDnsZones": (ZONES, "PrivateZone"),
    "Microsoft.Network/privateDnsZones/virtualNetworkLinks": (ZONES, "VirtualNetworkLink"),
    "Microsoft.OperationalInsights/workspaces": (LOGS, "Workspace"),
    "Microsoft.OperationalInsights/workspaces/tables": (LOGS, "Table"),
    "Microsoft.Resources/resourceGroups": ("azure.mgmt.resource.resources.models", "ResourceGroup"),
    "Microsoft.Storage/storageAccounts": (STORAGE, "StorageAccountCreateParameters"),
    "Microsoft.Storage/storageAccounts/blobServices": (STORAGE, "BlobServiceProperties"),
    "Microsoft.Storage/storageAccounts/blobServices/containers": (STORAGE, "BlobContainer"),
    "Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies": (STORAGE, "ImmutabilityPolicy"),
    "Microsoft.Storage/storageAccounts/managementPolicies": (STORAGE, "ManagementPolicy"),
    "Microsoft.Storage/storageAccounts/queueServices": (STORAGE, "QueueServiceProperties"),
    "Microsoft.Storage/storageAccounts/queueServices/queues": (STORAGE, "StorageQueue"),
    "Microsoft.Storage/storageAccounts/tableServices": (STORAGE, "TableServiceProperties"),
    "Microsoft.Storage/storageAccounts/tableServices/tables": (STORAGE, "Table"),
    "Microsoft.Web/serverfarms": (WEB, "AppServicePlan"),
    "Microsoft.Web/sites": (WEB, "Site"),
    "Microsoft.Web/sites/basicPublishingCredentialsPolicies": (WEB, "CsmPublishingCredentialsPoliciesEntity"),
    "Microsoft.Web/sites/config": (WEB, "SiteAuthSettingsV2"),
}
_BY_HAND = frozenset(
    {
        "Microsoft.Authorization/roleAssignments",
        "Microsoft.Insights/diagnosticSettings",
        "Microsoft.Network/networkSecurityGroups",
        "Microsoft.Network/privateEndpoints",
        "Microsoft.Network/privateEndpoints/privateDnsZoneGroups",
        "Microsoft.Network/virtualNetworks",
    }
)
"""Types whose libraries are too large for what is asked of them, or say nothing of them (docs/deploy.md)."""
_MORE_VALUES = {"DataCollectionRuleResource.kind": frozenset({"direct"})}
"""What Azure takes and the model leaves out (Microsoft Learn, "Structure of a data collection rule", 2026-11)."""
_BICEPS_OWN = frozenset({"name", "parent", "scope", "dependsOn"})
_LITERALS = {"boolean": "bool", "number": "int", "string": "str", "object": "an object", "array": "a list"}

Node = Any
"""A node of tree-sitter, as in tools/check_bicep.py."""


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


def misfit_properties(root: Node) -> Iterator[tuple[Node, str]]:
    """Yield each property that does not fit its resource's model, with a sentence that follows its text."""
    variables = {
        _text(node.named_children[0]): node.named_children[-1]
        for node in root.named_children
        if node.type == "variable_declaration"
    }
    for node in root.named_children:
        if node.type != "resource_declaration" or any(child.type == "existing" for child in node.children):
            continue
        kind = _text(node.named_children[1]).strip("'").partition("@")[0]
        if kind in _BY_HAND:
            continue
        if kind not in _MODELS:
            yield node.named_children[1], "is a type for which tools/check_properties.py knows no model"
            continue
        module, name = _MODELS[kind]
        model = Model(name, getattr(import_module(module), name))
        for body in _alternatives(node.named_children[-1], variables):
            yield from _object(body, model, variables, own=_BICEPS_OWN)


def _object(
    node: Node, model: Model, variables: dict[str, Node], own: frozenset[str] = frozenset()
) -> Iterator[tuple[Node, str]]:
    """Yield what does not fit in one object, but for keys that are the language's own."""
    shapes = model.shapes()
    keys = {_text(key).strip("'"): (key, value) for key, value in _pairs(node)}
    for name, (key, value) in keys.items():
        if name in own:
            continue
        if name not in shapes:
            yield key, f"is no property of {model.name}"
        elif shapes[name].readonly:
            yield key, f"is told by Azure in {model.name} and cannot be set"
        else:
            more = _MORE_VALUES.get(f"{model.name}.{name}", frozenset())
            yield from _value(value, shapes[name], variables, more)
    for name, shape in shapes.items():
        if shape.required and not shape.readonly and name not in keys.keys() | own:
            yield _keeper(node), f"lacks {name}, which {model.name} requires"


def _keeper(node: Node) -> Node:
    """Return the name of the resource or property that an object is the value of."""
    while node.type not in {"resource_declaration", "object_property", "variable_declaration"}:
        node = node.parent
    return node.named_children[0]


def _value(
    node: Node, shape: Shape, variables: dict[str, Node], more: frozenset[str] = frozenset()
) -> Iterator[tuple[Node, str]]:
    """Yield what does not fit in one value, as far as it stands in the file: parameters and calls are left alone."""
    for value in _alternatives(node, variables):
        given = _LITERALS.get(value.type, "")
        wanted = "an object" if shape.holds == "a map" else shape.holds
        if given and wanted and given != wanted:
            yield value, f"is {given}, where {shape.holds} is wanted"
        elif value.type == "string" and shape.values and not _is_among(_text(value), shape.values | more):
            yield value, f"is none of {', '.join(sorted(shape.values))}"
        for inner in _inner(value, shape):
            yield from _value(inner, shape._replace(holds=""), variables)
        if value.type == "object" and shape.inside is not None and shape.holds != "a map":
            yield from _object(value, shape.inside, variables)


def _is_among(text: str, values: frozenset[str]) -> bool:
    """Return whether a text is one of the values, as Azure compares them; what is made of parts may be."""
    return "${" in text or text.strip("'").lower() in values


def _inner(value: Node, shape: Shape) -> list[Node]:
    """Return the items of a list and the values of a map."""
    if shape.holds == "a list" and value.type == "array":
        return list(value.named_children)
    if shape.holds == "a map":
        return [inner for _, inner in _pairs(value)]
    return []


def _alternatives(node: Node, variables: dict[str, Node]) -> Iterator[Node]:
    """Yield what an expression can be: both sides of a choice, the body of a loop or condition, a variable's value."""
    if node.type == "ternary_expression":
        for side in node.named_children[1:]:
            yield from _alternatives(side, variables)
    elif node.type in {"for_statement", "if_statement"}:
        yield from _alternatives(node.named_children[-1], variables)
    elif node.type == "identifier" and _text(node) in variables:
        yield from _alternatives(variables[_text(node)], variables)
    else:
        yield node


def _pairs(node: Node) -> Iterator[tuple[Node, Node]]:
    for child in node.named_children if node.type == "object" else ():
        if child.type == "object_property":
            yield child.named_children[0], child.named_children[1]


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


def _text(node: Node) -> str:
    return str(node.text.decode())
