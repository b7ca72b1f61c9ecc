"""One editor for all tests of this folder, which ask it one after another."""

from __future__ import annotations

import pytest

from tests.frontend.browser import editor, why_not
from tests.frontend.facts import recorded_object_info


@pytest.fixture(scope="session")
def page():
    reason = why_not()
    if reason is not None:
        pytest.skip(reason)
    with editor(recorded_object_info()) as opened:
        yield opened
