"""Where things stand that the tests of what deploys read."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.paths import ROOT
from tools.predicted import only

INFRA = ROOT / "infra"
ACCOUNT = "Microsoft.Storage/storageAccounts"
SITE, VAULT = "Microsoft.Web/sites", "Microsoft.KeyVault/vaults"
FILES = tuple(sorted(INFRA.rglob("*.bicep")))


def environment_names() -> dict[str, tuple[str, str]]:
    """Return, by parameter, the azd variable that sets it and the default that main.parameters.json gives it."""
    document = json.loads((INFRA / "main.parameters.json").read_text(encoding="utf-8"))
    found = {}
    for name, held in document["parameters"].items():
        match = re.fullmatch(r"\$\{(\w+)(?:=(.*))?\}", held["value"])
        assert match is not None, f"{name} is not set by one variable"
        found[name] = (match[1], match[2] or "")
    return found


def linter_rules() -> dict[str, dict[str, Any]]:
    """Return the rules of infra/bicepconfig.json, with the comment lines that stand directly before each."""
    text = (INFRA / "bicepconfig.json").read_text(encoding="utf-8")
    found = re.findall(r'((?:^ *//.*\n)*)^ *"([a-z-]+)": (\{.*"level".*\}),?$', text, re.MULTILINE)
    return {name: {"reason": reason, **json.loads(rule)} for reason, name, rule in found}


def without_suffix(shape: str, text: str) -> str:
    """Return a text without the 13 characters that `uniqueString` made for a shape's names."""
    return text.replace(only(shape, SITE).name.rpartition("-")[2], "")


def within(held: Any, path: str) -> Any:  # noqa: ANN401 - whatever stands there
    """Return what stands at a path of names."""
    for name in path.split("."):
        held = held[name]
    return held
