"""What all tests of pages share."""

import pytest
import release_page
from plain_reports import plain_report

__all__ = ["plain_report"]


@pytest.fixture(autouse=True)
def no_browser_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """No browser draws here: nothing is waited for."""
    monkeypatch.setattr(release_page, "TITLE_START", 0.0)
    monkeypatch.setattr(release_page, "HEAD_START", 0.0)
