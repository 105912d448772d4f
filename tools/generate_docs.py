"""Write the documents that are made from the code: settings, schemas of stored documents, questions and answers.

`make docs` writes them; a test compares them with what stands in docs/.
"""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args, get_origin

from pydantic import SecretStr

from connectorwatch.channels.webhook_body import WebhookBody
from connectorwatch.diagnosis.show import DiagnosisDocument
from connectorwatch.doctor.document import DoctorDocument
from connectorwatch.knowledge.allowlist import Allowlist
from connectorwatch.knowledge.faq import faq_page
from connectorwatch.knowledge.listing import KnownDocument
from connectorwatch.recording.document import Recording
from connectorwatch.settings import PREFIX, Settings
from connectorwatch.usecases.rules_in_force import RulesDocument
from findings.document import FindingsDocument, RegistrarsDocument
from findings.inventory.document import InventoryDocument
from findings.state.document import State
from policies.evidence import Evidence
from policies.policy_file.model import PolicyFile
from tools import costs, function_names
from tools.assumptions_page import assumptions_page
from tools.compile_templates import write_all
from tools.deploy_page import deploy_page
from tools.files_page import files_page
from tools.permissions_page import permissions_page
from tools.policy_page import policy_page
from tools.rules_page import rules_page

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import BaseModel

ROOT = Path(__file__).parent.parent
DOCUMENTS: dict[str, type[BaseModel]] = {
    "findings": FindingsDocument,
    "registrars": RegistrarsDocument,
    "inventory": InventoryDocument,
    "state": State,
    "evidence": Evidence,
    "policy": PolicyFile,
    "webhook": WebhookBody,
    "diagnosis": DiagnosisDocument,
    "allowlist": Allowlist,
    "knowledge": KnownDocument,
    "doctor": DoctorDocument,
    "recording": Recording,
    "rules": RulesDocument,
}


def _schema(model: type[BaseModel]) -> str:
    return json.dumps(model.model_json_schema(), indent=2, sort_keys=True) + "\n"


def _settings() -> str:
    rows = [
        f"| `{PREFIX}{name.upper()}` | {field.description}{_choices(field.annotation)} | {_default(field.default)} |"
        for name, field in sorted(Settings.model_fields.items())
    ]
    head = [
        "# Settings",
        "",
        "Environment variables; app settings in the cloud. An unknown one, or a bad value, is an error.",
        "This page is made from `connectorwatch/settings.py` by `make docs`.",
        "",
        "| name | meaning | default |",
        "|---|---|---|",
    ]
    return "\n".join([*head, *rows]) + "\n"


def _choices(annotation: object) -> str:
    if get_origin(annotation) is not Literal:
        return ""
    return f" One of {', '.join(f'`{choice}`' for choice in get_args(annotation))}."


def _default(value: object) -> str:
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    return "none" if value is None else f"`{value}`"


def _page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


GENERATED: Mapping[str, Callable[[], str]] = {
    **{f"docs/schemas/{name}.schema.json": partial(_schema, model) for name, model in DOCUMENTS.items()},
    "docs/settings.md": _settings,
    "docs/rules.md": rules_page,
    "docs/policy.md": lambda: policy_page(_page("docs/policy.md")),
    "docs/faq.md": faq_page,
    "docs/permissions.md": permissions_page,
    "docs/assumptions.md": assumptions_page,
    "docs/deploy.md": lambda: deploy_page(_page("docs/deploy.md")),
    "docs/architecture.md": lambda: files_page(_page("docs/architecture.md")),
    costs.NAME: costs.costs,
    function_names.NAME: lambda: json.dumps(function_names.function_names(), indent=2) + "\n",
}
"""What writes each generated file, by its path below the repository's root."""


def main() -> int:
    """Write all generated files; say which ones changed."""
    for name, write in GENERATED.items():
        path, text = ROOT / name, write()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            sys.stdout.write(f"wrote {name}\n")
    sys.stdout.writelines(f"wrote {name}\n" for name in write_all())
    return 0


if __name__ == "__main__":
    sys.exit(main())
