"""Headers that every answer carries."""

from __future__ import annotations

import pytest

from connectorwatch.web.messages import HttpResponse, RefusedError, as_json, problem


@pytest.mark.parametrize(
    "answer",
    [as_json({}), as_json({}, 503), HttpResponse(200, b"<p>", "text/html"), problem(RefusedError(403, "no"))],
    ids=["data", "unwell", "page", "refusal"],
)
def test_a_browser_comes_back_by_https_alone(answer: HttpResponse) -> None:
    """Every answer asks for a year of HTTPS, refusals too; nothing is asked for other hosts of the domain."""
    assert answer.all_headers["Strict-Transport-Security"] == "max-age=31536000"
