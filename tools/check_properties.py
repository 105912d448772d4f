"""Hold resources in Bicep files against Microsoft's own models: names of properties, what is required, and values.

The models (tools/azure_models.py) are of each library's newest API version, so a property that is newer than the
version in the file is not noticed.

What stands in the file is judged: both sides of a choice, variables, and the parts that `union` and `concat` lay
together. What does not is left alone: parameters, loop variables, other resources and modules, items by their place in
a list, and what other functions return.
"""

from __future__ import annotations

from importlib import import_module
from itertools import chain, product
from typing import TYPE_CHECKING, Any

from tools.azure_models import Model

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.azure_models import Shape

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
_LITERALS = {
    "array": "a list",
    "boolean": "bool",
    "for_statement": "a list",
    "number": "int",
    "object": "an object",
    "string": "str",
}
_OPERATORS = {"!": "bool", "-": "int", "+": "int", "*": "int", "/": "int", "%": "int"}
"""What an expression with an operator gives; each operator that is not named compares."""
_LEFT_ALONE = frozenset({"call_expression", "identifier", "member_expression", "null", "subscript_expression"})
_LAYING = frozenset({"concat", "union"})

Node = Any
"""A node of tree-sitter, as in tools/check_bicep.py."""


def misfit_properties(root: Node) -> Iterator[tuple[Node, str]]:
    """Yield each property that does not fit its resource's model, with a sentence that follows its text.

    No variable may rest on itself.
    """
    variables = {
        text_of(node.named_children[0]): node.named_children[-1]
        for node in root.named_children
        if node.type == "variable_declaration"
    }
    for node in walk(root):
        if node.type == "resource_declaration" and node.parent.type == "object_property":
            yield node.named_children[0], "is a nested resource, which is not checked: declare it by itself with parent"
    # A variable that is used twice would be told twice.
    yield from {
        (node.start_byte, said): (node, said)
        for resource in root.named_children
        if resource.type == "resource_declaration"
        for node, said in _resource(resource, variables)
    }.values()


def _resource(node: Node, variables: dict[str, Node]) -> Iterator[tuple[Node, str]]:
    if any(child.type == "existing" for child in node.children):
        return
    kind = text_of(node.named_children[1]).strip("'").partition("@")[0]
    if kind in _BY_HAND:
        return
    if kind not in _MODELS:
        yield node.named_children[1], "is a type for which tools/check_properties.py knows no model"
        return
    module, name = _MODELS[kind]
    model = Model(name, getattr(import_module(module), name))
    yield from _object([_body(node.named_children[-1])], model, variables, own=_BICEPS_OWN)


def _body(node: Node) -> Node:
    """Return what a loop makes each time, or a condition lets through."""
    return _body(node.named_children[-1]) if node.type in {"for_statement", "if_statement"} else node


def _object(
    parts: list[Node], model: Model, variables: dict[str, Node], own: frozenset[str] = frozenset()
) -> Iterator[tuple[Node, str]]:
    """Yield what does not fit in one object of one or more parts, but for keys that are the language's own."""
    shapes = model.shapes()
    pairs = [pair for part in parts for pair in _pairs(part)]
    for key, value in pairs:
        name = text_of(key).strip("'")
        if name in own:
            continue
        if name not in shapes:
            yield key, f"is no property of {model.name}"
        elif shapes[name].readonly:
            yield key, f"is told by Azure in {model.name} and cannot be set"
        else:
            more = _MORE_VALUES.get(f"{model.name}.{name}", frozenset())
            yield from _value(value, shapes[name], variables, more)
    if any(part.type != "object" for part in parts):
        # A part that is told elsewhere may hold what is required.
        return
    names = {text_of(key).strip("'") for key, _ in pairs}
    for name, shape in shapes.items():
        if shape.required and not shape.readonly and name not in names | own:
            yield _keeper(parts[0]), f"lacks {name}, which {model.name} requires"


def _keeper(node: Node) -> Node:
    """Return the name of the resource or property that an object is the value of."""
    while node.type not in {"resource_declaration", "object_property", "variable_declaration"}:
        node = node.parent
    return node.named_children[0]


def _value(
    node: Node, shape: Shape, variables: dict[str, Node], more: frozenset[str] = frozenset()
) -> Iterator[tuple[Node, str]]:
    """Yield what does not fit in one value, as far as it stands in the file."""
    for parts in _alternatives(node, variables):
        for part in parts:
            # A text beside others is a piece of one, and may be none of the values.
            yield from _literal(part, shape if len(parts) == 1 else shape._replace(values=frozenset()), more)
            for inner in _inner(part, shape):
                yield from _value(inner, shape._replace(holds=""), variables)
        if shape.inside is not None and shape.holds in {"", "an object"}:
            yield from _object(parts, shape.inside, variables)


def _literal(value: Node, shape: Shape, more: frozenset[str]) -> Iterator[tuple[Node, str]]:
    given = _given(value)
    wanted = "an object" if shape.holds == "a map" else shape.holds
    if given and wanted and given != wanted:
        yield value, f"is {given}, where {shape.holds} is wanted"
    elif value.type == "string" and shape.values and not _is_among(text_of(value), shape.values | more):
        yield value, f"is none of {', '.join(sorted(shape.values))}"
    elif not given and value.type not in _LEFT_ALONE:
        yield value, "is an expression that tools/check_properties.py cannot judge"


def _given(value: Node) -> str:
    """Return of what kind a value is; empty where the file does not say."""
    if value.type in {"binary_expression", "unary_expression"}:
        return _OPERATORS.get(next(child.type for child in value.children if not child.is_named), "bool")
    return _LITERALS.get(value.type, "")


def _is_among(text: str, values: frozenset[str]) -> bool:
    """Return whether a text is one of the values, as Azure compares them; what is made of parts may be."""
    return "${" in text or text.strip("'").lower() in values


def _inner(value: Node, shape: Shape) -> list[Node]:
    """Return the items of a list and the values of a map."""
    if shape.holds == "a list" and value.type == "for_statement":
        return [_body(value)]
    if shape.holds == "a list" and value.type == "array":
        return _children(value)
    if shape.holds == "a map":
        return [inner for _, inner in _pairs(value)]
    return []


def _alternatives(node: Node, variables: dict[str, Node]) -> Iterator[list[Node]]:
    """Yield what an expression can be, each as the parts laid together for it: one, but for union and concat."""
    choices = _choices(node, variables)
    if choices:
        yield from chain.from_iterable(_alternatives(choice, variables) for choice in choices)
    elif node.type == "call_expression" and text_of(node.named_children[0]) in _LAYING and node.named_children[1:]:
        arguments = [list(_alternatives(argument, variables)) for argument in _children(node.named_children[1])]
        yield from ([*chain.from_iterable(parts)] for parts in product(*arguments))
    else:
        yield [node]


def _choices(node: Node, variables: dict[str, Node]) -> list[Node]:
    """Return the expressions of which one stands for another; none for an expression that stands for itself."""
    if node.type == "ternary_expression":
        return _children(node)[1:]
    if node.type == "parenthesized_expression":
        return _children(node)
    if node.type == "binary_expression" and any(child.type == "??" for child in node.children):
        return _children(node)
    if node.type == "identifier" and text_of(node) in variables:
        return [variables[text_of(node)]]
    if node.type == "member_expression":
        owner, name = node.named_children
        parts = chain.from_iterable(_alternatives(owner, variables))
        return [value for part in parts for key, value in _pairs(part) if text_of(key).strip("'") == text_of(name)]
    return []


def _pairs(node: Node) -> Iterator[tuple[Node, Node]]:
    for child in node.named_children if node.type == "object" else ():
        if child.type == "object_property" and child.named_children[0].type != "resource_declaration":
            yield child.named_children[0], _children(child)[1]


def _children(node: Node) -> list[Node]:
    return [child for child in node.named_children if child.type != "comment"]


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and all below it."""
    yield node
    for child in node.children:
        yield from walk(child)


def text_of(node: Node) -> str:
    """Return a node's text."""
    return str(node.text.decode())
