"""What a defect of ours may raise, for the few places where it must not stop what comes after it."""

from __future__ import annotations

from pathlib import Path
from traceback import extract_tb

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


def place_of(error: BaseException) -> str:
    """Return the kind of an error and the line of ours that raised it; never its text, which may hold tenant data."""
    frames = [frame for frame in extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(_ROOT)]
    ours = [frame for frame in frames if "site-packages" not in frame.filename]
    at = f" at {Path(ours[-1].filename).relative_to(_ROOT).as_posix()}:{ours[-1].lineno}" if ours else ""
    return f"{type(error).__name__}{at}"
