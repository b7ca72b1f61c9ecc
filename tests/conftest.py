"""What tests of several rooms need."""

from __future__ import annotations

import json
import os
from pathlib import Path

import comfyui_workflow_templates_json
import pytest

# Each worker of pytest-xdist, and each process that a test starts, computes on one core. Before torch is imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")

DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="session")
def templates() -> list[Path]:
    """The 644 official workflow templates."""
    folder = Path(comfyui_workflow_templates_json.__file__).parent / "templates"
    found = [path for path in sorted(folder.glob("*.json")) if _is_workflow(path)]
    assert len(found) == 644
    return found


def _is_workflow(path: Path) -> bool:
    tree = json.loads(path.read_bytes())
    return isinstance(tree, dict) and "nodes" in tree
