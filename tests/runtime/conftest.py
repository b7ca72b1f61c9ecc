"""Each test starts with an empty log."""

from __future__ import annotations

import pytest

from tests.runtime import plug


@pytest.fixture(autouse=True)
def _empty_log() -> None:
    plug.LOG.clear()
    plug.VERSIONS[:] = [0, 0, 0]
