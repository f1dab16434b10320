"""Releases that tests write say one word in their report: drawing it takes seconds each time.

The report is drawn where a test is about it, and by every build.
"""

from collections.abc import Iterator
from unittest.mock import patch

import pytest

PLAIN = ("<p>plain</p>", b"%PDF plain")


@pytest.fixture(autouse=True, scope="module")
def plain_report() -> Iterator[None]:
    """Stand for the report while the tests of a module write releases."""
    with patch("steelyard.report.validation.validation_report", return_value=PLAIN):
        yield
