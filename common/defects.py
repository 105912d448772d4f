"""What a defect of ours may raise, for the few places where it must not stop what comes after it."""

from __future__ import annotations

from pathlib import Path
from traceback import extract_tb

from common.extras import OWN

DEFECTS: tuple[type[Exception], ...] = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    MemoryError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""The built-in errors that stand for a mistake in the code. Errors of connectorwatch and of the system are not here."""

UNFORESEEN: tuple[type[Exception], ...] = (OSError, *DEFECTS)
"""The same, and what the system may refuse."""

_ROOT = Path(__file__).parent.parent
_OURS = {*OWN, "function_app.py", "function_routes.py"}


def place_of(error: BaseException) -> str:
    """Return the kind of an error and the line of ours that raised it; never its text, which may hold tenant data."""
    ours = [(name, frame.lineno) for frame in extract_tb(error.__traceback__) if (name := _own_name(frame.filename))]
    at = f" at {ours[-1][0]}:{ours[-1][1]}" if ours else ""
    return f"{type(error).__name__}{at}"


def _own_name(filename: str) -> str | None:
    """Return a file of ours as it is named in the project; None for others, which may lie beside an installed copy."""
    path = Path(filename)
    name = path.relative_to(_ROOT) if path.is_relative_to(_ROOT) else None
    return name.as_posix() if name is not None and name.parts[0] in _OURS else None
