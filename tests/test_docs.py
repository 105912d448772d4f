"""The documents that are made from the code are as fresh as the code."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.generate_docs import generated

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("name", sorted(generated()))
def test_generated_documents_are_fresh(name: str) -> None:
    """A generated document says what the code says; `make docs` writes it anew."""
    assert generated()[name] == (ROOT / name).read_text(encoding="utf-8")


def test_every_python_dependency_is_defended() -> None:
    """Each library that is asked for by name has its line in docs/architecture.md."""
    asked = [line.strip() for line in (ROOT / "requirements.in").read_text(encoding="utf-8").splitlines()]
    wanted = {name for name in asked if name and not name.startswith(("#", "-"))}
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")

    assert {name for name in wanted if f"`{name}`" not in text} == set()
