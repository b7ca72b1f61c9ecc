"""The surroundings of a running node."""

from pathlib import Path

import pytest

from wftools.context import Context
from wftools.folders import Folders


@pytest.fixture
def context(tmp_path: Path) -> Context:
    """A run of node 57:3 with empty folders."""
    models, input_, output, temp = (tmp_path / name for name in ("models", "input", "output", "temp"))
    folders = Folders(models, input_, output, temp)
    folders.input.mkdir()
    return Context(folders, node="57:3")
