"""What Microsoft's compiler says of infra/: nothing, and the deployments that are kept here. Run by `make infra`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from connectorwatch.settings import PREFIX
from policies.policy_file.model import Policy
from tests.infra import compiler, reading
from tests.paths import ROOT
from tools.predicted import NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.infra, compiler.needs_bicep]
SECRET_LOOKING = re.compile(
    r"secret|password|passphrase|\bkey|key$|token|sas|webhookurl|connectionstring", re.IGNORECASE
)
NO_SECRETS = {"connectionString", "secretNames", "secretSettings"}
"""An address, which opens nothing since local authentication is off, and names of secrets."""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The compiled template of infra/main.bicep."""
    return compiler.template(compiler.copied(tmp_path_factory.mktemp("compiled")))


def templates(held: object) -> Iterator[dict[str, Any]]:
    """Yield a template and those of its modules, however deep."""
    if isinstance(held, dict):
        if "$schema" in held and "resources" in held:
            yield held
        for part in held.values():
            yield from templates(part)
    elif isinstance(held, list):
        for part in held:
            yield from templates(part)


def test_the_linter_prints_nothing() -> None:
    """No error, no warning and no hint, by the rules of infra/bicepconfig.json."""
    assert compiler.lint(ROOT) == ""


@pytest.mark.parametrize("shape", NAMES)
def test_the_kept_prediction_is_what_the_files_deploy(shape: str) -> None:
    """A change of infra/ shows as a change of tests/infra/shapes/; `make snapshots` writes it."""
    assert compiler.validate(ROOT, shape) == ""


def test_every_parameter_is_set_by_one_variable_that_the_docs_explain(template: dict[str, Any]) -> None:
    """main.parameters.json and the template agree on names and defaults, and docs/deploy.md names every variable."""
    variables = reading.environment_names()
    parameters = template["parameters"]
    page = (ROOT / "docs/deploy.md").read_text(encoding="utf-8")
    defaults = {name: str(held.get("defaultValue", "")) for name, held in parameters.items()}

    assert variables.keys() == parameters.keys()
    assert [name for name, _ in variables.values() if f"`{name}`" not in page] == []
    assert {
        name: default for name, (_, default) in variables.items() if default.lower() != defaults[name].lower()
    } == {}
    assert defaults["retentionDays"] == str(Policy().retention_days)


def test_every_parameter_is_described_and_bounded(template: dict[str, Any]) -> None:
    """Who deploys reads what each is for, and a number that cannot be meant is refused at once."""
    parameters = template["parameters"]

    assert [name for name, held in parameters.items() if len(held["metadata"]["description"]) < 20] == []
    assert [
        name
        for name, held in parameters.items()
        if held["type"] == "int" and not {"minValue", "maxValue"} <= held.keys() and name != "logDailyGb"
    ] == []


def test_no_azd_variable_is_taken_for_a_setting(template: dict[str, Any]) -> None:
    """The values of azd can be loaded into a shell in which connectorwatch then refuses no unknown setting."""
    names = [*template["outputs"], *(name for name, _ in reading.environment_names().values())]

    assert [name for name in names if name.startswith(PREFIX)] == []


def test_no_secret_is_asked_for_read_or_given_back(template: dict[str, Any]) -> None:
    """Who deploys never holds one: no secure parameter, no listing of keys, no name that looks like a secret."""
    every = list(templates(template))
    names = {name for held in every for part in ("parameters", "outputs") for name in held.get(part, {})} - NO_SECRETS
    types = {value["type"].lower() for held in every for value in held.get("parameters", {}).values()}

    assert len(every) >= 12
    assert [name for name in sorted(names) if SECRET_LOOKING.search(name)] == []
    assert types <= {"string", "int", "bool", "object", "array"}
    assert not re.search(r"\blist(Keys|AccountSas|ServiceSas|Secrets?)\(|getSecret\(", str(template), re.IGNORECASE)


@pytest.mark.parametrize(("kept", "immutable", "refused"), [(400, 401, True), (400, 400, False)])
def test_immutability_beyond_retention_is_refused_in_words(
    tmp_path: Path, kept: int, immutable: int, *, refused: bool
) -> None:
    """The sentence names both settings and both numbers; the deployment stops before it changes anything."""
    root = compiler.copied(tmp_path)
    chosen = root / compiler.SHAPES / "chosen.bicepparam"
    text = (root / compiler.SHAPES / "smallest.bicepparam").read_text(encoding="utf-8")
    chosen.write_text(f"{text}param retentionDays = {kept}\nparam immutabilityDays = {immutable}\n", encoding="utf-8")

    code, printed = compiler.predict(root, "chosen")

    assert (code != 0) == refused
    assert (f"IMMUTABILITY_DAYS ({immutable}) is longer than RETENTION_DAYS ({kept})." in printed) == refused
