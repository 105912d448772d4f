"""What becomes of a scan whose notifications fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from common.defects import UNFORESEEN
from common.errors import EvidenceError, StorageError
from connectorwatch.commands.scan import show_delivery
from connectorwatch.delivery.results import DeliveryResult, RouteFailure

if TYPE_CHECKING:
    from collections.abc import Callable


def failing(error: Exception) -> Callable[[], DeliveryResult]:
    """Return a delivery that fails."""

    def deliver() -> DeliveryResult:
        raise error

    return deliver


@pytest.mark.parametrize("kind", [*UNFORESEEN, OverflowError, UnicodeError, StorageError, EvidenceError])
def test_a_delivery_that_fails_leaves_the_scan_as_it_is(
    kind: type[Exception], capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever delivery raises is told in a line, and the command ends with the exit code of its scan."""
    show_delivery(failing(kind("a name from the tenant")))

    told = capsys.readouterr().err
    assert told.startswith("connectorwatch: scan stored, but notifications failed: ")
    assert ("a name from the tenant" in told) == (kind in (StorageError, EvidenceError))


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
def test_an_interruption_is_no_failure(kind: type[BaseException]) -> None:
    """Ctrl-C still ends the command."""

    def deliver() -> DeliveryResult:
        raise kind

    with pytest.raises(kind):
        show_delivery(deliver)


def test_routes_that_do_not_work_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    """Each with its reason; the others are not spoken of."""
    show_delivery(lambda: DeliveryResult(routes={"a": RouteFailure("refused", "no such flow"), "b": None}))

    assert capsys.readouterr().err == "connectorwatch: the route a does not work: no such flow\n"
