"""Read the Bicep files, as far as the tests need it: parts are found by their form, which `make infra` checks."""

from __future__ import annotations

import json
import re

from tests.paths import ROOT

INFRA = ROOT / "infra"
FILES = tuple(sorted(INFRA.rglob("*.bicep")))


def text_of(name: str) -> str:
    """Return a file below infra/."""
    return (INFRA / name).read_text(encoding="utf-8")


def everything() -> str:
    """Return all Bicep files, one after the other."""
    return "\n".join(file.read_text(encoding="utf-8") for file in FILES)


def app_settings() -> dict[str, str]:
    """Return the app settings and the expressions that make their values."""
    block = text_of("modules/app.bicep").partition("var settings = {\n")[2].partition("\n}\n")[0]
    return dict(re.findall(r"^ {2}(\w+): (.+)$", block, re.MULTILINE))


def parameters() -> dict[str, str | None]:
    """Return the parameters of main.bicep and their defaults as written; None where there is none."""
    found = re.findall(r"^param (\w+) \w+(?: = (.+))?$", text_of("main.bicep"), re.MULTILINE)
    return {name: default or None for name, default in found}


def named(resource_type: str) -> frozenset[str]:
    """Return the names of all resources of a type in storage.bicep."""
    pattern = rf"resource \w+ '{re.escape(resource_type)}@[^']+' = \{{\n(?:.*\n)*?  name: '([^']+)'"
    return frozenset(re.findall(pattern, text_of("modules/storage.bicep")))


def role_constants() -> list[tuple[str, str]]:
    """Return each role definition's id with the comment on the line before it, which is to be its name."""
    return re.findall(r"^// (.+)\nvar \w+ = '([0-9a-f-]{36})'$", everything(), re.MULTILINE)


def queries() -> list[str]:
    """Return the queries of the alerts."""
    return re.findall(r"^ +query: '(.+)'$", text_of("modules/alerts.bicep"), re.MULTILINE)


def environment_names() -> dict[str, tuple[str, str]]:
    """Return, by parameter, the azd variable that sets it and the default that main.parameters.json gives it."""
    document = json.loads(text_of("main.parameters.json"))
    found = {}
    for name, held in document["parameters"].items():
        match = re.fullmatch(r"\$\{(\w+)(?:=(.*))?\}", held["value"])
        assert match is not None, f"{name} is not set by one variable"
        found[name] = (match[1], match[2] or "")
    return found


def made_names() -> dict[str, str]:
    """Return the names that end in the suffix, by the resource type or module that has them."""
    pattern = r"^(?:resource|module) \w+ '([^'@]+)(?:@[^']+)?' = (?:.*\n)+?(?:  |    )name: '([^']*\$\{suffix\})'"
    blocks = re.split(r"(?=^(?:resource|module) )", everything(), flags=re.MULTILINE)
    found = (re.match(pattern, block, re.MULTILINE) for block in blocks)
    return {match[1]: match[2] for match in found if match is not None}
