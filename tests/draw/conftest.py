"""One browser for all pages."""

from __future__ import annotations

import pytest

from tests.frontend.browser import chromium, why_no_browser


@pytest.fixture(scope="session")
def browser():
    reason = why_no_browser()
    if reason is not None:
        pytest.skip(reason)
    with chromium() as driver:
        yield driver
