"""The official workflow templates, of which many benchmarks are made."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import comfyui_workflow_templates_json


@cache
def templates() -> tuple[Path, ...]:
    """The 644 workflow files of the package."""
    folder = Path(comfyui_workflow_templates_json.__file__).parent / "templates"
    return tuple(path for path in sorted(folder.glob("*.json")) if "nodes" in json.loads(path.read_bytes()))
