"""What the tests of this folder tried, printed in the end."""

from __future__ import annotations

import time
from collections import Counter

import pytest

_TRIED = pytest.StashKey[Counter[str]]()


@pytest.fixture(scope="session", name="total")
def _total(request: pytest.FixtureRequest) -> Counter[str]:
    """Return what all series of scans count into."""
    return request.config.stash.setdefault(_TRIED, Counter())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print it, also where output is captured."""
    if tried := config.stash.get(_TRIED, None):
        counts = ", ".join(f"{count:,} {what}" for what, count in sorted(tried.items()))
        seconds = time.process_time()
        terminalreporter.write_line(f"the whole way: {counts}; {seconds:.0f} s of processor time for all tests")
