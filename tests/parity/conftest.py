"""The models of the recorded cases."""

from __future__ import annotations

import pytest

from tests.parity.models import Models


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Models:
    """One folder of models for all processes that test at the same time."""
    base = tmp_path_factory.getbasetemp()
    return Models((base if worker_id == "master" else base.parent) / "models")
