"""What is left of expressions in a predicted deployment: the values that only Azure knows, and those of a cloud.

The compiler evaluates everything else. The language is close enough to Python's that its parser reads what is needed.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PUBLIC, GOVERNMENT, CHINA = "AzureCloud", "AzureUSGovernment", "AzureChinaCloud"
CLOUDS: Mapping[str, Mapping[str, Any]] = {
    PUBLIC: {
        "name": PUBLIC,
        "suffixes": {"storage": "core.windows.net", "keyvaultDns": ".vault.azure.net"},
        "authentication": {"loginEndpoint": "https://login.microsoftonline.com/"},
    },
    GOVERNMENT: {
        "name": GOVERNMENT,
        "suffixes": {"storage": "core.usgovcloudapi.net", "keyvaultDns": ".vault.usgovcloudapi.net"},
        "authentication": {"loginEndpoint": "https://login.microsoftonline.us/"},
    },
    CHINA: {
        "name": CHINA,
        "suffixes": {"storage": "core.chinacloudapi.cn", "keyvaultDns": ".vault.azure.cn"},
        "authentication": {"loginEndpoint": "https://login.chinacloudapi.cn/"},
    },
}
"""What `environment()` answers in each cloud (Azure CLI's list of clouds, 2026-11)."""


class Reference:
    """A resource's properties, which Azure knows only after it made the resource."""

    def __init__(self, identity: str) -> None:
        """Name the resource by its identity."""
        self.identity = identity

    def __getitem__(self, name: str) -> str | Reference:
        """Return a value of the right form: an id, an address, or something that has properties again."""
        resource = self.identity.rpartition("/")[2]
        known = {"vaultUri": f"https://{resource}.example/", "defaultHostName": f"{resource}.example"}
        nested = name in ("endpoints", "outputs") or resource == "outputs"
        return Reference(f"{self.identity}/{name}") if nested else known.get(name, f"{resource}:{name}")


def evaluated(text: str, cloud: str = PUBLIC) -> str:
    """Return what a value is in a cloud; what is no expression stays as it is."""
    if not text.startswith("["):
        return text
    return str(_evaluate(ast.parse(text[1:-1], mode="eval").body, CLOUDS[cloud]))


def _evaluate(node: ast.expr, cloud: Mapping[str, Any]) -> Any:  # noqa: ANN401 - whatever it stands for
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Attribute(value=held, attr=name):
            return _evaluate(held, cloud)[name]
        case ast.Subscript(value=held, slice=name):
            return _evaluate(held, cloud)[_evaluate(name, cloud)]
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return _FUNCTIONS[name](cloud, *(_evaluate(argument, cloud) for argument in arguments))
        case _:
            raise ValueError(f"An expression that is not understood: {ast.unparse(node)}")


_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "environment": lambda cloud: cloud,
    "reference": lambda _, identity, __: Reference(identity),
    "format": lambda _, form, *values: form.format(*values),
    "null": lambda _: None,
    "replace": lambda _, text, old, new: text.replace(old, new),
    "coalesce": lambda _, *values: next(value for value in values if value is not None),
    "createObject": lambda _, *pairs: dict(zip(pairs[::2], pairs[1::2], strict=True)),
}
