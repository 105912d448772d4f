"""Libraries that only a part of the installation has: pyproject.toml names them as extras of the package."""

from __future__ import annotations

from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final, Literal

from common.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Extra = Literal["azure", "demo", "otel"]

OWN: Final = ("common", "inventory", "policies", "findings", "connectorwatch", "simulator")
"""The packages of connectorwatch itself, as they are imported."""
LIBRARIES: Mapping[Extra, tuple[str, ...]] = {
    "azure": ("azure.storage.blob", "azure.storage.queue", "azure.data.tables", "azure.monitor.ingestion"),
    "demo": ("aiohttp", "odata_query"),
    "otel": ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http"),
}
"""What the product imports of each extra."""


@contextmanager
def extra(name: Extra, purpose: str) -> Iterator[None]:
    """Import libraries of an extra inside; where one is missing, the error names the extra.

    Args:
        name: The extra.
        purpose: What needs it, as the beginning of a sentence, such as "A storage account".

    Raises:
        MissingExtraError: A library is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] in OWN:
            raise
        raise MissingExtraError(
            f"{purpose} needs the extra {name}, which is not installed ({error.name} is missing): install "
            f'"connectorwatch[{name}]" in place of "connectorwatch", by the tool that installed it '
            "(uv tool, pipx or pip)."
        ) from None


def missing_extras(libraries_of: Mapping[Extra, tuple[str, ...]] = LIBRARIES) -> tuple[Extra, ...]:
    """Return the extras of which a library is not installed."""
    return tuple(name for name, libraries in libraries_of.items() if not all(map(_is_installed, libraries)))


def _is_installed(library: str) -> bool:
    try:
        return find_spec(library) is not None
    except ModuleNotFoundError:  # a package above it is missing
        return False
